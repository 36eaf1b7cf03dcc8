"""Calendar arithmetic of reports: starts of periods, steps between them, shifts by calendar units.

Shifts clip to the end of the month (31 March less a month is 28 or 29 February; 29 February less a year is the
28th), never add a number of days. Weeks are ISO weeks, starting on Monday.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

_MONTHS = {"year": 12, "quarter": 3, "month": 1}
_DAYS = {"week": 7, "day": 1}


def add_months(day: date, months: int) -> date:
    """Move by calendar months, clipped to the last day of the month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def step(day: date, grain: str, count: int = 1) -> date:
    """Move by whole units of a grain (year, quarter, month, week, day)."""
    if grain in _MONTHS:
        return add_months(day, _MONTHS[grain] * count)
    return day + timedelta(days=_DAYS[grain] * count)


def start_of(day: date, grain: str) -> date:
    """First day of the period a day lies in."""
    if grain == "year":
        return date(day.year, 1, 1)
    if grain == "quarter":
        return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    if grain == "month":
        return day.replace(day=1)
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day


def shift(day: date, by: Mapping[str, int]) -> date:
    """Move back by ``{"year": 1}``, ``{"month": 3}`` ...; several units add up."""
    for unit, count in by.items():
        day = step(day, unit, -count)
    return day


def shift_period(start: date, grain: str, by: Mapping[str, int]) -> date:
    """Start of the period to compare with: the same ISO week of the earlier year for weeks, else the shifted start."""
    if grain != "week" or "year" not in by:
        return start_of(shift(start, by), grain)
    year, week, _ = start.isocalendar()
    target = year - by["year"]
    last_week = date(target, 12, 28).isocalendar().week
    return date.fromisocalendar(target, min(week, last_week), 1)


def periods(first: date, end: date, grain: str) -> Iterator[date]:
    """Starts of all periods that touch ``[first, end)``."""
    current = start_of(first, grain)
    while current < end:
        yield current
        current = step(current, grain)
