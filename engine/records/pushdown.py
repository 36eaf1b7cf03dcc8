"""Expressions the product itself puts into SQL: ranges of grants, and formulas that are computed when read."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, case, cast, false, func, null, type_coerce

from engine.expr.check_app import RANGE, no_form
from engine.expr.compile import bind
from engine.expr.messages import error
from engine.expr.to_sql import NotPushable, compile_sql, condition
from engine.expr.tree import DIALECTS, Call, Tree
from engine.expr.types import BOOLEAN
from engine.expr.values import Env
from engine.fields.computed import FormulaType
from engine.fields.numbers import NumberType
from engine.records.catalog import Catalog, EntityModel, FieldModel
from engine.records.formulas import RANGE_ROOTS, Formula, formula_expr, formulas_of, volatile
from engine.records.grounds import table_resolver
from engine.records.rights import RowRange
from engine.records.schema import scope_of
from metadata.findings import Finding, Refused
from metadata.model import App, Expr, Range
from metadata.snapshot import Snapshot

log = logging.getLogger("dougong.records")


def range_tree(catalog: Catalog, model: EntityModel, expr: Expr | None) -> Tree | None:
    """Return the bound expression of a range; None when it cannot be bound, which denies."""
    if expr is None:
        return None
    key = ("range", model.id, expr.src, expr.blank_as_zero)
    if key not in catalog.kept:
        catalog.kept[key] = None
        try:
            catalog.kept[key] = bind(expr, scope_of(formulas_of(catalog).schema, model.entity, RANGE_ROOTS), BOOLEAN)
        except Refused as refused:
            log.error("range cannot be bound", extra={"entity": model.id, "why": str(refused)})
    found: Tree | None = catalog.kept[key]
    return found


def range_condition(
    catalog: Catalog, model: EntityModel, table: FromClause, expr: Expr | None, env: Env
) -> ColumnElement[bool]:
    """Return the SQL of an expression range. What cannot be bound or computed by the database lets nothing in."""
    tree = range_tree(catalog, model, expr)
    if tree is None:
        return false()
    prefix = f"{getattr(table, 'name', 'r')}_x"
    try:
        return condition(tree, table_resolver(catalog, model, table, prefix), catalog.dialect, env)
    except NotPushable as failed:
        log.error("range cannot be computed", extra={"entity": model.id, "why": failed.reason})
        return false()


def check_ranges(app: App) -> Iterator[Finding]:
    """Yield a finding for every range that one of the databases could not compute whole."""
    snapshot = Snapshot(app, 0)
    catalogs = [Catalog(snapshot, dialect) for dialect in sorted(DIALECTS)]
    for at, role in enumerate(app.roles):
        for number, grant in enumerate(role.grants):
            if grant.range.expr is not None and snapshot.has_entity(grant.entity):
                reason = _reason_against(catalogs, grant.entity, grant.range.expr)
                if reason:
                    why, text = no_form(reason), grant.range.expr.src
                    yield error(RANGE, 0, len(text), text=text, reason=why).at(
                        f"/roles/{at}/grants/{number}/range/expr"
                    )


def _reason_against(catalogs: Iterable[Catalog], entity_id: str, expr: Expr) -> str:
    """Return why a range cannot be computed; "" when it can, and when it is found to be wrong elsewhere."""
    for catalog in catalogs:
        model = catalog.entity(entity_id)
        try:
            tree = bind(expr, scope_of(formulas_of(catalog).schema, model.entity, RANGE_ROOTS), BOOLEAN)
        except Refused:
            return ""
        if tree.pushable != DIALECTS:
            return ""
        try:
            condition(tree, table_resolver(catalog, model, model.table, "r"), catalog.dialect, Env())
        except NotPushable as failed:
            return failed.reason
    return ""


def range_reads(catalog: Catalog, model: EntityModel, expr: Expr) -> set[str]:
    """Return the fields of the record a range expression reads."""
    tree = range_tree(catalog, model, expr)
    return {path[0] for path in tree.deps} if tree is not None else set()


class Lasting(IntEnum):
    """How long SQL with the answers of expressions filled in holds."""

    ALWAYS = 0
    DAY = 1
    """While the day is the same in the time zone it was asked in."""
    ASKING = 2
    """For this person and moment alone."""


def lasting_of(catalog: Catalog, model: EntityModel, ranges: Iterable[RowRange]) -> Lasting:
    """Return how long the SQL of an entity's ranges and of its formulas that are computed when read holds."""
    trees = [range_tree(catalog, model, r.expr) for r in ranges if isinstance(r, Range) and r.kind == "expression"]
    formulas = formulas_of(catalog).by_field
    for f in model.own:
        formula = volatile(catalog, f)
        if formula is not None:
            trees += [formulas[one].tree for one in (formula.id, *formula.needs)]
    return max((_lasting(tree) for tree in trees if tree is not None), default=Lasting.ALWAYS)


def _lasting(tree: Tree) -> Lasting:
    if not tree.volatile and not tree.facts.uses:
        return Lasting.ALWAYS
    if tree.facts.uses <= {"NOW", "ZONE"} and not any(isinstance(n, Call) and n.name == "NOW" for n in tree.walk()):
        return Lasting.DAY
    return Lasting.ASKING


def volatile_columns(
    catalog: Catalog, model: EntityModel, table: FromClause, f: FieldModel, env: Env
) -> Sequence[ColumnElement[Any]] | None:
    """Return what stands for the columns of a formula that is never stored; None for every other field."""
    formula = volatile(catalog, f)
    if formula is None:
        return None
    first: ColumnElement[Any]
    try:
        first = _value(catalog, model, table, f, formula, env)
    except NotPushable as failed:
        log.error("formula cannot be computed when read", extra={"field": f.id, "why": failed.reason})
        first = null()
    rest = [null() for _ in f.columns[1:]]
    return [type_coerce(one, column.type) for one, column in zip((first, *rest), f.columns, strict=True)]


def _value(
    catalog: Catalog, model: EntityModel, table: FromClause, f: FieldModel, formula: Formula, env: Env
) -> ColumnElement[Any]:
    prefix = f"{getattr(table, 'name', 'r')}_{f.columns[0].name}"
    resolver = table_resolver(catalog, model, table, prefix)
    kind = f.type.result(f.field) if isinstance(f.type, FormulaType) else f.type
    tree = formula.tree
    if isinstance(kind, NumberType):
        tree = _scaled(catalog, model, f, kind.scale(f.field))
    sql = compile_sql(tree, resolver, catalog.dialect, env)
    value = sql.value if sql.guard is None else case((sql.guard, null()), else_=sql.value)
    if isinstance(kind, NumberType):
        return cast(value, BigInteger)
    return (
        value if kind.blank(f.field) is None else func.coalesce(value, kind.blank(f.field))
    )  # a switch is never blank


def _scaled(catalog: Catalog, model: EntityModel, f: FieldModel, scale: int) -> Tree:
    """Return the formula as the whole number its column would hold."""
    key = ("scaled", f.id)
    found = catalog.kept.get(key)
    if found is None:
        expr = formula_expr(f.field, formulas_of(catalog).schema, model.id)
        whole = Expr(src=f"ROUND(({expr.src}) * {10**scale}, 0)", refs=expr.refs, blank_as_zero=expr.blank_as_zero)
        found = catalog.kept[key] = bind(whole, scope_of(formulas_of(catalog).schema, model.entity, RANGE_ROOTS))
    return found
