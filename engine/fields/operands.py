"""Right sides of filters that mean something else for every person and on every day.

``"@me"`` is the person who asks. ``{"last": 30, "unit": "day"}``, ``{"next": 2, "unit": "week"}`` and
``{"this": "month"}`` are spans of the calendar of the application zone: ``last`` and ``next`` count whole units and
include today (the last 7 days are today and the six before), ``this`` is the unit today lies in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any, Literal
from zoneinfo import ZoneInfo

Unit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "year")
MAX_UNITS = 10_000


class Me(Enum):
    """The person who asks, before it is known who that is."""

    ME = "@me"


ME = Me.ME


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The moment, the calendar and the person of a question."""

    now: datetime
    zone: ZoneInfo
    user: str = ""

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of dates or of instants: ``start`` belongs to it, ``end`` does not."""

    start: Any
    end: Any


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day compared with an instant: the whole day in the application zone."""

    date: date

    def resolve(self, asking: Asking) -> Span:
        return instants(self.date, _next_day(self.date), asking.zone)


@dataclass(frozen=True, slots=True)
class Relative:
    """A span of the calendar named from today."""

    kind: Literal["last", "next", "this"]
    count: int
    unit: Unit

    def days(self, today: date) -> Span:
        """Return the span of dates; ends that leave the calendar stop at its edge."""
        first = _start(today, self.unit)
        if self.kind == "last":
            return Span(_shift(first, self.unit, 1 - self.count), _shift(first, self.unit, 1))
        if self.kind == "next":
            return Span(first, _shift(first, self.unit, self.count))
        return Span(first, _shift(first, self.unit, 1))


def relative(raw: Any) -> Relative | None:
    """Read a relative date operand; None when ``raw`` is something else. Raises ``ValueError`` when it is malformed."""
    if not isinstance(raw, Mapping):
        return None
    if set(raw) == {"this"} and raw["this"] in UNITS:
        return Relative("this", 1, raw["this"])
    for kind in ("last", "next"):
        if set(raw) == {kind, "unit"} and raw["unit"] in UNITS:
            count = raw[kind]
            if isinstance(count, int) and not isinstance(count, bool) and 1 <= count <= MAX_UNITS:
                return Relative("last" if kind == "last" else "next", count, raw["unit"])
    raise ValueError("relative date")


def instants(start: date, end: date, zone: ZoneInfo) -> Span:
    """Return the instants from the first moment of ``start`` to the first of ``end`` in a zone."""
    return Span(midnight(start, zone), midnight(end, zone))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a day in a zone as a UTC instant, held inside the range instants can have."""
    if day <= FIRST_INSTANT.date():
        return FIRST_INSTANT
    if day > LAST_INSTANT.date():
        return LAST_INSTANT
    return datetime.combine(day, time(), zone).astimezone(UTC)


FIRST_INSTANT = datetime(1, 1, 2, tzinfo=UTC)
LAST_INSTANT = datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC)
"""Instants keep a day from the ends of the calendar, so that every zone can show them."""


def _next_day(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)


def _start(day: date, unit: Unit) -> date:
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def _shift(day: date, unit: Unit, count: int) -> date:
    try:
        if unit in ("day", "week"):
            return day + timedelta(days=count * (7 if unit == "week" else 1))
        months = day.year * 12 + day.month - 1 + count * {"month": 1, "quarter": 3, "year": 12}[unit]
        return day.replace(year=months // 12, month=months % 12 + 1)
    except (OverflowError, ValueError):
        return date.max if count > 0 else date.min
