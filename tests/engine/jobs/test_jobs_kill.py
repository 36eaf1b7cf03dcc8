"""kill -9 of workers: nothing is lost, and a job that kills its workers is parked."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from job_waiting import until

from engine.database import Database
from engine.jobs import table
from engine.jobs.dbos_jobs import DbosJobs

Child = Callable[[], "subprocess.Popen[bytes]"]


def notes(folder: Path) -> list[list[str]]:
    file = folder / "notes"
    return [line.split() for line in file.read_text().splitlines()] if file.exists() else []


def states(db: Database) -> dict[str, str]:
    with db.read() as connection:
        return {row.id: row.state for row in connection.execute(table.job.select())}


def test_another_worker_finishes_what_a_killed_one_began(
    db: Database, jobs: DbosJobs, child: Child, tmp_path: Path
) -> None:
    with db.write() as connection:
        for number in range(6):
            jobs.enqueue(connection, "slow", {"seconds": 2}, job_id=f"job-{number}")
    first = child()
    until(lambda: len([note for note in notes(tmp_path) if note[1] == "begin"]) == 6, seconds=60)
    second = child()
    first.send_signal(signal.SIGKILL)
    first.wait()
    until(lambda: set(states(db).values()) == {"done"}, seconds=60)
    ends = [note for note in notes(tmp_path) if note[1] == "end"]
    assert sorted(note[0] for note in ends) == [f"job-{number}" for number in range(6)]
    assert {note[2] for note in ends} == {str(second.pid)}


def test_stopped_worker_finishes_its_jobs_and_gives_up_its_lease(
    db: Database, jobs: DbosJobs, child: Child, tmp_path: Path
) -> None:
    with db.write() as connection:
        jobs.enqueue(connection, "slow", {"seconds": 0.5}, job_id="short")
    worker = child()
    until(lambda: notes(tmp_path), seconds=60)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(timeout=120) == 0
    assert states(db) == {"short": "done"}
    with db.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM worker_lease").scalar() == 0


def test_job_that_kills_its_worker_is_parked(db: Database, jobs: DbosJobs, child: Child, tmp_path: Path) -> None:
    with db.write() as connection:
        jobs.enqueue(connection, "killer", {}, job_id="killer")
    for _ in range(table.MAX_ATTEMPTS):
        assert child().wait(timeout=120) == -signal.SIGKILL
    child()
    until(lambda: states(db)["killer"] == "failed", seconds=60)
    assert len(notes(tmp_path)) == table.MAX_ATTEMPTS
