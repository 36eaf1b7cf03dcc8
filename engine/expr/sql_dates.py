"""Dates, instants and durations in PostgreSQL. Durations are microseconds (BIGINT). Errors and blanks give NULL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Integer,
    Numeric,
    Text,
    and_,
    case,
    cast,
    extract,
    func,
    literal_column,
    null,
    type_coerce,
)

from engine.expr.functions.base import Column
from engine.expr.moments import FIRST, LAST
from engine.expr.sql_numbers import ONE, numeric

_LOCAL = DateTime(timezone=False)
_INSTANT = DateTime(timezone=True)
_EPOCH: Column = literal_column("DATE '0001-01-01'", Date)
_FAR = 10**8
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_FIRST_INSTANT: Column = literal_column("TIMESTAMPTZ '0001-01-01 00:00:00+00'", _INSTANT)
_LAST_INSTANT: Column = literal_column("TIMESTAMPTZ '9999-12-31 23:59:59.999999+00'", _INSTANT)
_HOUR = 3_600_000_000


def integer(number: Column) -> Column:
    """Return a number cut to an integer, or NULL far outside any date arithmetic."""
    return cast(case((func.abs(number) <= _FAR, func.trunc(number)), else_=null()), Integer)


def day_number(day: Column) -> Column:
    """Return the days since 0001-01-01."""
    return type_coerce(day - _EPOCH, Integer)


def from_day_number(days: Column) -> Column:
    """Return the date, or NULL outside the years 1 to 9999."""
    top = LAST - FIRST
    inside = func.nullif(func.nullif(func.least(func.greatest(days, -1), top + 1), -1), top + 1)
    return type_coerce(_EPOCH + type_coerce(inside, Integer), Date)


def shift_days(day: Column, days: Column) -> Column:
    return from_day_number(_strict_sum(day_number(day), integer(days)))


def _strict_sum(left: Column, right: Column) -> Column:
    """LEAST and GREATEST would turn NULL into a limit; a limit becomes NULL again, so plain addition is enough."""
    return left + right


def days_between(end: Column, start: Column) -> Column:
    return numeric(cast(end - start, Numeric))


def make_date(year: Column, month: Column, day: Column) -> Column:
    months = integer(year) * 12 + integer(month) - 1
    return from_day_number(day_number(_month_start(months)) + integer(day) - 1)


def _month_start(months: Column) -> Column:
    """Return the first day of a month counted from year 0, or NULL outside the years 1 to 9999."""
    low, high = 12, 9999 * 12 + 11
    safe = func.nullif(func.nullif(func.least(func.greatest(months, low - 1), high + 1), low - 1), high + 1)
    return type_coerce(func.make_date(func.div(safe, 12).cast(Integer), func.mod(safe, 12) + 1, 1), Date)


def _months(day: Column) -> Column:
    return cast(extract("year", day) * 12 + extract("month", day) - 1, Integer)


def shift_months(day: Column, months: Column) -> Column:
    moved = _months(day) + integer(months)
    inside = and_(moved >= 12, moved <= 9999 * 12 + 11)
    by = func.make_interval(0, cast(case((inside, integer(months)), else_=null()), Integer))
    return cast(cast(day, _LOCAL) + by, Date)


def month_end(day: Column, months: Column) -> Column:
    first = func.date_trunc(
        "month", cast(shift_months(cast(func.date_trunc("month", cast(day, _LOCAL)), Date), months), _LOCAL)
    )
    return cast(first + literal_column("INTERVAL '1 month' - INTERVAL '1 day'"), Date)


def local_time(moment: Column, zone: Column) -> Column:
    """Return the wall clock of an instant."""
    return type_coerce(func.timezone(zone, moment), _LOCAL)


def local_date(moment: Column, zone: Column) -> Column:
    return cast(local_time(moment, zone), Date)


def start_of_day(day: Column, zone: Column) -> Column:
    """Return the first moment of a date, or NULL where the instant falls outside the years 1 to 9999."""
    return _within(type_coerce(func.timezone(zone, cast(day, _LOCAL)), _INSTANT))


def _within(moment: Column) -> Column:
    return type_coerce(case((and_(moment >= _FIRST_INSTANT, moment <= _LAST_INSTANT), moment), else_=null()), _INSTANT)


def part(name: str, moment: Column) -> Column:
    """Return a part of a date or wall clock as a number; seconds are whole."""
    value = extract(name, moment)
    return numeric(cast(func.floor(value), Numeric))


def microseconds_between(end: Column, start: Column) -> Column:
    return cast(extract("epoch", end - start) * 1_000_000, BigInteger)


def shift_instant(moment: Column, amount: Column) -> Column:
    """Return an instant some microseconds on. Only hours and shorter parts are added, so no zone can matter."""
    limit = 10_000 * 366 * 24 * _HOUR
    safe = case((and_(amount > -limit, amount < limit), amount), else_=null())
    hours, rest = func.div(safe, _HOUR), func.mod(safe, _HOUR)
    return _in_range(moment, hours, rest)


def _in_range(moment: Column, hours: Column, rest: Column) -> Column:
    by = func.make_interval(0, 0, 0, 0, cast(hours, Integer), 0, cast(rest, Numeric) / 1_000_000)
    reach = extract("epoch", moment) + cast(hours, Numeric) * 3600
    possible = and_(reach > -62_200_000_000, reach < 253_500_000_000)
    kept = case((possible, moment), else_=null())
    return _within(type_coerce(kept + by, _INSTANT))


def shift(moment: Column, amount: Column, unit: str, zone: Column, *, is_date: bool) -> Column:
    """DATEADD with a literal unit."""
    whole = func.trunc(amount)
    if unit in _SECONDS:
        instant = start_of_day(moment, zone) if is_date else moment
        safe = case((func.abs(amount) <= _FAR, whole), else_=null())
        return shift_instant(instant, cast(safe * _SECONDS[unit] * 1_000_000, BigInteger))
    day = moment if is_date else local_date(moment, zone)
    moved = (
        shift_months(day, whole * _MONTHS[unit])
        if unit in _MONTHS
        else shift_days(day, whole * (7 if unit == "week" else 1))
    )
    if is_date:
        return moved
    clock = cast(local_time(moment, zone), _LOCAL) - cast(local_date(moment, zone), _LOCAL)
    return _within(type_coerce(func.timezone(zone, cast(moved, _LOCAL) + clock), _INSTANT))


def difference(start: Column, end: Column, unit: str) -> Column:
    """DATEDIF with a literal unit; NULL when reversed."""
    end = type_coerce(case((end >= start, end), else_=null()), Date)
    early = case((extract("day", end) < extract("day", start), 1), else_=0)
    months = _months(end) - _months(start) - early
    if unit == "D":
        return days_between(end, start)
    if unit == "M":
        return numeric(cast(months, Numeric))
    if unit == "Y":
        return numeric(cast(func.div(months, 12), Numeric))
    if unit == "YM":
        return numeric(cast(func.mod(months, 12), Numeric))
    whole = months if unit == "MD" else func.div(months, 12) * 12
    return days_between(end, shift_months(start, cast(whole, Numeric)))


def weekday(day: Column, kind: Column = ONE) -> Column:
    iso = extract("isodow", day)
    code = func.trunc(kind)
    start = case((code == 1, 7), (code == 2, 1), (and_(code >= 11, code <= 17), code - 10), else_=null())
    return numeric(case((code == 3, iso - 1), else_=func.mod(iso - start + 7, 7) + 1))


def duration(amount: Column, unit_seconds: int) -> Column:
    safe = case((func.abs(amount) <= _FAR, amount), else_=null())
    return cast(func.trunc(safe * unit_seconds * 1_000_000), BigInteger)


def total(amount: Column, unit_seconds: int) -> Column:
    return numeric(cast(amount, Numeric) * literal_column(f"1.{'0' * 30}") / (unit_seconds * 1_000_000))


def iso_date(day: Column) -> Column:
    return func.to_char(day, "YYYY-MM-DD", type_=Text)


def iso_time(moment: Column, zone: Column) -> Column:
    return func.to_char(local_time(moment, zone), "YYYY-MM-DD HH24:MI:SS", type_=Text)


def duration_text(amount: Column) -> Column:
    seconds: Any = func.div(func.abs(amount), 1_000_000)
    clock = func.concat(
        func.div(seconds, 3600),
        ":",
        func.lpad(cast(func.mod(func.div(seconds, 60), 60), Text), 2, "0"),
        ":",
        func.lpad(cast(func.mod(seconds, 60), Text), 2, "0"),
    )
    negative = and_(amount < 0, seconds > 0)
    return case((amount.is_(None), null()), (negative, literal_column("'-'", Text).concat(clock)), else_=clock)
