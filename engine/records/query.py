"""A page of records: the question bound to secured columns, asked, and read back.

A plan depends on version, roles and question, not on the actor, so plans of questions without anything relative
("me", "last 30 days") are kept; the common page is one look-up and one statement that is compiled already.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
    case,
    func,
    literal_column,
    select,
)
from sqlalchemy.types import TypeEngine

from engine.expr.residual import Rest, all_of
from engine.expr.tree import Node
from engine.fields.columns import Flag, Instant, IsoDate
from engine.records.access import Access
from engine.records.conditions import filter_expression, held
from engine.records.filters import FilterBinder
from engine.records.labels import page_labels
from engine.records.linked import fill_links
from engine.records.paging import SortKey, decode, encode, fingerprint, segments
from engine.records.paths import Paths, Reached
from engine.records.rows import Reader
from engine.records.searching import search_condition
from engine.records.secured import Secured
from engine.records.spec import COUNT_CAP, OFFSET_LIMIT, PAGE_LIMIT, Page, QuerySpec, SortSpec
from engine.records.within import within_condition
from metadata.findings import Finding, Refused

MAX_SORTS: Final = 6
MAX_FIELDS: Final = 500
MAX_MARKS: Final = 30
SEEK_FROM: Final = 500
"""From this offset on, the place is looked for by the order alone (in its index) before rows are read."""
READ_PART: Final = 500
"""Rows read at a time where a condition is left to decide row by row."""
READ_LIMIT: Final = 20_000
"""Rows read at most for one answer of such a condition."""
_KEPT_PLANS: Final = 512
_LIMIT: Final = bindparam("p_limit", type_=Integer())
_OFFSET: Final = bindparam("p_offset", type_=Integer())
_RELATIVE: Final = (b'"@', b'{"', b'"expr"')
"""Marks of a filter whose meaning depends on who asks and when."""


@dataclass(slots=True, kw_only=True)
class Plan:
    """A bound question. ``page`` ends in ORDER BY and LIMIT; behind the reader's columns stand those of ``keys``."""

    alias: Secured
    reader: Reader
    where: tuple[ColumnElement[bool], ...]
    keys: tuple[SortKey, ...]
    kinds: tuple[type, ...]
    page: Select[Any]
    mark: str
    place: Select[Any]
    """The keys of one row by its offset: what a seek reads instead of whole rows."""
    marks: int = 0
    """Conditions each row is told to hold; their columns stand behind the keys."""
    rest: Rest | None = None
    """What the database leaves to decide; its columns stand at the end."""
    counts: dict[str, Select[Any]] = field(default_factory=dict)


def plan_of(access: Access, spec: QuerySpec) -> Plan:
    """Bind a question. Raises :class:`Refused` with the first thing that cannot be asked."""
    check_limits(spec)
    entity_id = access.catalog.snapshot.entity(spec.entity).id
    try:
        within = [(one.group.path, one.group.grain, one.value) for one in spec.within]
        order = [(one.path, one.descending) for one in spec.sort]
        body = orjson.dumps([spec.filter, spec.fields, order, spec.search, within, spec.marks])
    except (TypeError, orjson.JSONEncodeError):
        body = b'{"'  # canonical values that are not JSON: bound each time
    fixed = not spec.search and spec.met is None and not any(mark in body for mark in _RELATIVE)
    if not fixed:
        return _bind(access, spec, entity_id)
    plans = access.shelf(*_reached(access, spec, entity_id)).setdefault("plans", {})
    key = (access.roles, entity_id, spec.trashed, body)
    found = plans.get(key)
    if found is None:
        if len(plans) >= _KEPT_PLANS:
            plans.clear()
        found = plans[key] = _bind(access, spec, entity_id)
    return found  # type: ignore[no-any-return]


def _reached(access: Access, spec: QuerySpec, entity_id: str) -> list[str]:
    """Return the entities whose aliases a question may need: dotted paths lead through those of others."""
    dotted = any("." in name for name in (*spec.fields, *(s.path for s in spec.sort))) or spec.filter is not None
    return [e.id for e in access.catalog.snapshot.entities] if dotted else [entity_id]


