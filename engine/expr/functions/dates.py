"""Functions over dates, instants and durations.

A function that asks for a date takes a datetime too and reads its date in the application zone (LOCALDATE).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Numeric, cast, extract

from engine.expr import moments, sql_dates
from engine.expr.functions.base import Binder, Column, Function, Param, SqlCompiler, entries
from engine.expr.sql_numbers import numeric
from engine.expr.sql_values import Sql, once
from engine.expr.syntax import Invoke
from engine.expr.tree import Call, Const, Facts, Node
from engine.expr.types import DATE, DATETIME, DURATION, NUMBER, Type
from engine.expr.values import Env, Value

_DAY = Param("date", "moment")
_MONTHS = Param("months", "number")
_ZONE = frozenset({"ZONE"})
_WHOLE = Decimal(10_000_000)


_define = entries("date", whole=_WHOLE)


# -- the clock ----------------------------------------------------------------------------------------------------

_define(
    "TODAY",
    "今天（应用所在时区）。",
    "Today, in the application zone.",
    (("TODAY()", "2024-06-01"),),
    (),
    DATE,
    lambda env: env.today,
    volatile=True,
    uses=frozenset({"NOW", "ZONE"}),
    sql="core",
)
_define(
    "NOW",
    "现在。",
    "The present moment.",
    (("HOUR(NOW())", "12"),),
    (),
    DATETIME,
    lambda env: env.now,
    aliases=("SYSTIME",),
    volatile=True,
    uses=frozenset({"NOW"}),
    sql="core",
)


# -- conversions ---------------------------------------------------------------------------------------------------


def _zoned(build: Callable[[Column, Column], Column], *, fails: bool = False) -> Callable[[SqlCompiler, Call], Sql]:
    """Return the SQL form of a function of one argument and the zone."""

    def form(compiler: SqlCompiler, node: Call) -> Sql:
        argument = compiler.on_clocks(compiler.compile(node.args[0]), node.args[0])
        value = build(argument.value, compiler.zone())
        return compiler.guarded(value, [argument], own=fails and node.may_error)

    return form


_define(
    "LOCALDATE",
    "日期时间的日期部分。",
    "The date of a datetime.",
    (),
    (Param("moment", "datetime"),),
    DATE,
    moments.local,
    uses=_ZONE,
    sql=_zoned(sql_dates.local_date),
    hidden=True,
)
_define(
    "TODATETIME",
    "日期的零点。",
    "The first moment of a date.",
    (),
    (Param("date", "date"),),
    DATETIME,
    moments.start_of_day,
    uses=_ZONE,
    errors=("NUM",),
    sql=_zoned(sql_dates.start_of_day, fails=True),
    hidden=True,
)


def _bind_date(binder: Binder, function: Function, call: Invoke) -> Node:
    if len(call.args) == 1:
        return binder.bind_argument(call.args[0], _DAY, "DATE")
    names = ("year", "month", "day")
    args = [
        binder.bind_argument(arg, Param(name, "number"), "DATE") for arg, name in zip(call.args, names, strict=False)
    ]
    if len(args) == 2:
        return binder.too_few(call, function, 3)
    return binder.call("DATE", args, (call.start, call.end))


_define(
    "DATE",
    "由年、月、日得到日期，超出范围的月和日自动进位；也可取日期时间的日期部分。",
    "A date from year, month and day (overflow carries over), or the date of a datetime.",
    (("DATE(2024, 9, 30)", "2024-09-30"), ("DATE(2024, 13, 1)", "2025-01-01"), ("DATE(10000, 1, 1)", "#NUM!")),
    (Param("year", "number"), Param("month", "number", optional=True), Param("day", "number", optional=True)),
    DATE,
    moments.make_date,
    sql_dates.make_date,
    bind=_bind_date,
    errors=("NUM",),
)


# -- parts ---------------------------------------------------------------------------------------------------------


def _part(name: str) -> Callable[[Column], Column]:
    return lambda day: numeric(cast(extract(name, day), Numeric))


for _name, _zh, _en, _example, _python in (
    ("YEAR", "年份。", "The year.", ("YEAR(DATE(2024, 9, 30))", "2024"), lambda day: Decimal(day.year)),
    ("MONTH", "月份。", "The month.", ("MONTH(DATE(2024, 9, 30))", "9"), lambda day: Decimal(day.month)),
    ("DAY", "几号。", "The day of the month.", ("DAY(DATE(2024, 9, 30))", "30"), lambda day: Decimal(day.day)),
    (
        "QUARTER",
        "第几季度。",
        "The quarter.",
        ("QUARTER(DATE(2024, 9, 30))", "3"),
        lambda day: Decimal((day.month + 2) // 3),
    ),
):
    _define(_name, _zh, _en, (_example,), (_DAY,), NUMBER, _python, _part(_name.lower()))


def _clock_part(name: str) -> Callable[[Env, datetime], Decimal]:
    key = name.lower()
    return lambda env, moment: Decimal(getattr(moments.local_time(env, moment), key))


def _clock_sql(name: str) -> Callable[[Column, Column], Column]:
    return lambda moment, zone: sql_dates.part(name.lower(), sql_dates.local_time(moment, zone))


for _name, _zh, _en, _shown in (
    ("HOUR", "小时（0–23）。", "The hour, 0 to 23.", "8"),
    ("MINUTE", "分钟。", "The minute.", "5"),
    ("SECOND", "秒。", "The second.", "9"),
):
    _define(
        _name,
        _zh,
        _en,
        ((f"{_name}(DATETIME(2024, 9, 30, 8, 5, 9))", _shown),),
        (Param("moment", "datetime"),),
        NUMBER,
        _clock_part(_name),
        uses=_ZONE,
        sql=_zoned(_clock_sql(_name)),
    )


def _kind_fails(args: Sequence[Node]) -> bool:
    """Say whether the kind of week may be none."""
    kind = args[1] if len(args) > 1 else None
    return kind is not None and not (isinstance(kind, Const) and moments.is_week(kind.value))


_define(
    "WEEKDAY",
    "星期几。默认 1 = 星期日；类型 2：星期一为 1；3：星期一为 0；11–17：从星期一到星期日各为 1。",
    "The day of the week; 1 is Sunday. Kind 2: Monday is 1; 3: Monday is 0; 11 to 17: Monday to Sunday is 1.",
    (("WEEKDAY(DATE(2024, 9, 29))", "1"), ("WEEKDAY(DATE(2024, 9, 29), 2)", "7")),
    (_DAY, Param("kind", "number", optional=True)),
    NUMBER,
    moments.weekday,
    sql_dates.weekday,
    errors=("NUM",),
    fails=_kind_fails,
)


# -- moving --------------------------------------------------------------------------------------------------------

_define(
    "EDATE",
    "若干个月之后的同一天；当月没有这一天则取月末。",
    "The same day some months on, or that month's last day.",
    (("EDATE(DATE(2024, 1, 31), 1)", "2024-02-29"), ("EDATE(DATE(2024, 3, 31), -1)", "2024-02-29")),
    (_DAY, _MONTHS),
    DATE,
    moments.shift_months,
    sql_dates.shift_months,
    errors=("NUM",),
)
_define(
    "EOMONTH",
    "若干个月之后那个月的最后一天。",
    "The last day of the month some months on.",
    (("EOMONTH(DATE(2024, 2, 10), 0)", "2024-02-29"),),
    (_DAY, _MONTHS),
    DATE,
    moments.month_end,
    sql_dates.month_end,
    errors=("NUM",),
)


def _bind_dateadd(binder: Binder, function: Function, call: Invoke) -> Node:
    unit = binder.bind_argument(call.args[2], function.params[2], "DATEADD")
    moment = binder.bind(call.args[0])
    clock = isinstance(unit, Const) and unit.value in ("hour", "minute", "second")
    if moment.type != DATETIME:
        moment = binder.coerce(moment, "datetime" if clock else "date", "DATEADD")
    amount = binder.bind_argument(call.args[1], function.params[1], "DATEADD")
    return binder.call("DATEADD", [moment, amount, unit], (call.start, call.end))


def _dateadd_sql(compiler: SqlCompiler, node: Call) -> Sql:
    moment, amount = compiler.compile(node.args[0]), compiler.argument(node.args[1])
    unit = node.args[2]
    word = unit.value if isinstance(unit, Const) else "day"
    value = sql_dates.shift(moment.value, amount.value, word, compiler.zone(), is_date=node.type == DATE)
    return compiler.guarded(value, [moment, amount], own=True)


def _same_type(args: Sequence[Node]) -> Type:
    return args[0].type


def _zone_for_datetimes(facts: Facts, args: Sequence[Node]) -> Facts:
    if args[0].type == DATETIME:
        return facts
    return replace(facts, uses=args[0].facts.uses | args[1].facts.uses)


_define(
    "DATEADD",
    "日期加上若干单位：year quarter month week day hour minute second；月末自动对齐。",
    "A date some units on: year quarter month week day hour minute second; months clamp to their last day.",
    (('DATEADD(DATE(2024, 1, 31), 1, "month")', "2024-02-29"), ('DATEADD(DATE(2024, 2, 28), 2, "day")', "2024-03-01")),
    (Param("date", "moment"), Param("amount", "number"), Param("unit", "text", words=moments.UNITS)),
    _same_type,
    moments.shift,
    aliases=("DATEDELTA",),
    bind=_bind_dateadd,
    uses=_ZONE,
    adjust=_zone_for_datetimes,
    errors=("NUM",),
    sql=_dateadd_sql,
)


# -- differences ---------------------------------------------------------------------------------------------------

_define(
    "DAYS",
    "两个日期相差的天数（结束在前）。",
    "The days from the second date to the first.",
    (("DAYS(DATE(2024, 3, 1), DATE(2024, 2, 28))", "2"),),
    (Param("end", "moment"), Param("start", "moment")),
    NUMBER,
    moments.days_between,
    sql_dates.days_between,
    aliases=("DATE-DATE",),
)


def _datedif_sql(compiler: SqlCompiler, node: Call) -> Sql:
    start, end = compiler.compile(node.args[0]), compiler.compile(node.args[1])
    unit = node.args[2]
    word = unit.value.upper() if isinstance(unit, Const) else "D"
    value = once(lambda start, end: sql_dates.difference(start, end, word), start.value, end.value)
    return compiler.guarded(value, [start, end], own=True)


_define(
    "DATEDIF",
    "两个日期之间的整年 Y、整月 M、天数 D，或余下的月 YM、天 MD（不计月）、天 YD（不计年）；起止颠倒是错误。",
    "Whole years Y, months M or days D between two dates, or the rest: YM, MD, YD. Reversed dates are an error.",
    (
        ('DATEDIF(DATE(2020, 5, 17), DATE(2024, 5, 16), "Y")', "3"),
        ('DATEDIF(DATE(2001, 6, 1), DATE(2012, 8, 15), "YD")', "75"),
    ),
    (Param("start", "moment"), Param("end", "moment"), Param("unit", "text", words=("y", "m", "d", "ym", "md", "yd"))),
    NUMBER,
    moments.difference,
    errors=("NUM",),
    sql=_datedif_sql,
)


# -- arithmetic ----------------------------------------------------------------------------------------------------


def _operator(
    name: str,
    result: Type,
    python: Callable[..., Value],
    postgresql: Callable[..., Column],
    errors: tuple[Any, ...] = ("NUM",),
) -> None:
    _define(
        name,
        "日期时间的加减。",
        "Arithmetic with dates and durations.",
        (),
        (Param("a", "any"), Param("b", "any")),
        result,
        python,
        postgresql,
        errors=errors,
        hidden=True,
        extra={"operator": True},
    )


def _later(moment: datetime, by: Any) -> date:
    return moments.shift_instant(moment, by)


def _earlier(moment: datetime, by: Any) -> date:
    return moments.shift_instant(moment, -by)


_operator("DATE+", DATE, moments.shift_days, sql_dates.shift_days)
_operator("TIME+", DATETIME, _later, sql_dates.shift_instant)
_operator("TIME-", DATETIME, _earlier, lambda moment, by: sql_dates.shift_instant(moment, -by))
_operator("TIME-TIME", DURATION, lambda end, start: end - start, sql_dates.microseconds_between, ())
_operator("SPAN+", DURATION, moments.add_durations, sql_dates.add_durations)
_operator(
    "SPAN-",
    DURATION,
    lambda left, right: moments.add_durations(left, -right),
    lambda left, right: sql_dates.add_durations(left, -right),
)
