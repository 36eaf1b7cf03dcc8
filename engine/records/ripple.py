"""What a write changes elsewhere: the revision of the parent, and formulas of other records that read this one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, select, update

from engine.records import audit
from engine.records.access import Access
from engine.records.catalog import Catalog, EntityModel
from engine.records.derive import Environments, computed_values
from engine.records.drafts import Draft
from engine.records.formulas import Dependent, Formula, Path, formulas_of
from engine.records.linked import chunks
from engine.records.loading import Loader, typer_of
from engine.records.searching import reindex

if TYPE_CHECKING:
    from engine.records.writing import Writing

MAX_ROUNDS: Final = 20
"""Formulas form no circle of fields, but a chain of records (a tree of accounts) may be long; it is cut here."""


def bump_parents(writing: Writing, drafts: Sequence[Draft]) -> None:
    """Raise the revision of the records whose rows were written on their own, so that an open form notices."""
    parents: dict[str, set[str]] = {}
    for draft in drafts:
        if draft.parent is None and draft.model.is_child and (owner := draft.new.get("sys_parent")):
            parents.setdefault(draft.model.entity.parent, set()).add(owner)
    for entity_id, ids in parents.items():
        model = writing.catalog.entity(entity_id)
        table = model.table
        for part in chunks(sorted(ids)):
            writing.connection.execute(
                update(table)
                .where(table.c.id.in_(part))
                .values(
                    rev=table.c.rev + 1,
                    updated_at=writing.access.asking.now,
                    updated_by=writing.access.actor.id,
                )
            )


def recompute_dependents(writing: Writing, drafts: Sequence[Draft]) -> None:
    """Recompute the stored formulas of other records that read what these drafts changed."""
    catalog = writing.catalog
    if not formulas_of(catalog).dependents:
        return
    pending = [
        _Changed(draft.model.id, draft.id, frozenset(draft.changed), _parents(draft), draft.parent is not None)
        for draft in drafts
    ]
    for _ in range(MAX_ROUNDS):
        due = _due(writing.connection, catalog, pending)
        if not due:
            return
        pending = []
        for entity_id, by_record in due.items():
            pending += _recompute(writing.access, writing.connection, writing.env, entity_id, by_record)


@dataclass(frozen=True, slots=True)
class _Changed:
    """A record with the fields that changed and the records it belongs or belonged to.

    ``with_parent`` rows were written together with their parent, which has computed what it reads of them.
    """

    entity: str
    record: str
    fields: frozenset[str]
    owners: tuple[str, ...]
    with_parent: bool = False


def _parents(draft: Draft) -> tuple[str, ...]:
    """A row that comes or goes changes its parent's sub-table; one that moves changes two."""
    owners = {draft.old.get("sys_parent"), draft.new.get("sys_parent")} - {None}
    return tuple(sorted(str(owner) for owner in owners))


def _due(connection: Connection, catalog: Catalog, pending: Sequence[_Changed]) -> dict[str, dict[str, list[Formula]]]:
    """Return ``{entity: {record: formulas to recompute}}``."""
    found: dict[str, dict[str, list[Formula]]] = {}
    asked: dict[tuple[str, Path, str], tuple[Dependent, list[_Changed]]] = {}
    dependents = formulas_of(catalog).dependents
    for one in pending:
        by_field = dependents.get(one.entity, {})
        for field_id in by_field.keys() & one.fields:
            for dependent in by_field[field_id]:
                if one.with_parent and _is_own_subtable(catalog, dependent):
                    continue
                key = (dependent.formula.field.id, dependent.via, one.entity)
                asked.setdefault(key, (dependent, []))[1].append(one)
    for dependent, changed in asked.values():
        for reached in _reversed(connection, catalog, dependent, changed):
            formulas = found.setdefault(dependent.formula.entity, {}).setdefault(reached, [])
            if dependent.formula not in formulas:
                formulas.append(dependent.formula)
    return found


def _is_own_subtable(catalog: Catalog, dependent: Dependent) -> bool:
    f = catalog.entity(dependent.formula.entity).by_id[dependent.via[0]]
    return len(dependent.via) == 1 and f.storage == "children"


