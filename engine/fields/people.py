"""People, by the id of their account. Names are looked up by the record layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from engine.expr.types import PERSON, ListType, Type
from engine.fields.base import (
    APP_ZONE,
    ColumnSpec,
    Conversion,
    FieldType,
    InvalidValue,
    Value,
    equal_in_python,
    equality,
)
from engine.fields.choices import SELECT_OPERATORS
from engine.fields.id_lists import ID, SEPARATOR, IdList
from engine.fields.operands import ME
from metadata.model import Field


def person_id(raw: Any) -> str:
    """Return a well-formed account id. Raises :class:`InvalidValue`; whether it exists the record layer asks."""
    if not isinstance(raw, str) or not ID.fullmatch(raw):
        raise InvalidValue("F501", value=str(raw)[:64])
    return raw


class UserType(FieldType):
    """One person. Filters know ``"@me"``."""

    name = "user"
    label = {"zh-CN": "人员", "en": "Person"}
    holds = "people"

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "maxLength": 64}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("text"),)

    def accept(self, f: Field, raw: Any) -> Value:
        return None if raw is None or raw == "" else person_id(raw)

    def to_json(self, f: Field, value: Value) -> Any:
        return value

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return self.accept(f, text.strip())

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return value or ""

    def expr_type(self, f: Field) -> Type:
        return PERSON

    def operators(self, f: Field) -> tuple[str, ...]:
        return SELECT_OPERATORS

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        return ME if raw == ME.value else super().accept_one_operand(f, operator, raw)

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        return equality(columns[0], operator, operand)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        return equal_in_python(value, operator, operand)

    def groupable(self, f: Field) -> bool:
        return True

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return ("count", "distinct")

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(value, tuple) and value:
            if len(value) > 1:
                raise InvalidValue("F404", count=len(value), limit=1)
            return Conversion(person_id(value[0]))
        return super().convert(f, value, source, source_type)


class UsersType(IdList):
    """Several people."""

    name = "users"
    label = {"zh-CN": "多个人员", "en": "People"}
    holds = "people"

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["array", "null"], "items": {"type": "string", "maxLength": 64}, "maxItems": self.max_items}

    def accept_item(self, f: Field, raw: Any) -> str:
        return person_id(raw)

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        return ME if raw == ME.value else self.accept_item(f, raw)

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return self.accept(f, [piece.strip() for piece in SEPARATOR.split(text) if piece.strip()])

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return ", ".join(value)

    def expr_type(self, f: Field) -> Type:
        return ListType(PERSON)
