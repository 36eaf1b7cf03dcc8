"""Numbers: exact decimals, stored as 64-bit integers scaled by a power of ten.

A value has at most ``scale`` decimals and 18 digits in all, so sums stay exact on both databases and no value is ever
rounded behind a person's back: what does not fit is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, or_, true

from engine.expr.types import Type, number
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
from engine.fields.decimals import (
    DIGITS,
    LIMIT,
    PLAIN_NUMBER,
    QUANTA,
    ceiling,
    compare_in_python,
    finite,
    floor,
    read_decimal,
    scaled,
    shown,
    typed_decimal,
    whole_scaled,
)
from engine.fields.folding import fold
from metadata.findings import Finding
from metadata.model import Field

MAX_SCALE = 12
NUMBER_OPERATORS = ("=", "<>", "<", "<=", ">", ">=", "between", "in", "not_in", *BLANK_OPERATORS)

_SHOWN = {
    "CNY": "¥",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "HKD": "HK$",
    "TWD": "NT$",
    "KRW": "₩",
    "INR": "₹",
    "RUB": "₽",
}
_BOUNDS: dict[str, Any] = {"type": ["string", "number"], "pattern": r"^-?\d+(\.\d+)?$"}


class NumberType(FieldType):
    """A decimal number. Option ``scale`` is the number of decimals (default 0)."""

    name = "number"
    label = {"zh-CN": "数字", "en": "Number"}
    default_scale: ClassVar[int] = 0
    extra_scale: ClassVar[int] = 0
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "scale": {"type": "integer", "minimum": 0, "maximum": MAX_SCALE},
            "min": _BOUNDS,
            "max": _BOUNDS,
            "unit": {"type": "string", "maxLength": 20},
            "grouping": {"type": "boolean"},
        },
    }

    def scale(self, f: Field) -> int:
        """Return how many decimals are stored."""
        return int(f.options.get("scale", self.default_scale)) + self.extra_scale

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["string", "number", "null"], "pattern": r"^-?\d{1,18}(\.\d+)?$"}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("int64"),)

    def storage_tag(self, f: Field) -> str:
        return f"n{self.scale(f)}"

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return (None if value is None else scaled(value, self.scale(f)),)

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        return None if row[0] is None else Decimal(int(row[0])).scaleb(-self.scale(f))

    def accept(self, f: Field, raw: Any) -> Value:
        value = typed_decimal(raw)
        return None if value is None else self.within(f, value)

    def within(self, f: Field, value: Decimal) -> Decimal:
        """Return the value at the field's scale. Raises :class:`InvalidValue` when it does not fit."""
        fitted = self.exact(f, value)
        for bound, code in (("min", "F204"), ("max", "F205")):
            limit = f.options.get(bound)
            if limit is not None and (fitted < Decimal(str(limit)) if bound == "min" else fitted > Decimal(str(limit))):
                raise InvalidValue(code, value=self.format(f, fitted, "en"), **{bound: limit})
        return fitted

    def exact(self, f: Field, value: Decimal) -> Decimal:
        """Return the value at the field's scale without rounding, whatever its minimum and maximum."""
        scale = self.scale(f)
        whole = scaled(value, scale)
        return value if whole and value.same_quantum(QUANTA[scale]) else Decimal(whole).scaleb(-scale)

    def rounded(self, f: Field, value: Decimal) -> Decimal:
        """Return the value rounded half away from zero to the field's scale (computed values, imports that ask for it).

        Raises :class:`InvalidValue` when it has too many digits.
        """
        if value.adjusted() > DIGITS:
            raise InvalidValue("F203", value=shown(value), digits=DIGITS - self.scale(f))
        return self.exact(f, value.quantize(Decimal(1).scaleb(-self.scale(f)), rounding=ROUND_HALF_UP))

    def to_json(self, f: Field, value: Value) -> Any:
        return None if value is None else f"{value:f}"

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        value = read_decimal(text, unit=str(f.options.get("unit", "")))
        return None if value is None else self.within(f, value)

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        if value is None:
            return ""
        return f"{value:,f}" if f.options.get("grouping", False) else f"{value:f}"

    def expr_type(self, f: Field) -> Type:
        return number(self.scale(f))

    def check_options(self, f: Field) -> Sequence[Finding]:
        low, high = f.options.get("min"), f.options.get("max")
        scale = self.scale(f)
        for bound in (low, high):
            if bound is not None and not finite(bound):
                return (Finding("F907", "/options", {"value": str(bound)}),)
        if low is not None and high is not None and Decimal(str(low)) > Decimal(str(high)):
            return (Finding("F901", "/options/min", {"min": low, "max": high}),)
        if any(
            bound is not None and abs(Decimal(str(bound))) >= Decimal(LIMIT).scaleb(-scale) for bound in (low, high)
        ):
            params = {"min": low, "max": high, "scale": scale, "digits": DIGITS - scale}
            return (Finding("F906", "/options", params),)
        return ()

    def operators(self, f: Field) -> tuple[str, ...]:
        return NUMBER_OPERATORS

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        value = typed_decimal(raw)
        if value is None:
            raise InvalidValue("F805", operator=operator)
        return value

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        column, scale = columns[0], self.scale(f)
        if operator == "blank":
            return column.is_(None)
        if operator == "not_blank":
            return column.is_not(None)
        if operator in ("in", "not_in"):
            wanted = sorted({whole for one in operand if (whole := whole_scaled(one, scale)) is not None})
            if operator == "in":
                return present_and(column, column.in_(wanted)) if wanted else false()
            return or_(column.is_(None), column.not_in(wanted)) if wanted else true()
        if operator == "between":
            low, high = operand
            return present_and(column, and_(column >= ceiling(low, scale), column <= floor(high, scale)))
        if operator in ("=", "<>"):
            whole = whole_scaled(operand, scale)
            if operator == "=":
                return false() if whole is None else present_and(column, column == whole)
            return true() if whole is None else column.is_distinct_from(whole)
        compared = {
            "<": lambda: column < ceiling(operand, scale),
            "<=": lambda: column <= floor(operand, scale),
            ">": lambda: column > floor(operand, scale),
            ">=": lambda: column >= ceiling(operand, scale),
        }[operator]()
        return present_and(column, compared)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        return compare_in_python(value, operator, operand)

    def sortable(self, f: Field) -> bool:
        return True

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return ("count", "sum", "avg", "min", "max", "distinct")

    def groupable(self, f: Field) -> bool:
        return True

    def unique_key(self, f: Field, value: Value) -> str | None:
        return None if value is None else f"{value.normalize():f}"

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(value, Decimal):
            return Conversion(self.within(f, value))
        return super().convert(f, value, source, source_type)

    def gives_back(self, f: Field, made: Value, value: Value, source: Field, source_type: FieldType) -> bool:
        """A plain number in a text means the same with more or fewer zeros at its end."""
        plain = source_type.name in ("text", "textarea") and isinstance(value, str) and PLAIN_NUMBER.fullmatch(value)
        if plain and PLAIN_NUMBER.fullmatch(self.format(f, made, "en")):
            return bool(Decimal(value) == made)
        return super().gives_back(f, made, value, source, source_type)


