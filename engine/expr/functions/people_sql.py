"""The organization in SQL, on both databases: memberships and the closure tables of departments and reporting lines."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Text, and_, case, cast, exists, false, func, null, or_, select

from engine import org
from engine.expr.functions.base import Column
from engine.expr.sql_lists import Lists, Stream
from engine.expr.sql_values import Sql
from engine.expr.tree import Call, Const, Items, Node
from engine.expr.types import DEPARTMENT, DEPARTMENT_ENTITY, PERSON, USER_ENTITY, RecordType

_LANGUAGES = ("zh-CN", "en")


def _name(compiler: Lists, column: Column, language: str) -> Column:
    if compiler.native:
        return func.json_extract_path_text(column, language, type_=Text())
    return func.json_extract(column, f'$."{language}"', type_=Text())


def department_path(compiler: Lists, node: Call) -> Sql:
    """The names from the top down, put together in the order of their depth."""
    made = compiler.compile(node.args[0])
    table, closure = org.department.alias(), org.department_closure.alias()
    name = func.coalesce(*[_name(compiler, table.c.name, language) for language in _LANGUAGES])
    above = select(name.label("name"), closure.c.depth.label("depth")).where(
        closure.c.descendant_id == made.value, table.c.id == closure.c.ancestor_id
    )
    ordered = above.order_by(closure.c.depth.desc()).correlate_except(table, closure)
    rows = ordered.lateral() if compiler.native else ordered.subquery()
    joined = (func.string_agg if compiler.native else func.group_concat)(rows.c.name, "/", type_=Text())
    return Sql(select(joined).select_from(rows).correlate_except(rows).scalar_subquery(), made.guard)


def _truth(node: Node) -> bool:
    return isinstance(node, Const) and node.value is True


def _whole(node: Node) -> int | None:
    return int(node.value) if isinstance(node, Const) and node.value is not None else None


def _departments(compiler: Lists, node: Node, column: Column) -> tuple[Column, Column | None]:
    """Return the condition that a column is one of some departments, and when their list is an error."""
    if isinstance(node, Items):
        made = [compiler.compile(item) for item in node.items]
        guards = [one.guard for one in made if one.guard is not None]
        found = or_(false(), *(column == one.value for one in made))
        return found, or_(*guards) if guards else None
    stream = compiler.stream(node)
    wanted = compiler.item_value(stream)
    return column.in_(compiler.select_from(stream, wanted)), stream.guard


def _seats(compiler: Lists, node: Node, deep: bool) -> tuple[Select[Any], Any, Column | None]:
    """Return the memberships in some departments, and below when ``deep``: a select of people, and when it fails."""
    seat = org.membership.alias()
    if not deep:
        inside, guard = _departments(compiler, node, seat.c.department_id)
        return select(seat.c.user_id).where(inside), seat, guard
    closure = org.department_closure.alias()
    inside, guard = _departments(compiler, node, closure.c.ancestor_id)
    found = select(seat.c.user_id).where(inside, closure.c.descendant_id == seat.c.department_id)
    return found.correlate_except(seat, closure), seat, guard


def in_departments(compiler: Lists, node: Call) -> Sql:
    """Whether a person has a seat in one of some departments; blank for nobody."""
    person = compiler.compile(node.args[0])
    seats, seat, failed = _seats(compiler, node.args[1], _truth(node.args[2]))
    value = exists(seats.where(seat.c.user_id == person.value))
    guards = [guard for guard in (person.guard, failed) if guard is not None]
    guard = or_(*guards) if guards else None
    blank = person.value.is_(None) if guard is None else or_(person.value.is_(None), guard)
    if not compiler.may_be_null(node.args[0]) and guard is None:
        return Sql(value)
    return Sql(case((blank, null()), else_=value), guard)


def _people(compiler: Lists, wanted: Select[Any], guard: Column | None) -> Stream:
    source = compiler.resolver.records(USER_ENTITY)
    own = source.resolver.column(("sys_id",))
    where = and_(source.on, own.in_(wanted))
    record = (source.resolver, ())
    return Stream([source.from_], [where], PERSON, record=record, order=list(source.order), guard=guard)


def members(compiler: Lists, node: Call) -> Stream:
    """People with a seat in some departments, each once."""
    seats, _, guard = _seats(compiler, node.args[0], _truth(node.args[1]))
    return _people(compiler, seats, guard)


def subordinates(compiler: Lists, node: Call) -> Stream:
    """People below a person in the closure of reporting lines."""
    lead = compiler.compile(node.args[0])
    line = org.reporting.alias()
    wanted = select(line.c.member_id).where(line.c.lead_id == lead.value, line.c.depth > 0)
    levels = _whole(node.args[1]) if len(node.args) > 1 else None
    if levels is not None:
        wanted = wanted.where(line.c.depth <= levels)
    return _people(compiler, wanted.correlate_except(line), lead.guard)


def departments_named(compiler: Lists, node: Call) -> Stream:
    """Departments by id or by name in any language."""
    made = compiler.compile(node.args[0])
    source = compiler.resolver.records(DEPARTMENT_ENTITY)
    table = org.department.alias()
    names = [_name(compiler, table.c.name, language) for language in _LANGUAGES]
    text = cast(made.value, Text())
    wanted = select(table.c.id).where(or_(table.c.id == text, *(name == text for name in names)))
    own = source.resolver.column(("sys_id",))
    where = and_(source.on, own.in_(wanted.correlate_except(table)))
    entity = RecordType(DEPARTMENT.entity)
    record = (source.resolver, ())
    return Stream([source.from_], [where], entity, record=record, order=list(source.order), guard=made.guard)
