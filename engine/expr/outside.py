"""What an evaluation may ask beyond the record it is about: other records, the organization, calendars, counters.

The record layer implements :class:`Outside` for one transaction. Without it, a formula that asks raises
``LookupError``: that is a mistake of the caller, not of the formula.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from engine.calendars import CHINA, Calendar, published

Row = Mapping[str, Any]
"""A record by field id; links in it load when they are asked for."""


class Outside(Protocol):
    """Answers questions about everything that is not the record."""

    def found(self, entity_id: str, field_id: str, key: Any) -> Sequence[Row]:
        """Return the live records of an entity whose field equals a key (never blank), in order of id."""

    def members(self, departments: Collection[str], *, below: bool) -> Sequence[Row]:
        """Return the people of some departments, or of them and all below, in order of id."""

    def subordinates(self, person: str, levels: int | None) -> Sequence[Row]:
        """Return the people below a person, at most some levels down, in order of id."""

    def within(self, person: str, departments: Collection[str], *, below: bool) -> bool:
        """Say whether a person belongs to one of some departments, or to one below them."""

    def department_path(self, department: str) -> Sequence[str]:
        """Return the names of a department and all above it, from the top; empty when there is none."""

    def departments_named(self, text: str) -> Collection[str]:
        """Return the departments a text names: by id, or by name in any language."""

    def calendar(self, name: str) -> Calendar:
        """Return a calendar. Raises ``KeyError`` for an unknown name."""

    def next_number(self, counter: str) -> int:
        """Raise a counter by one and return where it stands."""


class Nowhere:
    """Nothing but what the product itself knows."""

    def found(self, entity_id: str, field_id: str, key: Any) -> Sequence[Row]:
        raise LookupError(f"records of {entity_id} cannot be read here")

    def members(self, departments: Collection[str], *, below: bool) -> Sequence[Row]:
        raise LookupError("the organization cannot be read here")

    def subordinates(self, person: str, levels: int | None) -> Sequence[Row]:
        raise LookupError("the organization cannot be read here")

    def within(self, person: str, departments: Collection[str], *, below: bool) -> bool:
        raise LookupError("the organization cannot be read here")

    def department_path(self, department: str) -> Sequence[str]:
        raise LookupError("the organization cannot be read here")

    def departments_named(self, text: str) -> Collection[str]:
        raise LookupError("the organization cannot be read here")

    def calendar(self, name: str) -> Calendar:
        if name != CHINA:
            raise KeyError(name)
        return published()

    def next_number(self, counter: str) -> int:
        raise LookupError("no counter can be raised here")


class Shelf(Nowhere):
    """Calendars read beforehand: what a program inside SQLite may use."""

    def __init__(self, calendars: Mapping[str, Calendar]):
        self._calendars = calendars

    @classmethod
    def of(cls, outside: Outside, names: Collection[str]) -> Shelf:
        """Return a shelf with some calendars; one that is not there is not on it either."""
        found = {}
        for name in sorted(names):
            with contextlib.suppress(KeyError):
                found[name] = outside.calendar(name)
        return cls(found)

    def stamps(self) -> dict[str, str]:
        """Return what tells this shelf from one with calendars of another time."""
        return {name: calendar.stamp for name, calendar in self._calendars.items()}

    def calendar(self, name: str) -> Calendar:
        return self._calendars[name]


NOWHERE = Nowhere()
