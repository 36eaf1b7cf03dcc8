"""One workspace: a database with its applications, and transactions over their records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from engine.records.gate import hold_version
from engine.records.store import RecordStore
from engine.records.surroundings import Surroundings


class Workspace(Surroundings):
    """Opens the records of applications, each in a transaction."""

    @contextmanager
    def read(self, app: str) -> Iterator[RecordStore]:
        """Open a store on a read-only snapshot of the database. Raises ``KeyError`` for an application not live."""
        with self.database.read() as connection:
            yield self.store(connection, app)

    @contextmanager
    def write(self, app: str) -> Iterator[RecordStore]:
        """Open a store on one write transaction: everything done in it is committed together or not at all."""
        with self.database.write() as connection:
            yield self.writer(connection, app)

    def writer(self, connection: Connection, app: str) -> RecordStore:
        """Return a store to write with on a transaction somebody else opened; a publish waits for its end."""
        hold_version(connection, self.snapshot(connection, app).app.id)
        return self.store(connection, app)

    def store(self, connection: Connection, app: str) -> RecordStore:
        """Return a store on a transaction somebody else opened."""
        return RecordStore(connection, self.snapshot(connection, app), self)
