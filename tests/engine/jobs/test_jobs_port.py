"""The contract of the job port, on the DBOS adapter and both databases."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from job_waiting import until
from sqlalchemy import text

from engine.clock import instant_text
from engine.database import Database
from engine.jobs import table
from engine.jobs.dbos_jobs import DbosJobs, schema_version
from engine.jobs.port import HANDLERS, GiveUp, Job, RetryAt, Schedule, handler
from engine.jobs.worker import DbosWorker

Start = Callable[..., DbosWorker]


def state_of(db: Database, job_id: str) -> str:
    with db.read() as connection:
        found = table.state(connection, job_id)
    return found.state if found else "absent"


def test_rollback_leaves_no_job(db: Database, jobs: DbosJobs, work: Start) -> None:
    ran: list[str] = []
    with pytest.raises(RuntimeError), db.write() as connection:
        jobs.enqueue(connection, "note", {}, job_id="lost")
        raise RuntimeError
    with db.write() as connection:
        jobs.enqueue(connection, "note", {}, job_id="kept")
    work({"note": lambda job: ran.append(job.id)})
    until(lambda: state_of(db, "kept") == "done")
    assert ran == ["kept"]
    assert state_of(db, "lost") == "absent"


def test_commit_leaves_one_job_with_its_payload_and_result(db: Database, jobs: DbosJobs, work: Start) -> None:
    payload = {"record": "r1", "names": ["王芳", None], "count": 3}
    with db.write() as connection:
        jobs.enqueue(connection, "echo", payload, job_id="j1")
    work({"echo": lambda job: {"got": job.payload, "attempt": job.attempt}})
    until(lambda: state_of(db, "j1") == "done")
    with db.read() as connection:
        state = jobs.state(connection, "j1")
    assert state is not None
    assert state.result == {"got": payload, "attempt": 1}
    assert (state.attempts, state.error) == (1, "")


def test_same_id_twice_runs_once(db: Database, jobs: DbosJobs, work: Start) -> None:
    ran: list[str] = []
    for value in ("first", "second"):
        with db.write() as connection:
            jobs.enqueue(connection, "note", {"value": value}, job_id="same")
    work({"note": lambda job: ran.append(job.payload["value"])})
    with db.write() as connection:
        jobs.enqueue(connection, "note", {"value": "third"}, job_id="same")
        jobs.enqueue(connection, "note", {"value": "last"}, job_id="other")
    until(lambda: state_of(db, "other") == "done" and state_of(db, "same") == "done")
    assert sorted(ran) == ["first", "last"]


def test_delayed_job_fires_once_and_not_early(db: Database, jobs: DbosJobs, work: Start) -> None:
    fired: list[datetime] = []
    due = datetime.now(UTC) + timedelta(seconds=1.5)
    with db.write() as connection:
        jobs.enqueue(connection, "timer", {}, job_id="timer", run_at=due)
    first = work({"timer": lambda job: fired.append(datetime.now(UTC))})
    first.stop()  # the timer lives in the database, not in the worker that saw it first
    work({"timer": lambda job: fired.append(datetime.now(UTC))})
    until(lambda: state_of(db, "timer") == "done")
    assert len(fired) == 1
    assert fired[0] >= due


def test_far_job_is_handed_to_the_engine_when_its_time_comes_near(db: Database, jobs: DbosJobs, work: Start) -> None:
    schema = "dbos." if db.dialect == "postgresql" else ""
    asked = text(f"SELECT count(*) FROM {schema}workflow_status WHERE workflow_uuid LIKE 'far%'")
    with db.write() as connection:
        jobs.enqueue(connection, "timer", {}, job_id="far", run_at=datetime.now(UTC) + table.FAR * 2)
        jobs.enqueue(connection, "timer", {}, job_id="far-off", run_at=datetime.now(UTC) + timedelta(days=30))
        assert connection.execute(asked).scalar() == 0
    fired: list[str] = []
    work({"timer": lambda job: fired.append(job.id)})
    with db.write() as connection:  # time passes
        soon = instant_text(datetime.now(UTC) + timedelta(seconds=1))
        connection.execute(table.job.update().where(table.job.c.id == "far").values(run_at=soon))
    until(lambda: state_of(db, "far") == "done")
    assert fired == ["far"]
    assert state_of(db, "far-off") == "queued"
    with db.read() as connection:
        assert connection.execute(asked).scalar() == 1


def test_cancelled_job_does_not_run(db: Database, jobs: DbosJobs, work: Start) -> None:
    ran: list[str] = []
    with db.write() as connection:
        jobs.enqueue(connection, "note", {}, job_id="stopped")
        jobs.enqueue(connection, "note", {}, job_id="kept")
        assert jobs.cancel(connection, "stopped")
    work({"note": lambda job: ran.append(job.id)})
    until(lambda: state_of(db, "kept") == "done")
    assert ran == ["kept"]
    with db.write() as connection:
        assert not jobs.cancel(connection, "kept")


def test_failing_job_is_tried_again_with_the_same_id(db: Database, jobs: DbosJobs, work: Start) -> None:
    seen: list[tuple[str, int]] = []

    def flaky(job: Job) -> str:
        seen.append((job.id, job.attempt))
        if job.attempt == 2:
            raise RetryAt(datetime.now(UTC))
        if job.attempt < 4:
            raise OSError("neighbour is down")
        return "at last"

    with db.write() as connection:
        jobs.enqueue(connection, "flaky", {}, job_id="flaky")
    work({"flaky": flaky})
    until(lambda: state_of(db, "flaky") == "done")
    assert seen == [("flaky", 1), ("flaky", 2), ("flaky", 3), ("flaky", 4)]


def test_poison_job_is_parked_and_the_others_go_on(db: Database, jobs: DbosJobs, work: Start) -> None:
    tries: list[int] = []

    def poison(job: Job) -> None:
        tries.append(job.attempt)
        if len(tries) <= table.MAX_ATTEMPTS:
            raise ValueError("always wrong")

    def hopeless(job: Job) -> None:
        raise GiveUp("the record is gone")

    with db.write() as connection:
        jobs.enqueue(connection, "poison", {}, job_id="poison")
        jobs.enqueue(connection, "hopeless", {}, job_id="hopeless")
        jobs.enqueue(connection, "unknown", {}, job_id="unknown")
        jobs.enqueue(connection, "fine", {}, job_id="fine")
    work({"poison": poison, "hopeless": hopeless, "fine": lambda job: None})
    until(lambda: {state_of(db, name) for name in ("poison", "hopeless", "unknown")} == {"failed"})
    assert tries == [1, 2, 3, 4, 5]
    assert state_of(db, "fine") == "done"
    with db.read() as connection:
        errors = {state.id: state.error for state in table.listed(connection, ["failed"])}
    assert errors["poison"] == "ValueError: always wrong"
    assert "no handler" in errors["unknown"]
    with db.write() as connection:
        assert jobs.retry(connection, "poison")
        assert not jobs.retry(connection, "fine")
    until(lambda: state_of(db, "poison") == "done")
    assert tries[5:] == [1]


def test_handler_may_finish_in_its_own_transaction(db: Database, jobs: DbosJobs, work: Start) -> None:
    def once(job: Job) -> None:
        with db.write() as connection:
            assert table.finish(connection, job.id, {"number": 7})
            assert not table.finish(connection, job.id, {"number": 8})

    with db.write() as connection:
        jobs.enqueue(connection, "once", {}, job_id="once")
    work({"once": once})
    until(lambda: state_of(db, "once") == "done")
    with db.read() as connection:
        state = jobs.state(connection, "once")
    assert state is not None
    assert state.result == {"number": 7}


def test_only_json_goes_in(db: Database, jobs: DbosJobs) -> None:
    for bad in ({"at": datetime.now(UTC)}, {"n": float("nan")}, {"s": {1, 2}}):
        with pytest.raises((TypeError, ValueError)), db.write() as connection:
            jobs.enqueue(connection, "note", bad, job_id="bad")
    with pytest.raises(ValueError, match="queue"), db.write() as connection:
        jobs.enqueue(connection, "note", {}, job_id="bad", queue="nowhere")
    assert state_of(db, "bad") == "absent"


def test_only_json_is_stored_and_a_forged_pickle_is_not_loaded(
    db: Database, jobs: DbosJobs, work: Start, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("dbos").addHandler(caplog.handler)
    with db.write() as connection:
        jobs.enqueue(connection, "note", {"a": 1}, job_id="forged")
        jobs.enqueue(connection, "note", {"a": 1}, job_id="honest")
        schema = "dbos." if db.dialect == "postgresql" else ""
        rows = connection.execute(
            text(
                f"SELECT s.serialization, i.inputs FROM {schema}workflow_status s "
                f"JOIN {schema}workflow_input i ON i.workflow_uuid = s.workflow_uuid"
            )
        ).all()
        assert {row.serialization for row in rows} == {"portable_json"}
        assert all(json.loads(row.inputs) for row in rows)
        harm = "gASVIQAAAAAAAACMCGJ1aWx0aW5zlIwFcHJpbnSUk5SMBGhhcm2UhZRSlC4="
        connection.execute(
            text(f"UPDATE {schema}workflow_status SET serialization = 'py_pickle' WHERE workflow_uuid = 'forged'")
        )
        connection.execute(
            text(f"UPDATE {schema}workflow_input SET inputs = :harm WHERE workflow_uuid = 'forged'"), {"harm": harm}
        )
    work({"note": lambda job: "ran"})
    until(lambda: state_of(db, "honest") == "done")
    until(lambda: "pickled data is refused" in caplog.text)
    assert state_of(db, "forged") == "queued"


def test_schedule_turns_each_tick_into_one_job(db: Database, jobs: DbosJobs, work: Start) -> None:
    ran: list[str] = []
    every_second = Schedule(name="each-second", cron="* * * * * *", kind="tick", payload={"x": 1})
    worker = work({"tick": lambda job: ran.append(job.id)}, (every_second,))
    until(lambda: len(ran) >= 3)
    worker.stop()
    assert len(set(ran)) == len(ran)
    assert all(name.startswith("each-second@2") for name in ran)


def test_job_that_lost_its_alarm_is_woken(db: Database, jobs: DbosJobs, work: Start) -> None:
    old = datetime.now(UTC) - timedelta(minutes=5)
    with db.write() as connection:
        table.add(connection, "orphan", "note", {}, None, "default", old)  # without asking the engine
    work({"note": lambda job: "ran"})
    until(lambda: state_of(db, "orphan") == "done")


def test_retention_deletes_old_finished_jobs_only(db: Database, jobs: DbosJobs, work: Start) -> None:
    now = datetime.now(UTC)
    with db.write() as connection:
        for name, state, age in (
            ("old", "done", 8),
            ("new", "done", 1),
            ("parked", "failed", 8),
            ("gone", "failed", 91),
        ):
            table.add(connection, name, "note", {}, None, "default", now - timedelta(days=age))
            connection.execute(table.job.update().where(table.job.c.id == name).values(state=state))
        jobs.enqueue(connection, "jobs.retention", {}, job_id="retention")
    work({})
    until(lambda: state_of(db, "retention") == "done")
    assert [state_of(db, name) for name in ("old", "new", "parked", "gone")] == ["absent", "done", "failed", "absent"]


def test_preparing_again_is_cheap_and_harmless(db: Database, jobs: DbosJobs) -> None:
    version = schema_version(db)
    assert version > 0
    jobs.prepare()
    assert schema_version(db) == version


def test_two_handlers_of_one_kind_are_refused() -> None:
    kind = "test.only"
    handler(kind)(print)
    try:
        with pytest.raises(ValueError, match="two handlers"):
            handler(kind)(repr)
    finally:
        del HANDLERS[kind]


def test_adding_side_does_not_load_the_engine() -> None:
    code = (
        "import sys, engine.jobs.dbos_jobs, engine.jobs.port, engine.jobs.table;"
        "from engine.database import Database; engine.jobs.dbos_jobs.DbosJobs(Database('sqlite:///never-opened.db'));"
        "sys.exit('dbos' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
