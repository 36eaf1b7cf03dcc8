"""JSON in and out. Out: orjson. In: the strictness of orjson, plus what it lets through.

orjson accepts duplicate keys and turns integers beyond 64 bits into floats; both are refused here. Numbers with a
fraction arrive as ``Decimal``, so that no amount is ever rounded on its way in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from flask import Response, request
from flask.json.provider import JSONProvider

from metadata.findings import Finding, Refused
from runtime.refusals import WrongMediaType

MAX_DEPTH = 64
MAX_INTEGER = 1 << 63
JSON_TYPE = "application/json"
_OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_DATACLASS


def dump(value: Any) -> bytes:
    """Write JSON; decimals become plain strings."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"not a JSON value: {type(value).__name__}")


def answer(value: Any, status: int = 200, **headers: str) -> Response:
    """Return a JSON answer."""
    response = Response(dump(value), status, content_type=JSON_TYPE)
    for name, text in headers.items():
        response.headers[name.replace("_", "-")] = text
    return response


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise Refused([Finding("H105", f"/{key}", {"key": key})])
            seen.add(key)
    return found


def _integer(text: str) -> int:
    value = int(text) if len(text) <= 20 else MAX_INTEGER
    if not -MAX_INTEGER < value < MAX_INTEGER:
        raise Refused([Finding("H106", "", {"value": text[:40]})])
    return value


def parse(raw: bytes) -> Any:
    """Read JSON from outside. Raises :class:`Refused` for anything that is not plain, unambiguous JSON."""
    try:
        value = orjson.loads(raw)  # refuses bad UTF-8, lone surrogates, NaN, control characters, depth over 1024
    except orjson.JSONDecodeError as error:
        raise Refused([Finding("H103", "", {"line": error.lineno, "column": error.colno})]) from error
    _check_depth(value)
    return json.loads(raw, object_pairs_hook=_object, parse_int=_integer, parse_float=Decimal)


def _check_depth(value: Any) -> None:
    """Refuse deep nesting, level by level, so that no later code has to fear for the stack."""
    level, depth = [value], 0
    while level := [item for item in level if item.__class__ in (dict, list)]:
        depth += 1
        if depth > MAX_DEPTH:
            raise Refused([Finding("H104", "", {"limit": MAX_DEPTH})])
        level = [item for parent in level for item in (parent.values() if isinstance(parent, dict) else parent)]


def body(*, allowed: tuple[str, ...] = (), required: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the JSON object of the request. Unknown keys are refused, not ignored.

    Raises :class:`WrongMediaType` for any other content type, :class:`Refused` with every finding.
    """
    if request.mimetype != JSON_TYPE:
        raise WrongMediaType()
    value = parse(request.get_data(cache=False))
    if not isinstance(value, dict):
        raise Refused([Finding("H107")])
    findings = [Finding("H108", f"/{key}", {"key": key}) for key in value if allowed and key not in allowed]
    findings += [Finding("H109", f"/{key}", {"key": key}) for key in required if key not in value]
    if findings:
        raise Refused(findings)
    return value


class OrjsonProvider(JSONProvider):
    """Makes every other use of JSON inside Flask the same one."""

    def dumps(self, obj: Any, **_kwargs: Any) -> str:
        return dump(obj).decode()

    def loads(self, s: str | bytes, **_kwargs: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        return answer(self._prepare_response_obj(args, kwargs))
