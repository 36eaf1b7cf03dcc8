"""Files of a record, by id. Content, size and type are the file store's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from engine.expr.types import FILE, ListType, Type
from engine.fields.base import APP_ZONE, BLANK_OPERATORS, InvalidValue, Value
from engine.fields.id_lists import ID, SEPARATOR, IdList
from metadata.model import Field


class FileType(IdList):
    """Uploaded files. Input is a list of ids or of objects with an ``id``."""

    name = "file"
    label = {"zh-CN": "附件", "en": "Files"}
    max_items = 50
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "max_files": {"type": "integer", "minimum": 1, "maximum": 50},
            "max_size": {"type": "integer", "minimum": 1},
            "accept": {"type": "array", "items": {"type": "string", "maxLength": 100}, "maxItems": 50},
        },
    }

    def value_schema(self, f: Field) -> dict[str, Any]:
        item = {"type": ["string", "object"], "required": ["id"], "properties": {"id": {"type": "string"}}}
        return {"type": ["array", "null"], "items": item, "maxItems": self.limit(f)}

    def limit(self, f: Field) -> int:
        return int(f.options.get("max_files", self.max_items))

    def accept_item(self, f: Field, raw: Any) -> str:
        found = raw.get("id") if isinstance(raw, Mapping) else raw
        if not isinstance(found, str) or not ID.fullmatch(found):
            raise InvalidValue("F601", value=str(found)[:64])
        return found

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return self.accept(f, [piece.strip() for piece in SEPARATOR.split(text) if piece.strip()])

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return ", ".join(value)

    def expr_type(self, f: Field) -> Type:
        return ListType(FILE)

    def operators(self, f: Field) -> tuple[str, ...]:
        return BLANK_OPERATORS
