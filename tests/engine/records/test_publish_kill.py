"""A process killed at any point of a publish leaves the old version or the new one, never something between."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import text

from engine.database import Database
from engine.failpoints import KILLED
from engine.records.indexes import wanted_indexes
from engine.records.journal import unfinished
from engine.records.physical import physical
from engine.records.plan import table_names
from engine.records.publish import POINTS, publish, resume
from engine.records.tables import Tables, tables_for
from metadata.model import App
from metadata.snapshot import Snapshot
from metadata.store import MetadataStore
from tests.databases import BACKENDS
from tests.engine.records.publish_child import ROWS, after, before, child, set_up
from tests.engine.records.schema_apps import ACTOR, add_rows, read_rows

SWITCHED = POINTS[POINTS.index("publish.switched") :]
LATER = [
    f"{name}:{nth}"
    for name, nth in (("publish.prepare.batch", 2), ("publish.switch.step", 4), ("publish.finish.step", 3))
]


def live(database: Database) -> tuple[App, Tables]:
    with database.read() as connection:
        version, app = MetadataStore(connection).live("shop")
    return app, tables_for(Snapshot(app, version), database.dialect)


def check_whole(database: Database) -> App:
    """The live version is one of the two, its tables are there and hold every row."""
    app, tables = live(database)
    assert app in (before(), after())
    with database.read() as connection:
        rows = read_rows(connection, tables, "ent_item")
        connection.execute(text("SELECT count(*) FROM v_shop_item"))
    assert set(rows) == {f"r{n}" for n in range(ROWS)}
    for n in range(ROWS):
        row = rows[f"r{n}"]
        assert row["fld_name"] == f"名 {n}" and row["fld_price"] == Decimal(n)
        if app == before():
            assert row["fld_value"] == ("bad" if n == 3 else f"{n}")
        else:
            assert row["fld_value"] == (None if n == 3 else Decimal(n))
    return app


def check_settled(database: Database, app: App) -> None:
    """Nothing is left to do: indexes, defaults, keys and sort keys are there, no trigger and no journal remain."""
    _, tables = live(database)
    with database.read() as connection:
        assert unfinished(connection) == ()
        there = physical(connection, table_names(before(), after()) | {"c_item"})
        assert "c_item" not in there.columns
        for one in tables.snapshot.entities:
            table = tables.record(one).name
            assert there.indexes_of(table) == {spec.name for spec in wanted_indexes(tables, one)}
        if app == after():
            rows = read_rows(connection, tables, "ent_item")
            assert {row["fld_state"] for row in rows.values()} == {"opt_a"}
            key = tables.unique_column("fld_name")
            assert key is not None
            missing = (
                f"SELECT count(*) FROM r_item WHERE {key.name} IS NULL OR {tables.columns('fld_name')[1].name} IS NULL"
            )
            assert connection.execute(text(missing)).scalar() == 0
    with database.write() as connection:
        name = {"fld_name": "written by hand afterwards"}
        add_rows(connection, tables, "ent_item", [name], prefix="later")
        connection.rollback()


def passed(point: str, size: str, dialect: str) -> bool:
    """Say whether a publish of that size passes a point at all."""
    if point == "publish.prepare.index":  # only PostgreSQL builds unique indexes beside writers
        return size == "beside" and dialect == "postgresql"
    return size == "beside" or not point.startswith("publish.prepare")


CASES = [
    (point, size, dialect)
    for points, size in (
        ((*POINTS, *LATER), "beside"),
        ([point for point in POINTS if "switch" in point], "inline"),
    )
    for point in points
    for dialect in BACKENDS
    if passed(point, size, dialect)
]


@pytest.mark.parametrize(("point", "size", "db_url"), CASES, indirect=["db_url"])
def test_killed_at(point: str, size: str, db: Database, db_url: str) -> None:
    set_up(db)
    db.close()
    assert child(db_url, "publish", size, point) == KILLED
    app = check_whole(db)
    assert app == (after() if point.partition(":")[0] in SWITCHED else before())
    assert child(db_url, "resume", size) == 0
    assert check_whole(db) == app
    check_settled(db, app)
    if app == before():
        assert child(db_url, "publish", size) == 0
        assert check_whole(db) == after()
        check_settled(db, after())


def test_resume_killed_too(db: Database, db_url: str) -> None:
    set_up(db)
    assert child(db_url, "publish", "beside", "publish.switched") == KILLED
    assert child(db_url, "resume", "beside", "publish.finish.step:2") == KILLED
    assert check_whole(db) == after()
    assert child(db_url, "resume", "beside") == 0
    check_settled(db, after())


def test_a_running_publish_is_left_alone(db: Database) -> None:
    set_up(db)
    with db.write() as connection:
        MetadataStore(connection).lock("app_shop", "another-machine:7:1")
    assert resume(db) == 0


def test_the_next_publish_settles_what_a_killed_one_left(db: Database, db_url: str) -> None:
    set_up(db)
    assert child(db_url, "publish", "beside", "publish.prepare.batch:2") == KILLED
    assert publish(db, after(), ACTOR).version == 2
    check_settled(db, after())
