"""Cutting dates and instants into periods of the calendar, in the application zone.

Zones with one offset for all instants since a moment (Asia/Shanghai since 1991) are shifted by SQLite itself; for the
rest, and for older instants, SQLite asks a function that knows the zone.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, Integer, case, cast, func, literal, type_coerce
from sqlalchemy import Date as SqlDate
from sqlalchemy import Text as SqlText

from engine.records.spec import Grain

DATE_GRAINS: Final = ("year", "quarter", "month", "week", "day", "weekday", "month_of_year")
INSTANT_GRAINS: Final = (*DATE_GRAINS, "hour")
_NUMBERS: Final = ("weekday", "month_of_year")
_PREPARED: Final = "dougong_dg_local"


def grained(
    column: ColumnElement[Any], grain: Grain, *, instant: bool, dialect: str, zone: ZoneInfo
) -> ColumnElement[Any]:
    """Return the period of a column; the type of its values is that of :func:`value_of`."""
    if dialect == "sqlite":
        text = type_coerce(column, SqlText)
        return _sqlite(_sqlite_local(text, zone) if instant else text, grain)
    local = func.timezone(zone.key, column) if instant else column
    if grain == "weekday":
        return cast(func.extract("isodow", local), Integer)
    if grain == "month_of_year":
        return cast(func.extract("month", local), Integer)
    cut = func.date_trunc(grain, local)
    return cut if grain == "hour" else cast(cut, SqlDate)


def value_of(raw: Any, grain: Grain, zone: ZoneInfo) -> Any:
    """Return the value of a period: first day as a date, hour as a UTC instant, weekday and month as a number."""
    if raw is None or grain in _NUMBERS:
        return raw
    if grain == "hour":
        local = datetime.fromisoformat(raw) if isinstance(raw, str) else raw
        return local.replace(tzinfo=zone).astimezone(UTC)
    return date.fromisoformat(raw) if isinstance(raw, str) else raw


def _sqlite(text: ColumnElement[Any], grain: Grain) -> ColumnElement[Any]:
    """Text ``YYYY-MM-DD`` or ``YYYY-MM-DDTHH:MM:SS`` to its period; blank stays blank."""
    match grain:
        case "year":
            return func.substr(text, 1, 4).op("||")("-01-01")
        case "quarter":
            month = func.substr(text, 6, 2)
            first = case((month < "04", "-01-01"), (month < "07", "-04-01"), (month < "10", "-07-01"), else_="-10-01")
            return func.substr(text, 1, 4).op("||")(first)
        case "month":
            return func.substr(text, 1, 7).op("||")("-01")
        case "week":
            return func.date(func.substr(text, 1, 10), "weekday 0", "-6 days")
        case "day":
            return func.substr(text, 1, 10)
        case "hour":
            return func.substr(text, 1, 13).op("||")(":00:00")
        case "weekday":
            return (cast(func.strftime("%w", func.substr(text, 1, 10)), Integer) + 6) % 7 + 1
    return cast(func.substr(text, 6, 2), Integer)


def prepare(connection: Connection) -> None:
    """Give a SQLite connection the function the periods of uneven zones need; others have it built in."""
    if connection.dialect.name == "sqlite" and not connection.info.get(_PREPARED):
        raw: Any = connection.connection.driver_connection
        raw.create_function("dg_local", 2, local_text, deterministic=True)
        connection.info[_PREPARED] = True


def _sqlite_local(text: ColumnElement[Any], zone: ZoneInfo) -> ColumnElement[Any]:
    since, minutes = _steady(zone.key)
    exact = func.dg_local(text, zone.key)
    if since is None:
        return exact
    shifted = func.strftime("%Y-%m-%dT%H:%M:%S", text, literal(f"{minutes:+d} minutes"))
    return case((text >= since, shifted), else_=exact)


@lru_cache(maxsize=32)
def _steady(name: str) -> tuple[str | None, int]:
    """Return the moment since which a zone has one offset, as stored text, and that offset in minutes."""
    zone = ZoneInfo(name)
    offset = datetime(2100, 1, 1, tzinfo=zone).utcoffset()
    if offset is None or any(datetime(2099, month, 1, tzinfo=zone).utcoffset() != offset for month in range(1, 13)):
        return None, 0
    if offset % timedelta(minutes=1):
        return None, 0
    year = 2100
    while year > 1900 and all(
        datetime(year - 1, month, day, tzinfo=zone).utcoffset() == offset for month in range(1, 13) for day in (1, 15)
    ):
        year -= 1
    return f"{year + 1}-01-01T00:00:00.000000Z", int(offset / timedelta(minutes=1))


def local_text(text: str | None, name: str) -> str | None:
    """SQLite function ``dg_local``: a stored instant as local text of a zone; blank for anything that is none."""
    try:
        return datetime.fromisoformat(str(text)).astimezone(ZoneInfo(name)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    except (ValueError, OverflowError, KeyError):
        return None
