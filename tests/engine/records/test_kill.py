"""kill -9 in the middle of writes: what was acknowledged is there whole, what was not is not there at all."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import select
from support import crm, person, workspace

from engine.database import Database
from engine.records import audit
from engine.records.spec import QuerySpec
from engine.records.workspace import Workspace

ROUNDS = 4
WRITERS = 2
ADMIN = person("u_boss", "rol_admin")


def test_acknowledged_is_there_and_the_rest_is_not(db: Database, db_url: str) -> None:
    space = workspace(db, crm())
    db.engine.dispose()
    draw = random.Random(1)
    acknowledged: set[str] = set()
    for round_number in range(ROUNDS):
        children = [_start(db_url, f"r{round_number}w{n}") for n in range(WRITERS)]
        for child in children:
            assert child.stdout is not None
            acknowledged.add(child.stdout.readline().decode().strip())
        time.sleep(draw.random())
        for child in children:
            os.kill(child.pid, signal.SIGKILL)
        for child in children:
            told, _ = child.communicate()
            acknowledged.update(line for line in told.decode().split("\n")[:-1] if line)
    assert len(acknowledged) >= ROUNDS, "the writers got to work"
    _look(space, acknowledged)


def _start(url: str, worker: str) -> subprocess.Popen[bytes]:
    here = Path(__file__).parent
    paths = os.pathsep.join([str(here), str(here.parents[2])])
    return subprocess.Popen(
        [sys.executable, str(here / "kill_child.py"), url, worker],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    )


def _look(space: Workspace, acknowledged: set[str]) -> None:
    names: dict[str, str] = {}
    leads: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    with space.read("crm") as store:
        for entity in ("account", "contact", "lead"):
            cursor = ""
            while True:
                page = store.list(ADMIN, QuerySpec(entity=entity, limit=200, cursor=cursor), labels=False)
                for record in page.records:
                    if entity == "account":
                        assert record.values["short_name"] == record.values["name"]
                        assert record.rev == 2
                        names[record.values["name"]] = record.id
                    elif entity == "contact":
                        rows[record.values["name"].split("/")[0]] += 1
                    else:
                        leads[record.values["company"].split("+")[0]] += 1
                cursor = page.next_cursor
                if not cursor:
                    break
        columns = audit.audit_event.c
        logged = Counter(store.connection.execute(select(columns.record_id)).scalars())
    assert acknowledged <= set(names)
    assert set(rows) == set(leads) == set(names), "a transaction is there whole or not at all"
    assert set(rows.values()) == {3}
    assert set(leads.values()) == {5}
    assert all(logged[record_id] == 2 for record_id in names.values())
