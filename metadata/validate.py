"""The gate for definitions that come from outside: bytes to findings a person can act on, never an exception.

Order: size and encoding, JSON, depth and numbers, format (older files are upgraded), JSON Schema, structure. Each
stage runs only when the one before found nothing, so that a finding is never the echo of another.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Any

import jsonschema_rs
import orjson

from metadata import messages, upgrade
from metadata.check import Checker, check
from metadata.codec import Malformed, from_json
from metadata.findings import Finding, Refused
from metadata.model import FORMAT, App, Json, Text
from metadata.places import pointer, where
from metadata.schema_findings import finding

MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 64
MAX_VALUES = 500_000
MAX_INTEGER = 2**53 - 1
MAX_FINDINGS = 100
"""A broken file rarely needs more than its first hundred findings."""

_SCHEMAS = ("common", "app", "dashboard", "entity", "field", "flow", "form", "menu", "print", "role", "view")
_LONGEST_NUMBER = 24

KINDS = _SCHEMAS[1:]
"""Kinds of definition that have a published schema, ``urn:dougong:schema:<kind>:2``."""


def schema(kind: str) -> dict[str, Any]:
    """Return the published JSON Schema of a kind (or ``common``). Raises ``KeyError`` for another name."""
    if kind not in _SCHEMAS:
        raise KeyError(kind)
    text = resources.files("metadata").joinpath("schemas", f"{kind}.json").read_bytes()
    return dict(orjson.loads(text))


def read(raw: bytes) -> Json:
    """Parse a file. Raises :class:`Refused` for what is no strict JSON: encoding, syntax, duplicate keys, size."""
    if len(raw) > MAX_BYTES:
        raise Refused([Finding("M002", params={"size": len(raw), "limit": MAX_BYTES})])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = {"zh-CN": "不是 UTF-8 编码", "en": "not UTF-8 text"}
        raise Refused([_syntax(raw[: error.start].decode("utf-8", "replace"), reason)]) from error
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Refused([_syntax(text[: error.pos], messages.json_reason(error.msg))]) from error
    found = _shape(value)
    if found:
        raise Refused(found)
    return _strict(text)


def validate(data: Json) -> list[Finding]:
    """Return what is wrong with the shape of an application, by JSON Schema; empty when it is well formed.

    Takes any object at all; an older format is judged after its upgrade.
    """
    return _prepare(data)[1]


def load(data: Json | bytes, extra_checkers: Iterable[Checker] = ()) -> App:
    """Return the application of a file or a parsed value: upgraded, validated and checked.

    Raises :class:`Refused` with every error found; warnings do not refuse.
    """
    value, found = _prepare(read(data) if isinstance(data, bytes) else data)
    if found:
        raise Refused(found)
    value.pop("$schema", None)
    try:
        app = from_json(App, value)
    except Malformed as error:
        params = {"where": where(value, error.place), "reason": error.reason}
        raise Refused([Finding("M015", error.place, params)]) from error
    errors = [f for f in check(app, extra_checkers) if f.severity == "error"]
    if errors:
        raise Refused(errors[:MAX_FINDINGS])
    return app


def _prepare(data: Json) -> tuple[dict[str, Any], list[Finding]]:
    found = _shape(data)
    if found:
        return {}, found
    if not isinstance(data, dict):
        return {}, list(_schema_findings(data))
    given = data.get("format")
    if type(given) is not int or not 0 <= given <= FORMAT:
        shown = "?" if given is None else str(given)[:20]
        return {}, [Finding("M016", "/format", {"found": shown, "known": FORMAT})]
    value, found = upgrade.upgrade(data)
    return value, found or list(_schema_findings(value))


def _shape(data: Json) -> list[Finding]:
    """Refuse what could hurt later stages: depth, volume, values that are no JSON. Not recursive."""
    found: list[Finding] = []
    count = 0
    pending: list[tuple[Any, tuple[str | int, ...]]] = [(data, ())]
    while pending and len(found) < MAX_FINDINGS:
        value, path = pending.pop()
        count += 1
        if count > MAX_VALUES:
            return [Finding("M018", params={"limit": MAX_VALUES})]
        if isinstance(value, (dict, list)):
            if len(path) >= MAX_DEPTH:
                return [Finding("M003", pointer(path), {"limit": MAX_DEPTH})]
            if isinstance(value, list):
                pending.extend((item, (*path, position)) for position, item in enumerate(value))
                continue
            for key, item in value.items():
                found += _scalar(key, path) if isinstance(key, str) else [_no_json(key, path)]
                pending.append((item, (*path, str(key))))
        else:
            found += _scalar(value, path)
    return found


def _scalar(value: Any, path: tuple[str | int, ...]) -> list[Finding]:
    if value is None or value is True or value is False:
        return []
    if type(value) is str:
        try:
            value.encode()
        except UnicodeEncodeError:
            return [_no_json(value, path)]
        return [_no_json("U+0000", path)] if "\0" in value else []
    if type(value) is int:
        too_large = not -MAX_INTEGER <= value <= MAX_INTEGER
    elif type(value) is float:
        too_large = not math.isfinite(value)
    else:
        return [_no_json(value, path)]
    shown = f"{value:.6g}" if type(value) is float else f"2^{value.bit_length() - 1}" if too_large else ""
    return [Finding("M005", pointer(path), {"value": shown})] if too_large else []


def _no_json(value: Any, path: tuple[str | int, ...]) -> Finding:
    shown = value.encode("ascii", "backslashreplace").decode() if isinstance(value, str) else type(value).__name__
    return Finding("M017", pointer(path), {"reason": shown[:60]})


def _strict(text: str) -> Json:
    """Parse again with the standard parser, which reports each pair: orjson takes duplicate keys and long numbers."""
    twice: list[tuple[dict[str, Any], str]] = []
    long: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) != len(items):
            seen: set[str] = set()
            twice.extend((made, key) for key, _ in items if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        return made

    def whole(digits: str) -> int:
        if len(digits) > _LONGEST_NUMBER or abs(int(digits)) > MAX_INTEGER:
            long.append(digits)
            return 0
        return int(digits)

    def decimal(digits: str) -> float:
        if len(digits) > _LONGEST_NUMBER:
            long.append(digits)
        return float(digits)

    value = json.loads(text, object_pairs_hook=pairs, parse_int=whole, parse_float=decimal)
    found = [Finding("M004", _place(value, owner, key), {"key": key[:60]}) for owner, key in twice[:MAX_FINDINGS]]
    found += [Finding("M005", params={"value": digits[:_LONGEST_NUMBER] + "…"}) for digits in long[:MAX_FINDINGS]]
    if found:
        raise Refused(found)
    return value


def _place(data: Json, owner: dict[str, Any], key: str) -> str:
    pending: list[tuple[Any, tuple[str | int, ...]]] = [(data, ())]
    while pending:
        value, path = pending.pop()
        if value is owner:
            return pointer((*path, key))
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        pending.extend((item, (*path, step)) for step, item in items)
    return ""  # inside an object that was itself overwritten by a duplicate


def _syntax(before: str, reason: Text) -> Finding:
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Finding("M001", params={"line": line, "column": column, "reason": reason})


def _schema_findings(data: Json) -> Iterable[Finding]:
    for position, error in enumerate(_validator().iter_errors(data)):
        if position >= MAX_FINDINGS:
            return
        yield from finding(data, error)


@cache
def registry() -> jsonschema_rs.Registry:
    """Return the published schemas for offline use by any validator."""
    return jsonschema_rs.Registry([(f"urn:dougong:schema:{kind}:2", schema(kind)) for kind in _SCHEMAS])


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(schema("app"), registry=registry(), offline=True)
