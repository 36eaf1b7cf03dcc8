"""Backwards along links: from records that changed to the records whose formulas read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from engine import org
from engine.expr.types import DEPARTMENT_ENTITY, USER_ENTITY
from engine.records.catalog import Catalog
from engine.records.formulas import Dependent, Path, formulas_of
from engine.records.hops import entities
from engine.records.links import chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A record with the fields that changed; ``sys_id`` among them means that it came, went or moved among its rows.

    ``owners`` are the records it belongs or belonged to. ``done`` are formulas of the record itself that were computed
    with the change; ``with_parent`` says that its parent was written with it and has computed what it reads of it.
    """

    entity: str
    record: str
    fields: frozenset[str]
    owners: tuple[str, ...] = ()
    done: frozenset[str] = frozenset()
    with_parent: bool = False


def readers(connection: Connection, catalog: Catalog, changes: Sequence[Change]) -> dict[str, set[str]]:
    """Return ``{formula id: ids of the records}`` to compute again because of changes."""
    found: dict[str, set[str]] = {}
    asked: dict[tuple[str, Path, str], tuple[Dependent, list[Change]]] = {}
    dependents = formulas_of(catalog).dependents
    for one in changes:
        by_field = dependents.get(one.entity, {})
        for field_id in by_field.keys() & one.fields:
            for dependent in by_field[field_id]:
                formula, via = dependent.formula, dependent.via
                if not via:
                    if formula.id not in one.done:
                        found.setdefault(formula.id, set()).add(one.record)
                elif not (one.with_parent and _is_own_subtable(catalog, dependent)):
                    key = (formula.id, via, one.entity)
                    asked.setdefault(key, (dependent, []))[1].append(one)
    for dependent, changed in asked.values():
        found.setdefault(dependent.formula.id, set()).update(_reversed(connection, catalog, dependent, changed))
    return {formula_id: ids for formula_id, ids in found.items() if ids}


def _is_own_subtable(catalog: Catalog, dependent: Dependent) -> bool:
    f = catalog.entity(dependent.formula.entity).by_id[dependent.via[0]]
    return len(dependent.via) == 1 and f.storage == "children"


def _reversed(connection: Connection, catalog: Catalog, dependent: Dependent, changed: Sequence[Change]) -> set[str]:
    """Follow the hops of a dependent backwards from records to the records whose formula reads them."""
    ids = {one.record for one in changed}
    chain = entities(catalog.snapshot, dependent.formula.entity, dependent.via)
    known = {owner for one in changed for owner in one.owners} if all(one.owners for one in changed) else None
    for hop, entity_id in zip(reversed(dependent.via), reversed(chain), strict=True):
        if known is not None and _is_rows(catalog, entity_id, hop):
            ids = known
        else:
            ids = _one_back(connection, catalog, entity_id, hop, ids)
        known = None
        if not ids:
            break
    return ids


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
    if f.field.type == "users":
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
