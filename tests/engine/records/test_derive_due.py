"""Formulas of many records are left to the worker: never lost, never silently old."""

from __future__ import annotations

import random
from typing import Any

import pytest
from derive_world import ROBOT, Edits, app, wrong_values
from sqlalchemy import select
from support import person, workspace

from engine import org, people
from engine.database import Database
from engine.events import Events
from engine.records.catching_up import catch_up
from engine.records.due import derive_due
from engine.records.present import record_json
from engine.records.spec import BulkRow
from engine.records.workspace import Workspace

ANN = person("u_ann", "rol_system")


@pytest.fixture
def space(db: Database) -> Workspace:
    plain = workspace(db, app())
    return Workspace(db, clock=plain.clock, ripple_limit=3)


def work_off(space: Workspace) -> int:
    rounds = 0
    while catch_up(space):
        rounds += 1
        assert rounds < 500
    return rounds


def waiting(space: Workspace) -> int:
    with space.read("test") as store:
        return len(store.connection.execute(select(derive_due)).all())


def test_many_readers_follow_later_and_say_so(space: Workspace) -> None:
    told: list[tuple[str, str]] = []
    with space.write("test") as store:
        company = store.create(ROBOT, "company", {"cname": "A", "rate": 1}).id
        rows = [BulkRow(op="create", values={"base": 1, "company": company}) for _ in range(10)]
        deals = [one.id for one in store.bulk(ROBOT, "deal", rows).results]
        store.bulk(ROBOT, "line", [BulkRow(op="create", values={"qty": 2, "price": 5, "parent": one}) for one in deals])
    work_off(space)
    events = Events()
    events.subscribe("after", "note", lambda store, change: told.append((change.record, change.actor.on_behalf_of)))
    space.events = events
    with space.write("test") as store:
        store.update(ANN, "company", company, {"rate": 3}, None)
        answer: Any = record_json(store.get(ANN, "deal", deals[0]), store, ANN)
        assert (answer["record"]["values"]["rated"], "rated" in answer["computing"]) == ("10.00", True)
    assert waiting(space) > 0
    told.clear()
    assert work_off(space) > 2
    with space.read("test") as store:
        assert not wrong_values(store)
        answer = record_json(store.get(ANN, "deal", deals[0]), store, ANN)
        assert answer["record"]["values"]["rated"] == "30.00"
        assert "computing" not in answer
        entry = store.history(ANN, "deal", deals[0])[0]
        assert (entry.action, entry.on_behalf_of, entry.changes["rated"]) == ("derive", "u_ann", ("10.00", "30.00"))
    assert sorted(told) == sorted((deal, "u_ann") for deal in deals), "told of each once, on behalf of who caused it"


def test_whatever_is_left_to_the_worker_comes_out_right(space: Workspace) -> None:
    for seed in range(3):
        with space.write("test") as store:
            edits = Edits(store, random.Random(seed))
            for _ in range(20):
                edits.step()
        work_off(space)
        with space.read("test") as store:
            assert not wrong_values(store)


def test_formulas_follow_people(space: Workspace) -> None:
    with space.write("test") as store:
        company = store.create(ROBOT, "company", {"cname": "A", "owner": "u_ann"}).id
        assert store.get(ROBOT, "company", company).values["boss"] == "Annd_east"
        people.update_user(store.connection, "u_ann", name="Anna")
    work_off(space)
    with space.write("test") as store:
        assert store.get(ROBOT, "company", company).values["boss"] == "Annad_east"
        people.add_member(store.connection, "u_ann", "d_west", main=True)
        people.update_user(store.connection, "u_bob", zone="Europe/Berlin")
        noted = store.connection.execute(select(org.org_change.c.record)).scalars().all()
        assert set(noted) == {"u_ann"}, "no formula reads a zone"
    work_off(space)
    with space.read("test") as store:
        assert store.get(ROBOT, "company", company).values["boss"] == "Annad_west"
        assert not wrong_values(store)
