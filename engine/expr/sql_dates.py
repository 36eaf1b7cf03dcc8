"""Dates, instants and durations in PostgreSQL. Durations are microseconds (BIGINT). Errors and blanks give NULL.

Nothing raises: an amount out of reach becomes NULL before it is added, and a result out of the years 1 to 9999
afterwards. Both are done by :func:`_between`, which names its argument once, so that nesting does not blow the text
up. Months are added 8,000 years later (20 whole cycles of the calendar), where no date is too early for the database.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Date,
    DateTime,
    Integer,
    Interval,
    Numeric,
    Text,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    literal_column,
    null,
    or_,
    type_coerce,
)

from engine.expr.functions.base import Column
from engine.expr.moments import FIRST, LAST, LONGEST, clock_ends
from engine.expr.sql_numbers import ONE, constant, divide, numeric

_LOCAL = DateTime(timezone=False)
_INSTANT = DateTime(timezone=True)
_EPOCH: Column = literal_column("DATE '0001-01-01'", Date)
_FARTHEST = 10**8
_DAYS_REACH = 4_000_000
_MONTHS_REACH = 120_000
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_TINY = Decimal("0.000000000001")
_LATER: Column = literal_column("INTERVAL '8000 years'", Interval)
_TOO_EARLY: Column = literal_column("TIMESTAMP '8000-12-31 23:59:59.999999'", _LOCAL)
_TOO_LATE: Column = literal_column("TIMESTAMP '18000-01-01 00:00:00'", _LOCAL)
_BEFORE_ALL: Column = literal_column("TIMESTAMPTZ '0001-12-31 23:59:59.999999+00 BC'", _INSTANT)
_AFTER_ALL: Column = literal_column("TIMESTAMPTZ '10000-01-01 00:00:00+00'", _INSTANT)
_UNIX: Column = literal_column("TIMESTAMPTZ '1970-01-01 00:00:00+00'", _INSTANT)
_FIRST_MICROSECOND = -62_135_596_800_000_000
_LAST_MICROSECOND = 253_402_300_799_999_999


def _between(value: Column, low: Column, high: Column) -> Column:
    """Return the value strictly between two bounds, else NULL. (LEAST and GREATEST skip NULL, but the bound they then
    give becomes NULL.)"""
    return func.nullif(func.nullif(func.least(func.greatest(value, low), high), low), high)


def _reach(amount: Column, most: int) -> Column:
    """Return an amount of at most some magnitude, else NULL."""
    limit = Decimal(most) + _TINY
    return numeric(_between(amount, constant(-limit), constant(limit)))


def integer(number: Column, most: int = _FARTHEST) -> Column:
    """Return a number cut to an integer, or NULL out of reach."""
    return cast(func.trunc(_reach(number, most)), Integer)


def day_number(day: Column) -> Column:
    """Return the days since 0001-01-01."""
    return type_coerce(day - _EPOCH, Integer)


def from_day_number(days: Column) -> Column:
    """Return the date, or NULL outside the years 1 to 9999."""
    inside = _between(days, literal_column("-1"), literal_column(str(LAST - FIRST + 1)))
    return type_coerce(_EPOCH + type_coerce(inside, Integer), Date)


def shift_days(day: Column, days: Column) -> Column:
    return from_day_number(day_number(day) + integer(days))


def days_between(end: Column, start: Column) -> Column:
    return numeric(cast(type_coerce(end - start, Integer), Numeric))


def make_date(year: Column, month: Column, day: Column) -> Column:
    """Months are counted from the first one there is; days are added to the first of the month."""
    months = integer(year, 10_000_000) * 12 + integer(month) - 13
    inside = _between(months, literal_column("-1"), literal_column(str(9999 * 12)))
    first = cast(cast(_EPOCH, _LOCAL) + func.make_interval(0, type_coerce(inside, Integer)), Date)
    return from_day_number(day_number(type_coerce(first, Date)) + integer(day) - 1)


def _shift_wall(wall: Column, months: Column | None, days: Column | None) -> Column:
    """Return a wall clock some months or days on, or NULL outside the years 1 to 9999."""
    by = func.make_interval(0, integer(months, _MONTHS_REACH)) if months is not None else None
    if days is not None:
        by = func.make_interval(0, 0, 0, integer(days, _DAYS_REACH))
    moved = cast(wall, _LOCAL) + _LATER + type_coerce(by, Interval)
    return type_coerce(_between(moved, _TOO_EARLY, _TOO_LATE) - _LATER, _LOCAL)


def shift_months(day: Column, months: Column) -> Column:
    return cast(_shift_wall(day, months, None), Date)


def month_end(day: Column, months: Column) -> Column:
    first = _shift_wall(func.date_trunc("month", cast(day, _LOCAL)), months, None)
    return cast(first + literal_column("(INTERVAL '1 month' - INTERVAL '1 day')", Interval), Date)


def local_time(moment: Column, zone: Column) -> Column:
    """Return the wall clock of an instant that is not beyond the clocks."""
    return type_coerce(func.timezone(zone, moment), _LOCAL)


def beyond_clocks(moment: Column, zone: ZoneInfo) -> Column:
    """Say whether the clocks of a zone show another year than 1 to 9999 at an instant."""
    first, last = clock_ends(zone)
    return or_(moment < literal(first, _INSTANT), moment > literal(last, _INSTANT))


def local_date(moment: Column, zone: Column) -> Column:
    return cast(local_time(moment, zone), Date)


def instant(wall: Column, zone: Column) -> Column:
    """Return the instant of a wall clock, or NULL where it falls outside the years 1 to 9999."""
    moment = type_coerce(func.timezone(zone, wall), _INSTANT)
    return type_coerce(_between(moment, _BEFORE_ALL, _AFTER_ALL), _INSTANT)


def start_of_day(day: Column, zone: Column) -> Column:
    return instant(cast(day, _LOCAL), zone)


def part(name: str, moment: Column) -> Column:
    """Return a part of a date or wall clock as a whole number."""
    return numeric(cast(func.floor(extract(name, moment)), Numeric))


def _microseconds(moment: Column) -> Column:
    return numeric(extract("epoch", moment) * 1_000_000)


def microseconds_between(end: Column, start: Column) -> Column:
    return cast(_microseconds(end) - _microseconds(start), BigInteger)


def shift_instant(moment: Column, amount: Column) -> Column:
    """Return an instant some microseconds on, added as exact numbers."""
    total = _microseconds(moment) + cast(amount, Numeric)
    low, high = constant(Decimal(_FIRST_MICROSECOND - 1)), constant(Decimal(_LAST_MICROSECOND + 1))
    whole = cast(_between(total, low, high), BigInteger)
    by = cast(cast(whole, Text).concat(literal_column("' microseconds'", Text)), Interval)
    return type_coerce(_UNIX + by, _INSTANT)


def shift(moment: Column, amount: Column, unit: str, zone: Column, *, is_date: bool) -> Column:
    """DATEADD with a literal unit."""
    if unit in _SECONDS:
        start = start_of_day(moment, zone) if is_date else moment
        return shift_instant(start, integer(amount) * literal(_SECONDS[unit] * 1_000_000, BigInteger))
    whole = func.trunc(amount)
    wall = moment if is_date else local_time(moment, zone)
    if unit in _MONTHS:
        moved = _shift_wall(wall, whole * _MONTHS[unit], None)
    else:
        moved = _shift_wall(wall, None, whole * (7 if unit == "week" else 1))
    return cast(moved, Date) if is_date else instant(moved, zone)


def _months(day: Column) -> Column:
    return cast(extract("year", day) * 12 + extract("month", day), Integer)


def difference(start: Column, end: Column, unit: str) -> Column:
    """DATEDIF with a literal unit; NULL when reversed."""
    if unit == "D":
        days = type_coerce(end - start, Integer)
        return numeric(cast(func.nullif(func.greatest(days, -1), -1), Numeric))
    early = case((extract("day", end) < extract("day", start), 1), else_=0)
    months: Any = _months(end) - _months(start) - early
    months = case((end >= start, months), else_=null())
    if unit == "M":
        return numeric(cast(months, Numeric))
    if unit == "Y":
        return numeric(cast(func.div(cast(months, Numeric), 12), Numeric))
    if unit == "YM":
        return numeric(cast(func.mod(months, 12), Numeric))
    whole: Column = cast(months, Numeric)
    if unit == "YD":
        whole = func.div(whole, 12) * 12
    return days_between(end, shift_months(start, whole))


def weekday(day: Column, kind: Column = ONE) -> Column:
    iso: Any = extract("isodow", day)
    if isinstance(kind, BindParameter) and kind.value is not None:
        code = int(kind.value)
        if code == 3:
            return numeric(iso - 1)
        start = {1: 7, 2: 1}.get(code, code - 10 if 11 <= code <= 17 else 0)
        return numeric(func.mod(iso - start + 7, 7) + 1) if start else cast(null(), Numeric)
    cut = func.trunc(kind)
    begins = case((cut == 1, 7), (cut == 2, 1), (and_(cut >= 11, cut <= 17), cut - 10), else_=null())
    return numeric(case((cut == 3, iso - 1), else_=func.mod(iso - begins + 7, 7) + 1))


def duration(amount: Column, unit_seconds: int) -> Column:
    return cast(func.trunc(_reach(amount * (unit_seconds * 1_000_000), LONGEST)), BigInteger)


def add_durations(left: Column, right: Column) -> Column:
    """Return the sum, or NULL when it is too long."""
    return _between(left + right, literal_column(str(-LONGEST - 1)), literal_column(str(LONGEST + 1)))


def total(amount: Column, unit_seconds: int) -> Column:
    return divide(cast(amount, Numeric), constant(Decimal(unit_seconds * 1_000_000)))


def iso_date(day: Column) -> Column:
    return func.to_char(day, "YYYY-MM-DD", type_=Text)


def iso_time(moment: Column, zone: Column) -> Column:
    return func.to_char(local_time(moment, zone), "YYYY-MM-DD HH24:MI:SS", type_=Text)


def duration_text(amount: Column) -> Column:
    """Return hours, minutes and seconds: ``49:30:00``."""
    seconds: Any = func.div(func.abs(cast(amount, Numeric)), 1_000_000)
    clock = func.concat(
        func.div(seconds, 3600),
        ":",
        func.lpad(cast(func.mod(func.div(seconds, 60), 60), Text), 2, "0"),
        ":",
        func.lpad(cast(func.mod(seconds, 60), Text), 2, "0"),
    )
    negative = and_(amount < 0, seconds > 0)
    return case((amount.is_(None), null()), (negative, literal_column("'-'", Text).concat(clock)), else_=clock)
