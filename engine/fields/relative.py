"""Spans of the calendar named from today, in filters and reports.

    {"this": "month"}                                   the month today lies in
    {"last": 7, "unit": "day"}                          today and the six days before
    {"last": 3, "unit": "month", "complete": true}      the three whole months before this one
    {"next": 2, "unit": "week"}                         this week and the next
    {"from": "2026-01-01", "to": "2026-03-31"}          fixed days, both included; one end may be left out

Weeks start on Monday. "Today" is a day of the application zone, so everybody gets the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

Unit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "year")
MAX_UNITS = 10_000
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, slots=True)
class Relative:
    """A checked span; :meth:`days` says which days it means."""

    kind: Literal["last", "next", "this", "fixed"]
    count: int = 1
    unit: Unit = "day"
    complete: bool = False
    start: date | None = None
    end: date | None = None

    def days(self, today: date) -> tuple[date, date]:
        """Return the first day and the day after the last; ends that leave the calendar stop at its edge."""
        if self.kind == "fixed":
            last = self.end
            after = date.max if last is None or last == date.max else last + timedelta(days=1)
            return self.start or date.min, after
        first = unit_start(today, self.unit)
        if self.kind == "last":
            end = 0 if self.complete else 1
            return _shift(first, self.unit, end - self.count), _shift(first, self.unit, end)
        if self.kind == "next":
            start = 1 if self.complete else 0
            return _shift(first, self.unit, start), _shift(first, self.unit, start + self.count)
        return first, _shift(first, self.unit, 1)


def relative(raw: Any) -> Relative:
    """Read a span. Raises ``ValueError`` when it is malformed."""
    if isinstance(raw, Relative):
        return raw
    if isinstance(raw, Mapping):
        if set(raw) == {"this"} and raw["this"] in UNITS:
            return Relative("this", unit=raw["this"])
        if raw and set(raw) <= {"from", "to"}:
            start, end = _day(raw.get("from")), _day(raw.get("to"))
            if (start or end) and not (start and end and end < start):
                return Relative("fixed", start=start, end=end)
        kinds: tuple[Literal["last", "next"], ...] = ("last", "next")
        for kind in kinds:
            if kind in raw and set(raw) <= {kind, "unit", "complete"} and raw.get("unit") in UNITS:
                count, complete = raw[kind], raw.get("complete", False)
                if isinstance(complete, bool) and type(count) is int and 1 <= count <= MAX_UNITS:
                    return Relative(kind, count, raw["unit"], complete)
    raise ValueError(f"not a span of the calendar: {raw!r}")


def resolve(raw: Any, today: date) -> tuple[date, date]:
    """Return the first day of a span and the day after its last. Raises ``ValueError`` when it is malformed."""
    return relative(raw).days(today)


def unit_start(day: date, unit: Unit) -> date:
    """Return the first day of the unit a day lies in."""
    match unit:
        case "week":
            return day - timedelta(days=min(day.weekday(), (day - date.min).days))
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def _day(raw: Any) -> date | None:
    if raw is None or isinstance(raw, date):
        return raw
    return date.fromisoformat(raw) if isinstance(raw, str) and len(raw) == 10 else _bad(raw)


def _bad(raw: Any) -> date:
    raise ValueError(f"not a date: {raw!r}")


def _shift(day: date, unit: Unit, count: int) -> date:
    try:
        if unit in _MONTHS:
            months = day.year * 12 + day.month - 1 + count * _MONTHS[unit]
            return day.replace(year=months // 12, month=months % 12 + 1)
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    except (OverflowError, ValueError):
        return date.max if count > 0 else date.min
