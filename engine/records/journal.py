"""What a publish has done, so that one killed in the middle is finished or rolled back at the next start."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
from sqlalchemy import Column, Connection, Index, Integer, String, Table, Text, delete, insert, select, update

from engine.clock import instant_text
from engine.database import SYSTEM
from engine.records.steps import Step
from metadata.ids import new_body
from metadata.store import locks

State = Literal["preparing", "switched", "done", "aborted"]

publish_journal = Table(
    "publish_journal",
    SYSTEM,
    Column("id", String(32), primary_key=True),
    Column("app_id", String(64), nullable=False),
    Column("version", Integer),  # the new version, once it is live
    Column("state", String(16), nullable=False),
    Column("steps", Text, nullable=False),  # of the phase under way, as JSON
    Column("position", Integer, nullable=False),  # steps of the phase that are done
    Column("cursor", Integer, nullable=False),  # highest row the step under way has done
    Column("report", Text, nullable=False),  # counts and samples of conversions, as JSON
    Column("owner", Text, nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("changed_at", String(32), nullable=False),
)
Index("ix_publish_journal_app", publish_journal.c.app_id, publish_journal.c.state)

schema_trash = Table(
    "schema_trash",
    SYSTEM,
    Column("table_name", String(64), primary_key=True),
    Column("column_name", String(128), primary_key=True),  # empty: the whole table
    Column("app_id", String(64), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("field_id", String(64), nullable=False),
    Column("reason", String(16), nullable=False),  # deleted, converted, abandoned
    Column("version", Integer, nullable=False),  # the version that left it behind
    Column("at", String(32), nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One publish under way."""

    id: str
    app_id: str
    version: int | None
    state: State
    steps: tuple[Step, ...]
    position: int
    cursor: int
    report: dict[str, Any]
    owner: str


def begin(connection: Connection, app_id: str, state: State, steps: Sequence[Step], version: int | None) -> str:
    """Note a publish and return the id of the entry."""
    entry_id, now = new_body(), instant_text()
    values = {
        "id": entry_id,
        "app_id": app_id,
        "version": version,
        "state": state,
        "steps": _dump(steps),
        "position": 0,
        "cursor": 0,
        "report": "{}",
        "owner": owner_name(),
        "started_at": now,
        "changed_at": now,
    }
    connection.execute(insert(publish_journal).values(values))
    return entry_id


def note(connection: Connection, entry_id: str, **values: Any) -> None:
    """Note progress in the transaction that made it."""
    if "steps" in values:
        values["steps"] = _dump(values["steps"])
    if "report" in values:
        values["report"] = orjson.dumps(values["report"]).decode()
    statement = update(publish_journal).where(publish_journal.c.id == entry_id)
    connection.execute(statement.values(changed_at=instant_text(), **values))


def unfinished(connection: Connection, app_id: str = "") -> tuple[Entry, ...]:
    """Return every publish that is neither done nor aborted, oldest first."""
    table = publish_journal
    statement = select(table).where(table.c.state.in_(("preparing", "switched"))).order_by(table.c.started_at)
    if app_id:
        statement = statement.where(table.c.app_id == app_id)
    return tuple(_entry(row) for row in connection.execute(statement))


def report(connection: Connection, entry_id: str) -> dict[str, Any]:
    """Return the counts and samples noted so far."""
    text = connection.execute(select(publish_journal.c.report).where(publish_journal.c.id == entry_id)).scalar_one()
    return dict(orjson.loads(text))


def owner_name() -> str:
    """Return a name of this process that no later process has."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def is_dead(owner: str) -> bool:
    """Say whether the named process surely does not run any more (only for this machine; else let locks expire)."""
    host, _, rest = owner.partition(":")
    pid, _, started = rest.partition(":")
    if host != socket.gethostname() or not pid.isdigit() or not sys.platform.startswith("linux"):
        return False
    return _started(int(pid)) != started


def break_lock(connection: Connection, app_id: str) -> None:
    """Take away the publish lock of a process that is dead."""
    held = connection.execute(select(locks.c.owner).where(locks.c.app_id == app_id)).scalar()
    if held is not None and is_dead(held):
        connection.execute(delete(locks).where(locks.c.app_id == app_id, locks.c.owner == held))


def _started(pid: int) -> str:
    """Return when a process began, in ticks since the machine did; empty when there is none or nobody knows."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    state, *fields = stat.rpartition(")")[2].split()
    return "" if state in "ZX" else fields[18]


def _dump(steps: Sequence[Step]) -> str:
    return orjson.dumps([asdict(step) for step in steps]).decode()


def _entry(row: Any) -> Entry:
    steps = tuple(Step(**{**one, "statements": tuple(one["statements"])}) for one in orjson.loads(row.steps))
    return Entry(
        id=row.id,
        app_id=row.app_id,
        version=row.version,
        state=row.state,
        steps=steps,
        position=row.position,
        cursor=row.cursor,
        report=orjson.loads(row.report),
        owner=row.owner,
    )
