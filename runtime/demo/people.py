"""Who works in the demo company: departments, the people with an account, and colleagues who only own records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """``role`` is a role key of the CRM; ``regions`` where a seller's customers are, ``share`` how many he gets."""

    username: str
    name: str
    persona: Mapping[str, str]
    role: str
    department: str
    manager: str = ""
    duties: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    share: int = 0
    signs_in: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoDepartment:
    key: str
    name: Mapping[str, str]
    parent: str = ""
    head: str = ""


DEPARTMENTS: tuple[DemoDepartment, ...] = (
    DemoDepartment(key="company", name={"zh-CN": "斗拱演示公司", "en": "Dougong Demo Co."}),
    DemoDepartment(key="sales", name={"zh-CN": "销售中心", "en": "Sales"}, parent="company", head="zhao.min"),
    DemoDepartment(key="east", name={"zh-CN": "华东销售部", "en": "Sales East"}, parent="sales", head="wang.fang"),
    DemoDepartment(key="south", name={"zh-CN": "华南销售部", "en": "Sales South"}, parent="sales", head="lin.hao"),
    DemoDepartment(key="market", name={"zh-CN": "市场部", "en": "Marketing"}, parent="company", head="sun.yue"),
    DemoDepartment(key="finance", name={"zh-CN": "财务部", "en": "Finance"}, parent="company", head="qian.wei"),
    DemoDepartment(key="it", name={"zh-CN": "信息部", "en": "IT"}, parent="company", head="admin"),
)

_SALES = {"zh-CN": "销售", "en": "Sales"}
_EAST, _SOUTH = ("east", "north", "northeast"), ("south", "central", "west")


def _seller(username: str, name: str, department: str, manager: str, share: int, signs_in: bool) -> DemoPerson:
    return DemoPerson(
        username=username,
        name=name,
        persona=_SALES,
        role="sales",
        department=department,
        manager=manager,
        regions=_EAST if department == "east" else _SOUTH,
        share=share,
        signs_in=signs_in,
    )


STAFF: tuple[DemoPerson, ...] = (
    DemoPerson(
        username="admin",
        name="管理员",
        persona={"zh-CN": "管理员", "en": "Administrator"},
        role="admin",
        department="it",
        duties=("builder", "security_admin", "data_admin"),
    ),
    DemoPerson(
        username="zhao.min",
        name="赵敏",
        persona={"zh-CN": "销售总监", "en": "Sales director"},
        role="director",
        department="sales",
    ),
    DemoPerson(
        username="wang.fang",
        name="王芳",
        persona={"zh-CN": "销售经理", "en": "Sales manager"},
        role="manager",
        department="east",
        manager="zhao.min",
        regions=_EAST,
        share=1,
    ),
    DemoPerson(
        username="lin.hao",
        name="林浩",
        persona={"zh-CN": "销售经理", "en": "Sales manager"},
        role="manager",
        department="south",
        manager="zhao.min",
        regions=_SOUTH,
        share=1,
        signs_in=False,
    ),
    _seller("chen.jing", "陈静", "east", "wang.fang", 5, True),
    _seller("li.lei", "李雷", "east", "wang.fang", 4, True),
    _seller("zhou.ting", "周婷", "east", "wang.fang", 3, False),
    _seller("he.jun", "何军", "south", "lin.hao", 4, False),
    _seller("xu.lu", "徐璐", "south", "lin.hao", 5, False),
    DemoPerson(
        username="sun.yue",
        name="孙悦",
        persona={"zh-CN": "市场", "en": "Marketing"},
        role="marketing",
        department="market",
        manager="zhao.min",
    ),
    DemoPerson(
        username="qian.wei",
        name="钱伟",
        persona={"zh-CN": "财务", "en": "Finance"},
        role="finance",
        department="finance",
    ),
)

_ORDER = ("chen.jing", "li.lei", "wang.fang", "zhao.min", "sun.yue", "qian.wei", "admin")

PEOPLE: tuple[DemoPerson, ...] = tuple(sorted((p for p in STAFF if p.signs_in), key=lambda p: _ORDER.index(p.username)))
"""Accounts a person may sign in with, in the order they are offered."""

SELLERS: tuple[DemoPerson, ...] = tuple(person for person in STAFF if person.share)