def check_limits(spec: QuerySpec) -> None:
    """Refuse sizes that are out of bounds."""
    for what, value, low, high in (
        ("limit", spec.limit, 1, PAGE_LIMIT),
        ("offset", spec.offset, 0, OFFSET_LIMIT),
        ("sort", len(spec.sort), 0, MAX_SORTS),
        ("fields", len(spec.fields), 0, MAX_FIELDS),
        ("marks", len(spec.marks), 0, MAX_MARKS),
    ):
        if not low <= value <= high:
            raise Refused([Finding("R208", f"/{what}", {"what": what, "low": low, "high": high})])
    if spec.cursor and spec.offset:
        raise Refused([Finding("R209", "/cursor")])


def conditions(
    access: Access, paths: Paths, tree: Any, search: str, met: Node | None = None
) -> tuple[list[ColumnElement[bool]], Rest | None]:
    """Return the WHERE of a filter, a search and a bound condition over the base of ``paths``, and what it leaves to
    decide in rows."""
    found: list[ColumnElement[bool]] = []
    rests: list[Rest] = []
    if tree is not None and tree != []:
        bound = FilterBinder(access.catalog, paths, access.asking, filter_expression(access)).bound(tree)
        found.append(bound.where)
        rests += [bound.rest] if bound.rest is not None else []
    if met is not None:
        bound = held(access, paths, met, "/met")
        found.append(bound.where)
        rests += [bound.rest] if bound.rest is not None else []
    if search.strip():
        found.append(search_condition(access, paths, search))
    return found, all_of(rests)


def _bind(access: Access, spec: QuerySpec, entity_id: str) -> Plan:
    alias = access.alias(entity_id, action="delete" if spec.trashed else "read", trashed=spec.trashed)
    paths = access.paths(alias)
    reader = Reader(alias, shown_fields(paths, alias, spec.fields))
    where, rest = conditions(access, paths, spec.filter, spec.search, spec.met)
    where += [within_condition(paths, access.asking, one, f"/within/{i}") for i, one in enumerate(spec.within)]
    marks = _marks(access, paths, spec)
    keys = sort_keys(access, paths, alias, spec.sort)
    beside = rest.columns if rest is not None else ()
    page = select(*reader.columns, *(key.column for key in keys[:-1]), *marks, *beside).where(*where)
    order = [key.order() for key in keys]
    place = select(*(key.column for key in keys)).select_from(alias.source).where(*where)
    return Plan(
        alias=alias,
        reader=reader,
        where=tuple(where),
        rest=rest,
        keys=keys,
        kinds=tuple(_python_kind(key.column.type) for key in keys),
        page=page.order_by(*order).limit(_LIMIT),
        place=place.order_by(*order).limit(1).offset(_OFFSET),
        marks=len(marks),
        mark=fingerprint(entity_id, spec.trashed, [(s.path, s.descending) for s in spec.sort]),
    )


def _marks(access: Access, paths: Paths, spec: QuerySpec) -> list[ColumnElement[Any]]:
    binder = FilterBinder(access.catalog, paths, access.asking, filter_expression(access))
    held = [binder.bind(tree, f"/marks/{i}") for i, tree in enumerate(spec.marks)]
    return [case((one, literal_column("1")), else_=literal_column("0")) for one in held]


def shown_fields(paths: Paths, alias: Secured, names: Sequence[str], *, children: bool = False) -> list[Reached]:
    """Return the fields to show: the named ones, else all that show (sub-tables only on request)."""
    if names:
        return [paths.visible(name, f"/fields/{i}") for i, name in enumerate(dict.fromkeys(names))]
    left_out = ("none",) if children else ("none", "children")
    chosen = (f for f in alias.model if f.storage not in left_out)
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
    rows = _rows(access, connection, plan, spec) if plan.rest is None else remaining(access, connection, plan, spec)
    more = len(rows) > spec.limit
    rows = rows[: spec.limit]
    records = [plan.reader.record(row) for row in rows]
    if plan.marks:
        first = len(plan.reader.columns) + len(plan.keys) - 1
        held = [tuple(i for i in range(plan.marks) if row[first + i]) for row in rows]
        records = [replace(record, marks=marks) for record, marks in zip(records, held, strict=True)]
    if plan.reader.later:
        records = fill_links(access, connection, plan.reader, rows, records)
    cursor = ""
    if more and rows:
        cursor = encode(plan.mark, _position(plan, rows[-1]))
    counted = counted_rows(access, connection, spec) if spec.count != "none" else None
    return Page(
        records=tuple(records),
        next_cursor=cursor,
        count=counted and counted[0],
        at_least=counted is not None and not counted[1],
        labels=page_labels(access, connection, plan.reader, records) if labels else {},
    )


