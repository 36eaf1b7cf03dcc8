"""Dates, instants and durations on plain values.

A date has no zone; a datetime is an instant, and its parts are those of the application zone. Months clamp to their
last day. An instant for a local time that a change of clocks skips or repeats is the later of the two readings.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from engine.expr.numbers import CONTEXT, divide
from engine.expr.values import NUM, Env, Fault

FIRST = date.min.toordinal()
LAST = date.max.toordinal()
_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_DAYS = {"week": 7, "day": 1}
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
UNITS = (*_MONTHS, *_DAYS, *_SECONDS)
_MICROSECOND = timedelta(microseconds=1)
_FARTHEST = 10**8
_LONGEST = timedelta(days=10**7)
LONGEST: Final[int] = _LONGEST // _MICROSECOND
"""Microseconds of the longest duration: more than twice the years 1 to 9999, and sums of two fit into 64 bits."""
_WEEK_STARTS = {1: 7, 2: 1, **{code: code - 10 for code in range(11, 18)}}


def from_ordinal(ordinal: int) -> date:
    """Return the date of a day number. Raises NUM outside the years 1 to 9999."""
    if not FIRST <= ordinal <= LAST:
        raise Fault(NUM)
    return date.fromordinal(ordinal)


def shift_days(day: date, days: Decimal) -> date:
    """Return the date some days on (cut to whole days). Raises NUM."""
    if days.copy_abs() > _FARTHEST:
        raise Fault(NUM)
    return from_ordinal(day.toordinal() + int(days))


def days_between(end: date, start: date) -> Decimal:
    return Decimal(end.toordinal() - start.toordinal())


def make_date(year: Decimal, month: Decimal, day: Decimal) -> date:
    """Return a date; months and days beyond their range carry over. Raises NUM."""
    if max(year.copy_abs(), month.copy_abs(), day.copy_abs()) > _FARTHEST:
        raise Fault(NUM)
    first = _month_start(int(year) * 12 + int(month) - 1)
    return from_ordinal(first.toordinal() + int(day) - 1)


def _month_start(months: int) -> date:
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise Fault(NUM)
    return date(year, month + 1, 1)


def month_length(day: date) -> int:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1) if day.year < 9999 or day.month < 12 else None
    return 31 if following is None else (following - timedelta(days=1)).day


def shift_months(day: date, months: Decimal) -> date:
    """EDATE: the same day some months on, or that month's last day. Raises NUM."""
    if months.copy_abs() > _FARTHEST:
        raise Fault(NUM)
    first = _month_start(day.year * 12 + day.month - 1 + int(months))
    return first.replace(day=min(day.day, month_length(first)))


def month_end(day: date, months: Decimal) -> date:
    """EOMONTH: the last day of the month some months on. Raises NUM."""
    moved = shift_months(day.replace(day=1), months)
    return moved.replace(day=month_length(moved))


def local(env: Env, moment: date) -> date:
    """Return the date of a date or an instant in the application zone."""
    return in_zone(moment, env.zone).date() if isinstance(moment, datetime) else moment


