"""Formatted text: HTML of a few safe elements, cleaned on the server whatever sent it."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo

import nh3
from sqlalchemy import ColumnElement, or_

from engine.fields.base import APP_ZONE, BLANK_OPERATORS, ColumnSpec, FieldType, InvalidValue, Value, masked
from engine.fields.folding import ascii_lower
from engine.fields.texts import TextType, clean, contains
from metadata.model import Field

LONGEST: Final = 500_000
_BLOCKS: Final = frozenset(("p", "br", "li", "h1", "h2", "h3", "h4", "blockquote", "pre", "hr", "tr"))
_INLINE: Final = frozenset(("strong", "b", "em", "i", "u", "s", "sub", "sup", "mark", "a", "code", "img"))
TAGS: Final = _BLOCKS | _INLINE | {"ul", "ol", "table", "thead", "tbody", "th", "td"}
ATTRIBUTES: Final = {
    "a": {"href"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_OWN_FILE: Final = re.compile(r"/api/v1/files/[A-Za-z0-9_\-]{1,64}(\?inline=1)?")
_MARKUP: Final = re.compile(rf"<(?:{'|'.join(sorted(TAGS))})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_BREAKS: Final = re.compile(r"[ \t]*\n[ \t]*(?:\n[ \t]*)*")


class RichTextType(TextType):
    """HTML with headings, lists, tables, links and pictures that were uploaded here; no styles, scripts or frames.

    A second column keeps the plain text: that is what filters and the quick search look into.
    """

    name = "rich_text"
    label = {"zh-CN": "富文本", "en": "Rich text"}
    default_length = LONGEST
    line_breaks = True
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "max_length": {"type": "integer", "minimum": 1, "maximum": LONGEST},
            "search": {"type": "boolean"},
        },
    }

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("text"), ColumnSpec("text", "plain"))

    def storage_tag(self, f: Field) -> str:
        return "rich"

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return (value, None if value is None else plain_text(value))

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        return row[0]

    def accept(self, f: Field, raw: Any) -> Value:
        if raw is None:
            return None
        if not isinstance(raw, str):
            raise InvalidValue("F101")
        if len(raw) > self.max_length(f):
            raise InvalidValue("F102", length=len(raw), limit=self.max_length(f))
        text = sanitised(clean(raw, line_breaks=True))
        if not plain_text(text) and not re.search(r"<(img|hr)\b", text):
            return None
        if len(text) > self.max_length(f):
            raise InvalidValue("F102", length=len(text), limit=self.max_length(f))
        return text

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        """Read HTML, or plain text as paragraphs."""
        return self.accept(f, text if _MARKUP.search(text) else paragraphs(text))

    def as_text(self, f: Field, value: Value) -> str:
        return "" if value is None else plain_text(value)

    def operators(self, f: Field) -> tuple[str, ...]:
        return ("contains", "not_contains", *BLANK_OPERATORS)

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        match operator:
            case "contains":
                return contains(columns[1], operand, dialect)
            case "not_contains":
                return or_(columns[0].is_(None), ~contains(columns[1], operand, dialect))
            case "blank":
                return columns[0].is_(None)
        return columns[0].is_not(None)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        if operator in BLANK_OPERATORS:
            return (value is None) == (operator == "blank")
        found = value is not None and ascii_lower(operand) in ascii_lower(plain_text(value))
        return found == (operator == "contains")

    def sortable(self, f: Field) -> bool:
        return False

    def groupable(self, f: Field) -> bool:
        return False

    def aggregates(self, f: Field) -> tuple[str, ...]:
        return ("count",)

    def indexable(self, f: Field) -> bool:
        return False

    def search_text(self, f: Field, value: Value) -> str:
        return "" if value is None else plain_text(value)

    def search_condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], word: str, dialect: str
    ) -> ColumnElement[bool]:
        return contains(columns[1], word, dialect)

    def mask(self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str) -> ColumnElement[str]:
        return masked(columns[0].is_not(None))

    def gives_back(self, f: Field, made: Value, value: Value, source: Field, source_type: FieldType) -> bool:
        """A plain text made to paragraphs is read back from their text."""
        try:
            return bool(source_type.parse(source, plain_text(made), "en") == value)
        except InvalidValue:
            return False


def sanitised(text: str) -> str:
    """Return HTML of the known elements only; cleaning it again changes nothing. Raises :class:`InvalidValue`."""
    for _ in range(4):
        cleaned = nh3.clean(
            text,
            tags=set(TAGS),
            clean_content_tags={"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title"},
            attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
            attribute_filter=_attribute,
            url_schemes=set(_SCHEMES),
            link_rel="noopener noreferrer",
        )
        cleaned = str(cleaned).strip()
        if cleaned == text:
            return cleaned
        text = cleaned
    raise InvalidValue("F118")


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Pictures come from here only: one from elsewhere would tell its owner who reads the record."""
    if tag == "img" and name == "src":
        return value if _OWN_FILE.fullmatch(value) else None
    if name in ("colspan", "rowspan", "start"):
        return value if value.isascii() and value.isdigit() and len(value) <= 4 else None
    return value


def paragraphs(text: str) -> str:
    """Return plain text as HTML: a paragraph for each line."""
    lines = clean(text, line_breaks=True).split("\n")
    return "".join(f"<p>{html.escape(line.strip(), quote=False)}</p>" for line in lines if line.strip())


def plain_text(value: str) -> str:
    """Return what there is to read in HTML, a line for each block."""
    reader = _Reader()
    reader.feed(value)
    reader.close()
    return _BREAKS.sub("\n", "".join(reader.parts)).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")
        elif tag in ("td", "th"):
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
