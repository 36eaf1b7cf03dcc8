"""Right sides of filters that mean something else for every person and on every day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo


class Me(Enum):
    """The person who asks (``"@me"``), before it is known who that is."""

    ME = "@me"


ME = Me.ME


class MyDepartment(Enum):
    """The departments of the person who asks (``"@my_department"``)."""

    MY_DEPARTMENT = "@my_department"


MY_DEPARTMENT = MyDepartment.MY_DEPARTMENT


class Departments:
    """The organisation as filters ask for it. This one has no departments; the record layer reads the real one."""

    def of(self, user: str) -> tuple[str, ...]:
        """Return the departments of a person, the main one first."""
        return ()

    def under(self, ids: Sequence[str]) -> tuple[str, ...]:
        """Return some departments and all below them."""
        return tuple(dict.fromkeys(ids))


FIRST_INSTANT = datetime(1, 1, 2, tzinfo=UTC)
LAST_INSTANT = datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC)
"""Instants keep a day from the ends of the calendar, so that every zone can show them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The moment, the calendar and the person of a question."""

    now: datetime
    zone: ZoneInfo
    user: str = ""
    departments: Departments = field(default_factory=Departments, compare=False, repr=False)

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
        after = self.date if self.date == date.max else self.date + timedelta(days=1)
        return instants(self.date, after, asking.zone)


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
