"""Texts that nobody sees in passing: encrypted at rest, shown as dots, revealed one at a time on purpose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from engine.expr.types import TEXT, Type
from engine.fields.base import (
    APP_ZONE,
    BLANK_OPERATORS,
    ColumnSpec,
    Conversion,
    FieldType,
    InvalidValue,
    Value,
)
from engine.fields.texts import clean
from engine.sealing import NoKey, is_sealed, vault
from metadata.model import Field

SHOWN = "••••••"
LONGEST = 4_000


class SecretType(FieldType):
    """A password, an account number: its value everywhere is the sealed text; :meth:`reveal` opens it.

    Sealing the same text twice gives two texts, so nothing can be found, compared, sorted or counted by it. What is
    shown, exported and logged is dots. No expression sees it.
    """

    name = "secret"
    label = {"zh-CN": "加密文本", "en": "Secret"}
    discloses = False
    in_expressions = False
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"max_length": {"type": "integer", "minimum": 1, "maximum": LONGEST}},
    }

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["string", "null"]}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("text"),)

    def accept(self, f: Field, raw: Any) -> Value:
        """Seal a text; one that is sealed already for this field stays as it is."""
        if raw is None:
            return None
        if not isinstance(raw, str):
            raise InvalidValue("F101")
        if is_sealed(raw):
            self.reveal(f, raw)
            return raw
        text = clean(raw, line_breaks=True)
        if not text:
            return None
        if text == SHOWN:
            raise InvalidValue("F115")
        limit = int(f.options.get("max_length", 500))
        if len(text) > limit:
            raise InvalidValue("F102", length=len(text), limit=limit)
        try:
            return vault().seal(text, f.id)
        except NoKey as error:
            raise InvalidValue("F116") from error

    def reveal(self, f: Field, value: Value) -> str:
        """Return the text of a value. Raises :class:`InvalidValue` when this install cannot open it."""
        try:
            return "" if value is None else vault().open(value, f.id)
        except NoKey as error:
            raise InvalidValue("F116") from error

    def to_json(self, f: Field, value: Value) -> Any:
        return value

    def to_log(self, f: Field, value: Value) -> Any:
        return None if value is None else SHOWN

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return self.accept(f, text)

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return "" if value is None else SHOWN

    def expr_type(self, f: Field) -> Type:
        return TEXT

    def operators(self, f: Field) -> tuple[str, ...]:
        return BLANK_OPERATORS

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        return columns[0].is_(None) if operator == "blank" else columns[0].is_not(None)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        return (value is None) == (operator == "blank")

    def unique_key(self, f: Field, value: Value) -> str | None:
        """Nothing about the text may be kept in the clear, so two values are never found to be the same."""
        return None

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(source_type, SecretType):
            made = None if value is None else self.accept(f, source_type.reveal(source, value))
            return Conversion(made)
        return super().convert(f, value, source, source_type)
