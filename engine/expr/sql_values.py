"""What SQL compilation works with: values with guards, where columns come from, and why something cannot be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, FromClause, select


@dataclass(frozen=True, slots=True)
class Sql:
    """A value and, where it can fail, the condition under which it is an error; the value is NULL then.

    Numbers are NUMERIC on PostgreSQL and decimal text on SQLite; datetimes are TIMESTAMPTZ, or fixed-width UTC text;
    durations are microseconds; options and records are ids; lists are JSON arrays.
    """

    value: ColumnElement[Any]
    guard: ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True)
class RowSource:
    """Rows of a to-many hop: a FROM clause (aliased by the resolver), the condition that ties it to the outer row,
    the resolver for its columns, and the order of the rows."""

    from_: FromClause
    on: ColumnElement[bool]
    resolver: SqlResolver
    order: Sequence[ColumnElement[Any]] = ()


class SqlResolver(Protocol):
    """Where the record layer keeps fields.

    ``column`` gives the column of a to-one path as it is stored (a number is the integer scaled by the scale of its
    type; a type without a scale means the column holds the value itself); joins it needs are its own business.
    ``rows`` gives the rows of a to-many path, ``records`` every live record of an entity (people and departments too)
    that whoever asks may see. All may raise :class:`NotPushable`.
    """

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]: ...

    def rows(self, path: tuple[str, ...]) -> RowSource: ...

    def records(self, entity_id: str) -> RowSource: ...


def once(ask: Callable[..., ColumnElement[Any]], *columns: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what ``ask`` makes of some columns, with each of them written (and computed) once, however often used."""
    named = [column.label(f"v{at}") for at, column in enumerate(columns)]
    row = select(*named).correlate_except(None).subquery()
    found = select(ask(*row.c)).select_from(row).correlate_except(row)
    return found.scalar_subquery()


class NotPushable(Exception):
    """This expression, or a part of it, cannot be computed by the database. ``reason`` says why."""

    def __init__(self, reason: str):
        self.reason = reason
        super().__init__(reason)
