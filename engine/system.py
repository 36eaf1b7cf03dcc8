"""The product's own tables: made at first start, checked at every later one."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table, select

from engine import calendars
from engine.database import SYSTEM, Database
from metadata.findings import Finding, Refused, register_messages
from metadata.store import TABLES

SYSTEM_SCHEMA = 1

register_messages(
    {
        "S001": {
            "zh-CN": "数据库由更新版本的斗拱创建（{found}），当前程序只支持到 {known}。请升级程序，数据未改动。",
            "en": "The database was made by a newer Dougong ({found}); this one knows up to {known}. Upgrade the program; nothing was changed.",
        }
    }
)

schema_version = Table("system_schema", SYSTEM, Column("version", Integer, primary_key=True))


def ensure_system_schema(database: Database) -> None:
    """Create every registered system table that is missing, and enter the published working days.

    Raises :class:`Refused` for a newer database.
    """
    with database.write() as connection:
        SYSTEM.create_all(connection)
        TABLES.create_all(connection)
        found = connection.execute(select(schema_version.c.version)).scalar()
        if found is None:
            connection.execute(schema_version.insert().values(version=SYSTEM_SCHEMA))
        elif found > SYSTEM_SCHEMA:
            raise Refused([Finding("S001", params={"found": found, "known": SYSTEM_SCHEMA})])
        calendars.seed(connection)