class CurrencyType(NumberType):
    """An amount of money in one currency, fixed by the field."""

    name = "currency"
    label = {"zh-CN": "金额", "en": "Currency"}
    default_scale = 2
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "scale": {"type": "integer", "minimum": 0, "maximum": 6},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "min": _BOUNDS,
            "max": _BOUNDS,
        },
    }

    def currency(self, f: Field) -> str:
        return str(f.options.get("currency", "CNY"))

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        value = read_decimal(text, currency=self.currency(f))
        return None if value is None else self.within(f, value)

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        if value is None:
            return ""
        symbol = _SHOWN.get(self.currency(f)) or self.currency(f) + " "
        return ("-" if value < 0 else "") + symbol + f"{abs(value):,f}"

    def expr_type(self, f: Field) -> Type:
        return number(self.scale(f), self.currency(f))


class PercentType(NumberType):
    """A share of a whole: 15 % is 0.15. ``scale`` is the number of decimals shown before the percent sign."""

    name = "percent"
    label = {"zh-CN": "百分比", "en": "Percent"}
    default_scale = 2
    extra_scale = 2
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"scale": {"type": "integer", "minimum": 0, "maximum": 6}, "min": _BOUNDS, "max": _BOUNDS},
    }

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        value = read_decimal(text)
        if value is None:
            return None
        if abs(value) > 1 and not fold(text).rstrip().endswith("%"):
            raise InvalidValue("F207", value=text.strip())
        return self.within(f, value)

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        if value is None:
            return ""
        points = f"{value.scaleb(2):f}"
        return (points.rstrip("0").rstrip(".") if "." in points else points) + "%"
