"""Many records deleted in one call: together where nothing objects, each with its own reason where something does."""

from __future__ import annotations

import pytest
from sqlalchemy import event
from support import application, entity, field, grant, person, role, workspace

from engine.database import Database
from engine.records.spec import BulkRow, QuerySpec
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from metadata.findings import Refused
from metadata.model import App

ANN = person("u_ann", "rol_all")


def app() -> App:
    box = entity("box", field("label"))
    link = {"entity": "ent_box", "on_delete": "refuse"}
    thing = entity("thing", field("what"), field("box", "link_one", options=link))
    every = "create read update delete bulk history"
    grants = (grant("b", "box", every, default="write"), grant("t", "thing", every, default="write"))
    return application(box, thing, roles=(role("all", *grants),))


@pytest.fixture
def space(db: Database) -> Workspace:
    return workspace(db, app())


def boxes(store: RecordStore, count: int) -> list[str]:
    rows = [BulkRow(op="create", values={"label": str(number)}) for number in range(count)]
    return [one.id for one in store.bulk(ANN, "box", rows).results]


def removals(ids: list[str], rev: int | None = 1) -> list[BulkRow]:
    return [BulkRow(op="delete", id=one, rev=rev) for one in ids]


def left(store: RecordStore) -> int:
    return store.count(ANN, QuerySpec(entity="box"))


def test_each_says_for_itself_why_it_stays(space: Workspace) -> None:
    with space.write("test") as store:
        ids = boxes(store, 4)
        store.create(ANN, "thing", {"what": "x", "box": ids[1]})
        store.update(ANN, "box", ids[2], {"label": "new"}, 1)
        result = store.bulk(ANN, "box", removals([*ids, "0" * 16]), atomic=False)
        codes = [one.findings[0].code if one.findings else "" for one in result.results]
        assert codes == ["", "R308", "R320", "", "R319"]
        assert left(store) == 2
        assert store.history(ANN, "box", ids[1])[0].action == "create", "nothing is left of the try"


def test_all_or_none(space: Workspace) -> None:
    with space.write("test") as store:
        ids = boxes(store, 3)
        store.create(ANN, "thing", {"what": "x", "box": ids[1]})
        with pytest.raises(Refused) as error:
            store.bulk(ANN, "box", removals(ids))
        assert [(one.code, one.place) for one in error.value.findings] == [("R308", "/operations/1/id")]


def test_many_take_few_statements(space: Workspace) -> None:
    with space.write("test") as store:
        ids = boxes(store, 1_500)
        count = 0

        def note(*_: object) -> None:
            nonlocal count
            count += 1

        event.listen(store.connection, "before_cursor_execute", note)
        assert store.bulk(ANN, "box", removals(ids)).failed == 0
        event.remove(store.connection, "before_cursor_execute", note)
        assert left(store) == 0
        assert count < 40
        assert [one.action for one in store.history(ANN, "box", ids[7])] == ["delete", "create"]
