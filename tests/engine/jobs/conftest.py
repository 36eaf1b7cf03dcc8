"""Fixtures for the job engine: a short-tempered worker in this process, and real ones in child processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.database import Database
from engine.jobs.dbos_jobs import DbosJobs
from engine.jobs.port import Handler, Schedule
from engine.jobs.worker import Backoff, DbosWorker, WorkerOptions

sys.path.insert(0, str(Path(__file__).parent))  # for job_waiting

CHILD = Path(__file__).with_name("child_worker.py")
ROOT = Path(__file__).parents[3]
QUICK = WorkerOptions(
    poll=0.05, sweep=0.3, beat=0.2, ttl=1.0, backoff=Backoff(first=0.05, factor=1.0, cap=0.05), drain=5
)


@pytest.fixture
def jobs(db: Database) -> DbosJobs:
    made = DbosJobs(db)
    made.prepare()
    return made


@pytest.fixture
def work(db: Database) -> Iterator[Callable[..., DbosWorker]]:
    """Start a worker in this process; it is stopped at the end of the test."""
    started: list[DbosWorker] = []

    def start(handlers: dict[str, Handler], schedules: tuple[Schedule, ...] = ()) -> DbosWorker:
        worker = DbosWorker(db, handlers=handlers, schedules=schedules, options=QUICK)
        started.append(worker)
        worker.start()
        return worker

    yield start
    for worker in started:
        worker.stop()


@pytest.fixture
def child(db_url: str, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start a worker in a process of its own, writing what it does to ``tmp_path``."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        process = subprocess.Popen([sys.executable, str(CHILD), db_url, str(tmp_path)], env=environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
