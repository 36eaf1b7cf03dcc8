"""A page of records: the question bound to secured columns, asked, and read back.

A plan depends on version, roles and question, not on the actor, so plans of questions without anything relative
("me", "last 30 days") are kept; the common page is one look-up and one statement that is compiled already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import orjson
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Integer,
    Numeric,
    Select,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.types import TypeEngine

from engine.fields.columns import Flag, Instant, IsoDate
from engine.records.access import Access
from engine.records.conditions import filter_expression
from engine.records.filters import FilterBinder
from engine.records.labels import page_labels
from engine.records.linked import fill_links
from engine.records.paging import SortKey, decode, encode, fingerprint, segments
from engine.records.paths import Paths, Reached
from engine.records.rows import Reader
from engine.records.searching import search_condition
from engine.records.secured import Secured
from engine.records.spec import COUNT_CAP, OFFSET_LIMIT, PAGE_LIMIT, Page, QuerySpec, SortSpec
from metadata.findings import Finding, Refused

MAX_SORTS: Final = 6
MAX_FIELDS: Final = 500
_KEPT_PLANS: Final = 512
_LIMIT: Final = bindparam("p_limit", type_=Integer())
_OFFSET: Final = bindparam("p_offset", type_=Integer())
_RELATIVE: Final = (b'"@', b'{"', b'"expr"')
"""Marks of a filter whose meaning depends on who asks and when."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """A bound question. ``page`` ends in ORDER BY and LIMIT; the columns of ``keys`` stand at its end."""

    alias: Secured
    reader: Reader
    where: tuple[ColumnElement[bool], ...]
    keys: tuple[SortKey, ...]
    kinds: tuple[type, ...]
    page: Select[Any]
    mark: str
    counts: dict[str, Select[Any]] = field(default_factory=dict)


def plan_of(access: Access, spec: QuerySpec) -> Plan:
    """Bind a question. Raises :class:`Refused` with the first thing that cannot be asked."""
    check_limits(spec)
    entity_id = access.catalog.snapshot.entity(spec.entity).id
    try:
        body = orjson.dumps([spec.filter, spec.fields, [(s.path, s.descending) for s in spec.sort], spec.search])
    except (TypeError, orjson.JSONEncodeError):
        body = b'{"'  # canonical values that are not JSON: bound each time
    fixed = not spec.search and not any(mark in body for mark in _RELATIVE)
    if not fixed or not access.keeps(entity_id) or not _paths_keep(access, spec):
        return _bind(access, spec, entity_id)
    plans = access.catalog.kept.setdefault("plans", {})
    key = (access.roles, entity_id, spec.trashed, body)
    found = plans.get(key)
    if found is None:
        if len(plans) >= _KEPT_PLANS:
            plans.clear()
        found = plans[key] = _bind(access, spec, entity_id)
    return found  # type: ignore[no-any-return]


def _paths_keep(access: Access, spec: QuerySpec) -> bool:
    """Dotted paths lead through aliases of other entities, which must not depend on the actor either."""
    dotted = any("." in name for name in (*spec.fields, *(s.path for s in spec.sort))) or spec.filter is not None
    return not dotted or all(access.keeps(e.id) for e in access.catalog.snapshot.entities)


def check_limits(spec: QuerySpec) -> None:
    """Refuse sizes that are out of bounds."""
    for what, value, low, high in (
        ("limit", spec.limit, 1, PAGE_LIMIT),
        ("offset", spec.offset, 0, OFFSET_LIMIT),
        ("sort", len(spec.sort), 0, MAX_SORTS),
        ("fields", len(spec.fields), 0, MAX_FIELDS),
    ):
        if not low <= value <= high:
            raise Refused([Finding("R208", f"/{what}", {"what": what, "low": low, "high": high})])
    if spec.cursor and spec.offset:
        raise Refused([Finding("R209", "/cursor")])


def conditions(access: Access, paths: Paths, tree: Any, search: str) -> tuple[ColumnElement[bool], ...]:
    """Return the WHERE of a filter and a search over the base of ``paths``."""
    found: list[ColumnElement[bool]] = []
    if tree is not None and tree != []:
        found.append(FilterBinder(access.catalog, paths, access.asking, filter_expression(access)).bind(tree))
    if search.strip():
        found.append(search_condition(access, paths, search))
    return tuple(found)


def _bind(access: Access, spec: QuerySpec, entity_id: str) -> Plan:
    alias = access.alias(entity_id, action="delete" if spec.trashed else "read", trashed=spec.trashed)
    paths = access.paths(alias)
    reader = Reader(alias, shown_fields(paths, alias, spec.fields))
    where = conditions(access, paths, spec.filter, spec.search)
    keys = sort_keys(access, paths, alias, spec.sort)
    page = select(*reader.columns, *(key.column for key in keys[:-1])).where(*where)
    return Plan(
        alias=alias,
        reader=reader,
        where=where,
        keys=keys,
        kinds=tuple(_python_kind(key.column.type) for key in keys),
        page=page.order_by(*(key.order() for key in keys)).limit(_LIMIT),
        mark=fingerprint(entity_id, spec.trashed, [(s.path, s.descending) for s in spec.sort]),
    )


def shown_fields(paths: Paths, alias: Secured, names: Sequence[str], *, children: bool = False) -> list[Reached]:
    """Return the fields to show: the named ones, else all that show (sub-tables only on request)."""
    if names:
        return [paths.visible(name, f"/fields/{i}") for i, name in enumerate(dict.fromkeys(names))]
    chosen = (f for f in alias.model if children or f.storage != "children")
    return [paths.visible(f.key, "/fields") for f in chosen if alias.field(f.id) is not None]


def sort_keys(access: Access, paths: Paths, alias: Secured, sort: Sequence[SortSpec]) -> tuple[SortKey, ...]:
    """Return the order: the asked one, else that of the entity as far as it may be read; then the record id."""
    keys: list[SortKey] = []
    if not sort:
        for one in alias.model.entity.sort:
            f = alias.model.find(one.field)
            if f is not None and alias.readable(f) and f.columns:
                keys += _keys_of(access, paths.readable(f.key, "/sort"), one.dir == "desc", "/sort")
        descending = keys[0].descending if keys else True
        return (*keys, SortKey(column=alias.id, descending=descending, nullable=False))
    for i, wanted in enumerate(sort):
        place = f"/sort/{i}"
        keys += _keys_of(access, paths.readable(wanted.path, place), wanted.descending, place)
    return (*keys, SortKey(column=alias.id, descending=keys[0].descending, nullable=False))


def _keys_of(access: Access, reached: Reached, descending: bool, place: str) -> list[SortKey]:
    f = reached.field
    columns = f.type.sort_columns(f.field, reached.columns, access.catalog.dialect) if reached.columns else ()
    if not columns:
        raise Refused([Finding("R206", place, {"label": f.field.label})])
    nullable = not (reached.direct and f.id in _NEVER_BLANK)
    return [SortKey(column=column, descending=descending, nullable=nullable) for column in columns]


def run(access: Access, connection: Connection, spec: QuerySpec, *, labels: bool = True) -> Page:
    """Answer a question."""
    plan = plan_of(access, spec)
    rows = _rows(access, connection, plan, spec)
    more = len(rows) > spec.limit
    rows = rows[: spec.limit]
    records = [plan.reader.record(row) for row in rows]
    if plan.reader.later:
        records = fill_links(access, connection, plan.reader, rows, records)
    cursor = ""
    if more and rows:
        after = len(plan.reader.columns)
        cursor = encode(plan.mark, (*rows[-1][after:], rows[-1][0]))
    return Page(
        records=tuple(records),
        next_cursor=cursor,
        count=count(access, connection, spec) if spec.count != "none" else None,
        labels=page_labels(access, connection, plan.reader, records) if labels else {},
    )


def _rows(access: Access, connection: Connection, plan: Plan, spec: QuerySpec) -> list[Any]:
    binds: dict[str, Any] = {**access.binds, "p_limit": spec.limit + 1}
    if spec.offset:
        return list(connection.execute(plan.page.offset(_OFFSET), {**binds, "p_offset": spec.offset}))
    if not spec.cursor:
        return list(connection.execute(plan.page, binds))
    values = decode(spec.cursor, plan.mark, plan.kinds)
    rows: list[Any] = []
    for segment in segments(plan.keys, values):
        binds["p_limit"] = spec.limit + 1 - len(rows)
        rows.extend(connection.execute(plan.page.where(segment), binds))
        if len(rows) > spec.limit:
            break
    return rows


def count(access: Access, connection: Connection, spec: QuerySpec) -> int:
    """Return how many rows there are; ``capped`` stops at one more than the cap."""
    plan = plan_of(access, spec)
    mode = "exact" if spec.count == "none" else spec.count
    statement = plan.counts.get(mode)
    if statement is None:
        if mode == "exact":
            statement = select(func.count()).select_from(plan.alias.source).where(*plan.where)
        else:
            one: Select[Any] = select(literal_column("1")).select_from(plan.alias.source).where(*plan.where)
            statement = select(func.count()).select_from(one.limit(COUNT_CAP + 1).subquery("capped"))
        plan.counts[mode] = statement
    return int(connection.execute(statement, access.binds).scalar() or 0)


def _python_kind(kind: TypeEngine[Any]) -> type:
    for sql, python in _KINDS:
        if isinstance(kind, sql):
            return python
    return str


_NEVER_BLANK: Final = frozenset({"sys_id", "sys_rev", "sys_created_at", "sys_updated_at"})
_KINDS: Final[tuple[tuple[type[TypeEngine[Any]], type], ...]] = (
    (Instant, datetime),
    (IsoDate, date),
    (Flag, bool),
    (Integer, int),
    (Numeric, Decimal),
    (Boolean, bool),
)
