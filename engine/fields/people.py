"""People, by the id of their account. Names are looked up by the record layer."""

from __future__ import annotations

from typing import Any

from engine.expr.types import PERSON, ListType, Type
from engine.fields.base import (
    Conversion,
    FieldType,
    InvalidValue,
    Value,
)
from engine.fields.id_lists import ID, IdList
from engine.fields.one_id import OneId, only_id
from engine.fields.operands import ME
from metadata.model import Field


def person_id(raw: Any) -> str:
    """Return a well-formed account id. Raises :class:`InvalidValue`; whether it exists the record layer asks."""
    if not isinstance(raw, str) or not ID.fullmatch(raw):
        raise InvalidValue("F501", value=str(raw)[:64])
    return raw


class UserType(OneId):
    """One person. Filters know ``"@me"``."""

    name = "user"
    label = {"zh-CN": "人员", "en": "Person"}
    holds = "people"

    def accept_id(self, f: Field, raw: Any) -> str:
        return person_id(raw)

    def expr_type(self, f: Field) -> Type:
        return PERSON

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        return ME if raw == ME.value else super().accept_one_operand(f, operator, raw)

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(value, tuple) and value:
            return Conversion(person_id(only_id(value)))
        return super().convert(f, value, source, source_type)


class UsersType(IdList):
    """Several people."""

    name = "users"
    label = {"zh-CN": "多个人员", "en": "People"}
    holds = "people"

    def accept_item(self, f: Field, raw: Any) -> str:
        return person_id(raw)

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        return ME if raw == ME.value else self.accept_item(f, raw)

    def expr_type(self, f: Field) -> Type:
        return ListType(PERSON)
