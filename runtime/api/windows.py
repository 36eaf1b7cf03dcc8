"""The rows of a table as a browser scrolls through them: groups with totals, and any stretch of rows.

Both questions are posted because their conditions can be long; nothing is changed by them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response

from engine.actor import Actor
from engine.records import present
from engine.records.groups import MAX_LEVELS, TOTALS
from engine.records.spec import (
    OFFSET_LIMIT,
    PAGE_LIMIT,
    Group,
    Grouping,
    GroupingSpec,
    GroupSpec,
    Page,
    QuerySpec,
    Within,
)
from engine.records.store import RecordStore
from engine.records.within import PERIODS
from runtime import jsonio, query
from runtime.access import Routes
from runtime.context import reading
from runtime.jsonio import answer

routes = Routes("windows", "/api/v1/apps/<app>/<entity>")

MAX_PARTS: Final = 40
MAX_CLOSED: Final = 2_000
_QUESTION: Final = ("groups", "filter", "search", "sort", "fields", "colors", "trashed")


@routes.route("/groups", methods=("POST",), who="member", limit="600/minute")
def groups(app: str, entity: str) -> Response:
    """Groups of a list in order, each with its count and totals, the totals of all, and the first rows on screen."""
    body = jsonio.body(allowed=(*_QUESTION, "totals", "rows", "closed"))
    asked = _question(entity, body)
    by = _grouping(body)
    store, actor = reading(app)
    spec = GroupingSpec(entity=entity, groups=by, totals=_totals(body), filter=asked.filter, search=asked.search)
    found = store.grouped(actor, spec)
    parts = _first_parts(found, len(by), _whole(body, "rows", 0, PAGE_LIMIT), _closed(body))
    pages = [_part(store, actor, asked, by, values, 0, "", limit) for _, values, limit in parts]
    shown = present.groups_json(found, store, entity, spec.groups)
    rows = [
        {"group": place, **page} for (place, _, _), page in zip(parts, _parts_json(store, pages, shown), strict=True)
    ]
    return answer({**shown, "parts": rows})


@routes.route("/window", methods=("POST",), who="member", limit="1200/minute")
def window(app: str, entity: str) -> Response:
    """Stretches of rows, each of one group or of the whole list, by offset or from where another one ended."""
    body = jsonio.body(allowed=(*_QUESTION, "parts"), required=("parts",))
    asked = _question(entity, body)
    by = _grouping(body)
    given = body["parts"]
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_PARTS:
        raise query.bad("parts", f"1 到 {MAX_PARTS} 段的列表", f"a list of 1 to {MAX_PARTS} parts")
    wanted = [_wanted(one, len(by)) for one in given]
    store, actor = reading(app)
    pages = [_part(store, actor, asked, by, *one) for one in wanted]
    shown: dict[str, Any] = {"labels": {}}
    shown["parts"] = _parts_json(store, pages, shown)
    return answer(shown)


def _question(entity: str, body: Mapping[str, Any]) -> QuerySpec:
    sort, fields, colors = body.get("sort", ""), body.get("fields", []), body.get("colors", [])
    if not isinstance(sort, str):
        raise query.bad("sort", "字段，降序前加减号", "fields, a minus before those that descend")
    if not isinstance(fields, list) or not all(isinstance(one, str) for one in fields):
        raise query.bad("fields", "字段列表", "a list of fields")
    if not isinstance(colors, list):
        raise query.bad("colors", "条件列表", "a list of conditions")
    return QuerySpec(
        entity=entity,
        fields=tuple(fields),
        filter=body.get("filter"),
        sort=query.sorting(sort),
        search=query.search_text(_text(body, "search")),
        trashed=body.get("trashed", False) is True,
        marks=tuple(colors),
    )


def _grouping(body: Mapping[str, Any]) -> tuple[GroupSpec, ...]:
    given = body.get("groups", [])
    if not isinstance(given, list) or len(given) > MAX_LEVELS or not all(is_group(one) for one in given):
        raise query.bad(
            "groups", f"最多 {MAX_LEVELS} 个 {{field, grain?, desc?}}", f"up to {MAX_LEVELS} {{field, grain?, desc?}}"
        )
    return tuple(group_of(one) for one in given)


def group_of(one: Mapping[str, Any]) -> GroupSpec:
    """Return one level of a grouping from its JSON form."""
    return GroupSpec(id="", path=one["field"], grain=one.get("grain"), descending=one.get("desc", False))


def is_group(one: Any) -> bool:
    """Say whether a JSON value describes one level of a grouping."""
    return (
        isinstance(one, dict)
        and isinstance(one.get("field"), str)
        and one.keys() <= {"field", "grain", "desc"}
        and (one.get("grain") is None or one["grain"] in PERIODS)
        and isinstance(one.get("desc", False), bool)
    )


def _totals(body: Mapping[str, Any]) -> dict[str, Any]:
    given = body.get("totals", {})
    if not isinstance(given, dict) or not all(one in TOTALS for one in given.values()):
        raise query.bad("totals", "字段到汇总方式", "totals by field")
    return given


def _closed(body: Mapping[str, Any]) -> set[tuple[Any, ...]]:
    given = body.get("closed", [])
    if not isinstance(given, list) or len(given) > MAX_CLOSED or not all(_is_key(one) for one in given):
        raise query.bad("closed", "收起的组的值列表", "lists of the values of closed groups")
    return {tuple(one) for one in given}


def _is_key(one: Any) -> bool:
    return isinstance(one, list) and all(value is None or isinstance(value, str | bool) for value in one)


def _wanted(one: Any, levels: int) -> tuple[tuple[Any, ...], int, str, int]:
    if not isinstance(one, dict) or not one.keys() <= {"within", "offset", "cursor", "limit"}:
        raise query.bad("parts", "{within, offset, cursor, limit}", "{within, offset, cursor, limit}")
    within = one.get("within", [])
    if not _is_key(within) or len(within) not in (0, levels):
        raise query.bad("parts", "within 为各级分组的值", "within with a value for each level of the grouping")
    cursor = _text(one, "cursor")
    return (
        tuple(within),
        0 if cursor else _whole(one, "offset", 0, OFFSET_LIMIT),
        cursor,
        _whole(one, "limit", 60, PAGE_LIMIT),
    )


def _part(
    store: RecordStore,
    actor: Actor,
    asked: QuerySpec,
    by: Sequence[GroupSpec],
    within: Sequence[Any],
    offset: int,
    cursor: str,
    limit: int,
) -> Page:
    return store.list(
        actor,
        QuerySpec(
            entity=asked.entity,
            fields=asked.fields,
            filter=asked.filter,
            sort=asked.sort,
            search=asked.search,
            trashed=asked.trashed,
            marks=asked.marks,
            within=tuple(Within(group=group, value=value) for group, value in zip(by, within, strict=False)),
            offset=offset,
            cursor=cursor,
            limit=max(limit, 1),
        ),
    )


def _first_parts(
    found: Grouping, levels: int, rows: int, closed: set[tuple[Any, ...]]
) -> list[tuple[int, tuple[Any, ...], int]]:
    """Which rows are on screen first: of the groups from the top that are open, until there are enough."""
    if not levels:
        return [(0, (), rows)] if rows else []
    parts: list[tuple[int, tuple[Any, ...], int]] = []
    for place, group in enumerate(found.groups):
        if rows <= 0 or len(parts) == MAX_PARTS:
            break
        rows -= 1  # its heading
        if len(group.values) == levels and rows > 0 and not _is_closed(group, closed):
            parts.append((place, group.values, min(rows, group.count)))
            rows -= group.count
    return parts


def _is_closed(group: Group, closed: set[tuple[Any, ...]]) -> bool:
    key = tuple(value if isinstance(value, bool) else present.scalar_json(value) for value in group.values)
    return any(key[:level] in closed for level in range(1, len(key) + 1))


def _parts_json(store: RecordStore, pages: Sequence[Page], into: dict[str, Any]) -> list[dict[str, Any]]:
    """Return pages in JSON form; the names of ids go into one map for all of them."""
    shown = []
    for page in pages:
        body = present.page_json(page, store)
        for kind, names in body["labels"].items():
            into["labels"].setdefault(kind, {}).update(names)
        if "computing" in body:
            into["computing"] = sorted({*into.get("computing", ()), *body["computing"]})
        shown.append({"records": body["records"], "next_cursor": body["next_cursor"]})
    return shown


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name, "")
    if not isinstance(value, str):
        raise query.bad(name, "文本", "text")
    return value


def _whole(body: Mapping[str, Any], name: str, default: int, high: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= high:
        raise query.bad(name, f"0 到 {high} 的整数", f"a whole number from 0 to {high}")
    return value
