"""Inserting many rows with as little ceremony as the driver allows.

The statement is compiled by SQLAlchemy once; what it would do for every row after that (naming parameters, looking up
conversions) is done here once too, so a row costs one tuple.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, insert

_Process = Callable[[Any], Any]


class ManyInsert:
    """An INSERT of given columns of a table, for rows by the thousand."""

    def __init__(self, table: Table, names: Sequence[str]):
        self._statement = insert(table).inline()
        self._names = tuple(names)
        self._compiled: dict[str, tuple[str, tuple[tuple[str, _Process | None], ...]]] = {}

    def execute(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows; every row has all the columns."""
        dialect = connection.dialect
        if not dialect.positional:  # named parameters: psycopg batches them well as they are
            connection.execute(self._statement, [dict(row) for row in rows])
            return
        found = self._compiled.get(dialect.name)
        if found is None:
            compiled = self._statement.compile(dialect=dialect, column_keys=list(self._names))
            order = list(compiled.positiontup or ())
            found = self._compiled[dialect.name] = (
                str(compiled),
                tuple((name, compiled.binds[name].type._cached_bind_processor(dialect)) for name in order),
            )
        text, order_of = found
        values = [
            tuple(row[name] if process is None else process(row[name]) for name, process in order_of) for row in rows
        ]
        connection.exec_driver_sql(text, values)
