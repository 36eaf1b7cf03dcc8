"""What the product needs of a job engine, and nothing more; ``dbos_jobs`` and ``dbos_worker`` are the adapter.

A job is enqueued with the caller's connection, so it exists exactly when the caller's transaction commits. It runs
at least once; its id is the idempotency key for whatever it does outside. Payloads and results are JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import Connection

Payload = Mapping[str, Any]
Handler = Callable[["Job"], Any]
State = Literal["queued", "running", "done", "failed", "cancelled"]

QUEUES = {"default": 32, "slow": 2}
"""Queue name -> how many of its jobs one worker runs at a time; ``slow`` is for imports, exports and the like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a handler gets: ``id`` is stable over retries, ``attempt`` counts from 1."""

    id: str
    kind: str
    payload: Payload
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """``state`` is queued, running, done, failed (parked: it waits for a person) or cancelled."""

    id: str
    kind: str
    state: State
    result: Any = None
    error: str = ""
    attempts: int = 0
    run_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A job of ``kind`` at every tick of ``cron`` (five fields, or six with seconds first) in ``zone``.

    The job's id contains the planned time, so a tick happens once however many workers run. ``missed`` says what
    becomes of ticks while no worker ran: ``skip`` them, or run ``all``.
    """

    name: str
    cron: str
    kind: str
    payload: Payload
    zone: str = "UTC"
    missed: Literal["skip", "all"] = "skip"


class GiveUp(Exception):
    """Raised by a handler whose job can never succeed: it is parked at once, without further tries."""


class RetryAt(Exception):
    """Raised by a handler that knows when to try again (a server said ``Retry-After``); it counts as a try."""

    def __init__(self, when: datetime, reason: str = ""):
        self.when = when
        super().__init__(reason or f"asked to try again at {when.isoformat()}")


class Jobs(Protocol):
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
        """Add a job in the caller's transaction. A second call with the same ``job_id`` adds nothing.

        Raises ``TypeError`` for a payload that is not JSON and ``ValueError`` for an unknown queue.
        """
        ...

    def cancel(self, connection: Connection, job_id: str) -> bool:
        """Stop a job that has not begun (False otherwise); one that runs checks its own reason to live."""
        ...

    def retry(self, connection: Connection, job_id: str) -> bool:
        """Give a parked job a fresh set of tries (False when it is not parked)."""
        ...

    def state(self, connection: Connection, job_id: str) -> JobState | None: ...


HANDLERS: dict[str, Handler] = {}
"""What runs a job, by kind."""


def handler(kind: str) -> Callable[[Handler], Handler]:
    """Register a function as the handler of ``kind``. Raises ``ValueError`` when the kind is taken."""

    def register(function: Handler) -> Handler:
        if HANDLERS.setdefault(kind, function) is not function:
            raise ValueError(f"job kind {kind!r} has two handlers")
        return function

    return register
