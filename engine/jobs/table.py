"""The product's own list of jobs: one row a job, whatever engine wakes it up.

The row is the truth about a job (state, tries, result); the engine's record is only its alarm clock. So a screen can
list, cancel and retry jobs without loading the engine, and the state of a job survives a change of engine. All times
are UTC text of fixed width, which compares the same on both databases.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Index,
    Integer,
    Select,
    String,
    Table,
    Text,
    case,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from engine.clock import instant_text, parse_instant
from engine.database import SYSTEM
from engine.jobs.port import Job, JobState, Payload

MAX_ATTEMPTS = 5
ERROR_LENGTH = 2_000

job = Table(
    "job",
    SYSTEM,
    Column("id", String(200), primary_key=True),
    Column("kind", String(64), nullable=False),
    Column("queue", String(32), nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("wakes", Integer, nullable=False, default=1),  # how often the engine was asked to run it; 0 = not yet
    Column("run_at", String(32), nullable=False),
    Column("result", JSON),
    Column("error", Text, nullable=False, default=""),
    Column("created_at", String(32), nullable=False),
    Column("updated_at", String(32), nullable=False),
)
Index("ix_job_state", job.c.state, job.c.updated_at)
Index("ix_job_far", job.c.run_at, sqlite_where=job.c.wakes == 0, postgresql_where=job.c.wakes == 0)

FAR = timedelta(seconds=120)
"""A job due later than this is only written down; a worker hands it to the engine when its time comes near. Most
reminders are never needed, and one row is cheaper than three in the transaction of somebody who waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """One request to the engine: run ``job_id`` (as its ``number``-th wake-up) on ``queue``, not before ``run_at``."""

    job_id: str
    number: int
    queue: str
    run_at: datetime | None

    @property
    def id(self) -> str:
        return self.job_id if self.number == 1 else f"{self.job_id}~{self.number}"


def insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row unless its key is there already; say whether it was inserted."""
    return connection.execute(_insert_new(table, connection.dialect.name), values).first() is not None


@cache
def _insert_new(table: Table, dialect: str) -> Any:
    make = postgresql_insert if dialect == "postgresql" else sqlite_insert
    return make(table).on_conflict_do_nothing().returning(*table.primary_key.columns)


def add(
    connection: Connection, job_id: str, kind: str, payload: Payload, run_at: datetime | None, queue: str, now: datetime
) -> Wake | None:
    """Write a new job and return the wake-up to ask the engine for.

    None when a job of that id exists, or when it is far away. Raises ``TypeError`` when the payload is not JSON.
    """
    json.dumps(payload, allow_nan=False)
    far = run_at is not None and run_at - now > FAR
    row = {
        "id": job_id,
        "kind": kind,
        "queue": queue,
        "payload": dict(payload),
        "state": "queued",
        "attempts": 0,
        "wakes": 0 if far else 1,
        "run_at": instant_text(run_at or now),
        "error": "",
        "created_at": instant_text(now),
        "updated_at": instant_text(now),
    }
    added = insert_new(connection, job, row)
    return Wake(job_id=job_id, number=1, queue=queue, run_at=run_at) if added and not far else None


def near(connection: Connection, now: datetime, limit: int = 200) -> list[Wake]:
    """Return first wake-ups of far jobs whose time has come near, marked as asked for; ask the engine for each."""
    chosen = job.c.id.in_(list(connection.execute(_near(now).order_by(job.c.run_at).limit(limit)).scalars()))
    change = update(job).where(chosen, job.c.wakes == 0, job.c.state == "queued").values(wakes=1)
    rows = connection.execute(change.returning(job.c.id, job.c.queue, job.c.run_at)).all()
    return [Wake(job_id=row.id, number=1, queue=row.queue, run_at=parse_instant(row.run_at)) for row in rows]


def any_near(connection: Connection, now: datetime) -> bool:
    """Say whether :func:`near` would find anything, without the write lock."""
    return connection.execute(_near(now).limit(1)).first() is not None


def _near(now: datetime) -> Select[Any]:
    return select(job.c.id).where(job.c.wakes == 0, job.c.state == "queued", job.c.run_at < instant_text(now + FAR))


def begin(connection: Connection, job_id: str, now: datetime) -> Job | None:
    """Count a try and return what to run; None when the job is over, cancelled, gone, or has had all its tries.

    A job whose tries are used up although none of them reported (its worker died each time) is parked here.
    """
    locked = select(job.c.kind, job.c.payload, job.c.state, job.c.attempts).where(job.c.id == job_id).with_for_update()
    row = connection.execute(locked).first()
    if row is None or row.state not in ("queued", "running"):
        return None
    values: dict[str, Any] = {"state": "running", "attempts": row.attempts + 1, "updated_at": instant_text(now)}
    if row.attempts >= MAX_ATTEMPTS:
        values = {"state": "failed", "error": f"worker lost {row.attempts} times", "updated_at": instant_text(now)}
    connection.execute(update(job).where(job.c.id == job_id).values(values))
    if row.attempts >= MAX_ATTEMPTS:
        return None
    return Job(id=job_id, kind=row.kind, payload=row.payload, attempt=row.attempts + 1)


def finish(connection: Connection, job_id: str, result: Any = None) -> bool:
    """Mark a running job done, with a JSON result; False when it is over already.

    A handler calls it inside its own transaction so that its effect and "done" commit together; on False another
    worker was faster and the handler must roll back. What returns without calling it is marked done afterwards.
    """
    values = {"state": "done", "result": result, "error": "", "updated_at": instant_text()}
    changed = connection.execute(update(job).where(job.c.id == job_id, job.c.state == "running").values(values))
    return changed.rowcount == 1


def fail(connection: Connection, run: Job, error: str, retry_at: datetime | None, now: datetime) -> Wake | None:
    """Record a failed try: queue the next one, or park the job when ``retry_at`` is None or the tries are used up.

    A worker that was wrongly taken for dead changes nothing here: its attempt number is no longer the newest.
    """
    again = retry_at is not None and run.attempt < MAX_ATTEMPTS
    values = {
        "state": "queued" if again else "failed",
        "error": error[:ERROR_LENGTH],
        "updated_at": instant_text(now),
        "run_at": instant_text(retry_at or now),
        "wakes": job.c.wakes + (1 if again else 0),
    }
    mine = (job.c.id == run.id, job.c.state == "running", job.c.attempts == run.attempt)
    row = connection.execute(update(job).where(*mine).values(values).returning(job.c.wakes, job.c.queue)).first()
    return Wake(job_id=run.id, number=row.wakes, queue=row.queue, run_at=retry_at) if row and again else None


def cancel(connection: Connection, job_id: str) -> bool:
    """Stop a job that has not begun."""
    values = {"state": "cancelled", "updated_at": instant_text()}
    changed = connection.execute(update(job).where(job.c.id == job_id, job.c.state == "queued").values(values))
    return changed.rowcount == 1


def requeue(connection: Connection, job_id: str, states: Sequence[str], now: datetime) -> Wake | None:
    """Wake a job again that is in one of ``states``; a parked one starts with fresh tries."""
    values = {
        "state": "queued",
        "attempts": case((job.c.state == "failed", 0), else_=job.c.attempts),
        "wakes": job.c.wakes + 1,
        "run_at": instant_text(now),
        "updated_at": instant_text(now),
    }
    change = update(job).where(job.c.id == job_id, job.c.state.in_(states)).values(values)
    row = connection.execute(change.returning(job.c.wakes, job.c.queue)).first()
    return Wake(job_id=job_id, number=row.wakes, queue=row.queue, run_at=None) if row else None


def state(connection: Connection, job_id: str) -> JobState | None:
    """Return where a job stands, or None when there is none of that id."""
    row = connection.execute(select(job).where(job.c.id == job_id)).first()
    return _state(row) if row else None


def listed(connection: Connection, states: Sequence[str], limit: int = 100) -> list[JobState]:
    """Return jobs in the given states, oldest change first (the administration screen, the watchdog)."""
    query = select(job).where(job.c.state.in_(states)).order_by(job.c.updated_at, job.c.id).limit(limit)
    return [_state(row) for row in connection.execute(query)]


def overdue(connection: Connection, before: datetime, limit: int = 200) -> list[Wake]:
    """Return the newest wake-up of every job that should have run or reported by ``before``."""
    query = (
        select(job.c.id, job.c.wakes, job.c.queue)
        .where(job.c.state.in_(("queued", "running")), job.c.updated_at < instant_text(before))
        .where(job.c.run_at < instant_text(before), job.c.wakes > 0)
        .order_by(job.c.updated_at)
        .limit(limit)
    )
    return [Wake(job_id=row.id, number=row.wakes, queue=row.queue, run_at=None) for row in connection.execute(query)]


def purge(connection: Connection, done_before: datetime, failed_before: datetime) -> int:
    """Delete old finished jobs; parked ones stay longer, so that somebody can look at them."""
    finished = job.c.state.in_(("done", "cancelled")) & (job.c.updated_at < instant_text(done_before))
    parked = (job.c.state == "failed") & (job.c.updated_at < instant_text(failed_before))
    return connection.execute(delete(job).where(finished | parked)).rowcount


def _state(row: Any) -> JobState:
    return JobState(
        id=row.id,
        kind=row.kind,
        state=row.state,
        result=row.result,
        error=row.error,
        attempts=row.attempts,
        run_at=parse_instant(row.run_at),
    )
