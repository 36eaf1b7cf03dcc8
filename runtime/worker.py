"""The worker process: runs jobs (flow steps, imports, timers) and keeps house on the side."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog

from engine.clock import now
from engine.jobs.port import HANDLERS
from engine.jobs.worker import DbosWorker
from engine.problems import Busy
from engine.publishing import settle
from engine.records import audit, search
from engine.records.catching_up import catch_up
from metadata.store import MetadataStore
from runtime import heap, links, throttle
from runtime.config import Config
from runtime.imports import import_handlers
from runtime.services import Services, open_services

log = structlog.get_logger("dougong.worker")

LONGEST_PAUSE = 600.0
BREATH = 0.05
INDEX_BATCH = 500
"""Rows indexed in one transaction: few enough that no writer waits for long."""


@dataclass(frozen=True, slots=True)
class Chore:
    """Something done every ``seconds``; ``once`` returns whether there is more to do at once."""

    name: str
    seconds: float
    once: Callable[[], bool]


class Housekeeping:
    """Runs chores one after another in a thread of its own; a chore that fails is logged and tried again later."""

    def __init__(self, chores: tuple[Chore, ...]):
        self._chores = chores
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(chore,), name=chore.name) for chore in chores]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, wait: float = 10.0) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(wait)

    def _run(self, chore: Chore) -> None:
        failures = 0
        while not self._stop.is_set():
            more = False
            try:
                more = chore.once()
                failures = 0
            except Busy:
                log.info("database busy", chore=chore.name)
            except Exception:  # whatever it was, a later round tries again; the process must not die of it
                failures += 1
                log.exception("chore failed", chore=chore.name, failures=failures)
            # Even with more to do, others get the database in between.
            self._stop.wait(BREATH if more else min(chore.seconds * 2**failures, LONGEST_PAUSE))


def chores(services: Services) -> tuple[Chore, ...]:
    """What has to be done regularly, by any worker; each is safe when several run."""
    database = services.database

    def seal() -> bool:
        with database.write() as connection:
            return bool(audit.seal(connection, now()))

    def index() -> bool:
        return index_once(services)

    def derive() -> bool:
        return catch_up(services.workspace)

    def finish_publishes() -> bool:
        settle(database)
        return False

    def sweep() -> bool:
        with database.write() as connection:
            services.sessions.sweep(connection)
            throttle.sweep(connection)
            links.sweep(connection)
        return False

    return (
        Chore("seal", 5.0, seal),
        Chore("search", 1.0, index),
        Chore("derive", 1.0, derive),
        Chore("publish", 60.0, finish_publishes),
        Chore("sweep", 600.0, sweep),
    )


def index_once(services: Services) -> bool:
    """Bring a batch of written records into the search index; returns whether there was any."""
    with services.database.read() as connection:
        waiting = search.queued_entities(connection)
        apps = [row.id for row in MetadataStore(connection).apps() if row.live_version is not None] if waiting else []
    done = 0
    for app in apps:
        with services.database.read() as connection:
            snapshot = services.workspace.snapshot(connection, app)
        for entity in snapshot.entities:
            if entity.id in waiting:
                with services.workspace.write(app) as store:
                    if store.snapshot.has_entity(entity.id):
                        done += search.index_pending(store.connection, store.tables, entity.id, INDEX_BATCH)
    return done > 0


def run(config: Config) -> None:
    """Work until SIGTERM or Ctrl-C; jobs in hand get a moment to finish."""
    services = open_services(config)
    handlers: dict[str, Any] = {**HANDLERS, **services.flows.handlers(), **import_handlers(services)}
    worker = DbosWorker(services.database, handlers=handlers)
    housekeeping = Housekeeping(chores(services))

    def stop(_number: int, _frame: Any) -> None:
        worker.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    heap.settle()
    housekeeping.start()
    log.info("worker started", executor=worker.executor_id)
    try:
        worker.run()
    finally:
        housekeeping.stop()
        services.close()
        log.info("worker stopped")
