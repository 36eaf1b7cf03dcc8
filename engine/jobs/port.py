"""What the product needs of a job engine, and nothing more; ``dbos_jobs`` is the adapter.

A job is enqueued with the caller's connection, so it exists exactly when the caller's transaction commits. It runs
at least once; its id is the idempotency key for whatever it does outside. Payloads are JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

Payload = Mapping[str, Any]
Handler = Callable[["Job"], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a handler gets: ``id`` is stable over retries, ``attempt`` counts from 1."""

    id: str
    kind: str
    payload: Payload
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """``state`` is queued, running, done, failed or cancelled; ``result`` and ``error`` are JSON-safe."""

    id: str
    kind: str
    state: str
    result: Any = None
    error: str = ""


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
        """Add a job in the caller's transaction. A second call with the same ``job_id`` adds nothing."""
        ...

    def cancel(self, job_id: str) -> None:
        """Stop a job that has not begun; one that runs checks its own reason to live."""
        ...

    def state(self, job_id: str) -> JobState | None: ...


class Worker(Protocol):
    def run(self) -> None:
        """Work until :meth:`stop`; takes over the jobs of dead workers."""
        ...

    def stop(self) -> None: ...
