"""What is in the database now: tables with their columns, indexes, views and how many rows there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, select, text

from engine.records.journal import schema_trash
from engine.records.names import quoted

_ABANDONED = select(schema_trash.c.table_name, schema_trash.c.column_name).where(schema_trash.c.reason == "abandoned")
_SQLITE_COLUMNS = text(
    "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
    " WHERE m.type = 'table' AND m.name IN :names"
).bindparams(bindparam("names", expanding=True))
_SQLITE_INDEXES = text(
    "SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN :names"
).bindparams(bindparam("names", expanding=True))
_SQLITE_VIEWS = text("SELECT name FROM sqlite_master WHERE type = 'view'")
_POSTGRES_COLUMNS = text(
    "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
    " WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
    " AND a.attnum > 0 AND NOT a.attisdropped AND c.relname IN :names"
).bindparams(bindparam("names", expanding=True))
_POSTGRES_INDEXES = text(
    "SELECT i.relname, t.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
    " JOIN pg_class t ON t.oid = x.indrelid"
    " WHERE t.relnamespace = current_schema()::regnamespace AND x.indisvalid AND t.relname IN :names"
).bindparams(bindparam("names", expanding=True))
_POSTGRES_VIEWS = text("SELECT viewname FROM pg_views WHERE schemaname = current_schema()")


@dataclass(frozen=True, slots=True, kw_only=True)
class Physical:
    """The part of a database a plan depends on.

    ``rows`` is an upper estimate, from the highest row number. ``abandoned`` are columns of a publish that was rolled
    back: they are there, but never held what a person can see.
    """

    dialect: str
    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)
    indexes: Mapping[str, str] = field(default_factory=dict)
    views: frozenset[str] = frozenset()
    rows: Mapping[str, int] = field(default_factory=dict)
    abandoned: frozenset[tuple[str, str]] = frozenset()

    def has(self, table: str) -> bool:
        return table in self.columns

    def has_column(self, table: str, column: str) -> bool:
        return column in self.columns.get(table, ())

    def indexes_of(self, table: str) -> frozenset[str]:
        """Names of the indexes the product made on a table (not those of keys)."""
        return frozenset(
            name for name, owner in self.indexes.items() if owner == table and name.startswith(("ix_", "ux_"))
        )


def physical(connection: Connection, tables: Iterable[str]) -> Physical:
    """Read what is there of the named tables (one query a kind, one for the size of each table)."""
    dialect = connection.dialect.name
    names = sorted(set(tables))
    sqlite = dialect == "sqlite"
    columns: dict[str, set[str]] = defaultdict(set)
    indexes: dict[str, str] = {}
    for start in range(0, len(names), 500):
        part = {"names": names[start : start + 500]}
        for table, column in connection.execute(_SQLITE_COLUMNS if sqlite else _POSTGRES_COLUMNS, part):
            columns[table].add(column)
        for index, table in connection.execute(_SQLITE_INDEXES if sqlite else _POSTGRES_INDEXES, part):
            indexes[index] = table
    rows = {table: highest_rid(connection, table) for table in columns if table.startswith("r_")}
    return Physical(
        dialect=dialect,
        columns={table: frozenset(found) for table, found in columns.items()},
        indexes=indexes,
        views=frozenset(connection.execute(_SQLITE_VIEWS if sqlite else _POSTGRES_VIEWS).scalars()),
        rows=rows,
        abandoned=frozenset((row.table_name, row.column_name) for row in connection.execute(_ABANDONED)),
    )


def highest_rid(connection: Connection, table: str) -> int:
    """Return the highest row number of a record table (0 when it is empty)."""
    return connection.exec_driver_sql(f"SELECT max(rid) FROM {quoted(table)}").scalar() or 0
