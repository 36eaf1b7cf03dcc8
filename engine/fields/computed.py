"""Fields computed from others: formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from engine.expr.types import Type
from engine.fields.base import APP_ZONE, ColumnSpec, Conversion, FieldType, InvalidValue, Value
from engine.fields.choices import COLORS, SwitchType, choices_of
from engine.fields.dates import DatetimeType, DateType
from engine.fields.numbers import MAX_SCALE, CurrencyType, NumberType
from engine.fields.operands import Asking
from engine.fields.spans import DurationType
from engine.fields.texts import TextType
from metadata.findings import in_language
from metadata.model import Field

MAX_RESULT_TEXT = 10_000
MAX_WORDS = 100


class _LongText(TextType):
    default_length = MAX_RESULT_TEXT
    line_breaks = True


_RESULTS: dict[str, FieldType] = {
    "text": _LongText(),
    "number": NumberType(),
    "boolean": SwitchType(),
    "date": DateType(),
    "datetime": DatetimeType(),
    "duration": DurationType(),
}


_MONEY = CurrencyType()


class FormulaType(FieldType):
    """A value computed from an expression. In everything but being written it behaves like its result type.

    The option ``scale`` means the same as a number's, so the result type reads it from the formula's own options.
    The option ``words`` gives results of a text formula a label in every language and a colour, as a choice has them.
    """

    name = "formula"
    label = {"zh-CN": "公式", "en": "Formula"}
    storage = "computed"
    writable = False
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["expr", "result"],
        "additionalProperties": False,
        "properties": {
            "expr": {"type": "object", "required": ["src"], "properties": {"src": {"type": "string"}}},
            "result": {"enum": list(_RESULTS)},
            "scale": {"type": "integer", "minimum": 0, "maximum": MAX_SCALE},
            "grouping": {"type": "boolean"},
            "unit": {"type": "string", "maxLength": 20},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "public": {"type": "boolean"},
            "words": {
                "type": "array",
                "maxItems": MAX_WORDS,
                "items": {
                    "type": "object",
                    "required": ["value", "label"],
                    "additionalProperties": False,
                    "properties": {
                        "value": {"type": "string", "minLength": 1, "maxLength": 64},
                        "label": {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string"}},
                        "color": {"enum": list(COLORS)},
                    },
                },
            },
        },
    }

    def result(self, f: Field) -> FieldType:
        """Return the type the values of a formula have."""
        if f.options.get("currency") and f.options.get("result") == "number":
            return _MONEY
        return _RESULTS[str(f.options.get("result", "text"))]

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {**self.result(f).value_schema(f), "readOnly": True}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return self.result(f).columns(f)

    def storage_tag(self, f: Field) -> str:
        return "x" + self.result(f).storage_tag(f)

    def accept(self, f: Field, raw: Any) -> Value:
        """Type a computed value; that people may not write one is the record layer's rule (``writable``)."""
        return self.result(f).accept(f, raw)

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return self.result(f).to_db(f, value)

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        return self.result(f).from_db(f, row)

    def blank(self, f: Field) -> Value:
        return self.result(f).blank(f)

    def to_json(self, f: Field, value: Value) -> Any:
        return self.result(f).to_json(f, value)

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return self.result(f).parse(f, text, locale, zone)

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        for word in choices_of(f):
            if word["id"] == value:
                return in_language(word["label"], locale)
        return self.result(f).format(f, value, locale, zone)

    def expr_type(self, f: Field) -> Type:
        return self.result(f).expr_type(f)

    def operators(self, f: Field) -> tuple[str, ...]:
        return self.result(f).operators(f)

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        return self.result(f).accept_one_operand(f, operator, raw)

    def resolve_operand(self, f: Field, operator: str, operand: Any, asking: Asking) -> Any:
        return self.result(f).resolve_operand(f, operator, operand, asking)

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        return self.result(f).condition(f, columns, operator, operand, dialect)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        return self.result(f).matches(f, value, operator, operand)

    def sortable(self, f: Field) -> bool:
        return self.result(f).sortable(f)

    def sort_columns(
        self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str
    ) -> tuple[ColumnElement[Any], ...]:
        return self.result(f).sort_columns(f, columns, dialect)

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return self.result(f).aggregates(f)

    def groupable(self, f: Field) -> bool:
        return self.result(f).groupable(f)

    def unique_key(self, f: Field, value: Value) -> str | None:
        return self.result(f).unique_key(f, value)

    def indexable(self, f: Field) -> bool:
        return self.result(f).indexable(f)

    def needs_key_column(self, f: Field, normalise: str) -> bool:
        return self.result(f).needs_key_column(f, normalise)

    def mask(self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str) -> ColumnElement[str]:
        return self.result(f).mask(f, columns, dialect)

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        """Nothing is taken over: what was typed before stays in the old column, the formula computes its own."""
        if value == source_type.blank(source):
            return Conversion(self.blank(f))
        raise InvalidValue("F701")
