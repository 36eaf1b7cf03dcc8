"""Files of a record, by id. Content, size and type are the file store's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

from engine.expr.types import FILE, ListType, Type
from engine.fields.base import APP_ZONE, BLANK_OPERATORS, InvalidValue, Value
from engine.fields.id_lists import ID, SEPARATOR, IdList
from metadata.model import Field

Picture = Literal["", "kept", "placeless"]


class FileType(IdList):
    """Uploaded files. Input is a list of ids or of objects with an ``id``."""

    name = "file"
    label = {"zh-CN": "附件", "en": "Files"}
    holds = "files"
    max_items = 50
    endings: ClassVar[tuple[str, ...]] = ()
    """Endings of the names the type takes; empty leaves it to the field."""
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

    def storage_tag(self, f: Field) -> str:
        return "file"

    def accepts(self, f: Field) -> tuple[str, ...]:
        """Return the endings a file may have; empty means any that is safe."""
        return self.endings or tuple(f.options.get("accept", ()))

    def picture(self, f: Field) -> Picture:
        """Say whether a file must be a picture, and whether the place a photo was taken at is kept in it."""
        return ""

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


IMAGE_ENDINGS = ("png", "jpg", "jpeg", "gif", "webp")
AUDIO_ENDINGS = ("webm", "ogg", "mp3", "m4a", "wav")
_FILES: dict[str, Any] = {
    "max_files": {"type": "integer", "minimum": 1, "maximum": 50},
    "max_size": {"type": "integer", "minimum": 1},
}


class ImageType(FileType):
    """Pictures. ``max_side`` has the browser shrink them before they are sent; the place where a photo was taken is
    removed from it unless ``keep_place``; ``camera`` asks for a photo taken now."""

    name = "image"
    label = {"zh-CN": "图片", "en": "Image"}
    endings = IMAGE_ENDINGS
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **_FILES,
            "max_side": {"type": "integer", "minimum": 320, "maximum": 8000},
            "keep_place": {"type": "boolean"},
            "camera": {"type": "boolean"},
        },
    }

    def picture(self, f: Field) -> Picture:
        return "kept" if f.options.get("keep_place", False) else "placeless"


class SignatureType(FileType):
    """A signature written by hand (or a name, by those who cannot): one picture, which stays once it is given."""

    name = "signature"
    label = {"zh-CN": "手写签名", "en": "Signature"}
    endings = ("png",)
    max_items = 1
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"may_replace": {"type": "boolean"}},
    }

    def picture(self, f: Field) -> Picture:
        return "kept"

    def final(self, f: Field) -> bool:
        return not f.options.get("may_replace", False)


class AudioType(FileType):
    """Recordings. ``max_seconds`` stops the recorder; what is uploaded otherwise is limited by ``max_size``."""

    name = "audio"
    label = {"zh-CN": "录音", "en": "Audio"}
    endings = AUDIO_ENDINGS
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {**_FILES, "max_seconds": {"type": "integer", "minimum": 5, "maximum": 7200}},
    }
