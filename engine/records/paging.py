"""Keyset pages: a cursor says after which row to go on, by the sort values of that row.

It holds only values the reader has seen, so it needs no signature: a forged one is another place in what may be read
anyway. Order is by the sort keys and then by record id; blank is the smallest value on both databases. The leading
key is cut into ranges that an index serves (``above``, then blank or not blank), asked one after another.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from sqlalchemy import ColumnElement, UnaryExpression, and_, or_

from metadata.findings import Finding, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """One column of the order. ``nullable`` is False for the record id only."""

    column: ColumnElement[Any]
    descending: bool
    nullable: bool = True

    def order(self) -> UnaryExpression[Any]:
        """ORDER BY element; blanks first ascending and last descending."""
        ordered = self.column.desc() if self.descending else self.column.asc()
        if not self.nullable:
            return ordered
        return ordered.nulls_last() if self.descending else ordered.nulls_first()


def segments(keys: Sequence[SortKey], values: Sequence[Any]) -> list[ColumnElement[bool]]:
    """Return the conditions of the rows after ``values``, in the order they must be asked."""
    first, value = keys[0], values[0]
    if len(keys) == 1:
        return [_beyond(first, value)]
    tied = _after(keys[1:], values[1:])
    if value is None:
        same = and_(first.column.is_(None), tied)
        return [same] if first.descending else [same, first.column.is_not(None)]
    near = first.column <= value if first.descending else first.column >= value
    rest = and_(near, or_(_beyond_value(first, value), tied))
    return [rest, first.column.is_(None)] if first.descending and first.nullable else [rest]


def _after(keys: Sequence[SortKey], values: Sequence[Any]) -> ColumnElement[bool]:
    key, value = keys[0], values[0]
    if len(keys) == 1:
        return _beyond(key, value)
    same = key.column.is_(None) if value is None else key.column == value
    return or_(_beyond(key, value), and_(same, _after(keys[1:], values[1:])))


def _beyond(key: SortKey, value: Any) -> ColumnElement[bool]:
    """Rows strictly after ``value`` by one key, blanks included where they come after."""
    if value is None:
        return key.column.is_not(None) if not key.descending else and_(key.column.is_(None), key.column.is_not(None))
    beyond = _beyond_value(key, value)
    return or_(beyond, key.column.is_(None)) if key.descending and key.nullable else beyond


def _beyond_value(key: SortKey, value: Any) -> ColumnElement[bool]:
    beyond: ColumnElement[bool] = key.column < value if key.descending else key.column > value
    return beyond


def fingerprint(*parts: Any) -> str:
    """Return a short text that changes with the question; a cursor of another question is refused."""
    return hashlib.blake2b(orjson.dumps(parts, default=str), digest_size=6).hexdigest()


def encode(mark: str, values: Sequence[Any]) -> str:
    """Return the cursor after a row with these sort values."""
    body = orjson.dumps([mark, *(_packed(value) for value in values)])
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def decode(cursor: str, mark: str, kinds: Sequence[type]) -> list[Any]:
    """Return the sort values of a cursor; each is None or of its kind. Raises :class:`Refused`."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        body = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        if not isinstance(body, list) or len(body) != len(kinds) + 1 or body[0] != mark:
            raise ValueError("cursor of another question")
        return [_unpacked(value, kind) for value, kind in zip(body[1:], kinds, strict=True)]
    except (ValueError, binascii.Error, UnicodeEncodeError, InvalidOperation, OverflowError) as error:
        raise Refused([Finding("R207", "/cursor")]) from error


def _packed(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _unpacked(value: Any, kind: type) -> Any:
    if value is None:
        return None
    if kind is datetime and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("instant without zone")
        return moment.astimezone(UTC)
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    if kind is Decimal and isinstance(value, str):
        return Decimal(value)
    if kind in (bool, int) and isinstance(value, int) and abs(value) < 1 << 63:
        return kind(value)
    if kind is str and isinstance(value, str) and "\x00" not in value:
        return value
    raise ValueError("cursor value of another kind")
