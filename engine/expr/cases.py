"""One expression with its inputs as JSON, as ``dougong expr`` and test suites exchange them: in and out.

In: ``{"id", "expr", "inputs": {name: {"type", "value"}}}``. A type is number, text, boolean, date, datetime, duration,
null or ``list<...>``; numbers are decimal texts, dates ISO, datetimes ISO in the application zone unless they carry an
offset, durations seconds. Out: ``{"id", "type", "value"}`` in the same forms, or ``{"id", "error"}``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from engine.expr.compile import check
from engine.expr.messages import ExprFinding
from engine.expr.moments import instant, microseconds
from engine.expr.numbers import CONTEXT, keep12, plain, within
from engine.expr.schema import Scope, Symbol
from engine.expr.tree import Tree, const
from engine.expr.types import ANY, BOOLEAN, DATE, DATETIME, DURATION, NUMBER, TEXT, ListType, Type
from engine.expr.values import Fault, Value, record_id

_ENTITY = "case"
_LIST = re.compile(r"list<(.+)>")
_TYPES: Mapping[str, Type] = {
    "number": NUMBER,
    "text": TEXT,
    "boolean": BOOLEAN,
    "date": DATE,
    "datetime": DATETIME,
    "duration": DURATION,
    "null": ANY,
    "any": ANY,
}
_MILLION = Decimal(1_000_000)


class BadCase(ValueError):
    """What was given is no case; the text says what is wrong with it. ``identifier`` is its id, when it has one."""

    def __init__(self, problem: str, identifier: Any = None):
        self.identifier = identifier
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class Case:
    """An expression and the values of its inputs. ``tree`` is None when it was refused; ``findings`` say why."""

    identifier: Any
    source: str
    inputs: Mapping[str, Value]
    types: Mapping[str, Type]
    tree: Tree | None
    findings: tuple[ExprFinding, ...]


class _Inputs:
    """The inputs of a case as the fields of one record. One that is always blank stands for NULL."""

    def __init__(self, types: Mapping[str, Type]):
        self._symbols = {
            name: Symbol(name, name, {"en": name}, type_, inline=const(None, ANY) if type_ == ANY else None)
            for name, type_ in types.items()
        }

    def entities(self) -> Mapping[str, str]:
        return {}

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        return self._symbols

    def by_id(self, field_id: str) -> Symbol:
        return self._symbols[field_id]


def read_case(line: str, zone: ZoneInfo) -> Case:
    """Return the case of a line of JSON, its expression checked. Raises :class:`BadCase`."""
    try:
        data = json.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise BadCase(f"not JSON: {error}") from error
    if not isinstance(data, dict):
        raise BadCase("an object is expected")
    identifier = data.get("id")
    try:
        return case_of(identifier, data.get("expr"), data.get("inputs") or {}, zone)
    except BadCase as error:
        raise BadCase(str(error), identifier) from error


def case_of(identifier: Any, source: Any, inputs: Any, zone: ZoneInfo) -> Case:
    """Return a case of its parts. Raises :class:`BadCase`."""
    if not isinstance(source, str):
        raise BadCase('"expr" must be a text')
    if not isinstance(inputs, dict) or not all(isinstance(one, dict) and "type" in one for one in inputs.values()):
        raise BadCase('"inputs" must be an object of {"type", "value"} by name')
    types = {name: _input_type(name, one) for name, one in inputs.items()}
    values = {name: _read(name, types[name], one.get("value"), zone) for name, one in inputs.items()}
    checked = check(source, Scope(_Inputs(types), _ENTITY))
    return Case(identifier, source, values, types, checked.tree, checked.findings)


def _input_type(name: str, given: Mapping[str, Any]) -> Type:
    """Return the type of an input; a list of anything has the type of its texts, if it holds any."""
    value = given.get("value")
    if given["type"] == "list<any>" and isinstance(value, list) and any(isinstance(item, str) for item in value):
        return ListType(TEXT)
    return _type(name, str(given["type"]))


def _type(name: str, text: str) -> Type:
    inner = _LIST.fullmatch(text)
    if inner:
        item = _type(name, inner[1])
        if not isinstance(item, ListType):
            return ListType(item)
    elif text in _TYPES:
        return _TYPES[text]
    raise BadCase(f"input {name}: no type {text!r}; there are {', '.join(_TYPES)} and list<...>")


def _read(name: str, type_: Type, raw: Any, zone: ZoneInfo) -> Value:
    if isinstance(type_, ListType):
        if raw is None:
            return []  # a list is never blank, only empty
        if not isinstance(raw, list):
            raise BadCase(f"input {name}: a list is expected")
        return [_read(name, type_.item, item, zone) for item in raw]
    if raw is None:
        return None
    try:
        return _value(type_, raw, zone)
    except (ValueError, TypeError, OverflowError, InvalidOperation, Fault) as error:
        raise BadCase(f"input {name}: {json.dumps(raw, default=str)} is no {type_}") from error


def _value(type_: Type, raw: Any, zone: ZoneInfo) -> Value:
    kind = type_.kind
    if kind == "boolean" and isinstance(raw, bool):
        return raw
    if kind in ("number", "duration") and isinstance(raw, str | int | Decimal) and not isinstance(raw, bool):
        number = CONTEXT.create_decimal(raw)
        if not number.is_finite() or not -40 <= number.adjusted() <= 40:
            raise ValueError(raw)
        if kind == "number":
            return within(keep12(number))
        return timedelta(microseconds=int(CONTEXT.multiply(number, _MILLION)))
    if isinstance(raw, str):
        if kind == "text":
            return raw or None
        if kind == "date":
            return date.fromisoformat(raw)
        if kind == "datetime":
            return read_moment(raw, zone)
    raise ValueError(raw)


def read_moment(text: str, zone: ZoneInfo) -> datetime:
    """Return the instant of an ISO text; without an offset it is a local time. Raises ``ValueError`` or ``Fault``."""
    moment = datetime.fromisoformat(text)
    return instant(moment, zone) if moment.tzinfo is None else moment.astimezone(UTC)


def written(value: Value, zone: ZoneInfo) -> Any:
    """Return a value as JSON."""
    if isinstance(value, list | tuple):
        return [written(item, zone) for item in value]
    if isinstance(value, Mapping):
        return record_id(value)
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return plain(CONTEXT.divide(Decimal(microseconds(value)), _MILLION))
    return value
