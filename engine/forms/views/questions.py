"""What views ask beyond a page of records: the columns of a board, the records of a range of days, children.

Everything goes through the record store with the actor, so that rights, masks and hidden fields are its matter alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import engine.forms.views.messages  # noqa: F401 - registers the sentences
from engine.actor import Actor
from engine.fields.choices import choices_of
from engine.records.paths import MAX_HOPS
from engine.records.spec import AggregateSpec, GroupSpec, MeasureSpec, Page, QuerySpec, Record
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused
from metadata.model import Field

MAX_COLUMNS: Final = 60
"""Columns of a board at most; of people or records those with the most cards."""
MAX_DAYS: Final = 1_500
MAX_SPAN: Final = 2_000
"""Records of a range at most; the answer says when there are more."""
MAX_BELOW: Final = 5_000
"""Records looked at to add up what is below one."""
_PAGE: Final = 200
_MAX_LEVELS: Final = 60

Labels = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a board: its value (None: blank), how many cards, their sum, and the first of them.

    ``count`` is None where the filter can only be decided record by record.
    """

    value: Any
    count: int | None
    total: Decimal | None
    page: Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    columns: tuple[Column, ...]
    more: bool
    """There are further values than columns shown."""
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def board(
    store: RecordStore, actor: Actor, spec: QuerySpec, by: str, *, total: str = "", closed: Sequence[str] = ()
) -> Board:
    """Return the columns of a board: options in their order, else values by the number of their cards; blank first.

    ``closed`` columns (ids, ``""`` for blank) bring no cards. Raises :class:`Refused`.
    """
    f = _field(store, spec.entity, by)
    totals = _totals(store, actor, spec, f, total)
    values = [option["id"] for option in choices_of(f)] if "options" in f.options else []
    known = set(values)
    found = [value for value in totals if value is not None and value not in known]
    values += sorted(found, key=lambda value: -(totals[value][0] or 0))
    columns = []
    for value in [None, *values[:MAX_COLUMNS]]:
        count, added = totals.get(value, (0, None)) if totals is not _UNKNOWN else (None, None)
        empty = count == 0 or (value or "") in closed
        page = Page(records=()) if empty else store.list(actor, narrowed(spec, _is(f.key, value)))
        columns.append(Column(value=value, count=count, total=added, page=page))
    names = _names(store, actor, f, [value for value in values if isinstance(value, str)])
    labels = merged([*(column.page.labels for column in columns), names])
    return Board(columns=tuple(columns), more=len(values) > MAX_COLUMNS, labels=labels)


_UNKNOWN: Final[Mapping[Any, tuple[int | None, Decimal | None]]] = {}


def _totals(
    store: RecordStore, actor: Actor, spec: QuerySpec, f: Field, total: str
) -> Mapping[Any, tuple[int | None, Decimal | None]]:
    measures = [MeasureSpec(id="n", aggregate="count")]
    if total:
        measures.append(MeasureSpec(id="t", aggregate="sum", path=total))
    question = AggregateSpec(
        entity=spec.entity,
        groups=(GroupSpec(id="v", path=f.key),),
        measures=tuple(measures),
        filter=spec.filter,
        search=spec.search,
    )
    try:
        rows = store.aggregate(actor, question)
    except Refused as refused:
        if any(finding.code != "R215" for finding in refused.findings):
            raise
        return _UNKNOWN  # the filter is decided record by record: columns come without numbers
    return {row["v"]: (row["n"], row.get("t")) for row in rows}


