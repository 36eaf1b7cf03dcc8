"""One database, opened the one right way, on SQLite or PostgreSQL.

SQLite: WAL, ``BEGIN IMMEDIATE`` for writers (deferred begins fail on upgrade whatever the timeout), a busy timeout,
full sync, foreign keys. PostgreSQL: psycopg 3. Every transaction is explicit: :meth:`Database.write` commits as a
whole or not at all and then runs what was left with :meth:`Transaction.after_commit`.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, make_url

from engine.problems import Busy

SYSTEM = MetaData()
"""Every fixed table of the product outside ``metadata.store`` (people, audit, jobs, flows, files ...) hangs here."""

BUSY_TIMEOUT_MS = 5_000
WRITER_WAIT = 10.0
"""Seconds a writer waits for its turn on SQLite before the caller is told that the system is busy."""

_TRY_MS = 25
_AFTER_COMMIT = "dougong_after_commit"

Hook = Callable[[sqlite3.Connection], None]


class Database:
    """An engine plus the two kinds of transaction the product knows."""

    def __init__(self, url: str, *, sqlite_hooks: tuple[Hook, ...] = (), pool_size: int = 8):
        parsed = make_url(url)
        self.url = parsed
        self.dialect: str = parsed.get_backend_name()
        if self.dialect == "postgresql":
            self.engine: Engine = create_engine(
                parsed.set(drivername="postgresql+psycopg"), pool_size=pool_size, max_overflow=8
            )
        else:
            self.engine = create_engine(
                parsed,
                pool_size=pool_size,
                max_overflow=8,
                connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MS / 1000},
            )
            event.listen(self.engine, "connect", _sqlite_setup(sqlite_hooks))
        self._turn = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read-only snapshot: nothing is ever committed."""
        with self._connect("BEGIN") as connection:
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One write transaction. Raises :class:`engine.problems.Busy` when the lock cannot be had in time."""
        with self._writer(), self._connect("BEGIN IMMEDIATE") as connection:
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()
            callbacks = connection.info.pop(_AFTER_COMMIT, [])
        for callback in callbacks:
            callback()

    @contextmanager
    def _writer(self) -> Iterator[None]:
        """SQLite has one writer at a time: threads of this process take turns here, not by polling the file."""
        if self.dialect != "sqlite":
            yield
            return
        if not self._turn.acquire(timeout=WRITER_WAIT):
            raise Busy()
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _connect(self, begin: str) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            connection.info.pop(_AFTER_COMMIT, None)
            connection.begin()
            if self.dialect == "sqlite":
                raw: Any = connection.connection.driver_connection
                try:
                    _begin(raw, begin)
                except sqlite3.OperationalError as error:
                    if "locked" in str(error):
                        raise Busy() from error
                    raise
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def after_commit(connection: Connection, callback: Callable[[], Any]) -> None:
    """Run ``callback`` once the transaction of ``connection`` is committed; never if it is rolled back."""
    connection.info.setdefault(_AFTER_COMMIT, []).append(callback)


def _begin(raw: sqlite3.Connection, statement: str) -> None:
    """Begin a transaction; a writer tries in short steps.

    SQLite's own waiting backs off to a tenth of a second between tries, and a process that writes without pause can
    keep another one out for many seconds. Many short waits find a gap soon.
    """
    if statement != "BEGIN IMMEDIATE":
        raw.execute(statement)
        return
    deadline = time.monotonic() + WRITER_WAIT
    raw.execute(f"PRAGMA busy_timeout={_TRY_MS}")
    try:
        while True:
            try:
                raw.execute(statement)
                return
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")


def _sqlite_setup(hooks: tuple[Hook, ...]) -> Callable[[sqlite3.Connection, Any], None]:
    def setup(raw: sqlite3.Connection, _record: Any) -> None:
        raw.isolation_level = None  # autocommit at driver level; BEGIN is ours
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_TIMEOUT_MS}"):
            raw.execute(f"PRAGMA {pragma}")
        for hook in hooks:
            hook(raw)

    return setup
