"""Statements of schema changes on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from engine.records.ddl_sqlite import note_shape
from engine.records.indexes import IndexSpec
from engine.records.names import quoted

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def create_table(table: Table) -> tuple[str, ...]:
    """Create a table with the indexes that belong to it by nature."""
    made = [str(CreateTable(table, if_not_exists=True).compile(dialect=_DIALECT)).strip()]
    indexes = sorted(table.indexes, key=lambda one: str(one.name))
    made += [str(CreateIndex(one, if_not_exists=True).compile(dialect=_DIALECT)) for one in indexes]
    return tuple(made)


def add_columns(table: str, columns: Iterable[Column[object]]) -> tuple[str, ...]:
    """Add nullable columns in one statement: one short lock, no rewrite."""
    added = ", ".join(
        f"ADD COLUMN IF NOT EXISTS {quoted(column.name)} {column.type.compile(dialect=_DIALECT)}" for column in columns
    )
    return (f"ALTER TABLE {quoted(table)} {added}",) if added else ()


def create_index(spec: IndexSpec, *, concurrently: bool = False) -> tuple[str, ...]:
    """Create an index. Concurrently it blocks nobody, but must run outside a transaction and may be left invalid."""
    unique = "UNIQUE " if spec.unique else ""
    how = "CONCURRENTLY " if concurrently else ""
    if spec.method == "btree" and not spec.unique and spec.columns[0] != "deleted_at":
        first, *rest = spec.columns
        columns = ", ".join([f"{quoted(first)} ASC NULLS FIRST", *(_later(one) for one in rest)])
    else:
        columns = ", ".join(map(quoted, spec.columns))
    using = f" USING {spec.method}" if spec.method != "btree" else ""
    where = f" WHERE {spec.where}" if spec.where else ""
    name, table = quoted(spec.name), quoted(spec.table)
    return (f"CREATE {unique}INDEX {how}IF NOT EXISTS {name} ON {table}{using} ({columns}){where}",)


def _later(column: str) -> str:
    return quoted(column) if column == "id" else f"{quoted(column)} ASC NULLS FIRST"


def drop_index(name: str, *, concurrently: bool = False) -> tuple[str, ...]:
    return (f"DROP INDEX {'CONCURRENTLY ' if concurrently else ''}IF EXISTS {quoted(name)}",)


def create_search(table: Table) -> tuple[str, ...]:
    """Create the table of token numbers with its inverted index."""
    made = create_table(table)
    name, index = quoted(table.name), quoted(f"ix_{table.name}")
    return (*made, f"CREATE INDEX IF NOT EXISTS {index} ON {name} USING gin (tokens)", note_shape(table.name))


def note_changes(table: str, notes: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Note every row that is added, or changed in one of the columns, from now on in a table of row numbers."""
    source, target, function = quoted(table), quoted(notes), quoted(notes + "_note")
    watched = ", ".join(map(quoted, columns))
    return (
        f"CREATE TABLE IF NOT EXISTS {target} (rid BIGINT PRIMARY KEY)",
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $body$ "
        f"BEGIN INSERT INTO {target}(rid) VALUES (NEW.rid) ON CONFLICT DO NOTHING; RETURN NULL; END $body$",
        f"CREATE OR REPLACE TRIGGER {quoted(notes + '_t')} AFTER INSERT OR UPDATE OF {watched} ON {source} "
        f"FOR EACH ROW EXECUTE FUNCTION {function}()",
    )


def forget_changes(table: str, notes: str) -> tuple[str, ...]:
    """Stop noting."""
    return (
        f"DROP TRIGGER IF EXISTS {quoted(notes + '_t')} ON {quoted(table)}",
        f"DROP FUNCTION IF EXISTS {quoted(notes + '_note')}()",
        f"DROP TABLE IF EXISTS {quoted(notes)}",
    )


def drop_view(name: str) -> tuple[str, ...]:
    return (f"DROP VIEW IF EXISTS {quoted(name)}",)


def drop_table(name: str) -> tuple[str, ...]:
    return (f"DROP TABLE IF EXISTS {quoted(name)}",)
