"""Compiled writers: from drafts to rows of the physical table, one per entity and version."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Insert, Update, bindparam, insert, select, update

from engine.fields.base import FieldType
from engine.records.catalog import Catalog, EntityModel, FieldModel
from engine.records.drafts import Draft
from engine.records.faults import errors_of, with_errors
from engine.records.links import chunks
from engine.records.statements import ManyInsert
from engine.records.tables import SYSTEM_COLUMNS
from engine.records.unique import UniqueField, unique_fields

Row = dict[str, Any]
_STAMPED = ("sys_updated_at", "sys_updated_by", "sys_rev")
_OWN = ("sys_id", "sys_rev")
"""Kept by the draft itself."""


class EntityWriter:
    """Turns drafts of one entity into rows and writes them with statements compiled once."""

    def __init__(self, catalog: Catalog, model: EntityModel):
        self.model = model
        self.unique: tuple[UniqueField, ...] = unique_fields(catalog, model)
        self._folded = {rule.field.id: rule for rule in self.unique if rule.folded}
        direct = [(f.id, SYSTEM_COLUMNS[f.id]) for f in model if f.system and f.id not in _OWN]
        self._typed: list[tuple[str, Callable[[Any, Any], tuple[Any, ...]], FieldModel, tuple[str, ...]]] = []
        for f in model.stored:
            names = tuple(column.name for column in f.columns)
            if len(names) == 1 and type(f.type).to_db is FieldType.to_db:
                direct.append((f.id, names[0]))
            else:
                self._typed.append((f.id, f.type.to_db, f, names))
        self._taken = itemgetter(*(field_id for field_id, _ in direct))
        columns = [name for _, name in direct]
        columns += [name for *_, held in self._typed for name in held]
        columns += [rule.columns[0].name for rule in self._folded.values()]
        columns += ["id", "rev", *(["pos"] if model.is_child else []), *(["extra"] if model.computes else [])]
        self._many = ManyInsert(model.table, columns)
        self._one: Insert = insert(model.table)
        self._rids = select(model.table.c.id, model.table.c.rid).where(
            model.table.c.id.in_(bindparam("ids", expanding=True))
        )
        self._updates: dict[frozenset[str], Update] = {}

    def _values(self, draft: Draft) -> list[Any]:
        """Return the whole row of a new record, in the order of the columns of ``_many``."""
        new = draft.new
        values = list(self._taken(new))
        for field_id, to_db, f, _ in self._typed:
            values += to_db(f.field, new[field_id])
        for field_id, rule in self._folded.items():
            values.append(rule.field.type.unique_key(rule.field.field, new[field_id]))
        values += (draft.id, draft.rev)
        if self.model.is_child:
            values.append(draft.pos)
        if self.model.computes:
            values.append(with_errors(draft.extra, draft.errors))
        return values

    def insert(self, connection: Connection, drafts: Sequence[Draft]) -> None:
        """Insert new records and note their row numbers."""
        if len(drafts) == 1:
            row = dict(zip(self._many.names, self._values(drafts[0]), strict=True))
            key = connection.execute(self._one, row).inserted_primary_key
            drafts[0].rid = key[0] if key is not None else 0
            return
        self._many.execute(connection, [self._values(draft) for draft in drafts])
        if connection.dialect.name == "sqlite":  # one writer at a time, so the rows got numbers in a row
            last = int(connection.exec_driver_sql("SELECT last_insert_rowid()").scalar_one())
            for draft, rid in zip(drafts, range(last - len(drafts) + 1, last + 1), strict=True):
                draft.rid = rid
            return
        by_id = {draft.id: draft for draft in drafts}
        for part in chunks(list(by_id)):
            for record_id, rid in connection.execute(self._rids, {"ids": part}):
                by_id[record_id].rid = rid

    def changes(self, draft: Draft) -> Row:
        """Return the columns an update sets; ``rev`` and the stamps included."""
        row: Row = {}
        for field_id in sorted(draft.changed):
            if self.model.by_id[field_id].system:
                row[SYSTEM_COLUMNS[field_id]] = draft.new[field_id]
            else:
                row.update(self.columns(field_id, draft.new[field_id]))
        if draft.errors != errors_of(draft.extra):
            row["extra"] = with_errors(draft.extra, draft.errors)
        for field_id in _STAMPED:
            row[SYSTEM_COLUMNS[field_id]] = draft.new[field_id]
        if self.model.is_child:
            row["pos"] = draft.pos
        return row

    def columns(self, field_id: str, value: Any) -> Row:
        """Return what is stored of an own field: its columns, and the key of a unique one."""
        f = self.model.by_id[field_id]
        row: Row = {}
        if f.columns:
            row.update(zip((column.name for column in f.columns), f.type.to_db(f.field, value), strict=True))
        rule = self._folded.get(field_id)
        if rule is not None:
            row[rule.columns[0].name] = f.type.unique_key(f.field, value)
        return row

    def update(self, connection: Connection, drafts: Sequence[Draft]) -> list[Draft]:
        """Update records whose revision is still the one that was read; return those that had moved on."""
        grouped: dict[frozenset[str], list[tuple[Draft, Row]]] = {}
        for draft in drafts:
            row = self.changes(draft)
            grouped.setdefault(frozenset(row), []).append((draft, row))
        stale: list[Draft] = []
        for names, batch in grouped.items():
            statement = self._updates.get(names)
            if statement is None:
                statement = self._updates[names] = self._update(names)
            rows = [{**row, "w_id": draft.id, "w_rev": draft.rev - 1} for draft, row in batch]
            result = connection.execute(statement, rows[0] if len(rows) == 1 else rows)
            if result.rowcount != len(rows):
                stale += [draft for draft, _ in batch]
        return stale

    def _update(self, names: frozenset[str]) -> Update:
        table = self.model.table
        return (
            update(table)
            .where(table.c.id == bindparam("w_id"), table.c.rev == bindparam("w_rev"))
            .values({name: bindparam(name) for name in sorted(names)})
        )


def writer_of(catalog: Catalog, model: EntityModel) -> EntityWriter:
    """Return the writer of an entity."""
    key = ("writer", model.id)
    found = catalog.kept.get(key)
    if found is None:
        found = catalog.kept[key] = EntityWriter(catalog, model)
    return found
