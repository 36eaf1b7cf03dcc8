"""Jobs on DBOS, the side that adds them: no engine runs here, and DBOS itself is loaded with the first job.

A job is two rows written with the caller's connection: ours (``engine.jobs.table``, the truth) and DBOS's (the alarm
clock), so both commit or neither does. Cancelling and asking for the state touch only ours.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from engine import clock as system_clock
from engine.database import Database
from engine.deferred import deferred
from engine.jobs import table
from engine.jobs.port import QUEUES, JobState, Payload

APPLICATION = "dougong"
PROTOCOL = "1"
"""Fixed instead of DBOS's hash of the code, so that a new release runs the jobs an older one queued. A handler that
changes the meaning of its payload says so in the payload."""
WORKFLOW = "dougong.job"
SCHEMA_VERSION = 125
"""Newest DBOS migration this product was tested with; a database at it needs no look by DBOS at start."""

dbos = deferred("dbos")


class DbosJobs:
    """The :class:`engine.jobs.port.Jobs` of the product."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = system_clock.now):
        self._database = database
        self._clock = clock
        self._lock = threading.Lock()
        self._client: Any = None

    def prepare(self) -> None:
        """Create or upgrade DBOS's own tables, once per release. Cheap, and without DBOS, when they are current."""
        if schema_version(self._database) < SCHEMA_VERSION:
            dbos.DBOS.migrate(dbos_url(self._database))

    def enqueue(
        self,
        connection: Connection,
        kind: str,
        payload: Payload,
        *,
        job_id: str,
        run_at: datetime | None = None,
        queue: str = "default",
    ) -> None:
        if queue not in QUEUES:
            raise ValueError(f"there is no job queue {queue!r}, only {', '.join(QUEUES)}")
        wake = table.add(connection, job_id, kind, payload, run_at, queue, self._clock())
        if wake is not None:
            self.wake(connection, wake)

    def wake(self, connection: Connection, wake: table.Wake) -> None:
        """Ask DBOS to run a job, in the caller's transaction. For the worker; people use :meth:`enqueue`."""
        options: dict[str, Any] = {
            "workflow_name": WORKFLOW,
            "queue_name": f"{APPLICATION}.{wake.queue}",
            "workflow_id": wake.id,
            "app_version": PROTOCOL,
            "application_name": APPLICATION,
        }
        if wake.run_at is not None:
            options["delay_seconds"] = max(0.0, (wake.run_at - self._clock()).total_seconds())
        translated = connection.get_execution_options().get("schema_translate_map")
        self.client.enqueue_in_transaction(connection, options, wake.job_id)
        # DBOS leaves its own schema map on the connection, which would make every later statement slower.
        connection.execution_options(schema_translate_map=translated)

    def cancel(self, connection: Connection, job_id: str) -> bool:
        return table.cancel(connection, job_id)

    def retry(self, connection: Connection, job_id: str) -> bool:
        wake = table.requeue(connection, job_id, ("failed",), self._clock())
        if wake is not None:
            self.wake(connection, wake)
        return wake is not None

    def state(self, connection: Connection, job_id: str) -> JobState | None:
        return table.state(connection, job_id)

    @property
    def client(self) -> Any:
        """The DBOS client, made when first asked for; it opens no connection of its own."""
        with self._lock:
            if self._client is None:
                self._client = dbos.DBOSClient(
                    system_database_engine=self._database.engine,
                    serializer=dbos.DBOSPortableJSONSerializer(),
                    application_name=APPLICATION,
                    lazy=True,
                    retry_connection_errors=False,
                )
            return self._client


def dbos_url(database: Database) -> str:
    """Return the address of our database as DBOS wants it: its tables live beside ours."""
    driver = "postgresql+psycopg" if database.dialect == "postgresql" else "sqlite"
    return database.url.set(drivername=driver).render_as_string(hide_password=False)


def schema_version(database: Database) -> int:
    """Return the newest DBOS migration applied to the database, 0 before the first."""
    prefix = "dbos." if database.dialect == "postgresql" else ""
    found = (
        text("SELECT to_regclass('dbos.dbos_migrations') IS NOT NULL")
        if prefix
        else text("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'dbos_migrations'")
    )
    with database.read() as connection:
        if not connection.execute(found).scalar():
            return 0
        return int(connection.execute(text(f"SELECT max(version) FROM {prefix}dbos_migrations")).scalar() or 0)
