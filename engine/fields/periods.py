"""From one day to another, or from one instant to another: two columns, both ends belong to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_

from engine.expr.types import DATE, DATETIME, ListType, Type
from engine.fields.base import (
    APP_ZONE,
    BLANK_OPERATORS,
    ColumnSpec,
    Conversion,
    FieldType,
    InvalidValue,
    Value,
    present_and,
)
from engine.fields.calendar_text import read_iso_date
from engine.fields.dates import DatetimeType, DateType
from engine.fields.operands import Asking, Day, instants
from engine.fields.relative import Relative, relative
from metadata.model import Field

PERIOD_OPERATORS = ("=", "<>", "overlaps", "inside", "covers", *BLANK_OPERATORS)
_DASH: Final = re.compile(r"\s*(?:~|～|〜|至|到|→|/(?=\d{4}-))\s*|\s+(?:-|–|—|to|until)\s+", re.IGNORECASE)
_DAYS, _INSTANTS = DateType(), DatetimeType()
_DAY, _TICK = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Ends:
    """What a period is compared with; both ends belong to it."""

    first: Any
    last: Any


class DateRangeType(FieldType):
    """A period. With ``"time": true`` its ends are instants. Both ends are there or neither; the end is not first.

    The value is a pair, the empty tuple when blank. In expressions it is a list of its two ends.
    """

    name = "date_range"
    label = {"zh-CN": "日期区间", "en": "Date range"}
    pushable = False
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"time": {"type": "boolean"}},
    }

    def ends(self, f: Field) -> DateType | DatetimeType:
        """Return the type of either end."""
        return _INSTANTS if f.options.get("time") else _DAYS

    def value_schema(self, f: Field) -> dict[str, Any]:
        item = {"type": "string", "format": "date-time" if f.options.get("time") else "date"}
        return {"type": ["array", "null"], "items": item, "maxItems": 2}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        kind = self.ends(f).columns(f)[0].kind
        return (ColumnSpec(kind, "from"), ColumnSpec(kind, "to"))

    def storage_tag(self, f: Field) -> str:
        return "trange" if f.options.get("time") else "drange"

    def blank(self, f: Field) -> Value:
        return ()

    def accept(self, f: Field, raw: Any) -> Value:
        if raw is None or raw == "":
            return ()
        if not isinstance(raw, list | tuple):
            raise InvalidValue("F310")
        made = tuple(self.ends(f).accept(f, one) for one in raw)
        if not made or made == (None, None):
            return ()
        return self._in_order(f, made)

    def _in_order(self, f: Field, made: tuple[Any, ...]) -> Value:
        if len(made) != 2 or None in made:
            raise InvalidValue("F310")
        if made[1] < made[0]:
            first, last = (self.ends(f).format(f, one, "en") for one in made)
            raise InvalidValue("F311", first=first, last=last)
        return made

    def to_json(self, f: Field, value: Value) -> Any:
        return [self.ends(f).to_json(f, one) for one in value or ()]

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return tuple(value) if value else (None, None)

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        if row[0] is None or row[1] is None:
            return ()
        return tuple(self.ends(f).from_db(f, (one,)) for one in row[:2])

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        plain = text.strip()
        if not plain:
            return ()
        parts = [part for part in _DASH.split(plain) if part]
        if len(parts) not in (1, 2):
            raise InvalidValue("F312", value=plain[:64])
        made = tuple(self.ends(f).parse(f, part, locale, zone) for part in parts)
        return self._in_order(f, made if len(made) == 2 else made * 2)

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        """Write both ends; a single day is written once."""
        if not value:
            return ""
        shown = [self.ends(f).format(f, one, locale, zone) for one in value]
        return shown[0] if value[0] == value[1] else " ~ ".join(shown)

    def expr_type(self, f: Field) -> Type:
        return ListType(DATETIME if f.options.get("time") else DATE)

    def operators(self, f: Field) -> tuple[str, ...]:
        return PERIOD_OPERATORS

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        """A period, a day, or a span of the calendar."""
        if isinstance(raw, Mapping | Relative):
            try:
                return relative(raw)
            except ValueError as error:
                raise InvalidValue("F806") from error
        if isinstance(raw, str) and (day := read_iso_date(raw)) is not None:
            return Day(day)
        found = self.accept(f, [raw, raw] if isinstance(raw, str | date) and raw else raw)
        if not found:
            raise InvalidValue("F805", operator=operator)
        return Ends(*found)

    def resolve_operand(self, f: Field, operator: str, operand: Any, asking: Asking) -> Any:
        timed = bool(f.options.get("time"))
        if isinstance(operand, Relative):
            start, after = operand.days(asking.today)
            if timed:
                span = instants(start, after, asking.zone)
                return Ends(span.start, max(span.start, span.end - _TICK))
            return Ends(start, after if after == start else after - _DAY)
        if isinstance(operand, Day):
            if not timed:
                return Ends(operand.date, operand.date)
            whole = operand.resolve(asking)
            return Ends(whole.start, max(whole.start, whole.end - _TICK))
        return operand

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        first, last = columns[0], columns[1]
        match operator:
            case "blank":
                return first.is_(None)
            case "not_blank":
                return first.is_not(None)
            case "=":
                return present_and(first, and_(first == operand.first, last == operand.last, last.is_not(None)))
            case "<>":
                return or_(first.is_(None), last.is_(None), first != operand.first, last != operand.last)
            case "overlaps":
                found = and_(first <= operand.last, last >= operand.first)
            case "inside":
                found = and_(first >= operand.first, last <= operand.last)
            case _:
                found = and_(first <= operand.first, last >= operand.last)
        return and_(found, first.is_not(None), last.is_not(None))

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        if operator in BLANK_OPERATORS:
            return bool(value) == (operator == "not_blank")
        if not value:
            return operator == "<>"
        first, last = value
        match operator:
            case "=":
                return bool((first, last) == (operand.first, operand.last))
            case "<>":
                return bool((first, last) != (operand.first, operand.last))
            case "overlaps":
                return bool(first <= operand.last and last >= operand.first)
            case "inside":
                return bool(first >= operand.first and last <= operand.last)
        return bool(first <= operand.first and last >= operand.last)

    def sortable(self, f: Field) -> bool:
        return True

    def unique_key(self, f: Field, value: Value) -> str | None:
        return "/".join(self.to_json(f, value)) if value else None

    def needs_key_column(self, f: Field, normalise: str) -> bool:
        return True

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(source_type, DateRangeType) and value:
            ends = [self.ends(f).convert(f, one, source, source_type.ends(source)) for one in value]
            return Conversion(tuple(one.value for one in ends), lossy=any(one.lossy for one in ends))
        if isinstance(value, date | datetime):
            made = self.ends(f).convert(f, value, source, source_type)
            return Conversion((made.value, made.value), lossy=made.lossy)
        return super().convert(f, value, source, source_type)
