"""Web addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from engine.fields.base import APP_ZONE, FieldType, InvalidValue, Value
from engine.fields.texts import PART_OPERATORS, TextType, clean
from metadata.model import Field

SCHEMES = ("http", "https")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?!\d)")
_HOST = re.compile(r"(?:[^\s/?#@:\[\]\\]+|\[[0-9a-fA-F:.]+\])")


class UrlType(TextType):
    """An address that opens in a browser: http or https, with a host and without a name and password in it."""

    name = "url"
    label = {"zh-CN": "链接", "en": "Link"}
    default_length = 2_000
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"search": {"type": "boolean"}},
    }

    def storage_tag(self, f: Field) -> str:
        return "url"

    def accept(self, f: Field, raw: Any) -> Value:
        text = super().accept(f, raw)
        return None if text is None else web_address(text)

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        plain = clean(text, line_breaks=False)
        if plain and not _SCHEME.match(plain):  # people write example.com
            plain = f"https://{plain.removeprefix('//')}"
        return self.accept(f, plain)

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        text = super().accept_one_operand(f, operator, raw)
        return text if operator in PART_OPERATORS else web_address(text)

    def unique_key(self, f: Field, value: Value) -> str | None:
        """A path may tell upper case from lower, so two addresses are one only letter by letter."""
        return None if value is None else self.short_key(value)

    def mask(self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str) -> ColumnElement[str]:
        return FieldType.mask(self, f, columns, dialect)


def web_address(text: str) -> str:
    """Return the address with scheme and host in lower case. Raises :class:`InvalidValue`.

    Scripts (``javascript:``), addresses of this computer's files and credentials in an address are refused: whoever
    clicks a link of a record must not run what somebody else typed.
    """
    scheme, colon, _ = text.partition("://")
    if not colon or scheme.lower() not in SCHEMES:
        raise InvalidValue("F110", value=text[:64])
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise InvalidValue("F110", value=text[:64]) from error
    host, _, _ = parts.netloc.partition(":") if not parts.netloc.startswith("[") else (parts.netloc, "", "")
    bare = parts.netloc.rpartition("]")[0] + "]" if parts.netloc.startswith("[") else host
    if "@" in parts.netloc:
        raise InvalidValue("F111")
    if not _HOST.fullmatch(bare) or any(one.isspace() for one in text) or port == 0:
        raise InvalidValue("F110", value=text[:64])
    start = len(scheme) + len("://")
    return scheme.lower() + "://" + parts.netloc.lower() + text[start + len(parts.netloc) :]
