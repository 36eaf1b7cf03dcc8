"""Relations between records: one, many, and the rows of a sub-table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, false, select, true

from engine.expr.types import ListType, RecordType, Type
from engine.fields.base import (
    APP_ZONE,
    ColumnSpec,
    Conversion,
    FieldType,
    InvalidValue,
    Value,
    masked,
)
from engine.fields.id_lists import LIST_FIELD_OPERATORS, SEPARATOR, list_matches
from engine.fields.one_id import OneId, only_id
from metadata.ids import is_record_id
from metadata.model import Field

MAX_LINKS = 1_000
MAX_ROWS = 5_000
_LINK_OPTIONS: dict[str, Any] = {
    "type": "object",
    "required": ["entity"],
    "additionalProperties": False,
    "properties": {
        "entity": {"type": "string", "pattern": "^ent_[a-z0-9][a-z0-9_]{0,39}$"},
        "on_delete": {"enum": ["refuse", "clear"]},
    },
}


def record_id(raw: Any) -> str:
    """Return a well-formed record id. Raises :class:`InvalidValue`; whether it exists the record layer asks."""
    if not is_record_id(raw):
        raise InvalidValue("F502", value=str(raw)[:64])
    return str(raw)


class LinkOneType(OneId):
    """A link to one record of an entity."""

    name = "link_one"
    label = {"zh-CN": "关联记录", "en": "Link to one"}
    longest = 16
    options_schema: ClassVar[Mapping[str, Any]] = _LINK_OPTIONS

    def storage_tag(self, f: Field) -> str:
        return "link"

    def accept_id(self, f: Field, raw: Any) -> str:
        return record_id(raw)

    def expr_type(self, f: Field) -> Type:
        return RecordType(self.target(f))

    def target(self, f: Field) -> str:
        return str(f.options.get("entity", ""))

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(source_type, LinkManyType) and value:
            same_target(self.target(f), source_type.target(source), value[0])
            return Conversion(only_id(value))
        if isinstance(source_type, LinkOneType) and value is not None:
            same_target(self.target(f), source_type.target(source), value)
            return Conversion(value)
        return super().convert(f, value, source, source_type)


class LinkManyType(FieldType):
    """Links to any number of records of an entity, in order; kept in a table of its own."""

    name = "link_many"
    label = {"zh-CN": "关联多条记录", "en": "Link to many"}
    storage = "links"
    options_schema: ClassVar[Mapping[str, Any]] = _LINK_OPTIONS

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["array", "null"], "items": {"type": "string", "maxLength": 16}, "maxItems": MAX_LINKS}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return ()

    def storage_tag(self, f: Field) -> str:
        return "links"

    def blank(self, f: Field) -> Value:
        return ()

    def accept(self, f: Field, raw: Any) -> Value:
        if raw is None or raw == "":
            return ()
        if not isinstance(raw, list | tuple):
            raise InvalidValue("F403")
        found = tuple(dict.fromkeys(record_id(one) for one in raw))
        if len(found) > MAX_LINKS:
            raise InvalidValue("F404", count=len(found), limit=MAX_LINKS)
        return found

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return ()

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        """``row`` is the ids of the links, in order."""
        return tuple(row)

    def to_json(self, f: Field, value: Value) -> Any:
        return list(value or ())

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return self.accept(f, [piece.strip() for piece in SEPARATOR.split(text) if piece.strip()])

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return ", ".join(value)

    def expr_type(self, f: Field) -> Type:
        return ListType(RecordType(self.target(f)))

    def operators(self, f: Field) -> tuple[str, ...]:
        return LIST_FIELD_OPERATORS

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        return record_id(raw)

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        row, left, right = columns
        if operator in ("blank", "not_blank"):
            found = _linked(row, left, true())
            return found if operator == "not_blank" else ~found
        if operator == "has_all":
            return and_(true(), *(_linked(row, left, right == one) for one in operand))
        any_of = _linked(row, left, right.in_(operand)) if operand else false()
        return any_of if operator == "has_any" else ~any_of

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        return list_matches(value, operator, operand)

    def unique_key(self, f: Field, value: Value) -> str | None:
        return ",".join(sorted(value)) if value else None

    def mask(self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str) -> ColumnElement[str]:
        row, left, _ = columns
        return masked(_linked(row, left, true()))

    def target(self, f: Field) -> str:
        return str(f.options.get("entity", ""))

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(source_type, LinkOneType | LinkManyType) and value:
            held = value if isinstance(value, tuple) else (value,)
            same_target(self.target(f), source_type.target(source), held[0])
            return Conversion(held)
        return super().convert(f, value, source, source_type)


class SubtableType(FieldType):
    """Rows of a child entity, edited with their parent. The rows live in the child's own table."""

    name = "subtable"
    label = {"zh-CN": "子表", "en": "Sub-table"}
    storage = "children"
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["entity"],
        "additionalProperties": False,
        "properties": {
            "entity": _LINK_OPTIONS["properties"]["entity"],
            "totals": {  # what stands below a column, by the id of its field
                "type": "object",
                "additionalProperties": {"enum": ["sum", "avg", "min", "max", "count", "none"]},
            },
        },
    }

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["array", "null"], "items": {"type": "object"}, "maxItems": MAX_ROWS}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return ()

    def blank(self, f: Field) -> Value:
        return ()

    def accept(self, f: Field, raw: Any) -> Value:
        """Check the shape only; the record layer types each row by the child's own fields."""
        if raw is None:
            return ()
        if not isinstance(raw, list | tuple) or not all(isinstance(row, Mapping) for row in raw):
            raise InvalidValue("F503")
        if len(raw) > MAX_ROWS:
            raise InvalidValue("F404", count=len(raw), limit=MAX_ROWS)
        return tuple(raw)

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return ()

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        return tuple(row)

    def to_json(self, f: Field, value: Value) -> Any:
        return [dict(row) for row in value or ()]

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        if text.strip():
            raise InvalidValue("F504")
        return ()

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return ""

    def expr_type(self, f: Field) -> Type:
        return ListType(RecordType(self.target(f)))

    def target(self, f: Field) -> str:
        return str(f.options.get("entity", ""))

    def unique_key(self, f: Field, value: Value) -> str | None:
        return None

    def mask(self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str) -> ColumnElement[str]:
        return masked(false())


def same_target(target: str, source: str, value: str) -> None:
    """Raise :class:`InvalidValue` when a link would point into another entity."""
    if target != source:
        raise InvalidValue("F502", value=value)


def _linked(row: ColumnElement[Any], left: ColumnElement[Any], which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(1).where(left == row, which))
