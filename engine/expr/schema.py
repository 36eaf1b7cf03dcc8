"""What names mean: the fields an expression may use, and from where.

The record layer implements :class:`Schema` from a snapshot of the application; people and departments are described
here, because they are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from engine.expr.tree import Node
from engine.expr.types import BOOLEAN, DEPARTMENT, DEPARTMENT_ENTITY, PERSON, TEXT, USER_ENTITY, Type


@dataclass(frozen=True, slots=True)
class Symbol:
    """A field as the language sees it. ``inline`` is the bound formula of a computed field that is never stored;
    ``numbers`` says that it holds the number of the record."""

    id: str
    key: str
    label: Mapping[str, str]
    type: Type
    nullable: bool = True
    inline: Node | None = None
    numbers: bool = False


class Schema(Protocol):
    """Fields of entities. ``fields`` raises ``KeyError`` for an unknown entity, ``by_id`` for an unknown field."""

    def entities(self) -> Mapping[str, str]:
        """Return the ids of entities by what they may be called: key, and every label that means only one."""

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        """Return the fields of an entity by key, system fields included."""

    def by_id(self, field_id: str) -> Symbol:
        """Return a field by id; also one in the trash, so that a message can name it."""


def _symbol(identifier: str, key: str, zh: str, en: str, type_: Type, nullable: bool = True) -> Symbol:
    return Symbol(identifier, key, {"zh-CN": zh, "en": en}, type_, nullable)


USER_FIELDS: Mapping[str, Symbol] = {
    symbol.key: symbol
    for symbol in (
        _symbol("sys_id", "id", "编号", "Id", TEXT, nullable=False),
        _symbol("usr_name", "name", "姓名", "Name", TEXT, nullable=False),
        _symbol("usr_email", "email", "邮箱", "Email", TEXT),
        _symbol("usr_phone", "phone", "电话", "Phone", TEXT),
        _symbol("usr_active", "active", "在职", "Active", BOOLEAN, nullable=False),
        _symbol("usr_manager", "manager", "上级", "Manager", PERSON),
        _symbol("usr_department", "department", "部门", "Department", DEPARTMENT),
    )
}
"""Fields of a person; the department is the main one."""

DEPARTMENT_FIELDS: Mapping[str, Symbol] = {
    symbol.key: symbol
    for symbol in (
        _symbol("sys_id", "id", "编号", "Id", TEXT, nullable=False),
        _symbol("dep_name", "name", "名称", "Name", TEXT, nullable=False),
        _symbol("dep_parent", "parent", "上级部门", "Parent department", DEPARTMENT),
        _symbol("dep_head", "manager", "负责人", "Manager", PERSON),
    )
}

_PEOPLE: Mapping[str, Mapping[str, Symbol]] = {USER_ENTITY: USER_FIELDS, DEPARTMENT_ENTITY: DEPARTMENT_FIELDS}

ROOTS = frozenset({"OLD", "USER", "APP", "PARAM"})


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an expression stands: the record's entity (or "" for none) and the roots it may use.

    ``params`` and ``app`` are the names under PARAM and APP; ``roles`` maps what HASROLE accepts (keys, labels, ids)
    to role ids, and when it is empty any role name is accepted. ``language`` is that of option texts. ``making`` is
    true for a default value, where functions that give something new each time may be used. ``candidate`` is the type
    of ``it`` where an expression is about something that may be chosen for the record.
    """

    schema: Schema
    entity_id: str = ""
    roots: frozenset[str] = frozenset()
    params: Mapping[str, Symbol] = field(default_factory=dict)
    app: Mapping[str, Symbol] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    language: str = "zh-CN"
    making: bool = False
    candidate: Type | None = None

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        """Return the fields of an entity, people and departments included."""
        people = _PEOPLE.get(entity_id)
        if people is not None:
            return people
        return self.schema.fields(entity_id) if entity_id else {}


class NoSchema:
    """A schema without entities, for expressions that use no field."""

    def entities(self) -> Mapping[str, str]:
        return {}

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        raise KeyError(entity_id)

    def by_id(self, field_id: str) -> Symbol:
        raise KeyError(field_id)
