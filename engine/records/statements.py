"""Inserting many rows with as little ceremony as the driver allows.

What SQLAlchemy would do for every row (naming parameters, looking up conversions) is done once here, so a row costs one
tuple. PostgreSQL gets its rows by COPY: one command for all of them instead of one a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError

_Process = Callable[[Any], Any]


class ManyInsert:
    """An INSERT of given columns of a table, for rows by the thousand. A row has a value for each of ``names``."""

    def __init__(self, table: Table, names: Sequence[str]):
        self._table = table
        self.names = tuple(names)
        self._prepared: dict[str, _Prepared] = {}

    def execute(self, connection: Connection, rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows. Raises what SQLAlchemy raises for any INSERT."""
        dialect = connection.dialect
        found = self._prepared.get(dialect.name)
        if found is None:
            found = self._prepared[dialect.name] = self._prepare(dialect)
        values = found.stored(rows)
        if dialect.name == "sqlite":
            connection.exec_driver_sql(found.text, values)
        else:
            _copy(connection, found.text, values)

    def _prepare(self, dialect: Dialect) -> _Prepared:
        quoted = dialect.identifier_preparer
        columns = ", ".join(quoted.quote(name) for name in self.names)
        target = f"{quoted.format_table(self._table)} ({columns})"
        marks = ", ".join("?" * len(self.names))
        text = f"INSERT INTO {target} VALUES ({marks})" if dialect.name == "sqlite" else f"COPY {target} FROM STDIN"
        processes = [self._table.c[name].type._cached_bind_processor(dialect) for name in self.names]
        return _Prepared(text, tuple((at, one) for at, one in enumerate(processes) if one is not None))


@dataclass(frozen=True, slots=True)
class _Prepared:
    """The statement for one dialect, and the columns whose values the driver does not take as they are."""

    text: str
    processes: tuple[tuple[int, _Process], ...]

    def stored(self, rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Return rows of what the driver takes."""
        columns = list(zip(*rows, strict=True))
        for at, process in self.processes:
            columns[at] = tuple(_processed(process, columns[at]))
        return list(zip(*columns, strict=True))


def _processed(process: _Process, values: Sequence[Any]) -> Iterator[Any]:
    """Convert a column; rows written together share their instants, so the same value is converted once."""
    last = made = None
    for value in values:
        if value is not last:
            last, made = value, process(value)
        yield made


def _copy(connection: Connection, text: str, rows: Sequence[Sequence[Any]]) -> None:
    driver: Any = connection.dialect.loaded_dbapi
    cursor: Any = connection.connection.cursor()
    try:
        with cursor.copy(text) as copy:
            for row in rows:
                copy.write_row(row)
    except driver.Error as error:
        raise DBAPIError.instance(text, None, error, driver.Error, dialect=connection.dialect) from error
    finally:
        cursor.close()
