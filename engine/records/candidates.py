"""What may be chosen for a link or a person field of a record being filled in: pickers ask, writes check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, false, func, select

from engine.expr.residual import divided
from engine.expr.sql_values import NotPushable
from engine.expr.to_bytecode import evaluator
from engine.expr.tree import Node
from engine.expr.types import USER_ENTITY
from engine.records.grounds import table_resolver
from engine.records.hops import led_to
from engine.records.query import plan_of
from engine.records.ruling import Ruling
from engine.records.spec import QuerySpec, Record
from engine.rules.candidates import about_candidate
from engine.rules.settle import chosen_of
from metadata.model import Rule

MOST: Final = 5_000
"""Candidates looked at one by one, where the database cannot decide."""


def astray(ruling: Ruling) -> Iterator[tuple[str, Rule]]:
    """Yield the fields that hold a record or a person which may not be chosen, with the rule."""
    for one, rules in ruling.choosing():
        chosen = set(chosen_of(ruling.value(one.id)))
        for rule in rules:
            if rule.id not in ruling.rules.filters or not chosen or not ruling.judged(one.id, rule):
                continue
            if len(fitting(ruling, one.id, [rule], chosen)) != len(chosen):
                yield one.id, rule
                break


def filters(ruling: Ruling, field_id: str) -> list[Rule]:
    """Return the rules that narrow what may be chosen for a field now."""
    found = (rules for one, rules in ruling.choosing() if one.id == field_id)
    return [rule for rules in found for rule in rules if rule.id in ruling.rules.filters]


def fitting(ruling: Ruling, field_id: str, rules: Sequence[Rule], ids: Iterable[str]) -> list[str]:
    """Return those of some records or people that may be chosen, as far as rules say."""
    target = _target(ruling, field_id)
    rows = ruling.drafting.loader.rows(target, ids)
    kept = list(rows)
    for rule in rules:
        tree = _tree(ruling, rule)
        compute, loads = (
            evaluator(tree),
            tuple(path for path in tree.deps if len(path) > 1 or _is_far(ruling, target, path)),
        )
        environments = ruling.environments
        if loads:
            environments.prepare(target, [rows[one] for one in kept], loads)
        kept = [one for one in kept if compute(environments.values(target, rows[one], loads)) is True]
    return kept


def offered(ruling: Ruling, field_id: str, fields: tuple[str, ...], search: str, limit: int) -> list[Record]:
    """Return the records that may be chosen for a link field and that the asker may read, the first ones found."""
    access, catalog = ruling.drafting.access, ruling.drafting.catalog
    target = _target(ruling, field_id)
    plan = plan_of(access, QuerySpec(entity=target, fields=fields, search=search, limit=limit))
    statement = plan.page
    for rule in filters(ruling, field_id):
        statement = statement.where(plan.alias.id.in_(_narrowing(ruling, field_id, rule, target)))
    rows = ruling.drafting.connection.execute(statement, {**access.binds, "p_limit": limit})
    return [plan.reader.record(row) for row in rows] if catalog.has(target) else []


def _narrowing(ruling: Ruling, field_id: str, rule: Rule, target: str) -> Any:
    """Return what the ids of candidates are in: a select the database runs, or ids decided here one by one."""
    catalog, connection = ruling.drafting.catalog, ruling.drafting.connection
    model = catalog.entity(target)
    table = model.table.alias("candidate")
    live = select(table.c.id).where(table.c.deleted_at.is_(None))
    try:
        found, rest = divided(
            _tree(ruling, rule), table_resolver(catalog, model, table, "k"), catalog.dialect, ruling.drafting.env
        )
    except NotPushable:
        ids = connection.execute(live.limit(MOST)).scalars().all()
        return fitting(ruling, field_id, [rule], ids)
    where: list[ColumnElement[bool]] = [] if found is None else [func.coalesce(found, false())]
    if rest is None:
        return live.where(*where)
    asked = live.add_columns(*rest.columns).where(*where).limit(MOST)
    return [row[0] for row in connection.execute(asked) if rest.holds(row[1:])]


def _tree(ruling: Ruling, rule: Rule) -> Node:
    bound = ruling.rules.filters[rule.id]
    return about_candidate(bound.tree, ruling.env(bound))


def _target(ruling: Ruling, field_id: str) -> str:
    snapshot = ruling.drafting.catalog.snapshot
    return led_to(snapshot, ruling.draft.model.id, field_id) or USER_ENTITY


def _is_far(ruling: Ruling, target: str, path: tuple[str, ...]) -> bool:
    catalog = ruling.drafting.catalog
    f = catalog.entity(target).by_id.get(path[0]) if catalog.has(target) else None
    return f is not None and f.storage in ("links", "children")
