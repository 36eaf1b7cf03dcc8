"""Values that are several ids: how they are accepted, compared and stored in one JSON column."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, and_, false, func, or_, true, type_coerce
from sqlalchemy.dialects.postgresql import JSONB, array

from engine.fields.base import APP_ZONE, BLANK_OPERATORS, ColumnSpec, FieldType, InvalidValue, Value, present_and
from engine.fields.columns import ids_value
from metadata.model import Field

LIST_FIELD_OPERATORS = ("has_any", "has_all", "has_none", *BLANK_OPERATORS)
ID = re.compile(r"[A-Za-z0-9_:.\-]{1,64}")
SEPARATOR = re.compile(r"[,;，；、\n|]+")


class IdList(FieldType):
    """Base of types whose value is a tuple of ids in a JSON column."""

    max_items = 200

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("json"),)

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["array", "null"], "items": {"type": "string", "maxLength": 64}, "maxItems": self.max_items}

    def blank(self, f: Field) -> Value:
        return ()

    @abstractmethod
    def accept_item(self, f: Field, raw: Any) -> str:
        """Type one id. Raises :class:`InvalidValue`."""

    def limit(self, f: Field) -> int:
        return self.max_items

    def accept(self, f: Field, raw: Any) -> Value:
        if raw is None or raw == "":
            return ()
        if not isinstance(raw, list | tuple):
            raise InvalidValue("F403")
        found = tuple(dict.fromkeys(self.accept_item(f, one) for one in raw))
        if len(found) > self.limit(f):
            raise InvalidValue("F404", count=len(found), limit=self.limit(f))
        return found

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return (value or None,)

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        return ids_value(row[0])

    def to_json(self, f: Field, value: Value) -> Any:
        return list(value or ())

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return self.accept(f, [piece.strip() for piece in SEPARATOR.split(text) if piece.strip()])

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return ", ".join(value)

    def operators(self, f: Field) -> tuple[str, ...]:
        return LIST_FIELD_OPERATORS

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        return self.accept_item(f, raw)

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        return list_condition(columns[0], operator, operand, dialect)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        return list_matches(value, operator, operand)

    def unique_key(self, f: Field, value: Value) -> str | None:
        return ",".join(sorted(value)) if value else None

    def needs_key_column(self, f: Field, normalise: str) -> bool:
        return True


def list_condition(column: ColumnElement[Any], operator: str, operand: Any, dialect: str) -> ColumnElement[bool]:
    """SQL over a JSON column of ids; ids hold no quotes, so on SQLite a quoted id is found as text."""
    if operator == "blank":
        return column.is_(None)
    if operator == "not_blank":
        return column.is_not(None)
    if not operand:
        return false() if operator == "has_any" else true()
    if dialect == "sqlite":
        text = type_coerce(column, Text)
        found = [func.instr(text, f'"{one}"') > 0 for one in operand]
        any_of, all_of = or_(*found), and_(*found)
    else:
        document = type_coerce(column, JSONB)
        any_of, all_of = document.has_any(array(list(operand))), document.has_all(array(list(operand)))
    if operator == "has_none":
        return or_(column.is_(None), ~any_of)
    return present_and(column, any_of if operator == "has_any" else all_of)


def list_matches(value: Value, operator: str, operand: Any) -> bool:
    """Python twin of :func:`list_condition` and of the link operators."""
    held = value or ()
    match operator:
        case "blank":
            return not held
        case "not_blank":
            return bool(held)
        case "has_any":
            return any(one in held for one in operand)
        case "has_all":
            return all(one in held for one in operand)
    return not any(one in held for one in operand)
