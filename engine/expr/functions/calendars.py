"""More functions over dates: weeks, starts of periods, ages, fractions of years."""

from __future__ import annotations

import re
from calendar import isleap
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Date, DateTime, Numeric, case, cast, extract, func

from engine.expr import moments, numbers, sql_dates
from engine.expr.functions.base import Binder, Column, Function, Param, SqlCompiler, entries
from engine.expr.numbers import INTERMEDIATE
from engine.expr.sql_numbers import ONE, numeric
from engine.expr.sql_values import Sql
from engine.expr.syntax import Invoke
from engine.expr.tree import Call, Const, Node
from engine.expr.types import DATE, DATETIME, NUMBER
from engine.expr.values import NUM, VALUE, Env, Fault

_DAY = Param("date", "moment")
_WHOLE = Decimal(10_000_000)
_DATE_TEXT = re.compile(r"^(\d{4})(?:-|/|年)(\d{1,2})(?:-|/|月)(\d{1,2})日?$", re.A)
_FROM_SUNDAY = Decimal(1)


_define = entries("date", whole=_WHOLE)


# -- weeks and periods ------------------------------------------------------------------------------------------------


def week_number(day: date, kind: Decimal = _FROM_SUNDAY) -> Decimal:
    """WEEKNUM: the week with 1 January is the first; kind 21 is the ISO week. Raises NUM."""
    code = int(kind)
    if code == 21:
        return iso_week(day)
    start = {1: 7, 2: 1}.get(code, code - 10 if 11 <= code <= 17 else 0)
    if not start:
        raise Fault(NUM)
    first = day.replace(month=1, day=1)
    return Decimal((day.toordinal() - first.toordinal() + (first.isoweekday() - start) % 7) // 7 + 1)


def iso_week(day: date) -> Decimal:
    return Decimal(day.isocalendar().week)


def start_of(day: date, unit: str) -> date:
    """STARTOF: the first day of the year, quarter, month or week (Monday). Raises NUM before the year 1."""
    if unit == "week":
        return moments.from_ordinal(day.toordinal() - day.isoweekday() + 1)
    if unit == "month":
        return day.replace(day=1)
    return day.replace(month=(day.month - 1) // 3 * 3 + 1 if unit == "quarter" else 1, day=1)


def _sql_iso_week(day: Column) -> Column:
    return numeric(cast(extract("week", day), Numeric))


def _sql_week(day: Column, kind: Column = ONE) -> Column:
    code = func.trunc(kind)
    start = case((code == 1, 7), (code == 2, 1), (code.between(11, 17), code - 10))
    first = func.date_trunc("year", cast(day, DateTime))
    offset = func.mod(extract("isodow", first) - start + 7, 7)
    week = func.div(extract("doy", day) - 1 + offset, 7) + 1
    return numeric(case((code == 21, extract("week", day)), else_=week))


def _sql_start(compiler: SqlCompiler, node: Call) -> Sql:
    day, unit = compiler.compile(node.args[0]), node.args[1]
    word = unit.value if isinstance(unit, Const) else "month"
    moved = cast(func.date_trunc(word, cast(day.value, DateTime)), Date)
    value = sql_dates.from_day_number(sql_dates.day_number(moved))
    return compiler.guarded(value, [day], own=node.may_error)


_define(
    "WEEKNUM",
    "一年中的第几周，含 1 月 1 日的为第 1 周；默认从星期日起，类型 2 从星期一，11–17 从星期一到星期日，21 为 ISO 周。",
    "The week of the year; the one with 1 January is the first. From Sunday; kind 2: Monday; 11 to 17; 21: ISO.",
    (("WEEKNUM(DATE(2024, 12, 31))", "53"), ("WEEKNUM(DATE(2024, 12, 30), 21)", "1")),
    (_DAY, Param("kind", "number", optional=True)),
    NUMBER,
    week_number,
    _sql_week,
    errors=("NUM",),
    fails=lambda args: len(args) > 1,
)
_define(
    "ISOWEEKNUM",
    "ISO 周：星期一为首日，含星期四的周属于当年。",
    "The ISO week: it begins on Monday and belongs to the year of its Thursday.",
    (("ISOWEEKNUM(DATE(2024, 12, 30))", "1"),),
    (_DAY,),
    NUMBER,
    iso_week,
    _sql_iso_week,
)
_define(
    "STARTOF",
    "所在年、季、月、周（星期一）的第一天。",
    "The first day of the year, quarter, month or week (Monday).",
    (('STARTOF(DATE(2024, 8, 15), "quarter")', "2024-07-01"), ('STARTOF(DATE(2024, 9, 29), "week")', "2024-09-23")),
    (_DAY, Param("unit", "text", words=("year", "quarter", "month", "week"))),
    DATE,
    start_of,
    errors=("NUM",),
    fails=lambda args: isinstance(args[1], Const) and args[1].value == "week",
    sql=_sql_start,
)


# -- making -----------------------------------------------------------------------------------------------------------


def read_date(text: str) -> date | None:
    """DATEVALUE: 2024-9-30, 2024/9/30 or 2024年9月30日. Raises VALUE; blank for blank."""
    cleaned = text.strip()
    if not cleaned:
        return None
    match = _DATE_TEXT.match(cleaned)
    try:
        return date(int(match[1]), int(match[2]), int(match[3])) if match else _unreadable()
    except ValueError:
        return _unreadable()


def _unreadable() -> date:
    raise Fault(VALUE)


def make_moment(env: Env, *parts: Decimal) -> datetime:
    """DATETIME: an instant from local year, month, day, hour, minute, second; all carry over. Raises NUM."""
    year, month, day, hour, minute, second = [*parts, *[Decimal(0)] * (6 - len(parts))]
    if max(hour.copy_abs(), minute.copy_abs(), second.copy_abs()) > _WHOLE:
        raise Fault(NUM)
    wall = datetime.combine(moments.make_date(year, month, day), datetime.min.time())
    try:
        wall += timedelta(hours=int(hour), minutes=int(minute), seconds=int(second))
    except OverflowError as error:
        raise Fault(NUM) from error
    return moments.instant(wall, env.zone)


_define(
    "DATEVALUE",
    "把文本读成日期：2024-9-30、2024/9/30 或 2024年9月30日。",
    "Reads a date: 2024-9-30, 2024/9/30 or 2024年9月30日.",
    (('DATEVALUE("2024-9-30")', "2024-09-30"), ('DATEVALUE("30.9.")', "#VALUE!")),
    (Param("text", "text"),),
    DATE,
    read_date,
    "dates in text are read by the application",
    blank="text",
    errors=("VALUE",),
    adjust=lambda facts, args: replace(facts, nullable=True),
)
_define(
    "DATETIME",
    "由年、月、日、时、分、秒得到日期时间（应用所在时区）。",
    "A datetime from year, month, day, hour, minute and second in the application zone.",
    (('DATETIME(2024, 9, 30, 8, 5) & ""', "2024-09-30 08:05:00"),),
    (
        *[Param(name, "number") for name in ("year", "month", "day")],
        *[Param(name, "number", optional=True) for name in ("hour", "minute", "second")],
    ),
    DATETIME,
    make_moment,
    "moments are put together by the application",
    uses=frozenset({"ZONE"}),
    errors=("NUM",),
)


# -- differences ------------------------------------------------------------------------------------------------------


def days360(start: date, end: date, european: bool = False) -> Decimal:
    """DAYS360: months of 30 days."""
    first, last = start.day, end.day
    if european:
        first, last = min(first, 30), min(last, 30)
    else:
        if first == 31:
            first = 30
        if last == 31 and first == 30:
            last = 30
    return Decimal((end.year - start.year) * 360 + (end.month - start.month) * 30 + last - first)


def _bind_age(binder: Binder, function: Function, call: Invoke) -> Node:
    span = (call.start, call.end)
    born = binder.bind_argument(call.args[0], _DAY, "AGE")
    on = binder.bind_argument(call.args[1], _DAY, "AGE") if len(call.args) > 1 else binder.call("TODAY", [], span)
    return binder.call("DATEDIF", [born, on, binder.word("y", span)], span)


_define(
    "DAYS360",
    "按每月 30 天计算的天数；第三个参数为真时用欧洲规则。",
    "Days between dates with months of 30 days; by the European rule when the third argument is true.",
    (("DAYS360(DATE(2024, 1, 31), DATE(2024, 3, 31))", "60"),),
    (Param("start", "moment"), Param("end", "moment"), Param("european", "boolean", optional=True)),
    NUMBER,
    days360,
    "months of 30 days are counted by the application",
)
_define(
    "AGE",
    "满多少岁（到今天，或到第二个日期）。",
    "Full years since a date, until today or a second date.",
    (("AGE(DATE(2000, 5, 17), DATE(2024, 5, 16))", "23"),),
    (_DAY, Param("on", "moment", optional=True)),
    NUMBER,
    None,
    bind=_bind_age,
    sql="core",
)


# -- parts of years ---------------------------------------------------------------------------------------------------


def _last_of_february(day: date) -> bool:
    return day.month == 2 and day.day == moments.month_length(day)


def _actual_year(start: date, end: date) -> Decimal:
    """Return the days of the year a span is measured by: of its years on the average, or of the one it lies in."""
    if end <= _a_year_on(start):
        if start.year == end.year:
            return Decimal(366 if isleap(start.year) else 365)
        leap_day = any(isleap(year) and start <= date(year, 2, 29) <= end for year in (start.year, end.year))
        return Decimal(366 if leap_day else 365)
    years = range(start.year, end.year + 1)
    return numbers.divide(Decimal(sum(366 if isleap(year) else 365 for year in years)), Decimal(len(years)))


def _a_year_on(day: date) -> date:
    return moments.shift_months(day, Decimal(12)) if day.year < 9999 else date.max


def year_fraction(start: date, end: date, basis: Decimal = Decimal(0)) -> Decimal:
    """YEARFRAC by the bases of Excel: 0 US 30/360, 1 actual/actual, 2 actual/360, 3 actual/365, 4 European 30/360.

    Raises NUM for another basis. The order of the dates does not matter.
    """
    start, end = sorted((start, end))
    kind = int(basis)
    if kind not in range(5):
        raise Fault(NUM)
    if kind == 4:
        return numbers.divide(days360(start, end, european=True), Decimal(360))
    if kind == 0:
        first, last = start.day, end.day
        if _last_of_february(start) and _last_of_february(end):
            last = 30
        if _last_of_february(start) or first == 31:
            first = 30
        if last == 31 and first == 30:
            last = 30
        months = (end.year - start.year) * 12 + end.month - start.month
        return numbers.divide(Decimal(months * 30 + last - first), Decimal(360))
    year = {1: _actual_year(start, end), 2: Decimal(360), 3: Decimal(365)}[kind]
    return numbers.divide(Decimal((end - start).days), year)


_define(
    "YEARFRAC",
    "两个日期相差的年数（小数）；第三个参数为计日方式：0 美式 30/360（默认），1 实际/实际，2 实际/360，3 实际/365，"
    "4 欧式 30/360。",
    "Years between two dates as a fraction; the third argument is the basis: 0 US 30/360, 1 actual/actual, "
    "2 actual/360, 3 actual/365, 4 European 30/360.",
    (
        ("YEARFRAC(DATE(2024, 1, 1), DATE(2024, 7, 1))", "0.5"),
        ("ROUND(YEARFRAC(DATE(2023, 1, 1), DATE(2024, 7, 1), 3), 4)", "1.4986"),
        ("YEARFRAC(DATE(2024, 1, 1), DATE(2024, 7, 1), 5)", "#NUM!"),
    ),
    (Param("start", "moment"), Param("end", "moment"), Param("basis", "number", optional=True)),
    NUMBER,
    year_fraction,
    "fractions of years are computed by the application",
    errors=("NUM",),
    fails=lambda args: len(args) > 2,
    numbers=lambda args: (INTERMEDIATE, _WHOLE),
)
