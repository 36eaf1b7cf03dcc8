"""Text: single line, long, e-mail, phone."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import re2  # type: ignore[import-untyped]
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ColumnElement, Text, case, collate, func, literal, or_, type_coerce

from engine.expr.types import TEXT, Type
from engine.fields import phones
from engine.fields.base import (
    APP_ZONE,
    BLANK_OPERATORS,
    HIDDEN,
    ColumnSpec,
    FieldType,
    InvalidValue,
    Value,
    equal_in_python,
    equality,
    masked,
    present_and,
)
from engine.fields.folding import ESCAPE, ascii_lower, folded_key, like_pattern
from engine.fields.pinyin import pinyin_key
from metadata.findings import Finding
from metadata.model import Field

TEXT_OPERATORS = (
    "=",
    "<>",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "in",
    "not_in",
    *BLANK_OPERATORS,
)
PART_OPERATORS = frozenset({"contains", "not_contains", "starts_with", "ends_with"})
MAX_PART = 1_000
INDEXABLE = 600
"""Characters that surely fit into an index entry of either database."""
_PATTERN_MEMORY = 1 << 22
_TWO_CASES = re.compile("[A-Za-z]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class TextType(FieldType):
    """A single line. Stored trimmed and in NFC; ordered by code point, or by pinyin with ``"sort": "pinyin"``."""

    name = "text"
    label = {"zh-CN": "单行文本", "en": "Text"}
    default_length: ClassVar[int] = 255
    longest: ClassVar[int] = 10_000
    line_breaks: ClassVar[bool] = False
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "max_length": {"type": "integer", "minimum": 1, "maximum": 10_000},
            "pattern": {"type": "string", "minLength": 1, "maxLength": 200},
            "pattern_message": {"type": "object", "additionalProperties": {"type": "string"}},
            "sort": {"enum": ["code", "pinyin"]},
            "search": {"type": "boolean"},
        },
    }

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "maxLength": self.max_length(f)}

    def max_length(self, f: Field) -> int:
        return int(f.options.get("max_length", self.default_length))

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        if f.options.get("sort") == "pinyin":
            return (ColumnSpec("text"), ColumnSpec("text", "py"))
        return (ColumnSpec("text"),)

    def storage_tag(self, f: Field) -> str:
        return "text"

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        if f.options.get("sort") == "pinyin":
            return (value, None if value is None else pinyin_key(value))
        return (value,)

    def accept(self, f: Field, raw: Any) -> Value:
        if raw is None:
            return None
        if not isinstance(raw, str):
            raise InvalidValue("F101")
        text = clean(raw, line_breaks=self.line_breaks)
        if not text:
            return None
        if len(text) > self.max_length(f):
            raise InvalidValue("F102", length=len(text), limit=self.max_length(f))
        pattern = f.options.get("pattern")
        if pattern is not None and compiled(pattern).fullmatch(text) is None:
            message = f.options.get("pattern_message")
            raise InvalidValue("F103", message=message) if message else InvalidValue("F109")
        return text

    def to_json(self, f: Field, value: Value) -> Any:
        return value

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return self.accept(f, text)

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return value or ""

    def expr_type(self, f: Field) -> Type:
        return TEXT

    def check_options(self, f: Field) -> Sequence[Finding]:
        pattern = f.options.get("pattern")
        if isinstance(pattern, str):
            try:
                compiled(pattern)
            except re2.error as error:
                reason = error.args[0] if error.args else ""
                reason = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
                return (Finding("F902", "/options/pattern", {"pattern": pattern, "reason": reason}),)
        return ()

    def operators(self, f: Field) -> tuple[str, ...]:
        return TEXT_OPERATORS

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        if not isinstance(raw, str):
            raise InvalidValue("F101")
        text = clean(raw, line_breaks=True)
        if not text:
            raise InvalidValue("F805", operator=operator)
        if operator in PART_OPERATORS and len(text) > MAX_PART:
            raise InvalidValue("F102", length=len(text), limit=MAX_PART)
        return text

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        column = columns[0]
        match operator:
            case "contains":
                return contains(column, operand, dialect)
            case "not_contains":
                return or_(column.is_(None), ~contains(column, operand, dialect))
            case "starts_with":
                return like(column, like_pattern(operand, start=False), dialect)
            case "ends_with":
                return like(column, like_pattern(operand, end=False), dialect)
        return equality(column, operator, operand)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        if operator not in PART_OPERATORS:
            return equal_in_python(value, operator, operand)
        if value is None:
            return operator == "not_contains"
        text, part = ascii_lower(value), ascii_lower(operand)
        match operator:
            case "contains":
                return part in text
            case "not_contains":
                return part not in text
            case "starts_with":
                return text.startswith(part)
        return text.endswith(part)

    def sortable(self, f: Field) -> bool:
        return True

    def sort_columns(
        self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str
    ) -> tuple[ColumnElement[Any], ...]:
        return (columns[-1],)

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return ("count", "min", "max", "distinct")

    def groupable(self, f: Field) -> bool:
        return True

    def searchable(self, f: Field) -> bool:
        return bool(f.options.get("search", True))

    def search_text(self, f: Field, value: Value) -> str:
        return value or ""

    def search_condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], word: str, dialect: str
    ) -> ColumnElement[bool]:
        return contains(columns[0], word, dialect)

    def unique_key(self, f: Field, value: Value) -> str | None:
        if value is None:
            return None
        exact = f.unique is not None and f.unique.normalise == "exact"
        return self.short_key(value if exact else folded_key(value) or value)

    def short_key(self, key: str) -> str:
        """Return a key that fits into an index entry."""
        return key if len(key) <= INDEXABLE else key[:INDEXABLE] + hashlib.sha256(key.encode()).hexdigest()

    def needs_key_column(self, f: Field, normalise: str) -> bool:
        return normalise == "folded" or not self.indexable(f)

    def indexable(self, f: Field) -> bool:
        return self.max_length(f) <= INDEXABLE or f.options.get("sort") == "pinyin"


class TextareaType(TextType):
    """Several lines. Stored like text, so a change between the two moves no data."""

    name = "textarea"
    label = {"zh-CN": "多行文本", "en": "Long text"}
    default_length = 20_000
    longest = 1_000_000
    line_breaks = True
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "max_length": {"type": "integer", "minimum": 1, "maximum": 1_000_000},
            "search": {"type": "boolean"},
        },
    }

    def sortable(self, f: Field) -> bool:
        return False

    def groupable(self, f: Field) -> bool:
        return False

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return ("count",)


class EmailType(TextType):
    """One e-mail address; the domain is lower-cased, deliverability is not asked for."""

    name = "email"
    label = {"zh-CN": "邮箱", "en": "E-mail"}
    default_length = 254
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"search": {"type": "boolean"}},
    }

    def storage_tag(self, f: Field) -> str:
        return "email"

    def accept(self, f: Field, raw: Any) -> Value:
        text = super().accept(f, raw)
        return None if text is None else email_address(text)

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        text = super().accept_one_operand(f, operator, raw)
        if operator in PART_OPERATORS:
            return text
        return email_address(text)

    def mask(self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str) -> ColumnElement[str]:
        column = columns[0]
        at = func.instr(column, "@") if dialect == "sqlite" else func.strpos(column, "@")
        return masked(column.is_not(None), func.substr(column, 1, 1) + HIDDEN + func.substr(column, at))


class PhoneType(TextType):
    """A telephone number in one canonical spelling, so that equal numbers are equal text (see ``phones``)."""

    name = "phone"
    label = {"zh-CN": "电话", "en": "Phone"}
    default_length = 40
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"search": {"type": "boolean"}},
    }

    def storage_tag(self, f: Field) -> str:
        return "phone"

    def accept(self, f: Field, raw: Any) -> Value:
        text = super().accept(f, raw)
        return None if text is None else phone_number(text)

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return "" if value is None else phones.pretty(value, locale)

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        text = super().accept_one_operand(f, operator, raw)
        return phones.part(text) if operator in PART_OPERATORS else phone_number(text)

    def needs_key_column(self, f: Field, normalise: str) -> bool:
        return False

    def search_text(self, f: Field, value: Value) -> str:
        return "" if value is None else " ".join(phones.spellings(value))

    def search_condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], word: str, dialect: str
    ) -> ColumnElement[bool]:
        return contains(columns[0], phones.part(word), dialect)

    def mask(self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str) -> ColumnElement[str]:
        column = columns[0]
        size = func.length(column)
        shown = func.substr(column, 1, 3) + "****" + func.substr(column, size - 3)
        return masked(column.is_not(None), case((size >= 8, shown), else_=literal(HIDDEN, Text)))


def clean(raw: str, *, line_breaks: bool) -> str:
    """Return text as it is stored: NFC, ``\\n`` line ends, trimmed. Raises :class:`InvalidValue`.

    NUL, lone surrogates and control characters are refused: databases, CSV and XML disagree about them.
    """
    if raw.isprintable():  # no control characters, no surrogates
        text = raw.strip()
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    text = raw.replace("\r\n", "\n").replace("\r", "\n").strip()
    found = _FORBIDDEN.search(text)
    if found:
        raise InvalidValue("F104", position=found.start() + 1, character=f"U+{ord(found[0]):04X}")
    if not line_breaks and ("\n" in text or "\t" in text):
        raise InvalidValue("F105")
    return unicodedata.normalize("NFC", text)


@lru_cache(maxsize=512)
def compiled(pattern: str) -> Any:
    """Compile a pattern a designer wrote (RE2: linear time, bounded memory). Raises ``re2.error``."""
    options = re2.Options()
    options.max_mem = _PATTERN_MEMORY
    options.log_errors = False
    return re2.compile(pattern, options)


@lru_cache(maxsize=4096)
def email_address(text: str) -> str:
    """Return the canonical address. Raises :class:`InvalidValue`."""
    try:
        return str(validate_email(text, check_deliverability=False).normalized)
    except EmailNotValidError as error:
        raise InvalidValue("F106", value=text) from error


def phone_number(text: str) -> str:
    """Return the canonical number. Raises :class:`InvalidValue`."""
    try:
        return phones.canonical(text)
    except phones.NoAreaCode as error:
        raise InvalidValue("F108", value=text) from error
    except ValueError as error:
        raise InvalidValue("F107", value=text) from error


def contains(column: ColumnElement[Any], text: str, dialect: str) -> ColumnElement[bool]:
    """SQL that says whether a column contains a text, whatever the case of ASCII letters; two-valued."""
    if dialect == "sqlite" and not _TWO_CASES.search(text):  # as LIKE, in half the time
        return present_and(column, func.instr(type_coerce(column, Text), text) > 0)
    return like(column, like_pattern(text), dialect)


def like(column: ColumnElement[Any], pattern: str, dialect: str) -> ColumnElement[bool]:
    """SQL of a LIKE that ignores the case of ASCII letters on both databases; two-valued."""
    text = type_coerce(column, Text)
    if dialect == "sqlite":
        return present_and(column, text.like(pattern, escape=ESCAPE))
    lowered = func.lower(collate(text, "C"), type_=Text)
    return present_and(column, lowered.like(ascii_lower(pattern), escape=ESCAPE))


__all__ = [
    "TEXT_OPERATORS",
    "EmailType",
    "PhoneType",
    "TextType",
    "TextareaType",
    "clean",
    "compiled",
    "like",
]