def _rows(access: Access, connection: Connection, plan: Plan, spec: QuerySpec) -> list[Any]:
    binds: dict[str, Any] = {**access.binds, "p_limit": spec.limit + 1}
    if spec.offset > SEEK_FROM:
        place = connection.execute(plan.place, {**binds, "p_offset": spec.offset - 1}).first()
        return [] if place is None else _after(connection, plan, binds, place, spec.limit + 1)
    if spec.offset:
        return list(connection.execute(plan.page.offset(_OFFSET), {**binds, "p_offset": spec.offset}))
    values = decode(spec.cursor, plan.mark, plan.kinds) if spec.cursor else None
    return _after(connection, plan, binds, values, spec.limit + 1)


def _after(
    connection: Connection, plan: Plan, binds: dict[str, Any], values: Sequence[Any] | None, limit: int
) -> list[Any]:
    """Return rows in order, from the first or from behind a position."""
    if values is None:
        return list(connection.execute(plan.page, {**binds, "p_limit": limit}))
    rows: list[Any] = []
    for segment in segments(plan.keys, values):
        rows.extend(connection.execute(plan.page.where(segment), {**binds, "p_limit": limit - len(rows)}))
        if len(rows) >= limit:
            break
    return rows


def _position(plan: Plan, row: Any) -> tuple[Any, ...]:
    first = len(plan.reader.columns)
    return (*row[first : first + len(plan.keys) - 1], row[0])


def remaining(access: Access, connection: Connection, plan: Plan, spec: QuerySpec) -> list[Any]:
    """Return the rows of a page whose rest holds, one more than asked for if there are: rows are read until the page
    is full. Raises :class:`Refused` where that would take too many."""
    assert plan.rest is not None
    width = len(plan.rest.columns)
    values: Sequence[Any] | None = decode(spec.cursor, plan.mark, plan.kinds) if spec.cursor else None
    kept: list[Any] = []
    wanted, read = spec.offset + spec.limit + 1, 0
    while True:
        part = _after(connection, plan, access.binds, values, READ_PART)
        read += len(part)
        kept.extend(row for row in part if plan.rest.holds(row[-width:]))
        if len(kept) >= wanted or len(part) < READ_PART:
            return kept[spec.offset : wanted]
        if read >= READ_LIMIT:
            raise Refused([Finding("R217", "/filter", {"limit": READ_LIMIT, "found": len(kept)})])
        values = _position(plan, part[-1])


def count(access: Access, connection: Connection, spec: QuerySpec) -> int:
    """Return how many rows there are; ``capped`` stops at one more than the cap. Raises :class:`Refused` where the
    rows would have to be looked at one by one and are too many."""
    found, whole = counted_rows(access, connection, spec)
    if not whole:
        raise Refused([Finding("R217", "/filter", {"limit": READ_LIMIT, "found": found})])
    return found


def counted_rows(access: Access, connection: Connection, spec: QuerySpec) -> tuple[int, bool]:
    """Return how many rows there are (``capped``: at most one more than the cap), and whether that is all of them."""
    plan = plan_of(access, spec)
    mode = "exact" if spec.count == "none" else spec.count
    statement = plan.counts.get(mode)
    if plan.rest is not None:
        return _counted_rest(access, connection, plan, plan.rest, mode)
    if statement is None:
        if mode == "exact":
            statement = select(func.count()).select_from(plan.alias.source).where(*plan.where)
        else:
            one: Select[Any] = select(literal_column("1")).select_from(plan.alias.source).where(*plan.where)
            statement = select(func.count()).select_from(one.limit(COUNT_CAP + 1).subquery("capped"))
        plan.counts[mode] = statement
    return int(connection.execute(statement, access.binds).scalar() or 0), True


def _counted_rest(access: Access, connection: Connection, plan: Plan, rest: Rest, mode: str) -> tuple[int, bool]:
    columns: list[ColumnElement[Any]] = [literal_column("1"), *rest.columns]
    statement = select(*columns).select_from(plan.alias.source).where(*plan.where)
    found = 0
    rows = connection.execute(statement.limit(READ_LIMIT + 1), access.binds).all()
    for row in rows[:READ_LIMIT]:
        found += rest.holds(row[1:])
        if mode == "capped" and found > COUNT_CAP:
            return found, True
    return found, len(rows) <= READ_LIMIT


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
