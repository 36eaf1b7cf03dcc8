"""Physical types of columns: what both databases store for the same value.

Text sorts by code point on both. Dates and instants are ISO text on SQLite, of fixed width so that text order is
time order; lists of ids are JSON text on SQLite and jsonb on PostgreSQL. Types turn Python values into parameters;
rows come back as the driver gives them and :meth:`FieldType.from_db` reads both forms, so nothing is converted that
nobody asked for.
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


class IsoDate(TypeDecorator[Any]):
    """``date``; text ``YYYY-MM-DD`` on SQLite."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value.isoformat() if isinstance(value, date) and dialect.name == "sqlite" else value

    def process_literal_param(self, value: Any, dialect: Dialect) -> str:
        return f"'{value.isoformat()}'"


class Instant(TypeDecorator[Any]):
    """Aware ``datetime``; text ``YYYY-MM-DDTHH:MM:SS.ffffffZ`` on SQLite, TIMESTAMPTZ on PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return instant_text(value) if isinstance(value, datetime) and dialect.name == "sqlite" else value

    def process_literal_param(self, value: Any, dialect: Dialect) -> str:
        return f"'{instant_text(value)}'"


class Ids(TypeDecorator[Any]):
    """Tuple of ids; an empty tuple is NULL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else JSONB(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if not value:
            return None
        return orjson.dumps(value).decode() if dialect.name == "sqlite" else list(value)


class _SqliteBoolean(Boolean):
    def result_processor(self, dialect: Dialect, coltype: Any) -> None:
        return None


class Flag(TypeDecorator[Any]):
    """``bool``; 0 and 1 on SQLite."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(_SqliteBoolean() if dialect.name == "sqlite" else Boolean())


def instant_text(value: datetime) -> str:
    """Return an instant as fixed-width text in UTC."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def instant_value(raw: Any) -> datetime | None:
    """Return the instant a driver gave: text, or a datetime of any zone."""
    if isinstance(raw, str):
        return datetime.fromisoformat(raw)
    if isinstance(raw, datetime):
        return raw if raw.tzinfo is UTC else raw.astimezone(UTC)
    return None


def ids_value(raw: Any) -> tuple[str, ...]:
    """Return the ids a driver gave: JSON text, or a list."""
    if not raw:
        return ()
    return tuple(orjson.loads(raw) if isinstance(raw, str) else raw)


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
