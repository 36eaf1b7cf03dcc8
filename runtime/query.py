"""Reads the query string of a request. Unknown names and unreadable values are refused, never ignored."""

from __future__ import annotations

from typing import Any

from flask import request

from engine.records.spec import PAGE_LIMIT, CountMode, QuerySpec, SortSpec
from metadata.findings import Finding, Refused
from runtime import jsonio

RECORD_NAMES = ("fields", "filter", "sort", "search", "limit", "cursor", "offset", "count", "trashed", "marks")
_COUNTS: dict[str, CountMode] = {"none": "none", "capped": "capped", "exact": "exact"}
MAX_SEARCH = 200


def arguments(*known: str) -> dict[str, str]:
    """Return the query arguments. Raises :class:`Refused` for a name not in ``known`` or one given twice."""
    if not request.query_string:
        return {}
    findings = [
        Finding("H111", f"/{name}", {"key": name})
        for name, values in request.args.lists()
        if name not in known or len(values) > 1
    ]
    if findings:
        raise Refused(findings)
    return request.args.to_dict()


def bad(name: str, zh: str, en: str) -> Refused:
    """A refusal of one argument or key, saying what was expected."""
    return Refused([Finding("H110", f"/{name}", {"key": name, "expected": {"zh-CN": zh, "en": en}})])


def whole(given: dict[str, str], name: str, default: int, low: int, high: int) -> int:
    """A whole number between two bounds."""
    text = given.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdecimal()) or not low <= int(text[:10]) <= high:
        raise bad(name, f"{low} 到 {high} 的整数", f"a whole number from {low} to {high}")
    return int(text)


def switch(given: dict[str, str], name: str) -> bool:
    text = given.get(name, "0")
    if text not in ("0", "1"):
        raise bad(name, "0 或 1", "0 or 1")
    return text == "1"


def value(given: dict[str, str], name: str) -> Any:
    """A JSON value; None when the argument is not there."""
    text = given.get(name, "")
    return jsonio.parse(text.encode()) if text else None


def names(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(",") if part)


def ids(body: dict[str, Any], limit: int, name: str = "ids") -> list[str]:
    """A list of at most ``limit`` ids in a body."""
    given = body.get(name)
    if not isinstance(given, list) or len(given) > limit or not all(isinstance(one, str) for one in given):
        raise bad(name, f"最多 {limit} 个编号的列表", f"a list of at most {limit} ids")
    return list(dict.fromkeys(given))


def text_of(body: dict[str, Any], name: str, limit: int) -> str:
    """A text of at most ``limit`` characters in a body; blank when it is not there."""
    given = body.get(name) or ""
    if not isinstance(given, str) or len(given) > limit:
        raise bad(name, f"最多 {limit} 个字符的文本", f"text of at most {limit} characters")
    return given


def sorting(text: str) -> tuple[SortSpec, ...]:
    """``-amount,name``: descending by amount, then by name."""
    return tuple(SortSpec(path=part.lstrip("-"), descending=part.startswith("-")) for part in names(text))


def search_text(text: str) -> str:
    if len(text) > MAX_SEARCH:
        raise bad("search", f"最多 {MAX_SEARCH} 个字符", f"at most {MAX_SEARCH} characters")
    return text


def query_spec(entity: str, given: dict[str, str]) -> QuerySpec:
    """The page of records a query string asks for."""
    count = _COUNTS.get(given.get("count") or "none")
    if count is None:
        raise bad("count", "none、capped 或 exact", "none, capped or exact")
    if given.get("cursor") and given.get("offset"):
        raise bad("offset", "与 cursor 二选一", "either offset or cursor")
    return QuerySpec(
        entity=entity,
        fields=names(given.get("fields", "")),
        filter=value(given, "filter"),
        sort=sorting(given.get("sort", "")),
        search=search_text(given.get("search", "")),
        limit=whole(given, "limit", 50, 1, PAGE_LIMIT),
        cursor=given.get("cursor", ""),
        offset=whole(given, "offset", 0, 0, 10_000_000),
        count=count,
        trashed=switch(given, "trashed"),
        marks=_marks(given),
    )


def _marks(given: dict[str, str]) -> tuple[Any, ...]:
    """Conditions each record is told to hold or not."""
    asked = value(given, "marks") or []
    if not isinstance(asked, list):
        raise bad("marks", "筛选条件的列表", "a list of filters")
    return tuple(asked)
