"""Tags: words people make up as they need them. A word is its own id; a list of known words gives some a colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, cast, type_coerce

from engine.expr.types import TEXT, ListType, Type
from engine.fields.base import APP_ZONE, InvalidValue, Value
from engine.fields.choices import COLORS
from engine.fields.folding import folded_key
from engine.fields.id_lists import SEPARATOR, IdList
from engine.fields.texts import clean, contains
from metadata.findings import Finding
from metadata.model import Field

MAX_TAGS = 50
MAX_WORD = 40
_SIGNS = frozenset('"\\')
"""Would be escaped in a JSON column, where tags are looked for as they are."""


class TagsType(IdList):
    """Free words in the order given. Words that fold alike (case, width, blanks) are one tag; the first spelling stays,
    or the one in the field's list of known tags. ``fixed`` allows no others."""

    name = "tags"
    label = {"zh-CN": "标签", "en": "Tags"}
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "tags": {
                "type": "array",
                "maxItems": 500,
                "items": {
                    "type": "object",
                    "required": ["text"],
                    "additionalProperties": False,
                    "properties": {
                        "text": {"type": "string", "minLength": 1, "maxLength": MAX_WORD},
                        "color": {"enum": list(COLORS)},
                    },
                },
            },
            "fixed": {"type": "boolean"},
            "max": {"type": "integer", "minimum": 1, "maximum": MAX_TAGS},
            "search": {"type": "boolean"},
        },
    }

    def check_options(self, f: Field) -> Sequence[Finding]:
        found: list[Finding] = []
        seen: set[str] = set()
        for index, tag in enumerate(f.options.get("tags", ())):
            place = f"/options/tags/{index}/text"
            try:
                word = _word(tag["text"])
            except InvalidValue as error:
                found.append(error.at(place))
                continue
            if word != tag["text"] or folded_key(word) in seen:
                found.append(Finding("F904", place, {"label": tag["text"]}))
            seen.add(folded_key(word))
        return found

    def value_schema(self, f: Field) -> dict[str, Any]:
        item = {"type": "string", "minLength": 1, "maxLength": MAX_WORD}
        return {"type": ["array", "null"], "items": item, "maxItems": self.limit(f)}

    def limit(self, f: Field) -> int:
        return int(f.options.get("max", MAX_TAGS))

    def accept_item(self, f: Field, raw: Any) -> str:
        word = _word(raw)
        key = folded_key(word)
        for tag in f.options.get("tags", ()):
            if folded_key(tag["text"]) == key:
                return str(tag["text"])
        if f.options.get("fixed"):
            known = "、".join(tag["text"] for tag in f.options.get("tags", ())[:20])
            raise InvalidValue("F402", value=word, options={"zh-CN": known, "en": known.replace("、", ", ")})
        return word

    def accept(self, f: Field, raw: Any) -> Value:
        found: dict[str, str] = {}
        for word in super().accept(f, raw):
            found.setdefault(folded_key(word), word)
        return tuple(found.values())

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return self.accept(f, [piece for piece in SEPARATOR.split(text) if piece.strip()])

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return ("、" if locale.startswith("zh") else ", ").join(value)

    def expr_type(self, f: Field) -> Type:
        return ListType(TEXT)

    def groupable(self, f: Field) -> bool:
        return True

    def searchable(self, f: Field) -> bool:
        return bool(f.options.get("search", True))

    def search_text(self, f: Field, value: Value) -> str:
        return "\n".join(value)

    def search_condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], word: str, dialect: str
    ) -> ColumnElement[bool]:
        written = type_coerce(columns[0], Text) if dialect == "sqlite" else cast(columns[0], Text)
        return contains(written, word, dialect)


def _word(raw: Any) -> str:
    """Return a tag as it is kept. Raises :class:`InvalidValue`."""
    if not isinstance(raw, str):
        raise InvalidValue("F101")
    word = " ".join(clean(raw, line_breaks=True).split())
    if not word or not folded_key(word):
        raise InvalidValue("F405", value=raw[:64])
    if len(word) > MAX_WORD:
        raise InvalidValue("F102", length=len(word), limit=MAX_WORD)
    if SEPARATOR.search(word) or _SIGNS & set(word):
        raise InvalidValue("F406", value=word)
    return word
