"""Statements of schema changes on SQLite."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Column, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from engine.records.indexes import IndexSpec
from engine.records.names import quoted

_DIALECT = sqlite.dialect()

SEARCH_SHAPE = 2
"""Raised when search tables get other tokens: older ones are filled anew at the next start."""


def create_table(table: Table) -> tuple[str, ...]:
    """Create a table with the indexes that belong to it by nature."""
    made = [str(CreateTable(table, if_not_exists=True).compile(dialect=_DIALECT)).strip()]
    indexes = sorted(table.indexes, key=lambda one: str(one.name))
    made += [str(CreateIndex(one, if_not_exists=True).compile(dialect=_DIALECT)) for one in indexes]
    return tuple(made)


def add_columns(table: str, columns: Iterable[Column[object]]) -> tuple[str, ...]:
    """Add nullable columns: one statement each, instant at any size."""
    return tuple(
        f"ALTER TABLE {quoted(table)} ADD COLUMN {quoted(column.name)} {column.type.compile(dialect=_DIALECT)}"
        for column in columns
    )


def create_index(spec: IndexSpec, *, concurrently: bool = False) -> tuple[str, ...]:
    """Create an index; SQLite knows no concurrent way, readers go on all the same."""
    unique = "UNIQUE " if spec.unique else ""
    columns = ", ".join(map(quoted, spec.columns))
    where = f" WHERE {spec.where}" if spec.where else ""
    return (f"CREATE {unique}INDEX IF NOT EXISTS {quoted(spec.name)} ON {quoted(spec.table)} ({columns}){where}",)


def drop_index(name: str, *, concurrently: bool = False) -> tuple[str, ...]:
    return (f"DROP INDEX IF EXISTS {quoted(name)}",)


def create_search(table: Table) -> tuple[str, ...]:
    """Create the full-text table: no content and no positions, only which row holds which token."""
    return (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {quoted(table.name)} "
        "USING fts5(tokens, content='', columnsize=0, detail='none', tokenize='ascii')",
        note_shape(table.name),
    )


def note_shape(table: str) -> str:
    """Note that a search table is filled with the tokens of now; the same on both databases."""
    return (
        f"INSERT INTO search_shape(table_name, shape) VALUES ('{table}', {SEARCH_SHAPE}) "
        f"ON CONFLICT (table_name) DO UPDATE SET shape = {SEARCH_SHAPE}"
    )


def note_changes(table: str, notes: str, columns: Iterable[str]) -> tuple[str, ...]:
    """Note every row that is added, or changed in one of the columns, from now on in a table of row numbers."""
    source, target = quoted(table), quoted(notes)
    watched = ", ".join(map(quoted, columns))
    body = f"BEGIN INSERT OR IGNORE INTO {target}(rid) VALUES (new.rid); END"
    return (
        f"CREATE TABLE IF NOT EXISTS {target} (rid INTEGER PRIMARY KEY)",
        f"CREATE TRIGGER IF NOT EXISTS {quoted(notes + '_i')} AFTER INSERT ON {source} {body}",
        f"CREATE TRIGGER IF NOT EXISTS {quoted(notes + '_u')} AFTER UPDATE OF {watched} ON {source} {body}",
    )


def forget_changes(table: str, notes: str) -> tuple[str, ...]:
    """Stop noting."""
    return (
        f"DROP TRIGGER IF EXISTS {quoted(notes + '_i')}",
        f"DROP TRIGGER IF EXISTS {quoted(notes + '_u')}",
        f"DROP TABLE IF EXISTS {quoted(notes)}",
    )


def drop_view(name: str) -> tuple[str, ...]:
    return (f"DROP VIEW IF EXISTS {quoted(name)}",)


def drop_table(name: str) -> tuple[str, ...]:
    return (f"DROP TABLE IF EXISTS {quoted(name)}",)