def _names(store: RecordStore, actor: Actor, f: Field, ids: Sequence[str]) -> Labels:
    if f.type == "user":
        return {"user": store.user_names(ids)}
    target = str(f.options.get("entity", ""))
    if not target or not store.snapshot.has_entity(target):
        return {}
    return {store.snapshot.entity(target).key: store.titles(actor, target, ids)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Records that touch a range of days; ``more`` says that there are further ones."""

    page: Page
    more: bool


def span(store: RecordStore, actor: Actor, spec: QuerySpec, start: str, end: str, first: date, last: date) -> Span:
    """Return the records between ``start`` and ``end`` fields that touch the days ``first`` to ``last``.

    A record without an end lasts its first day. Raises :class:`Refused`.
    """
    if not 0 <= (last - first).days <= MAX_DAYS:
        raise Refused([Finding("V202", "/from", {"limit": MAX_DAYS})])
    low, high = first.isoformat(), last.isoformat()
    begins = _field(store, spec.entity, start)
    touches: list[Any]
    if begins.type == "date_range":
        touches = ["overlaps", begins.key, [low, high]]
    elif not end:
        touches = ["between", begins.key, [low, high]]
    else:
        ends = _field(store, spec.entity, end).key
        open_ended = ["and", ["blank", ends], [">=", begins.key, low]]
        touches = ["and", ["<=", begins.key, high], ["or", [">=", ends, low], open_ended]]
    wanted = replace(narrowed(spec, touches), limit=_PAGE, count="none")
    records: list[Record] = []
    labels: list[Mapping[str, Mapping[str, str]]] = []
    while True:
        page = store.list(actor, wanted)
        records += page.records
        labels.append(page.labels)
        if not page.next_cursor or len(records) >= MAX_SPAN:
            joined = Page(records=tuple(records), labels=merged(labels))
            return Span(page=joined, more=bool(page.next_cursor))
        wanted = replace(wanted, cursor=page.next_cursor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """Records right below another one, or at the top; how many each has below, and their totals when asked for.

    A total is None where more records are below than are looked at.
    """

    page: Page
    below: Mapping[str, int]
    totals: Mapping[str, Decimal | None]


def children(
    store: RecordStore, actor: Actor, spec: QuerySpec, parent: str, *, of: str = "", total: str = ""
) -> Children:
    """Return the records below ``of`` by the link ``parent``; without it those at the top.

    At the top is who has no parent, and who has one that the actor may not see or that the filter leaves out. A
    search, or a filter that cannot be asked of the parent, makes a flat list: all it finds is at the top. Raises
    :class:`Refused`.
    """
    f = _field(store, spec.entity, parent)
    page = store.list(actor, narrowed(spec, ["=", f.key, of]) if of else _at_top(spec, f))
    ids = [record.id for record in page.records]
    below = _counts(store, actor, spec, f, ids)
    totals = {one: _rolled_up(store, actor, spec, f, one, total) for one in ids} if total else {}
    return Children(page=page, below=below, totals=totals)


def _counts(store: RecordStore, actor: Actor, spec: QuerySpec, f: Field, ids: Sequence[str]) -> dict[str, int]:
    if not ids:
        return {}
    question = AggregateSpec(
        entity=spec.entity,
        groups=(GroupSpec(id="p", path=f.key),),
        measures=(MeasureSpec(id="n", aggregate="count"),),
        filter=narrowed(spec, ["in", f.key, list(ids)]).filter,
    )
    try:
        return {row["p"]: row["n"] for row in store.aggregate(actor, question)}
    except Refused as refused:
        if any(finding.code != "R215" for finding in refused.findings):
            raise
        return {}  # such a filter makes a flat list


def _at_top(spec: QuerySpec, f: Field) -> QuerySpec:
    alone = ["blank", f"{f.key}.id"]
    if spec.search:
        return spec
    if spec.filter in (None, []):
        return narrowed(spec, alone)
    above = _asked_of(spec.filter, f.key)
    return spec if above is None else narrowed(spec, ["or", alone, ["not", above]])


def _asked_of(tree: Any, link: str) -> Any:
    """Return a filter as one about the record a link leads to; None where that cannot be asked."""
    if not isinstance(tree, (list, tuple)) or not tree or tree[0] == "expr":
        return None
    if tree[0] in ("and", "or", "not"):
        parts = [_asked_of(part, link) for part in tree[1:]]
        return None if any(part is None for part in parts) else [tree[0], *parts]
    if len(tree) < 2 or not isinstance(tree[1], str) or tree[1].count(".") >= MAX_HOPS - 1:
        return None
    return [tree[0], f"{link}.{tree[1]}", *tree[2:]]


def _rolled_up(store: RecordStore, actor: Actor, spec: QuerySpec, f: Field, top: str, total: str) -> Decimal | None:
    """Add a number up over a record and all below it that the actor may see."""
    added, seen, level = Decimal(0), {top}, [top]
    where: list[Any] = ["in", "id", [top]]
    for _ in range(_MAX_LEVELS):
        question = AggregateSpec(
            entity=spec.entity,
            groups=(GroupSpec(id="r", path="id"),),
            measures=(MeasureSpec(id="t", aggregate="sum", path=total),),
            filter=where,
        )
        rows = store.aggregate(actor, question)
        level = [row["r"] for row in rows if row["r"] not in seen or row["r"] == top]
        added += sum((row["t"] or Decimal(0) for row in rows if row["r"] in level), Decimal(0))
        seen.update(level)
        if not level:
            return added
        if len(seen) > MAX_BELOW:
            return None
        where = ["and", ["in", f.key, level], ["<>", "id", top]]
    return None


def narrowed(spec: QuerySpec, condition: Sequence[Any]) -> QuerySpec:
    """Return a question about those of its records for which a condition holds as well."""
    tree = list(condition) if spec.filter in (None, []) else ["and", spec.filter, list(condition)]
    return replace(spec, filter=tree)


def merged(labels: Sequence[Mapping[str, Mapping[str, str]]]) -> Labels:
    """Return the names of several answers as one."""
    found: Labels = {}
    for one in labels:
        for kind, names in one.items():
            found.setdefault(kind, {}).update(names)
    return found


def _is(path: str, value: Any) -> list[Any]:
    return ["blank", path] if value is None else ["=", path, value]


def _field(store: RecordStore, entity: str, name: str) -> Field:
    found = store.snapshot.fields(entity).get(name)
    if found is None:
        raise Refused([Finding("V201", "", {"path": name[:100]})])
    return found
