"""How long something takes, and at what time of the day it is: whole seconds, kept as microseconds.

Microseconds are what the expression language counts time in, so a column is added to dates and summed up as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from engine.expr.types import DURATION, Type
from engine.fields.base import (
    APP_ZONE,
    BLANK_OPERATORS,
    ColumnSpec,
    Conversion,
    FieldType,
    InvalidValue,
    Value,
    comparison,
)
from engine.fields.calendar_text import read_clock
from engine.fields.decimals import compare_in_python
from engine.fields.folding import fold
from metadata.model import Field

SPAN_OPERATORS = ("=", "<>", "<", "<=", ">", ">=", "between", "in", "not_in", *BLANK_OPERATORS)
LONGEST: Final = timedelta(days=400_000)
"""About a thousand years, to either side."""
_DAY: Final = timedelta(days=1)
_MICROSECOND: Final = timedelta(microseconds=1)
UNITS: Final[Mapping[str, int]] = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh-CN": {"d": "天", "h": "小时", "m": "分", "s": "秒"},
    "en": {"d": "d", "h": "h", "m": "m", "s": "s"},
}
_UNIT_NAMES: Final[Mapping[str, str]] = {
    name: unit
    for unit, names in {
        "d": "天 日 d day days",
        "h": "小时 时 钟头 h hr hrs hour hours",
        "m": "分钟 分 m min mins minute minutes",
        "s": "秒钟 秒 s sec secs second seconds",
    }.items()
    for name in names.split()
}
_PART = re.compile(
    rf"(\d+(?:\.\d+)?)\s*({'|'.join(sorted(_UNIT_NAMES, key=len, reverse=True))})(?![a-z])\s*[,零又]?\s*"
)
_CLOCK = re.compile(r"(\d{1,7}):([0-5]?\d)(?::([0-5]?\d))?")
_PLAIN = re.compile(r"\d+(?:\.\d+)?")
_CLOCK_JSON = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


class _Counted(FieldType):
    """What durations and times of the day share: one column of microseconds, compared like a number."""

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("int64"),)

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return (None if value is None else value // _MICROSECOND,)

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        return None if row[0] is None else timedelta(microseconds=int(row[0]))

    def expr_type(self, f: Field) -> Type:
        return DURATION

    def operators(self, f: Field) -> tuple[str, ...]:
        return SPAN_OPERATORS

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        return comparison(columns[0], operator, _counts(operand))

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        return compare_in_python(value, operator, operand)

    def sortable(self, f: Field) -> bool:
        return True

    def groupable(self, f: Field) -> bool:
        return True

    def unique_key(self, f: Field, value: Value) -> str | None:
        return None if value is None else str(value // _MICROSECOND)

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(value, timedelta):
            return Conversion(self.accept(f, value))
        return super().convert(f, value, source, source_type)


def _counts(operand: Any) -> Any:
    if isinstance(operand, tuple):
        return tuple(one // _MICROSECOND for one in operand)
    return None if operand is None else operand // _MICROSECOND


class DurationType(_Counted):
    """A length of time in whole seconds; over the API a number of seconds.

    Option ``units`` are those a person is asked for and shown, largest first; a number without a unit counts the
    smallest of them. What does not fit into them is shown all the same, never cut. A day has 24 hours.
    """

    name = "duration"
    label = {"zh-CN": "时长", "en": "Duration"}
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "units": {
                "type": "array",
                "minItems": 1,
                "maxItems": 4,
                "uniqueItems": True,
                "items": {"enum": list(UNITS)},
            },
        },
    }

    def units(self, f: Field) -> tuple[str, ...]:
        """Return the units of the field, largest first."""
        chosen = f.options.get("units") or ("h", "m")
        return tuple(unit for unit in UNITS if unit in chosen)

    def value_schema(self, f: Field) -> dict[str, Any]:
        most = LONGEST // timedelta(seconds=1)
        return {"type": ["integer", "null"], "minimum": -most, "maximum": most}

    def accept(self, f: Field, raw: Any) -> Value:
        if raw is None or raw == "":
            return None
        if isinstance(raw, timedelta):
            found = timedelta(seconds=round(raw / timedelta(seconds=1)))
        elif isinstance(raw, bool) or not isinstance(raw, int | str | float | Decimal):
            raise InvalidValue("F305", value=str(raw)[:64])
        else:
            text = str(raw)
            if not re.fullmatch(r"-?\d{1,12}(\.0+)?", text):
                raise InvalidValue("F305", value=text[:64])
            found = timedelta(seconds=int(text.partition(".")[0]))
        return _in_reach(found)

    def to_json(self, f: Field, value: Value) -> Any:
        return None if value is None else value // timedelta(seconds=1)

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        plain = fold(text).strip()
        if not plain:
            return None
        negative = plain[0] in "-−–"
        seconds = _read_span(plain[1:].strip() if negative else plain, self.units(f)[-1])
        if seconds is None or seconds != int(seconds):
            raise InvalidValue("F306", value=text.strip()[:64])
        if seconds > LONGEST // timedelta(seconds=1):
            raise InvalidValue("F307", value=text.strip()[:64])
        return timedelta(seconds=-int(seconds) if negative else int(seconds))

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return "" if value is None else written(value, self.units(f), locale)

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return ("count", "sum", "avg", "min", "max", "distinct")


class TimeType(_Counted):
    """A time of the day, kept as the time since midnight; with ``seconds`` to the second, else to the minute."""

    name = "time"
    label = {"zh-CN": "时间", "en": "Time"}
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"seconds": {"type": "boolean"}},
    }

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}

    def accept(self, f: Field, raw: Any) -> Value:
        if raw is None or raw == "":
            return None
        if isinstance(raw, timedelta):
            return self._within(f, raw)
        found = _CLOCK_JSON.fullmatch(raw) if isinstance(raw, str) else None
        if found is None:
            raise InvalidValue("F308", value=str(raw)[:64])
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return self._within(f, timedelta(hours=hours, minutes=minutes, seconds=seconds))

    def to_json(self, f: Field, value: Value) -> Any:
        return None if value is None else clock_text(value, seconds=bool(f.options.get("seconds")))

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        if not text.strip():
            return None
        found = read_clock(text)
        if found is None or found.microsecond:
            raise InvalidValue("F308", value=text.strip()[:64])
        return self._within(f, timedelta(hours=found.hour, minutes=found.minute, seconds=found.second))

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return self.to_json(f, value) or ""

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return ("count", "min", "max", "distinct")

    def _within(self, f: Field, value: timedelta) -> timedelta:
        if not timedelta() <= value < _DAY or value.microseconds:
            raise InvalidValue("F308", value=str(value)[:64])
        if value.seconds % 60 and not f.options.get("seconds"):
            raise InvalidValue("F309", value=clock_text(value, seconds=True))
        return value


def clock_text(value: timedelta, *, seconds: bool) -> str:
    """Return the time of the day, ``09:30`` or ``09:30:15``."""
    minutes, rest = divmod(value.seconds, 60)
    text = f"{minutes // 60:02d}:{minutes % 60:02d}"
    return f"{text}:{rest:02d}" if seconds or rest else text


def written(value: timedelta, units: Sequence[str], locale: str) -> str:
    """Return a duration in units, with smaller ones where something is left: ``1小时30分``, ``1h 30m``."""
    words = _WORDS["zh-CN" if locale.startswith("zh") else "en"]
    rest = abs(value // timedelta(seconds=1))
    smallest = list(UNITS).index(units[-1])
    parts = []
    for at, (unit, size) in enumerate(UNITS.items()):
        if unit in units or at > smallest:
            count, rest = divmod(rest, size)
            if count:
                parts.append(f"{count}{words[unit]}")
    text = ("" if locale.startswith("zh") else " ").join(parts) or f"0{words[units[-1]]}"
    return f"-{text}" if value < timedelta() else text


def _read_span(text: str, unit: str) -> Decimal | None:
    """Return seconds; None when the text is no duration. ``1:30`` is an hour and a half."""
    if len(text) > 80:
        return None
    if _PLAIN.fullmatch(text):
        return Decimal(text) * UNITS[unit]
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return Decimal(hours * 3_600 + minutes * 60 + seconds)
    at, total, last = 0, Decimal(0), 0
    while at < len(text):
        part = _PART.match(text, at)
        if part is None:
            return None
        size = UNITS[_UNIT_NAMES[part[2]]]
        if last and size >= last:
            return None
        total, last, at = total + Decimal(part[1]) * size, size, part.end()
    return total if last else None


def _in_reach(value: timedelta) -> timedelta:
    if abs(value) > LONGEST:
        raise InvalidValue("F307", value=str(value)[:64])
    return value
