"""The log cannot be changed through SQL, and the chain finds what was changed behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from support import person

from engine.actor import system_actor
from engine.database import Database
from engine.records import audit

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
ROBOT = system_actor("test", on_behalf_of="u_ann")


def log(database: Database, *records: str) -> None:
    with database.write() as connection:
        audit.add(connection, [audit.row(ROBOT, "create", at=audit.stamp(NOW), record_id=one) for one in records])


def seal(database: Database, batch: int = audit.BATCH, now: datetime = NOW) -> int:
    with database.write() as connection:
        return audit.seal(connection, now, batch)


def broken(database: Database) -> tuple[int, int] | None:
    with database.read() as connection:
        found = audit.verify(connection)
    return (found.seal, found.event) if found else None


def tamper(database: Database, *statements: str) -> None:
    """Do what someone with the database in hands could do: take the triggers away first."""
    with database.write() as connection:
        if database.dialect == "sqlite":
            for table in ("audit_event", "audit_seal"):
                for what in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{what}"))
        else:
            connection.execute(text("ALTER TABLE audit_event DISABLE TRIGGER ALL"))
            connection.execute(text("ALTER TABLE audit_seal DISABLE TRIGGER ALL"))
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize("table", [audit.audit_event, audit.audit_seal])
def test_rows_cannot_be_changed_or_removed(db: Database, table: Any) -> None:
    log(db, "a")
    seal(db)
    for statement in (update(table).values(at="x"), delete(table)):
        with pytest.raises(DBAPIError, match="append-only"), db.write() as connection:
            connection.execute(statement)
    with db.read() as connection:
        assert connection.execute(select(audit.audit_event.c.at)).scalars().all() == [audit.stamp(NOW)]


def test_a_row_says_who_for_whom_from_where(db: Database) -> None:
    ann = person("u_ann", "rol_x")
    with db.write() as connection:
        audit.record_refusal(connection, ann, "delete", NOW, app_id="app_x", entity_id="ent_x", record_id="r")
        audit.record_event(connection, ROBOT, "export", NOW, detail={"rows": 7})
        rows = connection.execute(select(audit.audit_event).order_by(audit.audit_event.c.id)).mappings().all()
    refused, exported = rows
    assert (refused["result"], refused["actor_id"], refused["record_id"]) == ("refused", "u_ann", "r")
    assert orjson.loads(refused["detail"]) == {"code": "P403"}
    assert (exported["actor_kind"], exported["on_behalf_of"]) == ("system", "u_ann")
    assert orjson.loads(exported["detail"]) == {"rows": 7}


def test_the_chain_holds_and_goes_on(db: Database) -> None:
    assert seal(db) == 0
    assert broken(db) is None
    log(db, *"abcdefg")
    assert [seal(db, 3), seal(db, 3), seal(db, 3), seal(db, 3)] == [3, 3, 1, 0]
    log(db, "h")
    assert seal(db) == 1
    assert broken(db) is None
    later = NOW + timedelta(hours=2)
    log(db, "i")
    assert [seal(db, now=later), seal(db, now=later)] == [1, 0]
    assert broken(db) is None


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE audit_event SET record_id = 'x' WHERE id = 4", (2, 4)),
        ("DELETE FROM audit_event WHERE id = 5", (2, 5)),
        ("UPDATE audit_event SET id = 99 WHERE id = 1", (1, 1)),
        ("UPDATE audit_seal SET hash = 'x' WHERE seq = 1", (1, 1)),
        ("DELETE FROM audit_seal WHERE seq = 2", (2, 0)),
        ("UPDATE audit_seal SET ids = '[[1,3]]' WHERE seq = 2", (2, 1)),
    ],
)
def test_whatever_is_changed_is_found(db: Database, statement: str, place: tuple[int, int]) -> None:
    log(db, *"abcdefghi")
    while seal(db, 3):
        pass
    assert broken(db) is None
    tamper(db, statement)
    assert broken(db) == place


@pytest.mark.parametrize("db_url", ["postgresql"], indirect=True)
def test_a_row_that_commits_late_is_sealed_later(db: Database) -> None:
    """Numbers are given before a transaction ends: a lower one may appear after a higher was sealed.

    SQLite has one writer at a time, rows appear in order.
    """
    late = db.engine.connect()
    transaction = late.begin()
    audit.add(late, [audit.row(ROBOT, "create", at=audit.stamp(NOW), record_id="late")])
    log(db, "early")
    assert seal(db) == 1
    assert broken(db) is None
    transaction.commit()
    late.close()
    assert broken(db) is None
    assert seal(db) == 1
    assert seal(db) == 0
    assert broken(db) is None
    with db.read() as connection:
        ids = connection.execute(select(audit.audit_seal.c.ids).order_by(audit.audit_seal.c.seq)).scalars().all()
    assert [orjson.loads(one) for one in ids] == [[[2, 2]], [[1, 1]]]


def test_a_row_slipped_in_is_found(db: Database) -> None:
    log(db, *"abc")
    with db.write() as connection:  # a number nobody used
        connection.execute(insert(audit.audit_event).values(id=9, **audit.row(ROBOT, "x", at=audit.stamp(NOW))))
    log(db, "d") if db.dialect == "sqlite" else None
    seal(db, now=NOW + timedelta(days=1))
    tamper(db)
    with db.write() as connection:
        connection.execute(insert(audit.audit_event).values(id=5, **audit.row(ROBOT, "x", at=audit.stamp(NOW))))
    assert broken(db) is not None
