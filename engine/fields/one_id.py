"""Values that are one id: a person, a department, a record."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from engine.fields.base import APP_ZONE, ColumnSpec, FieldType, InvalidValue, Value, equal_in_python, equality
from engine.fields.choices import SELECT_OPERATORS
from metadata.model import Field


class OneId(FieldType):
    """Base of types whose value is an id in a text column."""

    longest = 64

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "maxLength": self.longest}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("text"),)

    @abstractmethod
    def accept_id(self, f: Field, raw: Any) -> str:
        """Type the id. Raises :class:`InvalidValue`."""

    def accept(self, f: Field, raw: Any) -> Value:
        return None if raw is None or raw == "" else self.accept_id(f, raw)

    def to_json(self, f: Field, value: Value) -> Any:
        return value

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return self.accept(f, text.strip())

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return value or ""

    def operators(self, f: Field) -> tuple[str, ...]:
        return SELECT_OPERATORS

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


def only_id(ids: Sequence[str]) -> str:
    """Return the one id of a list that is to become one value. Raises :class:`InvalidValue` for more than one."""
    if len(ids) > 1:
        raise InvalidValue("F404", count=len(ids), limit=1)
    return ids[0]
