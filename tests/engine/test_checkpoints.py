"""The log of an SQLite database is copied back beside its writers."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from engine import checkpoints
from engine.checkpoints import Checkpoints
from engine.database import Database


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.02)
    return False


def without_log(path: Path) -> int:
    """Rows in the database file itself: opened as immutable it is read without its log."""
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
        try:
            return int(connection.execute("SELECT count(*) FROM t").fetchone()[0])
        except sqlite3.DatabaseError:  # no table yet, or a copy is under way
            return -1


def add(database: Database, number: int) -> None:
    with database.write() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS t (n INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES (:n)"), {"n": number})


def test_what_is_written_reaches_the_file_beside_the_writers(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    database = Database(f"sqlite:///{path}")
    try:
        for number in range(3):
            add(database, number)
            assert eventually(lambda number=number: without_log(path) == number + 1)  # type: ignore[misc]
        assert path.with_name("a.db-wal").exists(), "nobody closed the database"
    finally:
        database.close()


def test_the_thread_ends_when_nothing_is_written_and_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "IDLE", 0.05)
    path = tmp_path / "b.db"
    database = Database(f"sqlite:///{path}")
    try:
        for number in range(2):
            add(database, number)
            assert eventually(lambda number=number: without_log(path) == number + 1)  # type: ignore[misc]
            assert eventually(lambda: all(one.name != "checkpoints" for one in threading.enumerate()))
    finally:
        database.close()


def test_a_database_that_was_closed_or_taken_away_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone = Checkpoints(tmp_path / "gone.db")
    gone.wake()
    assert eventually(lambda: "not copied back" in caplog.text)
    gone.close()
    gone.wake()
    assert not (tmp_path / "gone.db").exists()
    assert all(one.name != "checkpoints" for one in threading.enumerate())
