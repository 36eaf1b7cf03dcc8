"""A worker process: DBOS as the engine that wakes jobs, leases and a sweep for what dead workers left behind.

What we add to DBOS: tries with back-off and parking (a slow neighbour must not hold a thread while it waits), a
failure detector (DBOS resumes a dead process's work only if the *same* executor id comes back, ours is fresh per
process), a watchdog for jobs whose alarm was lost, retention, and JSON only: a row that claims to hold a pickle is
refused, so that writing to the database is not running code.

DBOS keeps one instance per process, hence one worker per process.
"""

from __future__ import annotations

import logging
import random
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import dbos
from dbos._serialization import DefaultSerializer
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from engine.clock import instant_text
from engine.database import Database
from engine.jobs import table
from engine.jobs.dbos_jobs import APPLICATION, PROTOCOL, WORKFLOW, DbosJobs, dbos_url
from engine.jobs.lease import BEAT_SECONDS, TTL_SECONDS, Leases
from engine.jobs.port import HANDLERS, QUEUES, GiveUp, Handler, Job, RetryAt, Schedule
from engine.problems import Busy

log = logging.getLogger("dougong.jobs")

T = TypeVar("T")
OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
RETENTION = "jobs.retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Seconds before the next try: ``first``, then ``factor`` times more each time up to ``cap``, +-20 %."""

    first: float = 5.0
    factor: float = 5.0
    cap: float = 1_800.0

    def after(self, attempt: int) -> timedelta:
        seconds = min(self.cap, self.first * self.factor ** (attempt - 1))
        return timedelta(seconds=seconds * random.uniform(0.8, 1.2))


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerOptions:
    poll: float = 0.2
    sweep: float = 10.0
    beat: float = BEAT_SECONDS
    ttl: float = TTL_SECONDS
    backoff: Backoff = field(default_factory=Backoff)
    watchdog: timedelta = timedelta(seconds=60)
    keep_done: timedelta = timedelta(days=7)
    keep_failed: timedelta = timedelta(days=90)
    drain: int = 20


def _refuse_pickle(_self: DefaultSerializer, _data: Any) -> Any:
    raise ValueError("pickled data is refused; jobs are JSON")


# Even with our serializer set, DBOS picks pickle for a row whose ``serialization`` column says so.
for _method in ("serialize", "deserialize"):
    setattr(DefaultSerializer, _method, _refuse_pickle)

_current: list[DbosWorker] = []


@dbos.DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)
def _run_job(job_id: str) -> None:
    _current[0].execute(job_id)


@dbos.DBOS.workflow(name="dougong.tick", max_recovery_attempts=None)
def _run_tick(planned: datetime, schedule: Any) -> None:
    _current[0].tick(planned, schedule)


