"""The record the examples of the documentation are about: a contract, its people, and products beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from engine.expr.outside import Nowhere
from engine.expr.schema import Scope, Symbol
from engine.expr.types import DATETIME, DEPARTMENT, PERSON, TEXT, Type, number
from engine.expr.values import CurrentUser, Env

NOW = datetime(2024, 6, 1, 4, 0, tzinfo=UTC)


def _symbol(identifier: str, key: str, type_: Type, *, numbers: bool = False) -> Symbol:
    return Symbol(identifier, key, {"en": key}, type_, numbers=numbers)


_FIELDS = {
    "ent_contract": (
        _symbol("sys_id", "id", TEXT),
        _symbol("sys_created_at", "created_at", DATETIME),
        _symbol("sys_created_by", "created_by", PERSON),
        _symbol("sys_owner", "owner", PERSON),
        _symbol("fld_no", "no", TEXT, numbers=True),
        _symbol("fld_amount", "amount", number(2)),
        _symbol("fld_dept", "department", DEPARTMENT),
        _symbol("fld_product", "product", TEXT),
    ),
    "ent_product": (_symbol("fld_code", "code", TEXT), _symbol("fld_price", "price", number(2))),
}


class ShowcaseSchema:
    def entities(self) -> Mapping[str, str]:
        return {"product": "ent_product"}

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        return {symbol.key: symbol for symbol in _FIELDS[entity_id]}

    def by_id(self, field_id: str) -> Symbol:
        return next(symbol for symbols in _FIELDS.values() for symbol in symbols if symbol.id == field_id)


def _person(identifier: str, name: str, department: str, manager: Any, **more: str) -> dict[str, Any]:
    return {"sys_id": identifier, "usr_name": name, "usr_department": department, "usr_manager": manager, **more}


LI = _person("u3", "李娜", "d0", None)
WANG = _person("u2", "王伟", "d1", LI)
CHEN = _person("u1", "陈静", "d2", WANG, usr_email="chenjing@example.com", usr_phone="13800138000")
PEOPLE = (CHEN, WANG, LI)
DEPARTMENTS = {"d0": ("总部", ""), "d1": ("销售部", "d0"), "d2": ("华东组", "d1")}
PRODUCTS = ({"sys_id": "p1", "fld_code": "A-1", "fld_price": Decimal(88)},)


def _above(department: str) -> list[str]:
    return [department, *_above(DEPARTMENTS[department][1])] if department else []


class ShowcaseOutside(Nowhere):
    """Answers about the people and products of the showcase."""

    def __init__(self) -> None:
        self.counter = 0

    def found(self, entity_id: str, field_id: str, key: Any) -> Sequence[Any]:
        return [row for row in PRODUCTS if entity_id == "ent_product" and row[field_id] == key]

    def members(self, departments: Collection[str], *, below: bool) -> Sequence[Any]:
        return [one for one in PEOPLE if self.within(one["sys_id"], departments, below=below)]

    def subordinates(self, person: str, levels: int | None) -> Sequence[Any]:
        found = []
        for one in PEOPLE:
            lead, steps = one["usr_manager"], 1
            while lead is not None and lead["sys_id"] != person:
                lead, steps = lead["usr_manager"], steps + 1
            if lead is not None and (levels is None or steps <= levels):
                found.append(one)
        return found

    def within(self, person: str, departments: Collection[str], *, below: bool) -> bool:
        own = next((one["usr_department"] for one in PEOPLE if one["sys_id"] == person), "")
        return any(one in departments for one in (_above(own) if below else [own]))

    def department_path(self, department: str) -> Sequence[str]:
        return [DEPARTMENTS[one][0] for one in reversed(_above(department))]

    def departments_named(self, text: str) -> Collection[str]:
        return [one for one, (name, _) in DEPARTMENTS.items() if text in (one, name)]

    def next_number(self, counter: str) -> int:
        self.counter += 1
        return self.counter


SCOPE = Scope(ShowcaseSchema(), "ent_contract", frozenset({"OLD", "USER"}), roles={"sales": "rol_sales"}, making=True)
RECORD = {
    "sys_id": "r1",
    "sys_created_at": NOW,
    "sys_created_by": WANG,
    "sys_owner": CHEN,
    "fld_no": "HT-0042",
    "fld_amount": Decimal(120),
    "fld_dept": {"sys_id": "d2", "dep_name": "华东组", "dep_parent": {"sys_id": "d1", "dep_name": "销售部"}},
    "fld_product": "A-1",
}


def env() -> Env:
    """The showcase record as the language sees it."""
    user = CurrentUser("u1", frozenset({"rol_sales"}), ("d2",), CHEN)
    old = {**RECORD, "fld_amount": Decimal(100)}
    return Env(RECORD, old=old, user=user, now=NOW, outside=ShowcaseOutside())
