"""Dates without a zone, and instants kept in UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, or_, true

from engine.expr.types import DATE, DATETIME, Type
from engine.fields.base import (
    APP_ZONE,
    BLANK_OPERATORS,
    ColumnSpec,
    Conversion,
    FieldType,
    InvalidValue,
    Value,
    comparison,
    present_and,
)
from engine.fields.calendar_text import read_instant, read_iso_date, read_moment, write_moment
from engine.fields.columns import instant_value
from engine.fields.decimals import compare_in_python
from engine.fields.operands import (
    FIRST_INSTANT,
    LAST_INSTANT,
    Asking,
    Day,
    Span,
    instants,
    midnight,
)
from engine.fields.relative import Relative, relative
from metadata.model import Field

DATE_OPERATORS = ("=", "<>", "<", "<=", ">", ">=", "between", "within", "in", "not_in", *BLANK_OPERATORS)


class _Timed(FieldType):
    """What dates and instants share: comparison with points and with spans of the calendar."""

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        if operator == "within" or isinstance(raw, Mapping | Relative):
            try:
                return relative(raw)
            except ValueError as error:
                raise InvalidValue("F806") from error
        return super().accept_one_operand(f, operator, raw)

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        column = columns[0]
        if operator == "between":
            low, high = operand
            upper = column < high.end if isinstance(high, Span) else column <= high
            return present_and(column, and_(column >= (low.start if isinstance(low, Span) else low), upper))
        if operator in ("in", "not_in") and any(isinstance(one, Span) for one in operand):
            any_of = [self.condition(f, columns, "=", one, dialect) for one in operand]
            return or_(false(), *any_of) if operator == "in" else and_(true(), *(~one for one in any_of))
        if isinstance(operand, Span):
            return _span_condition(column, operator, operand)
        return comparison(column, operator, operand)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        if operator in ("in", "not_in"):
            return any(self.matches(f, value, "=", one) for one in operand) == (operator == "in")
        if operator == "between":
            return self.matches(f, value, ">=", operand[0]) and self.matches(f, value, "<=", operand[1])
        if not isinstance(operand, Span):
            return compare_in_python(value, operator, operand)
        if operator == "<>":
            return value is None or not operand.start <= value < operand.end
        if value is None:
            return False
        match operator:
            case "=" | "within":
                return bool(operand.start <= value < operand.end)
            case "<":
                return bool(value < operand.start)
            case "<=":
                return bool(value < operand.end)
            case ">":
                return bool(value >= operand.end)
        return bool(value >= operand.start)

    def operators(self, f: Field) -> tuple[str, ...]:
        return DATE_OPERATORS

    def sortable(self, f: Field) -> bool:
        return True

    def groupable(self, f: Field) -> bool:
        return True

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return ("count", "min", "max", "distinct")


def _span_condition(column: ColumnElement[Any], operator: str, span: Span) -> ColumnElement[bool]:
    match operator:
        case "=" | "within":
            return present_and(column, and_(column >= span.start, column < span.end))
        case "<>":
            return or_(column.is_(None), column < span.start, column >= span.end)
        case "<":
            return present_and(column, column < span.start)
        case "<=":
            return present_and(column, column < span.end)
        case ">":
            return present_and(column, column >= span.end)
    return present_and(column, column >= span.start)


class DateType(_Timed):
    """A day of the calendar, from year 1 to 9999."""

    name = "date"
    label = {"zh-CN": "日期", "en": "Date"}

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date"}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("date"),)

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        return date.fromisoformat(row[0]) if isinstance(row[0], str) else row[0]

    def accept(self, f: Field, raw: Any) -> Value:
        if raw is None or raw == "":
            return None
        if isinstance(raw, date) and not isinstance(raw, datetime):
            return raw
        found = read_iso_date(raw) if isinstance(raw, str) else None
        if found is None:
            raise InvalidValue("F301", value=str(raw)[:64])
        return found

    def to_json(self, f: Field, value: Value) -> Any:
        return None if value is None else value.isoformat()

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        if not text.strip():
            return None
        moment = read_moment(text, locale)
        if moment is None:
            raise InvalidValue("F301", value=text.strip()[:64])
        if moment.time not in (None, time()) or moment.offset is not None:
            raise InvalidValue("F303", value=text.strip()[:64])
        return moment.date

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return "" if value is None else value.isoformat()

    def expr_type(self, f: Field) -> Type:
        return DATE

    def resolve_operand(self, f: Field, operator: str, operand: Any, asking: Asking) -> Any:
        if isinstance(operand, Relative):
            return Span(*operand.days(asking.today))
        return super().resolve_operand(f, operator, operand, asking)

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(value, datetime):
            local = value.astimezone(APP_ZONE)
            return Conversion(local.date(), lossy=local.time() != time())
        return super().convert(f, value, source, source_type)


class DatetimeType(_Timed):
    """An instant, kept in UTC to the microsecond; text is read and written in a zone."""

    name = "datetime"
    label = {"zh-CN": "日期时间", "en": "Date and time"}

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date-time"}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("instant"),)

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        return instant_value(row[0])

    def accept(self, f: Field, raw: Any) -> Value:
        if raw is None or raw == "":
            return None
        if isinstance(raw, datetime):
            if raw.tzinfo is None:
                raise InvalidValue("F302", value=raw.isoformat())
            return in_range(raw)
        found = read_instant(raw) if isinstance(raw, str) else None
        if found is None:
            raise InvalidValue("F302", value=str(raw)[:64])
        return in_range(found)

    def to_json(self, f: Field, value: Value) -> Any:
        return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        if not text.strip():
            return None
        moment = read_moment(text, locale)
        if moment is None:
            raise InvalidValue("F302", value=text.strip()[:64])
        local = datetime.combine(moment.date, moment.time or time(), moment.offset or zone)
        return in_range(local)

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return "" if value is None else write_moment(value, zone)

    def expr_type(self, f: Field) -> Type:
        return DATETIME

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        if isinstance(raw, str) and (day := read_iso_date(raw)) is not None:
            return Day(day)
        return super().accept_one_operand(f, operator, raw)

    def resolve_operand(self, f: Field, operator: str, operand: Any, asking: Asking) -> Any:
        if isinstance(operand, Relative):
            return instants(*operand.days(asking.today), asking.zone)
        if isinstance(operand, Day):
            return operand.resolve(asking)
        return super().resolve_operand(f, operator, operand, asking)

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(value, date) and not isinstance(value, datetime):
            if not FIRST_INSTANT.date() < value < LAST_INSTANT.date() - timedelta(days=1):
                raise InvalidValue("F304", value=value.isoformat())
            return Conversion(midnight(value, APP_ZONE))
        return super().convert(f, value, source, source_type)


def in_range(moment: datetime) -> datetime:
    """Return the instant in UTC. Raises :class:`InvalidValue` near the ends of the calendar."""
    try:
        instant = moment.astimezone(UTC)
    except OverflowError as error:
        raise InvalidValue("F304", value=moment.isoformat()) from error
    if not FIRST_INSTANT <= instant <= LAST_INSTANT:
        raise InvalidValue("F304", value=moment.isoformat())
    return instant
