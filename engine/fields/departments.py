"""Departments, by id. Names are looked up by the record layer, branches when a question is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement

from engine.expr.types import DEPARTMENT, ListType, Type
from engine.fields.base import (
    Conversion,
    FieldType,
    InvalidValue,
    Value,
    operand_list,
)
from engine.fields.id_lists import ID, LIST_FIELD_OPERATORS, IdList
from engine.fields.one_id import OneId, only_id
from engine.fields.operands import MY_DEPARTMENT, Asking
from metadata.model import Field


def department_id(raw: Any) -> str:
    """Return a well-formed department id. Raises :class:`InvalidValue`; whether it exists the record layer asks."""
    if not isinstance(raw, str) or not ID.fullmatch(raw):
        raise InvalidValue("F505", value=str(raw)[:64])
    return raw


def _operand(operator: str, raw: Any) -> Any:
    """``under`` takes one department or a list; every place takes ``"@my_department"``."""
    if operator == "under":
        listed = [raw] if isinstance(raw, str) else operand_list(raw)
        if not listed:
            raise InvalidValue("F805", operator=operator)
        return tuple(_one(one) for one in listed)
    return _one(raw)


def _one(raw: Any) -> Any:
    return MY_DEPARTMENT if raw == MY_DEPARTMENT.value else department_id(raw)


def _resolved(operator: str, operand: Any, asking: Asking) -> Any:
    """Replace ``@my_department``: in a list by all one's departments, alone by the main one; none is no department."""
    if operand is MY_DEPARTMENT:
        return next(iter(asking.departments.of(asking.user)), "")
    if not isinstance(operand, tuple):
        return operand
    each = [
        one for part in operand for one in (asking.departments.of(asking.user) if part is MY_DEPARTMENT else (part,))
    ]
    return asking.departments.under(each) if operator == "under" else tuple(dict.fromkeys(each))


class DeptType(OneId):
    """One department. Filters know ``under`` (a branch of the organisation) and ``"@my_department"``."""

    name = "dept"
    label = {"zh-CN": "部门", "en": "Department"}
    holds = "departments"

    def accept_id(self, f: Field, raw: Any) -> str:
        return department_id(raw)

    def expr_type(self, f: Field) -> Type:
        return DEPARTMENT

    def operators(self, f: Field) -> tuple[str, ...]:
        return ("under", *super().operators(f))

    def accept_operand(self, f: Field, operator: str, raw: Any) -> Any:
        return _operand(operator, raw) if operator == "under" else super().accept_operand(f, operator, raw)

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        return _operand(operator, raw)

    def resolve_operand(self, f: Field, operator: str, operand: Any, asking: Asking) -> Any:
        return _resolved(operator, operand, asking)

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        return super().condition(f, columns, "in" if operator == "under" else operator, operand, dialect)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        return super().matches(f, value, "in" if operator == "under" else operator, operand)

    def convert(self, f: Field, value: Value, source: Field, source_type: FieldType) -> Conversion:
        if isinstance(source_type, DeptsType) and value:
            return Conversion(only_id(value))
        return super().convert(f, value, source, source_type)


class DeptsType(IdList):
    """Several departments; ``under`` is true when one of them lies in the branch."""

    name = "depts"
    label = {"zh-CN": "部门多选", "en": "Departments"}
    holds = "departments"

    def accept_item(self, f: Field, raw: Any) -> str:
        return department_id(raw)

    def expr_type(self, f: Field) -> Type:
        return ListType(DEPARTMENT)

    def operators(self, f: Field) -> tuple[str, ...]:
        return ("under", *LIST_FIELD_OPERATORS)

    def accept_operand(self, f: Field, operator: str, raw: Any) -> Any:
        return _operand(operator, raw) if operator == "under" else super().accept_operand(f, operator, raw)

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        return _operand(operator, raw)

    def resolve_operand(self, f: Field, operator: str, operand: Any, asking: Asking) -> Any:
        return _resolved(operator, operand, asking)

    def condition(
        self, f: Field, columns: Sequence[ColumnElement[Any]], operator: str, operand: Any, dialect: str
    ) -> ColumnElement[bool]:
        return super().condition(f, columns, "has_any" if operator == "under" else operator, operand, dialect)

    def matches(self, f: Field, value: Value, operator: str, operand: Any) -> bool:
        return super().matches(f, value, "has_any" if operator == "under" else operator, operand)
