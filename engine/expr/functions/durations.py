"""Durations: made from amounts of a unit, and read in hours."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from engine.expr import moments, sql_dates
from engine.expr.functions.base import Column, Param, SqlCompiler, entries
from engine.expr.numbers import INTERMEDIATE
from engine.expr.sql_values import Sql
from engine.expr.tree import Call, Const, Node
from engine.expr.types import DURATION, NUMBER

_define = entries("date")
_SURE = moments.LONGEST // 1_000_000
"""Seconds that no duration within reach exceeds."""

for _name, _seconds, _zh, _en, _example in (
    ("HOURS", 3600, "若干小时的时长。", "A duration of hours.", ("TOTALHOURS(HOURS(1.5))", "1.5")),
    ("MINUTES", 60, "若干分钟的时长。", "A duration of minutes.", ("TOTALHOURS(MINUTES(90))", "1.5")),
):
    _define(
        _name,
        _zh,
        _en,
        (_example,),
        (Param("amount", "number"),),
        DURATION,
        lambda amount, seconds=_seconds: moments.duration(amount, seconds),
        lambda amount, seconds=_seconds: sql_dates.duration(amount, seconds),
        errors=("NUM",),
        fails=lambda args, seconds=_seconds: args[0].facts.bound * seconds > _SURE,
    )
_define(
    "TOTALHOURS",
    "时长折合的小时数。",
    "A duration in hours.",
    (("TOTALHOURS(HOURS(2) + MINUTES(15))", "2.25"),),
    (Param("duration", "duration"),),
    NUMBER,
    lambda amount: moments.total(amount, 3600),
    lambda amount: sql_dates.total(amount, 3600),
    numbers=lambda args: (INTERMEDIATE, Decimal(10) ** 11),
)


_CLOCK = tuple(Param(name, "number", optional=name == "second") for name in ("hour", "minute", "second"))
_UNITS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def _clock(hour: Decimal, minute: Decimal, second: Decimal = Decimal(0)) -> timedelta:
    """TIME: the time since the start of a day. Raises NUM."""
    parts = [moments.duration(amount, unit) for amount, unit in ((hour, 3600), (minute, 60), (second, 1))]
    return moments.add_durations(parts[0] + parts[1], parts[2])


def _clock_sum(hour: Column, minute: Column, second: Column | None = None) -> Column:
    clock = sql_dates.duration(hour, 3600)
    if second is not None:
        clock += sql_dates.duration(second, 1)
    return sql_dates.add_durations(clock, sql_dates.duration(minute, 60))


def _unit_of(node: Node) -> int:
    return _UNITS.get(node.value, 1) if isinstance(node, Const) else 1


def _duration_sql(compiler: SqlCompiler, node: Call) -> Sql:
    amount = compiler.argument(node.args[0])
    return compiler.guarded(sql_dates.duration(amount.value, _unit_of(node.args[1])), [amount], own=node.may_error)


_define(
    "TIME",
    "从零点起的时长；日期加上它得到日期时间。",
    "The time since midnight as a duration; a date plus it is a datetime.",
    (("TOTALHOURS(TIME(8, 30))", "8.5"), ('(DATE(2024, 9, 30) + TIME(8, 5, 9)) & ""', "2024-09-30 08:05:09")),
    _CLOCK,
    DURATION,
    _clock,
    _clock_sum,
    errors=("NUM",),
)
_define(
    "DURATION",
    "若干单位的时长：week day hour minute second。",
    "A duration in a unit: week, day, hour, minute or second.",
    (('TOTALHOURS(DURATION(2, "day"))', "48"), ('DURATION(90, "minute") = HOURS(1.5)', "TRUE")),
    (Param("amount", "number"), Param("unit", "text", words=tuple(_UNITS))),
    DURATION,
    lambda amount, unit: moments.duration(amount, _UNITS[unit]),
    errors=("NUM",),
    fails=lambda args: args[0].facts.bound * _unit_of(args[1]) > _SURE,
    sql=_duration_sql,
)
