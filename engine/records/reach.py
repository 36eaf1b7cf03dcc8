"""Backwards along links: from records that changed to the records whose formulas read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from engine import org
from engine.expr.deps import Join
from engine.expr.types import DEPARTMENT_ENTITY, USER_ENTITY
from engine.fields.base import InvalidValue
from engine.records.catalog import Catalog, EntityModel
from engine.records.formulas import Dependent, Formula, Path, formulas_of
from engine.records.hops import entities
from engine.records.links import chunks
from engine.records.loading import Loader


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A record with the fields that changed; ``sys_id`` among them means that it came, went or moved among its rows.

    ``owners`` are the records it belongs or belonged to. ``done`` are formulas of the record itself that were computed
    with the change; ``with_parent`` says that its parent was written with it and has computed what it reads of it.
    ``states`` are its values before and after, as far as they are known.
    """

    entity: str
    record: str
    fields: frozenset[str]
    owners: tuple[str, ...] = ()
    done: frozenset[str] = frozenset()
    with_parent: bool = False
    states: tuple[Mapping[str, Any], ...] = ()


def readers(connection: Connection, catalog: Catalog, changes: Sequence[Change]) -> dict[str, set[str]]:
    """Return ``{formula id: ids of the records}`` to compute again because of changes."""
    found: dict[str, set[str]] = {}
    asked: dict[tuple[str, Path, str, Join | None], tuple[Dependent, list[Change]]] = {}
    dependents = formulas_of(catalog).dependents
    for one in changes:
        by_field = dependents.get(one.entity, {})
        for field_id in by_field.keys() & one.fields:
            for dependent in by_field[field_id]:
                formula, via, join = dependent.formula, dependent.via, dependent.join
                if not via and join is None:
                    if formula.id not in one.done:
                        found.setdefault(formula.id, set()).add(one.record)
                elif join is not None or not (one.with_parent and _is_own_subtable(catalog, dependent)):
                    key = (formula.id, via, one.entity, join)
                    asked.setdefault(key, (dependent, []))[1].append(one)
    for dependent, changed in asked.values():
        ids = found.setdefault(dependent.formula.id, set())
        if dependent.join is None:
            ids.update(_reversed(connection, catalog, dependent.formula.entity, dependent.via, changed))
        else:
            ids.update(_joined(connection, catalog, dependent.formula, dependent.join, dependent.via, changed))
    return {formula_id: ids for formula_id, ids in found.items() if ids}


def _is_own_subtable(catalog: Catalog, dependent: Dependent) -> bool:
    f = catalog.entity(dependent.formula.entity).by_id[dependent.via[0]]
    return len(dependent.via) == 1 and f.storage == "children"


def _reversed(connection: Connection, catalog: Catalog, start: str, via: Path, changed: Sequence[Change]) -> set[str]:
    """Follow hops backwards from records to the records of the entity the hops start from."""
    ids = {one.record for one in changed}
    chain = entities(catalog.snapshot, start, via)
    known = {owner for one in changed for owner in one.owners} if all(one.owners for one in changed) else None
    for hop, entity_id in zip(reversed(via), reversed(chain), strict=True):
        if known is not None and _is_rows(catalog, entity_id, hop):
            ids = known
        else:
            ids = _one_back(connection, catalog, entity_id, hop, ids)
        known = None
        if not ids:
            break
    return ids


def _joined(
    connection: Connection, catalog: Catalog, formula: Formula, join: Join, via: Path, changed: Sequence[Change]
) -> set[str]:
    """Return the records whose formula looks up the changed ones, or those that lead to them."""
    if join.outer is None:
        return every_record(connection, catalog, formula.entity)
    (key,) = join.key
    values: set[Any] = set()
    known = [one for one in changed if one.states and not via]
    for one in known:
        values.update(state.get(key) for state in one.states)
    others = [one for one in changed if not one.states or via]
    if others:
        ids = _reversed(connection, catalog, join.entity, via, others)
        loaded = Loader(connection, catalog).rows(join.entity, ids)
        values.update(row.get(key) for row in loaded.values())
    values.discard(None)
    return _with_value(connection, catalog, formula.entity, join.outer, values) if values else set()


