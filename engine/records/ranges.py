"""Row ranges of grants as SQL conditions over a physical table.

Only parameters differ between two people with the same roles, so a compiled statement serves both. The rows of a
child entity are judged by the record they belong to.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Text,
    bindparam,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from engine import org
from engine.expr.values import Env
from engine.records.catalog import Catalog, EntityModel
from engine.records.pushdown import range_condition
from engine.records.rights import EntityPolicy, ExtraGrant, RowRange
from metadata.model import Range

ACTOR = "p_actor"
"""Name of the parameter that holds the id of the person who asks."""


def rows_condition(
    catalog: Catalog, model: EntityModel, table: FromClause, rights: EntityPolicy, mask: int, env: Env
) -> ColumnElement[bool]:
    """Return the condition that a row lies in one of the ranges of ``mask``."""
    if not mask:
        return false()
    if mask & rights.whole:
        return true()
    chosen = [r for number, r in enumerate(rights.ranges) if mask >> number & 1]
    return or_(*(one_range(catalog, model, table, r, env) for r in chosen))


def one_range(catalog: Catalog, model: EntityModel, table: FromClause, r: RowRange, env: Env) -> ColumnElement[bool]:
    """Return the condition of one range; never blank in a way that lets a row in, never raising."""
    if isinstance(r, ExtraGrant):
        return r.rows(table)
    if r.kind == "all":
        return true()
    if r.kind == "expression":
        return range_condition(catalog, model, table, r.expr, env)
    if model.is_child:
        parent = catalog.entity(model.entity.parent)
        above = parent.table.alias(f"{table.name}_up" if hasattr(table, "name") else "up")
        inside = one_range(catalog, parent, above, r, env)
        return exists(select(literal(1)).where(above.c.id == table.c.parent_id, inside).correlate(table))
    return or_(false(), *(_whose(catalog, model, table, f.id, r) for f in model.person_fields))


def _whose(catalog: Catalog, model: EntityModel, table: FromClause, field_id: str, r: Range) -> ColumnElement[bool]:
    f = model.by_id[field_id]
    if f.storage == "links":
        link = catalog.tables.links(f.field)
        return table.c.id.in_(select(link.c.left_id).where(_is_one_of(link.c.right_id, r, catalog.dialect)))
    return _is_one_of(table.c[f.columns[0].name], r, catalog.dialect) if len(f.columns) == 1 else false()


def _is_one_of(person: ColumnElement[Any], r: Range, dialect: str) -> ColumnElement[bool]:
    if r.kind == "own":
        return person == _me()
    if dialect == "postgresql":  # asks for the people first, so that an index over the column can tell
        return person == func.any(func.array(_people(r).scalar_subquery()))
    return person.in_(_people(r))


def _me() -> ColumnElement[str]:
    return bindparam(ACTOR, type_=Text())


def _people(r: Range) -> Any:
    """Return a subquery of the user ids whose records the range holds."""
    member = org.membership
    mine = select(member.c.department_id).where(member.c.user_id == _me())
    if r.kind == "team":
        below = select(org.reporting.c.member_id).where(org.reporting.c.lead_id == _me())
        return union_all(below, select(_me()))
    if r.kind == "department":
        return select(member.c.user_id).where(member.c.department_id.in_(mine))
    if r.kind == "department_tree":
        closure = org.department_closure
        below = select(closure.c.descendant_id).where(closure.c.ancestor_id.in_(mine))
        return select(member.c.user_id).where(member.c.department_id.in_(below))
    return select(member.c.user_id).where(member.c.department_id.in_(r.departments))
