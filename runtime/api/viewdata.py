"""What kinds of views ask for: a board in one call, the records of some days, one level of a hierarchy, free days."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response

from engine import calendars
from engine.forms.views import questions
from engine.problems import NotFound
from engine.records import present
from engine.records.spec import QuerySpec
from engine.records.store import RecordStore
from runtime import query
from runtime.access import Routes
from runtime.context import connection, reading
from runtime.jsonio import answer

routes = Routes("viewdata", "/api/v1")

_WHERE = ("fields", "filter", "sort", "search", "marks")
_MAX_YEARS = 3


def _spec(store: RecordStore, entity: str, given: dict[str, str]) -> QuerySpec:
    if not store.snapshot.has_entity(entity):
        raise NotFound(what=entity)
    plain = {name: text for name, text in given.items() if name in query.RECORD_NAMES}
    return query.query_spec(entity, plain)


@routes.route("/apps/<app>/<entity>/board", who="member", limit="600/minute")
def board(app: str, entity: str) -> Response:
    """Columns of a board with counts, sums and their first cards."""
    given = query.arguments(*_WHERE, "limit", "by", "sum", "closed")
    store, actor = reading(app)
    spec = _spec(store, entity, given)
    closed = given["closed"].split(",") if "closed" in given else ()
    found = questions.board(store, actor, spec, given.get("by", ""), total=given.get("sum", ""), closed=closed)
    columns = []
    for column in found.columns:
        page = present.page_json(column.page, store)
        shown = {"value": column.value, "count": column.count, "sum": present.scalar_json(column.total)}
        columns.append({**shown, "records": page["records"], "next_cursor": page["next_cursor"]})
    return answer({"columns": columns, "more": found.more, "labels": found.labels})


@routes.route("/apps/<app>/<entity>/span", who="member", limit="600/minute")
def span(app: str, entity: str) -> Response:
    """Records that touch some days."""
    given = query.arguments(*_WHERE, "start", "end", "from", "to")
    store, actor = reading(app)
    spec = _spec(store, entity, given)
    first, last = _day(given, "from"), _day(given, "to")
    found = questions.span(store, actor, spec, given.get("start", ""), given.get("end", ""), first, last)
    page = present.page_json(found.page, store)
    return answer({"records": page["records"], "more": found.more, "labels": page["labels"]})


@routes.route("/apps/<app>/<entity>/children", who="member", limit="600/minute")
def children(app: str, entity: str) -> Response:
    """Records below another one, or at the top, with the numbers of those below them."""
    given = query.arguments(*_WHERE, "limit", "cursor", "parent", "of", "sum")
    store, actor = reading(app)
    spec = _spec(store, entity, given)
    of, total = given.get("of", ""), given.get("sum", "")
    found = questions.children(store, actor, spec, given.get("parent", ""), of=of, total=total)
    totals = {one: present.scalar_json(value) for one, value in found.totals.items()}
    return answer({**present.page_json(found.page, store), "below": found.below, "totals": totals})


@routes.route("/calendars/<calendar>/days", limit="600/minute")
def calendar_days(calendar: str) -> Response:
    """Days of some years that are not as the week says: holidays and make-up days."""
    given = query.arguments("from", "to")
    first, last = _day(given, "from"), _day(given, "to")
    if not 0 <= last.year - first.year < _MAX_YEARS:
        raise query.bad("to", f"{_MAX_YEARS} 年以内", f"within {_MAX_YEARS} years")
    try:
        known = calendars.load(connection(), calendar)
    except KeyError:
        raise NotFound(what=calendar) from None
    named = {
        day: label
        for year in range(first.year, last.year + 1)
        if calendar in calendars.names(connection())
        for day, _, label in calendars.entries(connection(), calendar, year)
    }
    days: list[dict[str, Any]] = [
        {"day": day.isoformat(), "worked": worked, "label": named.get(day, "")}
        for day, worked in sorted(known.days.exceptions.items())
        if first <= day <= last
    ]
    return answer({"days": days, "years": sorted(known.years)})


def _day(given: dict[str, str], name: str) -> date:
    try:
        return date.fromisoformat(given.get(name, ""))
    except ValueError:
        raise query.bad(name, "日期，如 2026-11-21", "a date such as 2026-11-21") from None