def _with_value(connection: Connection, catalog: Catalog, entity_id: str, path: Path, values: set[Any]) -> set[str]:
    """Return the live records of an entity whose path leads to one of these values."""
    *hops, last = path
    holder = (*entities(catalog.snapshot, entity_id, tuple(path)),)[-1]
    if last == "sys_id":
        found = {str(value) for value in values}
    elif not catalog.has(holder):
        return every_record(connection, catalog, entity_id)
    else:
        found = _holding(connection, catalog.entity(holder), last, values)
    changes = [Change(entity=holder, record=one, fields=frozenset()) for one in found]
    return _reversed(connection, catalog, entity_id, tuple(hops), changes) if hops else found


def _holding(connection: Connection, model: EntityModel, field_id: str, values: set[Any]) -> set[str]:
    f = model.by_id[field_id]
    stored = []
    for value in values:
        try:
            stored.append(f.type.to_db(f.field, value)[0])
        except InvalidValue:  # the field cannot hold it, so no record has it
            continue
    found: set[str] = set()
    for part in chunks(stored):
        wanted = select(model.table.c.id).where(f.columns[0].in_(part), model.table.c.deleted_at.is_(None))
        found.update(connection.execute(wanted).scalars())
    return found


def every_record(connection: Connection, catalog: Catalog, entity_id: str) -> set[str]:
    """Return all live records of an entity."""
    table = catalog.entity(entity_id).table
    return set(connection.execute(select(table.c.id).where(table.c.deleted_at.is_(None))).scalars())


def _is_rows(catalog: Catalog, entity_id: str, hop: str) -> bool:
    return catalog.has(entity_id) and catalog.entity(entity_id).by_id[hop].storage == "children"


def _one_back(connection: Connection, catalog: Catalog, entity_id: str, hop: str, ids: set[str]) -> set[str]:
    question = _people_back(entity_id, hop) if not catalog.has(entity_id) else _records_back(catalog, entity_id, hop)
    found: set[str] = set()
    for part in chunks(sorted(ids)):
        found.update(str(one) for one in connection.execute(question(part)).scalars() if one is not None)
    return found


def _records_back(catalog: Catalog, entity_id: str, hop: str) -> Callable[[Sequence[str]], Select[Any]]:
    model = catalog.entity(entity_id)
    f = model.by_id[hop]
    if f.storage == "children":
        rows = catalog.entity(f.target).table
        return lambda part: select(rows.c.parent_id).where(rows.c.id.in_(part)).distinct()
    if f.storage == "links":
        links = catalog.tables.links(f.field)
        return lambda part: select(links.c.left_id).where(links.c.right_id.in_(part)).distinct()
    table, live = model.table, model.table.c.deleted_at.is_(None)
    if f.holds and f.type.blank(f.field) == ():
        return lambda part: select(table.c.id).where(
            live, f.type.condition(f.field, f.columns, "has_any", tuple(part), catalog.dialect)
        )
    return lambda part: select(table.c.id).where(f.columns[0].in_(part), live)


def _people_back(entity_id: str, hop: str) -> Callable[[Sequence[str]], Select[Any]]:
    user, seat, department = org.user, org.membership, org.department
    questions: dict[tuple[str, str], Callable[[Sequence[str]], Select[Any]]] = {
        (USER_ENTITY, "usr_manager"): lambda part: select(user.c.id).where(user.c.manager_id.in_(part)),
        (USER_ENTITY, "usr_department"): lambda part: select(seat.c.user_id).where(
            seat.c.department_id.in_(part), seat.c.main.is_(True)
        ),
        (DEPARTMENT_ENTITY, "dep_parent"): lambda part: select(department.c.id).where(department.c.parent_id.in_(part)),
        (DEPARTMENT_ENTITY, "dep_head"): lambda part: select(department.c.id).where(department.c.head_id.in_(part)),
    }
    return questions[entity_id, hop]
