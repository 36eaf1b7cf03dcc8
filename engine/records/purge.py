"""The schema trash: columns and tables that no live version names, listed, and taken away for good when asked.

Until then every deleted field, table and changed type can come back with its values. A purge cannot be undone, so it
takes only what was shown, is older than a given age, and is not named by a live version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from engine.clock import parse_instant
from engine.database import Database
from engine.records import names
from engine.records.journal import schema_trash
from engine.records.names import quoted
from engine.records.physical import physical
from engine.records.tables import tables_for
from metadata.model import App
from metadata.snapshot import Snapshot
from metadata.store import MetadataStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Trashed:
    """One column (or a whole table, ``column`` empty) with how many values it holds.

    ``label`` is what the field or entity was called in the version before; ``version`` is the one that left it behind.
    """

    table: str
    column: str
    app: str
    label: Mapping[str, str]
    reason: str
    version: int
    at: str
    values: int


def trashed(connection: Connection, *, before: str = "") -> tuple[Trashed, ...]:
    """Return what lies in the trash, oldest first; ``before`` (an instant as text) leaves newer things out."""
    table = schema_trash
    statement = select(table).order_by(table.c.at, table.c.table_name, table.c.column_name)
    if before:
        statement = statement.where(table.c.at < before)
    rows = connection.execute(statement).all()
    there = physical(connection, {row.table_name for row in rows})
    store = MetadataStore(connection)
    found: list[Trashed] = []
    for row in rows:
        present = there.has_column(row.table_name, row.column_name) if row.column_name else there.has(row.table_name)
        found.append(
            Trashed(
                table=row.table_name,
                column=row.column_name,
                app=row.app_id,
                label=_label(store, row.app_id, row.version, row.field_id or row.entity_id),
                reason=row.reason,
                version=row.version,
                at=row.at,
                values=_values(connection, row.table_name, row.column_name) if present else 0,
            )
        )
    return tuple(found)


def purge(database: Database, *, before: str) -> tuple[Trashed, ...]:
    """Take away for good what has been in the trash since before an instant; return what went.

    Everything happens in one transaction. Raises ``ValueError`` for a text that is no instant.
    """
    parse_instant(before)
    with database.write() as connection:
        kept = _named(connection, database.dialect)
        gone = [one for one in trashed(connection, before=before) if (one.table, one.column) not in kept]
        there = physical(connection, {one.table for one in gone})
        whole = {one.table for one in gone if not one.column}
        for one in gone:
            if one.column and one.table not in whole and there.has_column(one.table, one.column):
                _drop_indexes(connection, one.table, one.column)
                connection.exec_driver_sql(f"ALTER TABLE {quoted(one.table)} DROP COLUMN {quoted(one.column)}")
            elif not one.column and there.has(one.table):
                connection.exec_driver_sql(f"DROP TABLE {quoted(one.table)}")
                search = one.table.replace("r_", "s_", 1)  # what was found in its records goes with them
                if one.table.startswith("r_") and physical(connection, [search]).has(search):
                    connection.exec_driver_sql(f"DROP TABLE {quoted(search)}")
        for one in gone:
            this = (schema_trash.c.table_name == one.table) & (schema_trash.c.column_name == one.column)
            connection.execute(delete(schema_trash).where(this))
    return tuple(gone)


def _named(connection: Connection, dialect: str) -> set[tuple[str, str]]:
    """Every table and column of a live version: never taken, whatever the list says."""
    store = MetadataStore(connection)
    named: set[tuple[str, str]] = set()
    for row in store.apps():
        if row.live_version is not None:
            _, app = store.live(row.id)
            tables = tables_for(Snapshot(app, 0), dialect)
            named.update((names.link_table(field), "") for field in tables.link_fields())
            for entity in app.entities:
                table = tables.record(entity)
                named.add((table.name, ""))
                named.update((table.name, column.name) for column in table.c)
    return named


def _drop_indexes(connection: Connection, table: str, column: str) -> None:
    """SQLite refuses to drop a column that an index is on; PostgreSQL takes the index along."""
    if connection.dialect.name != "sqlite":
        return
    for index in physical(connection, [table]).indexes_of(table):
        columns = [row[2] for row in connection.exec_driver_sql(f"PRAGMA index_info({quoted(index)})")]
        if column in columns:
            connection.exec_driver_sql(f"DROP INDEX {quoted(index)}")


def _values(connection: Connection, table: str, column: str) -> int:
    counted = quoted(column) if column else "*"
    return int(connection.exec_driver_sql(f"SELECT count({counted}) FROM {quoted(table)}").scalar() or 0)


def _label(store: MetadataStore, app_id: str, version: int, definition: str) -> Mapping[str, str]:
    """What a definition was called last; its id when no version knows it."""
    for number in range(version, 0, -1):
        app = _version(store, app_id, number)
        for entity in app.entities if app else ():
            if entity.id == definition:
                return entity.label
            for field in entity.fields:
                if field.id == definition:
                    return {
                        code: f"{entity.label.get(code, entity.key)} · {text}" for code, text in field.label.items()
                    }
    return {"en": definition}


def _version(store: MetadataStore, app_id: str, number: int) -> App | None:
    try:
        return store.version(app_id, number)
    except KeyError:
        return None
