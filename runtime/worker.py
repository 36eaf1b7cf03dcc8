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
from engine.records import audit, search
from runtime import links, throttle
from runtime.config import Config
from runtime.imports import import_handlers
from runtime.services import Services, open_services

log = structlog.get_logger("dougong.worker")


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
        while not self._stop.is_set():
            more = False
            try:
                more = chore.once()
            except Exception:  # whatever it was, the next round tries again; the process must not die of it
                log.exception("chore failed", chore=chore.name)
            if not more:
                self._stop.wait(chore.seconds)


def chores(services: Services) -> tuple[Chore, ...]:
    """What has to be done regularly, by any worker; each is safe when several run."""
    database = services.database

    def seal() -> bool:
        with database.write() as connection:
            return audit.seal(connection, now()) > 0

    def index() -> bool:
        return search.index_pending(services.workspace) > 0

    def sweep() -> bool:
        with database.write() as connection:
            services.sessions.sweep(connection)
            throttle.sweep(connection)
            links.sweep(connection)
        return False

    return (Chore("seal", 5.0, seal), Chore("search", 1.0, index), Chore("sweep", 600.0, sweep))


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
    housekeeping.start()
    log.info("worker started", executor=worker.executor_id)
    try:
        worker.run()
    finally:
        housekeeping.stop()
        services.close()
        log.info("worker stopped")
