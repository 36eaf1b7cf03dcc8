"""Who waits for whom on PostgreSQL, so that formulas are right whoever else writes at the same time.

Readers never wait. A writer locks the record it writes; the rows of a sub-table after the record they belong to; the
records a ripple reaches, before what they are computed from is read; and what a record newly links to, as far as
formulas read over the link: whoever changes something there next will find the link. Rows are always locked in the
order of their ids. Where a formula looks records up by a value there is no row to lock: all who write what it has to
do with take turns, from before their first lock on. SQLite has one writer at a time and needs none of this.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from engine.records.catalog import Catalog, EntityModel
from engine.records.drafts import Draft
from engine.records.formulas import Path, formulas_of
from engine.records.hops import led_to
from engine.records.links import chunks


def locked_rows(connection: Connection, model: EntityModel, ids: Sequence[str]) -> list[Row[Any]]:
    """Return the live rows among ``ids`` in the order of their ids, locked until the transaction ends."""
    table = model.table
    wanted = select(table).where(table.c.id.in_(ids), table.c.deleted_at.is_(None)).order_by(table.c.id)
    if _locks(connection):
        wanted = wanted.with_for_update(key_share=True)
    return list(connection.execute(wanted))


def lock_in_bin(connection: Connection, model: EntityModel, ids: Sequence[str]) -> None:
    """Lock those of some records that lie in the bin, so that nobody brings one back meanwhile."""
    if _locks(connection):
        table = model.table
        for part in chunks(sorted(set(ids))):
            wanted = select(table.c.id).where(table.c.id.in_(part), table.c.deleted_at.is_not(None))
            connection.execute(wanted.order_by(table.c.id).with_for_update())


def lock_owners(connection: Connection, catalog: Catalog, model: EntityModel, ids: Iterable[str]) -> None:
    """Lock the records that rows of sub-tables belong to, outermost first, before the rows themselves are locked."""
    if not model.is_child or not _locks(connection):
        return
    levels: list[tuple[EntityModel, list[str]]] = []
    below = sorted(ids)
    while model.is_child and below:
        parents: set[str] = set()
        for part in chunks(below):
            parents.update(
                connection.execute(select(model.table.c.parent_id).where(model.table.c.id.in_(part))).scalars()
            )
        model, below = catalog.entity(model.entity.parent), sorted(parents)
        levels.append((model, below))
    for owner, found in reversed(levels):
        _lock(connection, owner, found, shared=False)


def take_turn(connection: Connection, catalog: Catalog, entity_id: str) -> None:
    """Wait for whoever else writes what formulas that look up by a value have to do with, if this entity does."""
    if _locks(connection) and entity_id in _in_turns(catalog):
        key = f"turns:{catalog.snapshot.app.id}"
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def _in_turns(catalog: Catalog) -> frozenset[str]:
    """Return the entities of formulas that look up by a value, and those such formulas read, by way of others too."""
    found: frozenset[str] | None = catalog.kept.get("in turns")
    if found is None:
        formulas = formulas_of(catalog)
        looking = {formula.id for formula in formulas.order if formula.by_value and not formula.volatile}
        behind = looking.union(*(formulas.by_field[one].needs for one in looking))
        entities = {formulas.by_field[one].entity for one in behind}
        for entity_id, by_field in formulas.dependents.items():
            if any(one.formula.id in behind for many in by_field.values() for one in many):
                entities.add(entity_id)
        found = catalog.kept["in turns"] = frozenset(entities)
    return found


def hold_targets(connection: Connection, catalog: Catalog, drafts: Iterable[Draft]) -> None:
    """Lock the records that drafts newly link to, with all that formulas read by way of them."""
    if not _locks(connection):
        return
    wanted: dict[str, tuple[set[str], set[Path]]] = {}
    for draft in drafts:
        for field_id, rests in _read_over(catalog, draft.model.id).items():
            target = led_to(catalog.snapshot, draft.model.id, field_id)
            if field_id not in draft.changed or not catalog.has(target):
                continue
            value = draft.new.get(field_id)
            held = value if isinstance(value, tuple) else (value,)
            ids, paths = wanted.setdefault(target, (set(), set()))
            ids.update(one for one in held if one is not None)
            paths.update(rests)
    for entity_id in sorted(wanted):
        ids, paths = wanted[entity_id]
        _hold(connection, catalog, entity_id, ids, paths)


def _hold(connection: Connection, catalog: Catalog, entity_id: str, ids: set[str], paths: Iterable[Path]) -> None:
    if not ids:
        return
    # a record with formulas of its own may be written by this very transaction later; to lock it twice, first like
    # others and then alone, is how two writers come to wait for each other
    shared = not formulas_of(catalog).stored.get(entity_id)
    model = catalog.entity(entity_id)
    _lock(connection, model, sorted(ids), shared=shared)
    for hop, rests in _by_hop(paths).items():
        target = led_to(catalog.snapshot, entity_id, hop)
        if catalog.has(target):
            _hold(connection, catalog, target, _linked(connection, catalog, model, hop, ids), rests)


def _linked(connection: Connection, catalog: Catalog, model: EntityModel, hop: str, ids: set[str]) -> set[str]:
    f, found = model.by_id[hop], set[str]()
    for part in chunks(sorted(ids)):
        if f.storage == "children":
            rows = catalog.entity(f.target).table
            wanted = select(rows.c.id).where(rows.c.parent_id.in_(part), rows.c.deleted_at.is_(None))
        elif f.storage == "links":
            links = catalog.tables.links(f.field)
            wanted = select(links.c.right_id).where(links.c.left_id.in_(part))
        else:
            wanted = select(f.columns[0]).where(model.table.c.id.in_(part))
        found.update(one for one in connection.execute(wanted).scalars() if one is not None)
    return found


def _read_over(catalog: Catalog, entity_id: str) -> Mapping[str, set[Path]]:
    """Return ``{link field: what stored formulas of the entity read beyond it}``."""
    key = ("read over", entity_id)
    found: dict[str, set[Path]] | None = catalog.kept.get(key)
    if found is None:
        paths = (path for formula in formulas_of(catalog).stored.get(entity_id, ()) for path in formula.loads)
        found = catalog.kept[key] = _by_hop(paths)
    return found


def _by_hop(paths: Iterable[Path]) -> dict[str, set[Path]]:
    found: dict[str, set[Path]] = {}
    for path in paths:
        rest = found.setdefault(path[0], set())
        if len(path) > 1:
            rest.add(path[1:])
    return found


def _lock(connection: Connection, model: EntityModel, ids: Sequence[str], *, shared: bool) -> None:
    table = model.table
    for part in chunks(ids):
        wanted = select(table.c.id).where(table.c.id.in_(part)).order_by(table.c.id)
        connection.execute(wanted.with_for_update(read=shared, key_share=not shared))


def _locks(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
