"""An address in China: province, city and district by code, then the street.

The value is the address as people write it, ``浙江省杭州市西湖区 文三路90号``, so formulas, searches and exports read
it plainly; the code it stands for is kept beside it and orders and narrows lists. Over the API it is an object.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, or_

from engine.fields.base import APP_ZONE, ColumnSpec, InvalidValue, Value, operand_list, present_and
from engine.fields.regions import regions
from engine.fields.texts import TEXT_OPERATORS, TextType, clean
from metadata.model import Field

LEVELS = {
    "province": {"zh-CN": "省", "en": "province"},
    "city": {"zh-CN": "市", "en": "city"},
    "district": {"zh-CN": "区县", "en": "district"},
}
_DEPTH = {"province": 1, "city": 2, "district": 3}


class AddressType(TextType):
    """Input is ``{"code", "detail"}`` or text. ``level`` is how deep the region must go where there is more to choose;
    filters know ``under`` (regions by code)."""

    name = "address"
    label = {"zh-CN": "省市区地址", "en": "Address"}
    default_length = 300
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "level": {"enum": list(LEVELS)},
            "detail": {"type": "boolean"},
            "search": {"type": "boolean"},
        },
    }

    def value_schema(self, f: Field) -> dict[str, Any]:
        text = {"type": "string", "maxLength": self.default_length}
        properties = {
            "code": {"type": "string", "pattern": "^[1-9][0-9]{5}$"},
            "detail": text,
            "text": text,
            "codes": {"type": "array", "items": {"type": "string"}},
            "names": {"type": "array", "items": {"type": "string"}},
        }
        return {"type": ["object", "null"], "required": ["code"], "properties": properties}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("text"), ColumnSpec("text", "code"))

    def storage_tag(self, f: Field) -> str:
        return "address"

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return (value, None if value is None else regions().read(value)[0])

    def from_db(self, f: Field, row: Sequence[Any]) -> Value:
        return row[0]

    def accept(self, f: Field, raw: Any) -> Value:
        if isinstance(raw, Mapping):
            code, detail = raw.get("code"), raw.get("detail") or ""
            if not isinstance(code, str) or code not in regions().all or not isinstance(detail, str):
                raise InvalidValue("F511", value=str(code)[:64])
            return self._made(f, *regions().deeper(code, _line(detail)))
        if raw is None or raw == "":
            return None
        if not isinstance(raw, str):
            raise InvalidValue("F511", value=str(raw)[:64])
        text = _line(raw)
        if not text:
            return None
        code, detail = regions().read(text)
        if not code:
            raise InvalidValue("F511", value=text[:64])
        return self._made(f, code, detail)

    def _made(self, f: Field, code: str, detail: str) -> str:
        found = regions()
        level = str(f.options.get("level", "district"))
        if len(found.codes(code)) < _DEPTH[level] and not found.is_end(code):
            raise InvalidValue("F512", level=LEVELS[level])
        kept = detail if f.options.get("detail", True) else ""
        text = "".join(found.names(code)) + (f" {kept}" if kept else "")
        if len(text) > self.default_length:
            raise InvalidValue("F102", length=len(text), limit=self.default_length)
        return text

    def to_json(self, f: Field, value: Value) -> Any:
        if value is None:
            return None
        found = regions()
        code, detail = found.read(value)
        names = list(found.names(code))
        return {"code": code, "codes": list(found.codes(code)), "names": names, "detail": detail, "text": value}

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        return self.accept(f, text)

    def operators(self, f: Field) -> tuple[str, ...]:
        return ("under", *TEXT_OPERATORS)

    def accept_operand(self, f: Field, operator: str, raw: Any) -> Any:
        if operator != "under":
            return super().accept_operand(f, operator, raw)
        listed = [raw] if isinstance(raw, str) else operand_list(raw)
        if not listed:
            raise InvalidValue("F805", operator=operator)
        for one in listed:
            if not isinstance(one, str) or one not in regions().all:
                raise InvalidValue("F511", value=str(one)[:64])
        return tuple(dict.fromkeys(_prefix(one) for one in listed))

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        if operator != "under":
            return super().condition(f, columns, operator, operand, dialect)
        code = columns[1]
        return present_and(code, or_(*(and_(code >= one, code < one + ":") for one in operand)))

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        if operator != "under":
            return super().matches(f, value, operator, operand)
        return value is not None and regions().read(value)[0].startswith(operand)

    def check_options(self, f: Field) -> tuple[()]:
        return ()

    def groupable(self, f: Field) -> bool:
        return False

    def needs_key_column(self, f: Field, normalise: str) -> bool:
        return True


def _line(text: str) -> str:
    return " ".join(clean(text, line_breaks=True).split())


def _prefix(code: str) -> str:
    """A code without the zeros that stand for "all of it"; the sign after ``9`` ends the range of what begins so."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