def _reversed(connection: Connection, catalog: Catalog, dependent: Dependent, changed: Sequence[_Changed]) -> set[str]:
    """Follow the hops of a dependent backwards from records to the records whose formula reads them."""
    chain = _entities(catalog, dependent.formula.entity, dependent.via)
    ids = {one.record for one in changed}
    owners = {owner for one in changed for owner in one.owners}
    for hop, entity_id in zip(reversed(dependent.via), reversed(chain), strict=True):
        ids = _one_back(connection, catalog.entity(entity_id), catalog, hop, ids, owners)
        owners = set()
        if not ids:
            break
    return ids


def _entities(catalog: Catalog, entity_id: str, via: Path) -> list[str]:
    """Return the entity each hop starts from."""
    found = []
    for hop in via:
        found.append(entity_id)
        entity_id = catalog.entity(entity_id).by_id[hop].target
    return found


def _one_back(
    connection: Connection, model: EntityModel, catalog: Catalog, hop: str, ids: set[str], owners: set[str]
) -> set[str]:
    f = model.by_id[hop]
    found: set[str] = owners if f.storage == "children" else set()
    for part in chunks(sorted(ids)):
        if f.storage == "children":
            rows = catalog.entity(f.target).table
            wanted = select(rows.c.parent_id).where(rows.c.id.in_(part))
        elif f.storage == "links":
            links = catalog.tables.links(f.field)
            wanted = select(links.c.left_id).where(links.c.right_id.in_(part))
        else:
            column = f.columns[0]
            wanted = select(model.table.c.id).where(column.in_(part), model.table.c.deleted_at.is_(None))
        found.update(one for one in connection.execute(wanted).scalars() if one is not None)
    return found


def _recompute(
    access: Access, connection: Connection, env: Any, entity_id: str, by_record: dict[str, list[Formula]]
) -> list[_Changed]:
    catalog = access.catalog
    model = catalog.entity(entity_id)
    typer = typer_of(catalog, model)
    # a fresh loader: what was loaded before this write may be old by now
    environments = Environments(catalog, Loader(connection, catalog), env)
    order = {formula.field.id: i for i, formula in enumerate(formulas_of(catalog).order)}
    changed: list[_Changed] = []
    log: list[dict[str, Any]] = []
    at = audit.stamp(access.asking.now)
    for part in chunks(sorted(by_record)):
        for row in list(connection.execute(select(model.table).where(model.table.c.id.in_(part)))):
            values = typer.values(row)
            record_id = values["sys_id"]
            wanted = _closed(catalog, entity_id, by_record[record_id], order)
            different = computed_values(catalog, environments, model, values, wanted)
            if not different:
                continue
            columns: dict[str, Any] = {}
            for field_id, value in different.items():
                f = model.by_id[field_id]
                columns.update(zip((c.name for c in f.columns), f.type.to_db(f.field, value), strict=True))
            connection.execute(update(model.table).where(model.table.c.id == record_id).values(columns))
            new = {**values, **different}
            reindex(access, connection, model, row.rid, values, new)
            changed.append(_Changed(entity_id, record_id, frozenset(different), _owners(values)))
            log.append(_row(access, model, record_id, values, different, at))
    audit.add(connection, log)
    return changed


def _closed(catalog: Catalog, entity_id: str, due: list[Formula], order: dict[str, int]) -> list[Formula]:
    """Return the formulas that are due and those of the same record that read them, in order."""
    chosen = {formula.field.id for formula in due}
    for formula in formulas_of(catalog).stored.get(entity_id, ()):
        if any(path[0] in chosen for path in formula.paths):
            chosen.add(formula.field.id)
    every = formulas_of(catalog).by_field
    return [every[field_id] for field_id in sorted(chosen, key=lambda one: order[one])]


def _owners(values: dict[str, Any]) -> tuple[str, ...]:
    owner = values.get("sys_parent")
    return (owner,) if owner else ()


def _row(access: Access, model: EntityModel, record_id: str, old: dict[str, Any], new: Any, at: str) -> dict[str, Any]:
    changes = {}
    for field_id, value in new.items():
        f = model.by_id[field_id]
        changes[field_id] = [f.type.to_json(f.field, old.get(field_id)), f.type.to_json(f.field, value)]
    return audit.row(
        access.actor,
        "derive",
        at=at,
        app_id=access.catalog.snapshot.app.id,
        entity_id=model.id,
        record_id=record_id,
        rev=int(old["sys_rev"]),
        changes=changes,
    )
