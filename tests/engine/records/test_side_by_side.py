"""Who writes while somebody else does: nothing is lost, nobody waits who only asks."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text
from support import Clock, application, entity, field, grant, person, publish, role, workspace

from engine.database import Database
from engine.events import Events, RecordChange
from engine.problems import Conflict, NotFound
from engine.records import history
from engine.records.around import bin as recycle
from engine.records.spec import BulkRow
from engine.records.workspace import Workspace
from metadata.model import App

ANN = replace(person("u_ann", "rol_all"), duties=frozenset({"data_admin"}))


def app() -> App:
    every = "create read update delete bulk history"
    box = entity("box", field("label"), field("note"), field("rows", "subtable", options={"entity": "ent_row"}))
    row = entity("row", field("what"), parent="ent_box")
    grants = (grant("b", "box", every, default="write"), grant("r", "row", every, default="write"))
    return application(box, row, roles=(role("all", *grants),))


@pytest.fixture
def space(db: Database) -> Workspace:
    return workspace(db, app())


def until_waiting(space: Workspace, thread: threading.Thread) -> None:
    """Return once the thread waits for a lock of the database, or is through."""
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    while thread.is_alive() and space.database.dialect == "postgresql":  # SQLite: whoever writes waits for the one turn
        with space.database.read() as connection:
            if connection.execute(asked).scalar():
                return
        time.sleep(0.01)


def test_what_is_being_brought_back_is_not_taken_away_for_good(space: Workspace) -> None:
    with space.write("test") as store:
        box = store.create(ANN, "box", {"label": "a", "rows": [{"what": "x"}]}).id
        store.delete(ANN, "box", box)
    missed: list[NotFound] = []

    def purge() -> None:
        try:
            with space.write("test") as store:
                recycle.purge(store, ANN, "box", [box])
        except NotFound as error:
            missed.append(error)

    thread = threading.Thread(target=purge)
    with space.write("test") as store:
        store.restore(ANN, "box", box)
        thread.start()
        until_waiting(space, thread)
    thread.join()
    assert missed
    with space.read("test") as store:
        assert [one.values["what"] for one in store.get(ANN, "box", box).values["rows"]] == ["x"]


def test_a_publish_waits_for_who_writes_by_the_version_before(space: Workspace) -> None:
    old = app()
    box = old.entities[0]
    counted = field("note", "number", options={"scale": 0})
    new = replace(old, entities=(replace(box, fields=(box.fields[0], counted, box.fields[2])), old.entities[1]))
    failed: list[BaseException] = []

    def change_type() -> None:
        try:
            publish(space.database, new)
        except BaseException as error:  # to be raised where the test sees it
            failed.append(error)

    thread = threading.Thread(target=change_type)
    with space.write("test") as store:
        thread.start()
        until_waiting(space, thread)
        made = store.create(ANN, "box", {"label": "a", "note": "7"}).id
    thread.join()
    assert not failed
    with space.read("test") as store:
        assert store.get(ANN, "box", made).values["note"] == Decimal(7)


def test_a_trial_of_many_rows_waits_for_nobody(space: Workspace) -> None:
    with space.write("test") as store:
        box = store.create(ANN, "box", {"label": "a", "rows": [{"what": "x"}]})
        row = box.values["rows"][0].id
    with space.write("test") as writer, space.read("test") as asker:
        writer.update(ANN, "box", box.id, {"rows": [{"id": row, "what": "y"}]}, None)
        if asker.connection.dialect.name == "postgresql":
            asker.connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        rows = [BulkRow(op="update", id=box.id, values={"label": "b", "rows": [{"id": row, "what": "z"}]})]
        assert asker.validate(ANN, "box", rows) == [()]


def test_a_write_a_subscriber_overtakes_is_a_conflict_and_not_lost(space: Workspace) -> None:
    def overtake(store: Any, change: RecordChange) -> None:
        if change.kind == "update" and change.new.get("fld_label") == "mine":
            store.update(ANN, "box", change.record, {"label": "theirs"}, None)

    events = Events()
    events.subscribe("before", "overtake", overtake)
    space = Workspace(space.database, events=events, clock=Clock())
    with space.write("test") as store:
        box = store.create(ANN, "box", {"label": "a"}).id
    with pytest.raises(Conflict), space.write("test") as store:
        store.update(ANN, "box", box, {"label": "mine"}, 1)
    with space.read("test") as store:
        assert store.get(ANN, "box", box).values["label"] == "a"


def test_a_long_history_ends_with_what_was_written_last(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "LIMIT", 3)
    with space.write("test") as store:
        box = store.create(ANN, "box", {"label": "0"}).id
        for number in range(1, 6):
            store.update(ANN, "box", box, {"label": str(number)}, None)
        entries = store.history(ANN, "box", box)
    assert [one.changes["label"] for one in entries] == [("4", "5"), ("3", "4"), ("2", "3")]