def in_zone(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what the clocks of a zone show. Raises NUM outside the years 1 to 9999."""
    try:
        return moment.astimezone(zone)
    except OverflowError as error:
        raise Fault(NUM) from error


def local_time(env: Env, moment: date) -> datetime:
    """Return an instant in the application zone; a date is its first moment."""
    if isinstance(moment, datetime):
        return in_zone(moment, env.zone)
    return datetime.combine(moment, time(), env.zone)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of a local time. Raises NUM when it falls outside the years 1 to 9999."""
    early = wall.replace(tzinfo=zone, fold=0)
    late = wall.replace(tzinfo=zone, fold=1)
    chosen = early if (early.utcoffset() or timedelta()) <= (late.utcoffset() or timedelta()) else late
    try:
        return chosen.astimezone(UTC)
    except OverflowError as error:
        raise Fault(NUM) from error


def clock_ends(zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the first and the last instant at which the clocks of a zone show a year from 1 to 9999."""
    ends = []
    for wall in (datetime.min, datetime.max):
        try:
            ends.append(instant(wall, zone))
        except Fault:  # the clocks are ahead of (behind) the first (last) instant there is
            ends.append(wall.replace(tzinfo=UTC))
    return ends[0], ends[1]


def start_of_day(env: Env, day: date) -> datetime:
    """Return the first moment of a date in the application zone."""
    return instant(datetime.combine(day, time()), env.zone)


def shift_instant(moment: datetime, by: timedelta) -> datetime:
    """Return an instant some time on. Raises NUM."""
    try:
        return moment + by
    except OverflowError as error:
        raise Fault(NUM) from error


def microseconds(amount: timedelta) -> int:
    return amount // _MICROSECOND


def duration(amount: Decimal, unit_seconds: int) -> timedelta:
    """Return a duration of some units, exact to the microsecond. Raises NUM."""
    length = CONTEXT.multiply(amount, Decimal(unit_seconds * 1_000_000))
    if length.copy_abs() > LONGEST:
        raise Fault(NUM)
    return timedelta(microseconds=int(length))


def add_durations(left: timedelta, right: timedelta) -> timedelta:
    """Return the sum. Raises NUM."""
    found = left + right
    if abs(found) > _LONGEST:
        raise Fault(NUM)
    return found


def total(amount: timedelta, unit_seconds: int) -> Decimal:
    """Return a duration in units."""
    return divide(Decimal(microseconds(amount)), Decimal(unit_seconds * 1_000_000))


def shift(env: Env, moment: date, amount: Decimal, unit: str) -> date:
    """DATEADD for dates (years to days) and instants (any unit; days and months by the wall clock). Raises NUM."""
    unit = unit.lower()
    if unit in _SECONDS:
        if not isinstance(moment, datetime):
            moment = start_of_day(env, moment)
        return shift_instant(moment, duration(Decimal(int(amount)), _SECONDS[unit]))
    if amount.copy_abs() > _FARTHEST:
        raise Fault(NUM)
    whole = Decimal(int(amount))
    if isinstance(moment, datetime):
        wall = local_time(env, moment)
        moved = _shift_date(wall.date(), whole, unit)
        return instant(datetime.combine(moved, wall.time()), env.zone)
    return _shift_date(moment, whole, unit)


def _shift_date(day: date, amount: Decimal, unit: str) -> date:
    if unit in _MONTHS:
        return shift_months(day, amount * _MONTHS[unit])
    return shift_days(day, amount * _DAYS[unit])


def difference(start: date, end: date, unit: str) -> Decimal:
    """DATEDIF: whole years, months or days, and what is left over whole years or months. Raises NUM when reversed."""
    if end < start:
        raise Fault(NUM)
    months = (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
    unit = unit.upper()
    if unit == "D":
        return days_between(end, start)
    if unit == "M":
        return Decimal(months)
    if unit == "Y":
        return Decimal(months // 12)
    if unit == "YM":
        return Decimal(months % 12)
    whole = months if unit == "MD" else months // 12 * 12
    return days_between(end, shift_months(start, Decimal(whole)))


def is_week(kind: Decimal | None) -> bool:
    """Say whether a number is a kind of week (blank is no error)."""
    return kind is None or int(kind) == 3 or int(kind) in _WEEK_STARTS


def weekday(day: date, kind: Decimal = Decimal(1)) -> Decimal:
    """WEEKDAY: kinds 1 (Sunday is 1), 2 (Monday is 1), 3 (Monday is 0), 11 to 17 (Monday to Sunday is 1)."""
    code = int(kind)
    if code == 3:
        return Decimal(day.isoweekday() - 1)
    if code not in _WEEK_STARTS:
        raise Fault(NUM)
    return Decimal((day.isoweekday() - _WEEK_STARTS[code]) % 7 + 1)