class DbosWorker:
    """Runs the jobs of the product.

    ``handlers`` by job kind; ``schedules`` replace those of an earlier start. :meth:`start` and :meth:`stop` may be
    used instead of :meth:`run` to work in the background of another program.
    """

    def __init__(
        self,
        database: Database,
        *,
        handlers: Mapping[str, Handler] = HANDLERS,
        schedules: Iterable[Schedule] = (),
        options: WorkerOptions | None = None,
    ):
        self.executor_id = uuid.uuid4().hex
        self.jobs = DbosJobs(database)
        self._database = database
        self._handlers = {**handlers, RETENTION: self._retain}
        self._schedules = (*schedules, Schedule(name=RETENTION, cron="17 * * * *", kind=RETENTION, payload={}))
        self._options = options or WorkerOptions()
        self._leases = Leases(self.executor_id, ttl=self._options.ttl)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def run(self) -> None:
        """Work until :meth:`stop` is called from another thread or a signal handler."""
        self.start()
        self._stop.wait()
        self._shut_down()

    def start(self) -> None:
        """Begin to work and return. Raises ``RuntimeError`` when this process has a worker already."""
        if _current:
            raise RuntimeError("this process has a worker already")
        self.jobs.prepare()
        with self._database.write() as connection:
            self._leases.take(connection)
        _current.append(self)
        config = dbos.DBOSConfig(
            name=APPLICATION,
            system_database_url=dbos_url(self._database),
            application_version=PROTOCOL,
            executor_id=self.executor_id,
            serializer=dbos.DBOSPortableJSONSerializer(),
            log_level="WARNING",
            run_migrations=False,
            max_executor_threads=sum(QUEUES.values()) + 8,
            use_listen_notify=False,
            scheduler_polling_interval_sec=5.0,
        )
        dbos.DBOS(config=config)
        dbos.DBOS.launch()
        for name, slots in QUEUES.items():
            dbos.DBOS.register_queue(
                f"{APPLICATION}.{name}", worker_concurrency=slots, polling_interval_sec=self._options.poll
            )
        self._apply_schedules()
        self._thread = threading.Thread(target=self._tend, name="jobs-tend", daemon=True)
        self._thread.start()
        log.info("worker started", extra={"executor": self.executor_id})

    def stop(self) -> None:
        """End :meth:`run`, or a worker begun with :meth:`start`; running jobs get ``drain`` seconds to finish."""
        self._stop.set()
        if self._thread is not None and threading.current_thread() is not self._thread and _current:
            self._shut_down()

    def _shut_down(self) -> None:
        if self not in _current:
            return
        assert self._thread is not None
        self._stop.set()
        self._thread.join()
        deadline = time.monotonic() + self._options.drain
        dbos.DBOS.destroy(workflow_completion_timeout_sec=self._options.drain if self._busy() else 0)
        while self._busy() and time.monotonic() < deadline:
            time.sleep(0.05)
        with self._database.write() as connection:
            self._leases.release(connection)
        _current.clear()

    # One job

    def execute(self, job_id: str) -> None:
        """Run one job now: count the try, call its handler, store the outcome. Called by the engine."""
        self._running(1)
        try:
            run = self._write(lambda connection: table.begin(connection, job_id, datetime.now(UTC)))
            if run is None:
                return
            try:
                result = self._call(run)
            except Exception as error:
                self._failed(run, error)
                return
            self._write(lambda connection: table.finish(connection, job_id, result))
        finally:
            self._running(-1)

    def _call(self, run: Job) -> Any:
        found = self._handlers.get(run.kind)
        if found is None:
            raise LookupError(f"no handler for jobs of kind {run.kind!r} is installed")
        return found(run)

    def _failed(self, run: Job, error: Exception) -> None:
        now = datetime.now(UTC)
        retry_at: datetime | None = now + self._options.backoff.after(run.attempt)
        if isinstance(error, GiveUp):
            retry_at = None
        elif isinstance(error, RetryAt):
            retry_at = max(error.when, now)
        text = f"{type(error).__name__}: {error}"

        def record(connection: Connection) -> bool:
            wake = table.fail(connection, run, text, retry_at, datetime.now(UTC))
            if wake is not None:
                self.jobs.wake(connection, wake)
            return wake is not None

        again = self._write(record)
        facts = {"job": run.id, "kind": run.kind, "attempt": run.attempt}
        log.log(logging.WARNING if again else logging.ERROR, "job failed", exc_info=error, extra=facts)

    # Schedules

    def tick(self, planned: datetime, schedule: Mapping[str, Any]) -> None:
        """Turn one tick of a schedule into a job. Called by the engine."""
        job_id = f"{schedule['name']}@{instant_text(planned)}"
        payload = {**schedule["payload"], "planned": instant_text(planned)}
        self._write(lambda connection: self.jobs.enqueue(connection, schedule["kind"], payload, job_id=job_id))

    def _apply_schedules(self) -> None:
        dbos.DBOS.apply_schedules(
            [
                {
                    "schedule_name": schedule.name,
                    "workflow_fn": _run_tick,
                    "schedule": schedule.cron,
                    "context": {"name": schedule.name, "kind": schedule.kind, "payload": dict(schedule.payload)},
                    "automatic_backfill": schedule.missed == "all",
                    "cron_timezone": schedule.zone,
                    "queue_name": f"{APPLICATION}.default",
                }
                for schedule in self._schedules
            ]
        )
        wanted = {schedule.name for schedule in self._schedules}
        for known in dbos.DBOS.list_schedules():
            if known["schedule_name"] not in wanted:
                dbos.DBOS.delete_schedule(known["schedule_name"])

    # Tending: beats, the sweep, the watchdog

    def _tend(self) -> None:
        swept = 0.0
        while not self._stop.wait(self._options.beat if swept else 0):
            try:
                self._write(self._leases.beat)
                if time.monotonic() - swept >= self._options.sweep or not swept:
                    swept = time.monotonic()
                    self.sweep()
            except Exception:
                log.exception("tending the worker failed; trying again")

    def sweep(self) -> int:
        """Set alarms that come near, take over what dead workers left, wake what lost its alarm; return how many
        jobs were put back."""
        self._set_alarms()
        pending = dbos.DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        holders = {status.executor_id or "" for status in pending}
        with self._database.read() as connection:
            dead = self._leases.dead(connection, holders | self._leases.known(connection))
        taken = 0
        if dead & holders:
            # Guarded by executor id in DBOS: a job that a peer has taken meanwhile is left alone.
            taken = len(dbos.DBOS._recover_pending_workflows(sorted(dead & holders)))
            log.warning("took over jobs of dead workers", extra={"workers": sorted(dead & holders), "jobs": taken})
        self._write(lambda connection: self._leases.forget(connection, dead - holders))
        return taken + self._rewake()

    def _set_alarms(self) -> None:
        with self._database.read() as connection:
            waiting = table.any_near(connection, datetime.now(UTC))
        while waiting:
            waiting = self._write(self._some_alarms)

    def _some_alarms(self, connection: Connection) -> bool:
        wakes = table.near(connection, datetime.now(UTC))
        for wake in wakes:
            self.jobs.wake(connection, wake)
        return bool(wakes)

    def _rewake(self) -> int:
        """Wake jobs that are due for long while DBOS holds no live record of them (a restored database, a crash
        between two of its own steps)."""
        with self._database.read() as connection:
            late = table.overdue(connection, datetime.now(UTC) - self._options.watchdog)
        if not late:
            return 0
        known = dbos.DBOS.list_workflows(workflow_ids=[wake.id for wake in late], load_input=False, load_output=False)
        alive = {status.workflow_id for status in known if status.status not in OVER}
        lost = [wake for wake in late if wake.id not in alive]
        for wake in lost:
            self._write(partial(self._wake_again, lost=wake))
        return len(lost)

    def _wake_again(self, connection: Connection, *, lost: table.Wake) -> None:
        wake = table.requeue(connection, lost.job_id, ("queued", "running"), datetime.now(UTC))
        if wake is not None:
            self.jobs.wake(connection, wake)

    def _retain(self, _run: Job) -> dict[str, int]:
        """Delete finished jobs past their time, ours and DBOS's."""
        now = datetime.now(UTC)
        done_before = now - self._options.keep_done
        rows = self._write(lambda connection: table.purge(connection, done_before, now - self._options.keep_failed))
        deleted = 0
        while True:
            old = dbos.DBOS.list_workflows(
                status=list(OVER),
                completed_before=done_before.isoformat(),
                limit=500,
                load_input=False,
                load_output=False,
            )
            if not old:
                return {"jobs": rows, "wakes": deleted}
            dbos.DBOS.delete_workflows([status.workflow_id for status in old])
            deleted += len(old)

    # Small things

    _active = 0
    _active_lock = threading.Lock()

    def _running(self, change: int) -> None:
        with self._active_lock:
            self._active += change

    def _busy(self) -> bool:
        return self._active > 0

    def _write(self, work: Callable[[Connection], T]) -> T:
        """Run a short transaction; a busy database is waited for, since there is no person to tell."""
        for pause in (0.2, 1.0, 5.0, None):
            try:
                with self._database.write() as connection:
                    return work(connection)
            except (Busy, DBAPIError) as error:
                if pause is None or (isinstance(error, DBAPIError) and not _passing(error)):
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable")


def _passing(error: DBAPIError) -> bool:
    """Say whether a database error is about the moment (lock, lost connection), not about the statement."""
    return error.connection_invalidated or "locked" in str(error.orig)
