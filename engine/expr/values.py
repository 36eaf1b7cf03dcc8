"""Run-time values that are not plain Python values: errors, the current user, and the environment of an evaluation.

A value is None (blank), str, Decimal, bool, date, aware datetime, timedelta, or a tuple or list of these; a linked
record is its id, or a mapping by field id when its fields were loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from engine.expr.outside import NOWHERE, Outside

Value = Any
ErrorCode = Literal["DIV0", "NUM", "VALUE", "NA", "LIMIT"]

DIV0: ErrorCode = "DIV0"
NUM: ErrorCode = "NUM"
VALUE: ErrorCode = "VALUE"
NA: ErrorCode = "NA"
LIMIT: ErrorCode = "LIMIT"

DEFAULT_ZONE = "Asia/Shanghai"


def error_text(code: str) -> str:
    """Return an error as people know it from spreadsheets."""
    return "#DIV/0!" if code == DIV0 else f"#{code}!"


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """What an expression gives that cannot be computed."""

    code: ErrorCode

    def __str__(self) -> str:
        return error_text(self.code)


class Fault(Exception):
    """Carries an error value up to where it is absorbed; it never leaves this package."""

    def __init__(self, code: ErrorCode):
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """Who asks. ``roles`` are role ids (keys may be added); ``fields`` hold what ``USER.name`` and the like give."""

    id: str
    roles: frozenset[str] = frozenset()
    departments: tuple[str, ...] = ()
    fields: Mapping[str, Value] = field(default_factory=dict)


class Env:
    """Everything an evaluation may look at. One evaluation at a time uses an environment.

    ``record`` maps field ids to values; the value of a to-one link is the record's id or such a mapping (with its id
    under ``sys_id``), that of a to-many link a list of them. ``now`` is fixed for a request, a statement or a batch.
    ``outside`` answers what other records, the organization, calendars and counters are asked for.
    """

    __slots__ = (
        *("_today", "app", "now", "old", "outside", "params", "record", "slots", "user", "zone"),
        *("steps", "until", "busy"),  # of the budget of one evaluation
    )

    def __init__(
        self,
        record: Mapping[str, Value] | None = None,
        *,
        old: Mapping[str, Value] | None = None,
        user: CurrentUser | None = None,
        now: datetime | None = None,
        today: date | None = None,
        zone: str | ZoneInfo = DEFAULT_ZONE,
        params: Mapping[str, Value] | None = None,
        app: Mapping[str, Value] | None = None,
        outside: Outside = NOWHERE,
    ):
        self.record: Mapping[str, Value] = record or {}
        self.old: Mapping[str, Value] = old or {}
        self.user = user
        self.now = now or datetime.now(UTC)
        self.zone: ZoneInfo = zone_of(zone) if isinstance(zone, str) else zone
        self._today = today
        self.params: Mapping[str, Value] = params or {}
        self.app: Mapping[str, Value] = app or {}
        self.outside = outside
        self.slots: list[Value] = []
        self.steps = 0
        self.until = 0.0
        self.busy = -1.0

    @property
    def today(self) -> date:
        """The date of ``now`` in the application zone, unless given."""
        if self._today is None:
            self._today = self.now.astimezone(self.zone).date()
        return self._today

    def at(self, record: Mapping[str, Value], old: Mapping[str, Value] | None = None) -> Env:
        """Return this environment for another record."""
        return Env(
            record,
            old=old,
            user=self.user,
            now=self.now,
            today=self._today,
            zone=self.zone,
            params=self.params,
            app=self.app,
            outside=self.outside,
        )

    def looking(self, outside: Outside) -> Env:
        """Return this environment with another outside."""
        found = self.at(self.record, self.old)
        found.outside = outside
        return found


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by name. Raises ``zoneinfo.ZoneInfoNotFoundError``."""
    return ZoneInfo(name)


def record_id(value: Value) -> str | None:
    """Return the id of a linked record, loaded or not."""
    if value is None or isinstance(value, str):
        return value
    identifier: str | None = value["sys_id"]
    return identifier


def as_list(value: Value) -> Sequence[Value]:
    """Return a list value; a missing one is empty."""
    return value if value is not None else ()
