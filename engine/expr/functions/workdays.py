"""Working days: Monday to Friday without holidays that are given, or by a kept calendar with make-up days (调休).

A calendar knows the years somebody entered (the Chinese one: as published). In a year it does not know, Monday to
Friday are worked: CALENDARKNOWS tells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Date, Integer, Text, and_, case, cast, exists, extract, func, literal, null, or_, select, values
from sqlalchemy import column as sql_column

from engine import calendars
from engine.calendars import CHINA, Calendar, WorkingDays
from engine.expr import moments, sql_dates
from engine.expr.functions.base import Column, Param, SqlCompiler, entries
from engine.expr.sql_numbers import numeric
from engine.expr.sql_values import NotPushable, Sql, once
from engine.expr.tree import Call, Const, Facts, Items, Node
from engine.expr.types import BOOLEAN, DATE, NUMBER
from engine.expr.values import NUM, VALUE, Env, Fault, Value

_WHOLE = Decimal(10_000_000)
_MOST_DAYS = 4_000_000
_WALKED = "days on are counted by the application"
_CALENDAR = frozenset({"CALENDAR"})
_NO_HOLIDAYS = WorkingDays({})

_DAY = Param("date", "moment")
_START, _END = Param("start", "moment"), Param("end", "moment")
_DAYS = Param("days", "number")
_HOLIDAYS = Param("holidays", "list", optional=True, items="date")
_NAME = Param("calendar", "text", optional=True, literal=True)

_define = entries("date", whole=_WHOLE)
_china = entries("chinese", whole=_WHOLE, uses=_CALENDAR, fold=False, extra={"calendar": True}, errors=("VALUE",))


# -- counting ---------------------------------------------------------------------------------------------------------


def _without(holidays: Sequence[Value] | None) -> WorkingDays:
    return WorkingDays.without(holidays) if holidays else _NO_HOLIDAYS


def _count(days: WorkingDays, start: date, end: date) -> Decimal:
    """Return the working days between two dates, both included; negative when they are reversed."""
    low, high = sorted((start.toordinal(), end.toordinal()))
    count = days.count(low, high)
    return Decimal(count if start <= end else -count)


def _after(days: WorkingDays, start: date, number: Decimal) -> date:
    """Return the working day some working days on. Raises NUM."""
    if number.copy_abs() > _MOST_DAYS:
        raise Fault(NUM)
    return moments.from_ordinal(days.after(start.toordinal(), int(number)))


def net_workdays(start: date | None, end: date | None, holidays: Sequence[Value] | None = None) -> Decimal | None:
    """NETWORKDAYS: Mondays to Fridays between two dates, both included, without holidays."""
    return None if start is None or end is None else _count(_without(holidays), start, end)


def workday(start: date | None, number: Decimal | None, holidays: Sequence[Value] | None = None) -> date | None:
    """WORKDAY: the working day some working days on. Raises NUM."""
    return None if start is None or number is None else _after(_without(holidays), start, number)


def is_workday(day: date | None, holidays: Sequence[Value] | None = None) -> bool | None:
    """ISWORKDAY: whether a day is a Monday to Friday and no holiday."""
    return None if day is None else _without(holidays).is_worked(day)


def calendar_of(env: Env, name: str) -> Calendar:
    """Return a calendar by name. Raises VALUE."""
    try:
        return env.outside.calendar(name)
    except KeyError as error:
        raise Fault(VALUE) from error


# -- in SQL -----------------------------------------------------------------------------------------------------------


def _in_week(day: Column) -> Column:
    return extract("isodow", day) < 6


def _weekdays(low: Column, high: Column) -> Column:
    """Mondays to Fridays from ``low`` to ``high`` (in order), both included."""
    span = sql_dates.day_number(high) - sql_dates.day_number(low) + 1
    weeks, rest, first = func.div(span, 7), func.mod(span, 7), extract("isodow", low) - 1
    # of the days that fill no week, those at or after Saturday are free
    free = func.greatest(func.least(first + rest, 7) - func.greatest(first, 5), 0)
    wrapped = func.greatest(func.least(first + rest - 7, 7) - 5, 0)
    return weeks * 5 + rest - free - wrapped


def _signed(start: Column, end: Column, extra: Callable[[Column, Column], Column] | None = None) -> Column:
    """Working days between two dates in any order, with what a list or a calendar changes."""

    def counted(start: Column, end: Column) -> Column:
        low, high = func.least(start, end), func.greatest(start, end)
        count = _weekdays(low, high)
        if extra is not None:
            count = count + extra(low, high)
        return numeric(case((or_(start.is_(None), end.is_(None)), null()), (start <= end, count), else_=-count))

    return once(counted, start, end)


def _dates(compiler: SqlCompiler, node: Node) -> tuple[Sequence[Sql], Any]:
    """Return the items of a written list of dates, and a table of them."""
    if not isinstance(node, Items):
        raise NotPushable("this list of holidays is read by the application")
    made = [compiler.argument(item) for item in node.items]
    rows = values(sql_column("day", Date()), name="free_days").data([(one.value,) for one in made])
    return made, rows.alias() if made else None


def _net_sql(compiler: SqlCompiler, node: Call) -> Sql:
    start, end = compiler.compile(node.args[0]), compiler.compile(node.args[1])
    if len(node.args) < 3:
        return compiler.guarded(_signed(start.value, end.value), [start, end], own=False)
    made, free = _dates(compiler, node.args[2])

    def missing(low: Column, high: Column) -> Column:
        wanted = select(func.count(free.c.day.distinct())).where(free.c.day.between(low, high), _in_week(free.c.day))
        return -wanted.correlate_except(free).scalar_subquery()

    value = _signed(start.value, end.value, None if free is None else missing)
    return compiler.guarded(value, [start, end, *made], own=False)


def _is_sql(compiler: SqlCompiler, node: Call) -> Sql:
    day = compiler.compile(node.args[0])
    if len(node.args) < 2:
        return compiler.guarded(_in_week(day.value), [day], own=False)
    made, free = _dates(compiler, node.args[1])
    worked = _in_week(day.value)
    if free is not None:
        listed = exists(select(1).select_from(free).where(free.c.day == day.value).correlate_except(free))
        worked = and_(worked, or_(day.value.is_(None), ~listed))
    return compiler.guarded(worked, [day, *made], own=False)


def _written_holidays(at: int) -> Callable[[Facts, Sequence[Node]], Facts]:
    """Facts of a function whose list of holidays must be written out for PostgreSQL."""

    def adjust(facts: Facts, args: Sequence[Node]) -> Facts:
        facts = replace(facts, nullable=any(arg.nullable for arg in args[:at]))
        if len(args) > at and not isinstance(args[at], Items):
            return replace(facts, pushable=facts.pushable - {"postgresql"})
        return facts

    return adjust


# -- with holidays given ----------------------------------------------------------------------------------------------

_define(
    "NETWORKDAYS",
    "两个日期之间的工作日数（含首尾，周一到周五，可给节假日列表）。",
    "Working days between two dates, both included: Monday to Friday without the holidays given.",
    (
        ("NETWORKDAYS(DATE(2024, 9, 1), DATE(2024, 9, 30))", "21"),
        ("NETWORKDAYS(DATE(2024, 9, 30), DATE(2024, 9, 1), [DATE(2024, 9, 16)])", "-20"),
    ),
    (_START, _END, _HOLIDAYS),
    NUMBER,
    net_workdays,
    blank="own",
    adjust=_written_holidays(2),
    sql=_net_sql,
)
_define(
    "WORKDAY",
    "若干个工作日之后的日期（可给节假日列表）。",
    "The date some working days on, without the holidays given.",
    (
        ("WORKDAY(DATE(2024, 9, 6), 1)", "2024-09-09"),
        ("WORKDAY(DATE(2024, 9, 6), 1, [DATE(2024, 9, 9)])", "2024-09-10"),
    ),
    (_START, _DAYS, _HOLIDAYS),
    DATE,
    workday,
    _WALKED,
    blank="own",
    errors=("NUM",),
)
_define(
    "ISWORKDAY",
    "是否工作日（周一到周五，可给节假日列表）。",
    "Whether a day is worked: Monday to Friday without the holidays given.",
    (("ISWORKDAY(DATE(2024, 9, 28))", "FALSE"), ("ISWORKDAY(DATE(2024, 9, 30))", "TRUE")),
    (_DAY, _HOLIDAYS),
    BOOLEAN,
    is_workday,
    blank="own",
    adjust=_written_holidays(1),
    sql=_is_sql,
)


# -- by a calendar ----------------------------------------------------------------------------------------------------


def _calendar_name(node: Call, at: int) -> str:
    """Return the calendar a call names, "" for a blank one."""
    made = node.args[at] if len(node.args) > at else None
    return made.value or "" if isinstance(made, Const) else CHINA


def calendar_names(node: Node) -> set[str]:
    """Return the calendars the functions of an expression use."""
    found = set()
    for call in node.walk():
        if isinstance(call, Call) and call.name in _PLACE:
            found.add(_calendar_name(call, _PLACE[call.name]))
    return found - {""}


_PLACE = {"ISWORKDAYCN": 1, "NETWORKDAYSCN": 2, "WORKDAYCN": 2, "CALENDARKNOWS": 1}


def _is_worked(env: Env, day: date, name: str = CHINA) -> bool:
    return calendar_of(env, name).days.is_worked(day)


def _net(env: Env, start: date, end: date, name: str = CHINA) -> Decimal:
    return _count(calendar_of(env, name).days, start, end)


def _later(env: Env, start: date, number: Decimal, name: str = CHINA) -> date:
    return _after(calendar_of(env, name).days, start, number)


def _knows(env: Env, day: date, name: str = CHINA) -> bool:
    return calendar_of(env, name).knows(day)


def _known(name: str) -> Column:
    """Whether a calendar is stored."""
    return exists(select(1).where(calendars.calendar.c.name == literal(name, Text())))


def _kept(compiler: SqlCompiler, args: Sequence[Sql], value: Column, name: str) -> Sql:
    """Return a value by a stored calendar; an error where there is no such calendar, blank where none is named."""
    if not name:
        return compiler.guarded(case((literal(False), value), else_=null()), args, own=False)
    present = and_(*(arg.value.is_not(None) for arg in args))
    guard = and_(~_known(name), present)
    guards = [guard, *(arg.guard for arg in args if arg.guard is not None)]
    return Sql(case((_known(name), value), else_=null()), or_(*guards))


def _is_kept_sql(compiler: SqlCompiler, node: Call) -> Sql:
    day, name = compiler.compile(node.args[0]), _calendar_name(node, 1)
    table = calendars.calendar_day.alias()
    told = select(table.c.worked).where(table.c.calendar == name, table.c.day == day.value)
    worked = func.coalesce(told.correlate_except(table).scalar_subquery(), _in_week(day.value))
    return _kept(compiler, [day], worked, name)


def _net_kept_sql(compiler: SqlCompiler, node: Call) -> Sql:
    start, end = compiler.compile(node.args[0]), compiler.compile(node.args[1])
    name, table = _calendar_name(node, 2), calendars.calendar_day.alias()

    def changed(low: Column, high: Column) -> Column:
        made_up, free = and_(table.c.worked, ~_in_week(table.c.day)), and_(~table.c.worked, _in_week(table.c.day))
        step = case((made_up, 1), (free, -1))
        wanted = select(func.coalesce(func.sum(cast(step, Integer)), 0)).where(
            table.c.calendar == name, table.c.day.between(low, high)
        )
        return wanted.correlate_except(table).scalar_subquery()

    return _kept(compiler, [start, end], _signed(start.value, end.value, changed), name)


def _knows_sql(compiler: SqlCompiler, node: Call) -> Sql:
    day, name = compiler.compile(node.args[0]), _calendar_name(node, 1)
    table = calendars.calendar_year.alias()
    year = cast(extract("year", day.value), Integer)
    found = exists(select(1).where(table.c.calendar == name, table.c.year == year).correlate_except(table))
    return _kept(compiler, [day], case((day.value.is_(None), null()), else_=found), name)


_china(
    "ISWORKDAYCN",
    "按工作日历（默认 CN：法定节假日与调休）是否工作日。日历未录入的年份按周一到周五计。",
    "Whether a day is worked by a calendar; by CN, with the public holidays and make-up days of China, if none is "
    "named. In a year the calendar does not know, Monday to Friday are worked.",
    (("ISWORKDAYCN(DATE(2024, 9, 29))", "TRUE"), ("ISWORKDAYCN(DATE(2024, 10, 1))", "FALSE")),
    (_DAY, _NAME),
    BOOLEAN,
    _is_worked,
    sql=_is_kept_sql,
)
_china(
    "NETWORKDAYSCN",
    "按工作日历，两个日期之间的工作日数（含首尾）。日历未录入的年份按周一到周五计。",
    "Working days between two dates, both included, by a calendar (CN if none is named). In a year the calendar does "
    "not know, Monday to Friday are worked.",
    (("NETWORKDAYSCN(DATE(2024, 10, 1), DATE(2024, 10, 12))", "5"),),
    (_START, _END, _NAME),
    NUMBER,
    _net,
    sql=_net_kept_sql,
)
_china(
    "WORKDAYCN",
    "按工作日历，若干个工作日之后的日期。日历未录入的年份按周一到周五计。",
    "The date some working days on, by a calendar (CN if none is named). In a year the calendar does not know, Monday "
    "to Friday are worked.",
    (("WORKDAYCN(DATE(2024, 9, 30), 1)", "2024-10-08"), ("WORKDAYCN(DATE(2024, 9, 30), -1)", "2024-09-29")),
    (_START, _DAYS, _NAME),
    DATE,
    _later,
    _WALKED,
    errors=("NUM", "VALUE"),
)
_china(
    "CALENDARKNOWS",
    "工作日历是否已录入某日所在的年份；未录入时工作日只按周一到周五计。",
    "Whether a calendar (CN if none is named) knows the year of a date; if not, working days are Monday to Friday.",
    (("CALENDARKNOWS(DATE(2024, 10, 1))", "TRUE"), ("CALENDARKNOWS(DATE(2099, 1, 1))", "FALSE")),
    (_DAY, _NAME),
    BOOLEAN,
    _knows,
    sql=_knows_sql,
)
