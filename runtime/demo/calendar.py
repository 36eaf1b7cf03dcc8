"""When business happens: working days, the Spring Festival, quarter ends, growth over the years."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from random import Random
from zoneinfo import ZoneInfo

_FESTIVALS = {
    2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22), 2024: (2, 10),
    2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3), 2031: (1, 23),
    2032: (2, 11), 2033: (1, 31), 2034: (2, 19), 2035: (2, 8), 2036: (1, 28), 2037: (2, 15),
}  # fmt: skip
"""First day of the lunar year."""

_WEEKDAYS = (1.0, 1.15, 1.1, 1.1, 0.95, 0.06, 0.03)
_MONTHS = (0.85, 0.6, 1.15, 1.0, 1.0, 1.15, 0.95, 0.9, 1.15, 0.9, 1.1, 1.25)
_YEARLY_GROWTH = 1.25


def activity(day: date) -> float:
    """Return how busy a day is, 1.0 being an ordinary one; holidays are 0."""
    if (
        (day.month, day.day) in ((1, 1), (1, 2))
        or (day.month == 10 and day.day <= 7)
        or (day.month == 5 and day.day <= 3)
    ):
        return 0.0
    if day.year in _FESTIVALS:
        away = (day - date(day.year, *_FESTIVALS[day.year])).days
        if -1 <= away <= 6:
            return 0.0
        if -10 <= away <= 12:
            return 0.35 * _WEEKDAYS[day.weekday()]
    return _WEEKDAYS[day.weekday()] * _MONTHS[day.month - 1]


def spread(first: date, last: date) -> Callable[[float], date]:
    """Return a function from a share (0 to 1) to a day: business grows by a quarter a year, with its seasons."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    weights = [activity(day) * _YEARLY_GROWTH ** (number / 365) for number, day in enumerate(days)]
    sums = list(accumulate(weights))
    total = sums[-1] or 1.0
    return lambda share: days[min(bisect_left(sums, share * total), len(days) - 1)]


@lru_cache(maxsize=8192)
def workday(day: date) -> date:
    """Return the day itself if people work on it, else the next one on which they do."""
    while activity(day) < 0.2:
        day += timedelta(days=1)
    return day


def moment(r: Random, day: date, zone: ZoneInfo) -> datetime:
    """Return an instant in the office hours of a day."""
    hour = r.choices((9, 10, 11, 13, 14, 15, 16, 17, 18), (8, 12, 10, 5, 11, 12, 11, 8, 3))[0]
    local = datetime.combine(day, time(hour, r.randrange(60), r.randrange(60)), zone)
    return local.astimezone(UTC)
