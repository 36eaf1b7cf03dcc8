"""Calendars of working days: Monday to Friday, but for the holidays and the make-up days (调休) of each year.

The calendar ``CN`` begins with what the State Council published, as far as the package knows it; administrators may
change any day and keep calendars of their own. A year nobody has entered counts Monday to Friday;
:attr:`Calendar.years` says which years are known.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import Boolean, Column, Connection, Date, Integer, String, Table, Text, delete, insert, select

from engine import org
from engine.database import SYSTEM
from engine.deferred import deferred
from metadata.findings import Finding, Refused, register_messages
from metadata.ids import new_record_id

published_days: Any = deferred("chinese_calendar.constants")  # only loaded for a calendar nobody has stored yet

CHINA: Final = "CN"
_KEPT = 16
_MAX_NAME = 32

register_messages(
    {
        "O201": {
            "zh-CN": "没有名为“{name}”的工作日历。已有：{known}。",
            "en": "There is no calendar “{name}”. There are: {known}.",
        },
        "O202": {
            "zh-CN": "日历名称“{name}”无效：请用 1 到 32 个字符。",
            "en": "The calendar name “{name}” is not valid: use 1 to 32 characters.",
        },
    }
)

calendar = Table(
    "calendar",
    SYSTEM,
    Column("name", String(_MAX_NAME), primary_key=True),
    Column("stamp", String(32), nullable=False),  # another one after every change
)

calendar_day = Table(
    "calendar_day",
    SYSTEM,
    Column("calendar", String(_MAX_NAME), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("worked", Boolean, nullable=False),
    Column("label", Text, nullable=False, default=""),
)

calendar_year = Table(  # years whose holidays are known
    "calendar_year",
    SYSTEM,
    Column("calendar", String(_MAX_NAME), primary_key=True),
    Column("year", Integer, primary_key=True),
)


class WorkingDays:
    """Monday to Friday, without some free days and with some made-up days at weekends."""

    __slots__ = ("_free", "_made_up", "exceptions")

    def __init__(self, exceptions: Mapping[date, bool]):
        self.exceptions = exceptions
        self._free = sorted(day.toordinal() for day, worked in exceptions.items() if not worked and _in_week(day))
        self._made_up = sorted(day.toordinal() for day, worked in exceptions.items() if worked and not _in_week(day))

    @classmethod
    def without(cls, holidays: Iterable[date | None]) -> WorkingDays:
        """Return Monday to Friday without some days."""
        return cls({day: False for day in holidays if day is not None})

    def is_worked(self, day: date) -> bool:
        return self.exceptions.get(day, _in_week(day))

    def count(self, low: int, high: int) -> int:
        """Return the working days between two ordinals, both included; 0 when they are reversed."""
        if low > high:
            return 0
        weeks, rest = divmod(high - low + 1, 7)
        days = weeks * 5 + sum(1 for at in range(rest) if (low + at - 1) % 7 < 5)
        return days - _inside(self._free, low, high) + _inside(self._made_up, low, high)

    def after(self, start: int, number: int) -> int:
        """Return the ordinal of the working day ``number`` working days on (back when negative); 0 stays."""
        if number == 0:
            return start
        nearest = start
        farthest = start + (1 if number > 0 else -1) * (abs(number) * 7 // 5 + len(self._free) * 7 + 14)
        while abs(farthest - nearest) > 1:  # the nearest day by which enough were worked is a working day
            middle = (nearest + farthest) // 2
            worked = self.count(start + 1, middle) if number > 0 else self.count(middle, start - 1)
            if worked >= abs(number):
                farthest = middle
            else:
                nearest = middle
        return farthest


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar as it stands; another ``stamp`` means that something changed."""

    name: str
    days: WorkingDays
    years: frozenset[int]
    stamp: str

    def knows(self, day: date) -> bool:
        """Say whether the holidays of the day's year were entered."""
        return day.year in self.years


def _in_week(day: date) -> bool:
    return day.isoweekday() < 6


def _inside(ordinals: list[int], low: int, high: int) -> int:
    return bisect_right(ordinals, high) - bisect_left(ordinals, low)


# -- as published ---------------------------------------------------------------------------------------------------


@cache
def published() -> Calendar:
    """Return the Chinese calendar as the package knows it."""
    exceptions = {day: False for day in published_days.holidays if _in_week(day)}
    exceptions |= {day: True for day in published_days.workdays if not _in_week(day)}
    years = frozenset(day.year for day in published_days.holidays)
    return Calendar(CHINA, WorkingDays(exceptions), years, f"package {max(years)}")


def seed(connection: Connection) -> tuple[int, ...]:
    """Enter the published years the stored Chinese calendar does not have yet; return them.

    Years that are there stay as they are: somebody may have changed them.
    """
    known = connection.execute(select(calendar_year.c.year).where(calendar_year.c.calendar == CHINA))
    missing = sorted(published().years - set(known.scalars()))
    if missing:
        labels = {one.value: one.chinese for one in published_days.Holiday}
        names = {**published_days.holidays, **published_days.workdays}
        rows = [
            {"calendar": CHINA, "day": day, "worked": worked, "label": labels[names[day]]}
            for day, worked in published().days.exceptions.items()
            if day.year in missing
        ]
        connection.execute(insert(calendar_day), rows)
        connection.execute(insert(calendar_year), [{"calendar": CHINA, "year": year} for year in missing])
        _touch(connection, CHINA)
    return tuple(missing)


