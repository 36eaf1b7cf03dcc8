"""kill -9 at any statement of an approval: after the client repeats its requests everything is as if nothing happened.

The child process plays server and client: it notes each request (seat and command id) before sending it, counts SQL
statements and commits, and kills itself at a chosen one. The parent then lets a second child repeat the noted
requests and go on. Every kill works on a record of its own, so one database serves all.
"""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from flow_world import Clock, World, crm_app
from sqlalchemy import event, text

from engine.database import Database
from engine.jobs.dbos_jobs import DbosJobs

STEPS = (
    ("chen", "start"),
    ("wang", "approve"),
    ("qian", "reject"),
    ("chen", "resubmit"),
    ("wang", "approve"),
    ("zhao", "approve"),
    ("qian", "approve"),
)
STRIDE = {"sqlite": 11, "postgresql": 23}
"""One in so many kill points is tried in an ordinary run; all of them with ``-m long``."""


class Points:
    """Counts what happens on a database engine, and kills the process at one of them."""

    def __init__(self, database: Database, kill_at: int | None = None):
        self.seen = 0
        self._kill_at = kill_at
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(database.engine, name, self._reached)
        self._engine = database.engine

    def _reached(self, *_: Any) -> None:
        self.seen += 1
        if self.seen == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def stop(self) -> int:
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.remove(self._engine, name, self._reached)
        return self.seen


def play(world: World, record: str, memory: Path) -> None:
    """Send the requests of the story, each noted before it is sent; noted ones are sent again as they were."""
    sent = json.loads(memory.read_text()) if memory.exists() else []
    for number, (name, action) in enumerate(STEPS):
        if number == len(sent):
            sent.append(_seat(world, name, record) if action != "start" else "")
            memory.write_text(json.dumps(sent))
        command = f"{record}:{number}"
        if action == "start":
            world.start(name, "contract_approval", record, command)
        else:
            world.act(name, action, sent[number], command_id=command)


def _seat(world: World, name: str, record: str) -> str:
    return next(str(task["id"]) for task in world.open(name) if task["record_id"] == record)


def in_child(world: World, record: str, memory: Path, kill_at: int | None) -> int:
    """Play in a forked process with connections of its own; return its exit status as ``os.waitpid`` gives it."""
    child = os.fork()
    if not child:
        status = 1
        try:
            world.database.engine.dispose(close=False)  # the parent's connections are not ours
            Points(world.database, kill_at)
            play(world, record, memory)
            status = 0
        finally:
            os._exit(status)
    return os.waitpid(child, 0)[1]


def final(database: Database, world: World, record: str, account: str) -> dict[str, Any]:
    """The whole outcome of a story, without times and generated ids."""
    with database.read() as connection:
        rows = connection.execute(text("SELECT id FROM flow_instance WHERE record_id = :r"), {"r": record}).all()
        found: dict[str, Any] = {"instances": len(rows)}
        (instance,) = (row.id for row in rows)
        mine = {"i": instance}
        for name, query in {
            "instance": "SELECT status, result, rev, round, last_number, last_seq FROM flow_instance WHERE id = :i",
            "tokens": "SELECT number FROM flow_token WHERE instance_id = :i",
            "seats": "SELECT token, node_id, user_id, state FROM flow_seat WHERE instance_id = :i ORDER BY 1, 2, 3",
            "events": "SELECT seq, kind, actor_id, node_id FROM flow_event WHERE instance_id = :i ORDER BY seq",
            "commands": "SELECT count(*) FROM flow_command WHERE scope = :i",
        }.items():
            found[name] = [tuple(row) for row in connection.execute(text(query), mine)]
        schema = "dbos." if database.dialect == "postgresql" else ""
        jobs = connection.execute(text("SELECT id, kind FROM job ORDER BY id")).all()
        own = [row for row in jobs if f":{instance}:" in row.id]
        found["jobs"] = [(row.id.replace(instance, "-"), row.kind) for row in own]
        wakes = connection.execute(text(f"SELECT workflow_uuid FROM {schema}workflow_status")).scalars()
        found["wakes"] = sum(f":{instance}:" in name for name in wakes)
    for entity, record_id, key in (
        ("contract", record, "status"),
        ("contract", record, "flow_state"),
        ("contract", record, "rev"),
        ("account", account, "stage"),
    ):
        found[f"{entity}.{key}"] = world.value(entity, record_id, key)
    return found


def prepared(database: Database) -> World:
    jobs = DbosJobs(database, Clock())  # what is due is judged by the clock of the story
    jobs.prepare()
    _ = jobs.client  # loaded once, so that children need not
    return World(database, crm_app(), jobs)


def contract(world: World, number: int) -> tuple[str, str]:
    account = world.create("chen", "account", {"name": f"Acme {number}"})
    return account, world.create("chen", "contract", {"name": "Deal", "account": account, "amount": "600000.00"})


def crash(db: Database, folder: Path, stride: int) -> None:
    world = prepared(db)
    points = 0
    for turn in range(2):  # the first one fills caches, the second counts
        account, record = contract(world, turn)
        counting = Points(db)
        play(world, record, folder / f"whole{turn}")
        points = counting.stop()
    wanted = final(db, world, record, account)
    assert wanted["instance"][0][:2] == ("ended", "approved")
    assert (len(wanted["jobs"]), wanted["wakes"]) == (5, 1)  # four reminders for tomorrow and a notice for now
    for kill_at in range(1 + stride // 2, points - stride // 2, stride):
        account, record = contract(world, 1000 + kill_at)
        memory = folder / f"at{kill_at}"
        status = in_child(world, record, memory, kill_at)
        assert os.WIFSIGNALED(status), f"the child was meant to die at {kill_at} of {points}"
        assert in_child(world, record, memory, None) == 0
        assert final(db, world, record, account) == wanted, f"after a kill at point {kill_at} of {points}"


def test_killed_anywhere_it_ends_as_if_it_had_not_been(db: Database, tmp_path: Path) -> None:
    crash(db, tmp_path, STRIDE[db.dialect])


@pytest.mark.long
@pytest.mark.timeout(0)
def test_killed_everywhere_it_ends_as_if_it_had_not_been(db: Database, tmp_path: Path) -> None:
    crash(db, tmp_path, 1)
