"""Who is alive: every worker process writes a beat into ``worker_lease``; a peer whose beat stands still is dead.

Whether a beat stands still is judged by the *observer's* monotonic clock (the number has not changed for
``ttl`` seconds), so neither a clock that jumps nor two hosts that disagree can kill a living worker. On the same
host a process that is gone is seen at once. Declaring a living worker dead by mistake does no harm: the job's row
accepts one result only.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Column, Connection, Integer, String, Table, Text, delete, select, update

from engine.clock import instant_text
from engine.database import SYSTEM
from engine.jobs.table import insert_new

BEAT_SECONDS = 3.0
TTL_SECONDS = 15.0

worker_lease = Table(
    "worker_lease",
    SYSTEM,
    Column("executor_id", String(64), primary_key=True),
    Column("host", Text, nullable=False),
    Column("process", Text, nullable=False),
    Column("beat", Integer, nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("seen_at", String(32), nullable=False),  # for people; nothing is decided by it
)


class Leases:
    """The lease of this process and its view of the others. One instance per worker, used from one thread."""

    def __init__(self, executor_id: str, *, ttl: float = TTL_SECONDS):
        self.executor_id = executor_id
        self._ttl = ttl
        self._seen: dict[str, tuple[int, float]] = {}

    def take(self, connection: Connection) -> None:
        """Write this process's lease, before it takes its first job."""
        now = instant_text()
        row = {"executor_id": self.executor_id, "host": _host(), "process": _process(os.getpid()), "beat": 0}
        insert_new(connection, worker_lease, row | {"started_at": now, "seen_at": now})

    def beat(self, connection: Connection) -> None:
        """Say that this process is alive (and take the lease again if someone removed it)."""
        mine = update(worker_lease).where(worker_lease.c.executor_id == self.executor_id)
        now = instant_text()
        if not connection.execute(mine.values(beat=worker_lease.c.beat + 1, seen_at=now)).rowcount:
            self.take(connection)

    def release(self, connection: Connection) -> None:
        """Give the lease up; whatever this process still holds may be taken over at once."""
        connection.execute(delete(worker_lease).where(worker_lease.c.executor_id == self.executor_id))

    def dead(self, connection: Connection, executors: Iterable[str]) -> frozenset[str]:
        """Return those of ``executors`` that are dead.

        One without a lease is: a lease is taken before the first job and released after the last, so ask with
        executors that were read *before* this call.
        """
        now = time.monotonic()
        rows = {row.executor_id: row for row in connection.execute(select(worker_lease))}
        found = set()
        for executor in set(executors) - {self.executor_id}:
            row = rows.get(executor)
            if row is None or (row.host == _host() and row.process and not _exists(row.process)):
                found.add(executor)
                continue
            beat, since = self._seen.get(executor, (None, now))
            if beat != row.beat:
                self._seen[executor] = (row.beat, now)
            elif now - since >= self._ttl:
                found.add(executor)
        return frozenset(found)

    def forget(self, connection: Connection, executors: Iterable[str]) -> None:
        """Remove the leases of dead executors once nothing of theirs is left to take over."""
        gone = list(executors)
        if gone:
            connection.execute(delete(worker_lease).where(worker_lease.c.executor_id.in_(gone)))

    def known(self, connection: Connection) -> frozenset[str]:
        return frozenset(connection.execute(select(worker_lease.c.executor_id)).scalars())


def _host() -> str:
    """Name the set of processes whose numbers are comparable: host, boot and process namespace."""
    return "/".join((socket.gethostname(), _read("/proc/sys/kernel/random/boot_id"), _link("/proc/self/ns/pid")))


def _process(pid: int) -> str:
    """Name a process beyond its number (numbers are reused): number and start time; empty if gone or unknown."""
    stat = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return f"{pid}:{stat[19]}" if stat and stat[0] not in "ZX" else ""  # a zombie runs no more


def _exists(process: str) -> bool:
    return _process(int(process.partition(":")[0])) == process


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def _link(path: str) -> str:
    try:
        return str(Path(path).readlink())
    except OSError:
        return ""