# -- as stored ------------------------------------------------------------------------------------------------------


_loaded: OrderedDict[tuple[str, str], Calendar] = OrderedDict()
"""Calendars by name and stamp; one that was changed has another stamp."""


def load(connection: Connection, name: str = CHINA) -> Calendar:
    """Return a stored calendar. Raises ``KeyError`` for a name nobody has entered."""
    stamp = connection.execute(select(calendar.c.stamp).where(calendar.c.name == name)).scalar()
    if stamp is None:
        if name == CHINA:
            return published()
        raise KeyError(name)
    found = _loaded.get((name, stamp))
    if found is None:
        days = select(calendar_day.c.day, calendar_day.c.worked).where(calendar_day.c.calendar == name)
        years = select(calendar_year.c.year).where(calendar_year.c.calendar == name)
        exceptions = {row.day: bool(row.worked) for row in connection.execute(days)}
        known = frozenset(connection.execute(years).scalars())
        found = _loaded[name, stamp] = Calendar(name, WorkingDays(exceptions), known, stamp)
        if len(_loaded) > _KEPT:
            _loaded.popitem(last=False)
    return found


def names(connection: Connection) -> tuple[str, ...]:
    """Return the names of the stored calendars."""
    return tuple(connection.execute(select(calendar.c.name).order_by(calendar.c.name)).scalars())


def entries(connection: Connection, name: str, year: int) -> list[tuple[date, bool, str]]:
    """Return the exceptions of a year: day, whether it is worked, what it is called. Raises :class:`Refused`."""
    _must_be_there(connection, name)
    days = select(calendar_day.c.day, calendar_day.c.worked, calendar_day.c.label).where(
        calendar_day.c.calendar == name, calendar_day.c.day.between(date(year, 1, 1), date(year, 12, 31))
    )
    return [(row.day, bool(row.worked), row.label) for row in connection.execute(days.order_by(calendar_day.c.day))]


def create(connection: Connection, name: str) -> None:
    """Begin a calendar without any exception (twice is once). Raises :class:`Refused` for a bad name."""
    if not 1 <= len(name) <= _MAX_NAME or name != name.strip():
        raise Refused([Finding("O202", params={"name": name})])
    if not _is_there(connection, name):
        _touch(connection, name)


def set_days(connection: Connection, name: str, days: Iterable[date], *, worked: bool, label: str = "") -> None:
    """Make days free or worked, whatever the week says; their years count as known. Raises :class:`Refused`."""
    _must_be_there(connection, name)
    wanted = sorted(set(days))
    for day in wanted:
        _forget(connection, name, day, day)
        if worked is not _in_week(day):
            row = {"calendar": name, "day": day, "worked": worked, "label": label}
            connection.execute(insert(calendar_day).values(**row))
    for year in sorted({day.year for day in wanted}):
        know_year(connection, name, year)
    _touch(connection, name)


def know_year(connection: Connection, name: str, year: int) -> None:
    """Say that everything about a year is entered. Raises :class:`Refused`."""
    _must_be_there(connection, name)
    table = calendar_year
    connection.execute(delete(table).where(table.c.calendar == name, table.c.year == year))
    connection.execute(insert(table).values(calendar=name, year=year))
    _touch(connection, name)


def clear_year(connection: Connection, name: str, year: int) -> None:
    """Forget a year; one of the Chinese calendar comes back as published when next started. Raises :class:`Refused`."""
    _must_be_there(connection, name)
    _forget(connection, name, date(year, 1, 1), date(year, 12, 31))
    table = calendar_year
    connection.execute(delete(table).where(table.c.calendar == name, table.c.year == year))
    _touch(connection, name)


def between(first: date, last: date) -> list[date]:
    """Return the days from one to another, both included."""
    return [first + timedelta(days=at) for at in range((last - first).days + 1)]


def _forget(connection: Connection, name: str, low: date, high: date) -> None:
    table = calendar_day
    connection.execute(delete(table).where(table.c.calendar == name, table.c.day.between(low, high)))


def _is_there(connection: Connection, name: str) -> bool:
    return connection.execute(select(calendar.c.name).where(calendar.c.name == name)).first() is not None


def _must_be_there(connection: Connection, name: str) -> None:
    if not _is_there(connection, name):
        raise Refused([Finding("O201", params={"name": name, "known": ", ".join(names(connection))})])


def _touch(connection: Connection, name: str) -> None:
    connection.execute(delete(calendar).where(calendar.c.name == name))
    connection.execute(insert(calendar).values(name=name, stamp=new_record_id()))
    org.note_change(connection, org.CALENDAR, name)
