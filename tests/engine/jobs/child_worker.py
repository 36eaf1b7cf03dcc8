"""A worker process for kill tests: ``child_worker.py <database url> <folder>``.

``slow`` notes its begin, works for a while, then notes its end; ``killer`` ends its own process at once.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from engine.database import Database
from engine.jobs.port import Job
from engine.jobs.worker import Backoff, DbosWorker, WorkerOptions

url, folder = sys.argv[1], Path(sys.argv[2])


def note(job: Job, what: str) -> None:
    with (folder / "notes").open("a") as file:
        file.write(f"{job.id} {what} {os.getpid()}\n")


def slow(job: Job) -> str:
    note(job, "begin")
    time.sleep(job.payload["seconds"])
    note(job, "end")
    return "slept"


def killer(job: Job) -> None:
    note(job, "begin")
    os.kill(os.getpid(), signal.SIGKILL)


worker = DbosWorker(
    Database(url),
    handlers={"slow": slow, "killer": killer},
    options=WorkerOptions(
        poll=0.05, sweep=0.3, beat=0.2, ttl=2.0, backoff=Backoff(first=0.05, factor=1.0, cap=0.05), drain=1
    ),
)
signal.signal(signal.SIGTERM, lambda *_: worker.stop())
worker.run()
