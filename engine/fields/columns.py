"""Physical types of columns: the same Python values on SQLite and PostgreSQL.

Text sorts by code point on both. Dates and instants are ISO text on SQLite, of fixed width so that text order is
time order; lists of ids are JSON text on SQLite and jsonb on PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import orjson
from sqlalchemy import JSON, BigInteger, Boolean, Date, DateTime, Dialect, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine.fields.base import ColumnKind


class IsoDate(TypeDecorator[date]):
    """``date``; text ``YYYY-MM-DD`` on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value.isoformat() if isinstance(value, date) and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        return date.fromisoformat(value) if isinstance(value, str) else value

    def process_literal_param(self, value: Any, dialect: Dialect) -> str:
        return f"'{value.isoformat()}'"


class Instant(TypeDecorator[datetime]):
    """Aware ``datetime`` in UTC; text ``YYYY-MM-DDTHH:MM:SS.ffffffZ`` on SQLite, TIMESTAMPTZ on PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return instant_text(value) if isinstance(value, datetime) and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value if value is None else value.astimezone(UTC)

    def process_literal_param(self, value: Any, dialect: Dialect) -> str:
        return f"'{instant_text(value)}'"


class Ids(TypeDecorator[tuple[str, ...]]):
    """Tuple of ids; an empty tuple is NULL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else JSONB(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if not value:
            return None
        return orjson.dumps(value).decode() if dialect.name == "sqlite" else list(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:
        if value is None:
            return None
        return tuple(orjson.loads(value) if isinstance(value, str) else value)


class Flag(TypeDecorator[bool]):
    """``bool``; 0 and 1 on SQLite."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Boolean())


def instant_text(value: datetime) -> str:
    """Return an instant as fixed-width text in UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


_MAKERS: dict[str, dict[ColumnKind, Callable[[], TypeEngine[Any]]]] = {
    "sqlite": {
        "text": Text,
        "int64": BigInteger,
        "bool": Flag,
        "date": IsoDate,
        "instant": Instant,
        "json": Ids,
    },
    "postgresql": {
        "text": lambda: Text(collation="C"),
        "int64": BigInteger,
        "bool": Flag,
        "date": IsoDate,
        "instant": Instant,
        "json": Ids,
    },
}


def column_type(kind: ColumnKind, dialect: str) -> TypeEngine[Any]:
    """Return the SQLAlchemy type of a kind of column."""
    return _MAKERS[dialect][kind]()


def free_json() -> TypeEngine[Any]:
    """Return the type of the ``extra`` column: any JSON."""
    return JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
