"""Unique fields: asked before writing so that the finding names the row, kept by an index so that no race gets by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, select, tuple_

from engine.records.catalog import Catalog, EntityModel, FieldModel
from engine.records.drafts import Draft
from engine.records.links import chunks

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UniqueField:
    """A unique rule: its key columns (that of the normalised key, or the value itself) and the columns of its scope."""

    field: FieldModel
    folded: bool
    columns: tuple[Column[Any], ...]
    scope: tuple[FieldModel, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """Fields whose change calls for a check."""
        return (self.field.id, *(f.id for f in self.scope))

    def key(self, values: dict[str, Any]) -> Key | None:
        """Return the stored form of the key of a record; None when it is blank, which is never a duplicate."""
        f = self.field
        value = values.get(f.id)
        if value is None or value == f.type.blank(f.field):
            return None
        own: Key = (f.type.unique_key(f.field, value),) if self.folded else f.type.to_db(f.field, value)
        scope = tuple(part for one in self.scope for part in one.type.to_db(one.field, values.get(one.id)))
        return None if None in own or None in scope else (*own, *scope)

    @property
    def all_columns(self) -> tuple[Column[Any], ...]:
        return (*self.columns, *(column for f in self.scope for column in f.columns))


def unique_fields(catalog: Catalog, model: EntityModel) -> tuple[UniqueField, ...]:
    """Return the unique rules of an entity."""
    key = ("unique", model.id)
    found = catalog.kept.get(key)
    if found is None:
        found = catalog.kept[key] = tuple(_rules(catalog, model))
    return found


def _rules(catalog: Catalog, model: EntityModel) -> list[UniqueField]:
    found = []
    for f in model.own:
        rule = f.field.unique
        shadow = catalog.tables.unique_column(f.field) if rule is not None else None
        if rule is None or not (f.columns or shadow is not None):
            continue
        folded = shadow is not None
        columns: tuple[Column[Any], ...] = f.columns if shadow is None else (shadow,)
        scope = tuple(model.by_id[name] for name in rule.scope if name in model.by_id)
        found.append(UniqueField(field=f, folded=folded, columns=columns, scope=scope))
    return found


def check_unique(connection: Connection, rules: Sequence[UniqueField], drafts: Sequence[Draft]) -> None:
    """Put a finding on every draft whose value another live record, or an earlier draft, has already."""
    for rule in rules:
        asked: dict[Key, Draft] = {}
        for draft in drafts:
            if draft.kind == "update" and not draft.changed.intersection(rule.reads):
                continue
            key = rule.key(draft.new)
            if key is None:
                continue
            if key in asked:
                draft.reject("R305", rule.field.key, label=rule.field.field.label)
            else:
                asked[key] = draft
        taken = _taken(connection, rule, list(asked))
        for key, draft in asked.items():
            if taken.get(key, draft.id) != draft.id:
                draft.reject("R305", rule.field.key, label=rule.field.field.label)


def _taken(connection: Connection, rule: UniqueField, keys: Sequence[Key]) -> dict[Key, str]:
    """Return the live records that hold some of the keys."""
    table = rule.columns[0].table
    columns = rule.all_columns
    found: dict[Key, str] = {}
    for part in chunks(keys):
        one = len(columns) == 1
        among = columns[0].in_([key[0] for key in part]) if one else tuple_(*columns).in_(part)
        live = select(table.c.id, *columns).where(among, table.c.deleted_at.is_(None))
        for row in connection.execute(live):
            found[tuple(row[1:])] = row[0]
    return found
