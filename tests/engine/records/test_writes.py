"""Writing: what is refused and where, what is computed and given, what happens around a record."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from support import Clock, application, entity, field, formula, grant, person, role, text, workspace

from engine.actor import system_actor
from engine.database import Database
from engine.events import Events, RecordChange
from engine.problems import Conflict, Forbidden, NotFound
from engine.records import audit
from engine.records.spec import BulkRow, QuerySpec
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from metadata.findings import Finding, Refused
from metadata.model import App, Expr, Rule, Unique

ROBOT = system_actor("flow:test")
ANN = person("u_ann", "rol_all")
OWN = person("u_ann", "rol_own")
READER = person("u_bob", "rol_reader")


def app() -> App:
    serial = {"pattern": "N-{date:%Y%m}-{seq:3}", "reset": "month", "mode": "gapless"}
    thing = entity(
        "thing",
        field("name", required=True, unique=Unique()),
        field("code", unique=Unique(normalise="exact", scope=("fld_group",))),
        field("group"),
        field("number", "serial", options=serial),
        field("qty", "number", default=1),
        field("limit", "number", default_expr=Expr(src="qty * 10")),
        field("note"),
        field("who", "user"),
        field("box", "link_one", options={"entity": "ent_box", "on_delete": "refuse"}),
        field("spare", "link_one", options={"entity": "ent_box", "on_delete": "clear"}),
        field("boxes", "link_many", options={"entity": "ent_box"}),
        field("parts", "subtable", options={"entity": "ent_part"}),
        formula("sum", "SUM(parts.price)"),
        rules=(
            Rule(
                id="rul_limit",
                check=Expr(src="ISBLANK(limit) OR qty <= limit"),
                message=text("too many"),
                fields=("fld_qty",),
            ),
        ),
        title="fld_name",
    )
    part = entity(
        "part", field("what", required=True), field("price", "currency"), parent="ent_thing", title="fld_what"
    )
    box = entity("box", field("label"), title="fld_label")
    every = "create read update delete transfer bulk history"
    return application(
        thing,
        part,
        box,
        roles=(
            role("all", *(grant(f"a{t}", t, every, default="write") for t in ("thing", "part", "box"))),
            role(
                "own",
                grant("o", "thing", "create read update bulk", "own", default="write", note="read"),
                grant("p", "part", "read create update", "own", default="write"),
            ),
            role("reader", grant("r", "thing", "read", default="read")),
        ),
    )


@pytest.fixture
def space(db: Database) -> Workspace:
    return workspace(db, app())


def found(error: pytest.ExceptionInfo[Refused]) -> set[tuple[str, str]]:
    return {(finding.code, finding.place) for finding in error.value.findings}


def refused(store: RecordStore, values: dict[str, Any], who: Any = ANN) -> set[tuple[str, str]]:
    with pytest.raises(Refused) as error:
        store.create(who, "thing", values)
    return found(error)


def test_every_finding_at_once_with_its_place(space: Workspace) -> None:
    with space.write("test") as store:
        parts = [{"what": "x", "price": "much"}, {"price": 1, "nope": 2}]
        wrong = {"qty": "x", "who": "u_nobody", "box": "0" * 16, "boxes": ["1" * 16], "zzz": 1, "parts": parts}
        assert refused(store, wrong) == {
            ("R304", "/name"),
            ("F201", "/qty"),
            ("R307", "/who"),
            ("R306", "/box"),
            ("R306", "/boxes"),
            ("R301", "/zzz"),
            ("F201", "/parts/0/price"),
            ("R301", "/parts/1/nope"),
            ("R304", "/parts/1/what"),
        }
        assert store.count(ROBOT, QuerySpec(entity="thing")) == 0
        for body in (None, [], "x"):
            with pytest.raises(Refused):
                store.create(ANN, "thing", body)  # type: ignore[arg-type]


def test_defaults_numbers_and_rules(space: Workspace) -> None:
    with space.write("test") as store:
        one = store.create(ANN, "thing", {"name": "a"})
        assert (one.values["qty"], one.values["limit"], one.values["number"]) == (1, 10, "N-202611-001")
        two = store.create(ANN, "thing", {"name": "b", "qty": 3, "limit": None})
        assert (two.values["limit"], two.values["number"]) == (None, "N-202611-002")
        assert refused(store, {"name": "c", "qty": 30, "limit": 20}) == {("R325", "/qty")}
        with pytest.raises(Refused) as error:
            store.update(ANN, "thing", one.id, {"limit": 0}, one.rev)
        assert error.value.findings[0].text("en") == "too many"
        three = store.create(ANN, "thing", {"name": "d"})
        assert three.values["number"] == "N-202611-003", "a refused record leaves no hole"
        assert refused(store, {"name": "e", "number": "N-1"}) == {("R302", "/number")}


def test_unique_values(space: Workspace) -> None:
    with space.write("test") as store:
        first = store.create(ANN, "thing", {"name": "华为 Technology", "code": "x", "group": "g"})
        assert refused(store, {"name": "华为　TECHNOLOGY"}) == {("R305", "/name")}
        assert refused(store, {"name": "b", "code": "x", "group": "g"}) == {("R305", "/code")}
        store.create(ANN, "thing", {"name": "c", "code": "x", "group": "h"})
        store.create(ANN, "thing", {"name": "d", "code": "X", "group": "g"})
        store.delete(ANN, "thing", first.id)
        again = store.create(ANN, "thing", {"name": "华为 technology"})
        with pytest.raises(Refused) as error:
            store.restore(ANN, "thing", first.id)
        assert found(error) == {("R305", "/name")}
        store.update(ANN, "thing", again.id, {"name": "华为 TECHNOLOGY"}, again.rev)


def test_a_race_for_a_unique_value_ends_in_a_finding(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    real = __import__("engine.records.unique", fromlist=["x"])._taken

    def blind(*args: Any) -> Any:
        calls.append(1)
        return {} if len(calls) <= 2 else real(*args)

    with space.write("test") as store:
        store.create(ANN, "thing", {"name": "a"})
        monkeypatch.setattr("engine.records.unique._taken", blind)
        assert refused(store, {"name": "A"}) == {("R305", "/name")}
        monkeypatch.undo()
        store.create(ANN, "thing", {"name": "b"})


def test_a_sub_table_is_written_as_a_whole(space: Workspace) -> None:
    with space.write("test") as store:
        made = store.create(
            ANN, "thing", {"name": "a", "parts": [{"what": "p", "price": 1}, {"what": "q", "price": 2}]}
        )
        p, q = made.values["parts"]
        assert made.values["sum"] == Decimal("3.00")
        body = [{"id": q.id, "what": "q2", "price": "2.00"}, {"what": "new", "price": 10}, {"id": p.id}]
        changed = store.update(ANN, "thing", made.id, {"parts": body}, made.rev)
        assert [(row.values["what"], row.values["price"]) for row in changed.values["parts"]] == [
            ("q2", Decimal("2.00")),
            ("new", Decimal("10.00")),
            ("p", Decimal("1.00")),
        ]
        assert (changed.rev, changed.values["sum"]) == (2, Decimal("13.00"))
        dropped = store.update(ANN, "thing", made.id, {"parts": [{"id": q.id}]}, changed.rev)
        assert [row.id for row in dropped.values["parts"]] == [q.id]
        assert dropped.values["sum"] == Decimal("2.00")
        with pytest.raises(Refused) as error:
            store.update(ANN, "thing", made.id, {"parts": [{"id": p.id}, 5]}, dropped.rev)
        assert found(error) == {("F503", "/parts")}
        with pytest.raises(Refused) as error:
            store.update(ANN, "thing", made.id, {"parts": [{"id": p.id}]}, dropped.rev)
        assert found(error) == {("R313", "/parts/0")}
        same = store.update(ANN, "thing", made.id, {"parts": [{"id": q.id, "what": "q2"}], "name": "a"}, dropped.rev)
        assert same.rev == dropped.rev, "nothing changed"


def test_rows_need_the_rights_of_their_own_entity(space: Workspace) -> None:
    with space.write("test") as store:
        made = store.create(OWN, "thing", {"name": "a", "parts": [{"what": "p"}]})
        with pytest.raises(Refused) as error:
            store.update(OWN, "thing", made.id, {"parts": []}, made.rev)
        assert found(error) == {("R303", "/parts")}
        assert refused(store, {"name": "b", "note": "x"}, OWN) == {("R303", "/note")}


def test_the_parent_notices_rows_written_on_their_own(space: Workspace) -> None:
    with space.write("test") as store:
        made = store.create(ANN, "thing", {"name": "a"})
        row = store.create(ANN, "part", {"what": "p", "price": 5, "parent": made.id})
        again = store.get(ANN, "thing", made.id)
        assert (again.rev, again.values["sum"]) == (2, Decimal("5.00"))
        with pytest.raises(Conflict):
            store.update(ANN, "thing", made.id, {"parts": []}, made.rev)
        with pytest.raises(Refused) as error:
            store.create(ANN, "part", {"what": "p"})
        assert found(error) == {("R324", "/parent")}
        with pytest.raises(Refused) as error:
            store.update(ANN, "part", row.id, {"parent": made.id}, row.rev)
        assert found(error) == {("R302", "/parent")}


def test_links_to_what_is_deleted(space: Workspace) -> None:
    with space.write("test") as store:
        kept, spare = (store.create(ANN, "box", {"label": label}) for label in "ks")
        made = store.create(
            ANN, "thing", {"name": "a", "box": kept.id, "spare": spare.id, "boxes": [kept.id, spare.id]}
        )
        with pytest.raises(Refused) as error:
            store.delete(ANN, "box", kept.id)
        assert [(f.code, f.params["count"]) for f in error.value.findings] == [("R308", 1)]
        store.delete(ANN, "box", spare.id)
        after = store.get(ANN, "thing", made.id)
        assert (after.values["spare"], after.values["boxes"], after.rev) == (None, (kept.id,), 3)
        assert [entry.action for entry in store.history(ANN, "thing", made.id)] == ["update", "update", "create"]
        store.delete(ANN, "thing", made.id)
        store.delete(ANN, "box", kept.id)


def test_not_readable_not_allowed_not_there(space: Workspace) -> None:
    with space.write("test") as store:
        made = store.create(ANN, "thing", {"name": "a"})
        for missing in ("0" * 16, "", "x" * 500):
            with pytest.raises(NotFound):
                store.get(ANN, "thing", missing)
            with pytest.raises(NotFound):
                store.update(ANN, "thing", missing, {}, 1)
            with pytest.raises(NotFound):
                store.delete(ANN, "thing", missing)
        with pytest.raises(Forbidden):
            store.update(READER, "thing", made.id, {"name": "b"}, 1)
        with pytest.raises(Forbidden):
            store.delete(READER, "thing", made.id)
        with pytest.raises(Forbidden):
            store.history(READER, "thing", made.id)
        with pytest.raises(NotFound):
            store.restore(READER, "thing", made.id)
        with pytest.raises(NotFound):
            store.get(person("u_bob", "rol_own"), "thing", made.id)
        with pytest.raises(NotFound):
            store.list(ANN, QuerySpec(entity="nothing"))
        with pytest.raises(Conflict):
            store.delete(ANN, "thing", made.id, 7)


def test_a_system_actor_writes_the_flow_state_and_nobody_else(space: Workspace) -> None:
    with space.write("test") as store:
        made = store.create(ANN, "thing", {"name": "a", "limit": 5})
        with pytest.raises(Refused) as error:
            store.update(ANN, "thing", made.id, {"flow_state": "x"}, made.rev)
        assert found(error) == {("R302", "/flow_state")}
        moved = store.update(ROBOT, "thing", made.id, {"flow_state": "running"}, None)
        assert (moved.rev, moved.values["flow_state"], moved.values["updated_by"]) == (2, "running", "system:flow:test")


def test_subscribers_see_every_write_and_may_stop_it(space: Workspace) -> None:
    seen: list[tuple[str, str, str, frozenset[str]]] = []

    def note(phase: str) -> Any:
        def called(store: Any, change: RecordChange) -> None:
            assert (store is None) == (phase == "committed")
            seen.append((phase, change.kind, change.entity, change.changed))

        return called

    def veto(store: Any, change: RecordChange) -> None:
        if change.new.get("fld_note") == "stop":
            raise Refused([Finding("R304", "/note", {"label": "note"})])

    events = Events()
    for phase in ("before", "after", "committed"):
        events.subscribe(phase, "note", note(phase))  # type: ignore[arg-type]
    events.subscribe("before", "veto", veto, order=1)
    space = Workspace(space.database, events=events, clock=Clock())
    with space.write("test") as store:
        made = store.create(ANN, "thing", {"name": "a", "parts": [{"what": "p"}]})
        assert [(phase, kind, name) for phase, kind, name, _ in seen] == [
            ("before", "create", "ent_thing"),
            ("before", "create", "ent_part"),
            ("after", "create", "ent_thing"),
            ("after", "create", "ent_part"),
        ]
        seen.clear()
        store.update(ANN, "thing", made.id, {"note": "x"}, made.rev)
        assert seen[-1] == ("after", "update", "ent_thing", frozenset({"fld_note"}))
        with pytest.raises(Refused):
            store.update(ANN, "thing", made.id, {"note": "stop"}, None)
        assert store.get(ANN, "thing", made.id).values["note"] == "x"
        seen.clear()
    assert [(phase, kind) for phase, kind, _, _ in seen] == [
        ("committed", "create"),
        ("committed", "create"),
        ("committed", "update"),
    ]


def test_bulk_all_or_nothing(space: Workspace) -> None:
    with space.write("test") as store:
        rows = [BulkRow(op="create", values={"name": f"n{i}", "qty": i}) for i in range(30)]
        with pytest.raises(Refused) as error:
            store.bulk(ANN, "thing", [*rows, BulkRow(op="create", values={"name": "N3", "qty": "x"})])
        assert found(error) == {("F201", "/operations/30/values/qty")}
        with pytest.raises(Refused) as error:
            store.bulk(ANN, "thing", [*rows, BulkRow(op="create", values={"name": "N3"})])
        assert ("R305", "/operations/30/values/name") in found(error)
    with space.write("test") as store:
        assert store.count(ANN, QuerySpec(entity="thing")) == 0
        done = store.bulk(ANN, "thing", rows[:11])
        assert done.failed == 0
        ids = [one.id for one in done.results]
        assert store.get(ANN, "thing", ids[10]).values["number"] == "N-202611-011"
        more = [
            BulkRow(op="update", id=ids[0], values={"note": "x"}, rev=1),
            BulkRow(op="delete", id=ids[1], rev=1),
            BulkRow(op="create", values={"name": "n1"}),
        ]
        assert [one.rev for one in store.bulk(ANN, "thing", more).results] == [2, 2, 1]
        with pytest.raises(Forbidden):
            store.bulk(READER, "thing", rows)


def test_bulk_that_keeps_the_good_rows(space: Workspace) -> None:
    with space.write("test") as store:
        ids = [
            one.id for one in store.bulk(ANN, "thing", [BulkRow(op="create", values={"name": n}) for n in "ab"]).results
        ]
        mine = store.create(OWN, "thing", {"name": "mine"})
        rows = [
            BulkRow(op="create", values={"name": "c"}),
            BulkRow(op="create", values={"name": "A"}),
            BulkRow(op="create", values={"name": "d", "owner": "u_bob"}),
            BulkRow(op="update", id=ids[0], values={"qty": 2}, rev=9),
            BulkRow(op="update", id="0" * 16, values={"qty": 2}),
            BulkRow(op="update", id=mine.id, values={"qty": 5}, rev=1),
            BulkRow(op="update", id=mine.id, values={"note": "x"}),
            BulkRow(op="delete", id=mine.id),
        ]
        codes = [
            [(f.code, f.place) for f in one.findings] for one in store.bulk(OWN, "thing", rows, atomic=False).results
        ]
        assert codes == [
            [],
            [("R305", "/name")],
            [("R311", "/owner")],
            [("R320", "/rev")],
            [("R319", "/id")],
            [],
            [("R319", "/id")],
            [("R319", "/id")],
        ]
        names = {r.values["name"]: r.values for r in store.list(ROBOT, QuerySpec(entity="thing")).records}
        assert set(names) == {"a", "b", "c", "mine"}
        assert names["c"]["number"] == "N-202611-004"
        assert names["mine"]["qty"] == 5
        checked = store.validate(OWN, "thing", rows[:6])
        assert [bool(one) for one in checked] == [True, True, False, True, True, True]


def test_every_write_leaves_one_row_in_the_log(space: Workspace) -> None:
    with space.write("test") as store:
        acting = person("u_ann", "rol_all")
        made = store.create(acting, "thing", {"name": "a", "parts": [{"what": "p"}]})
        store.update(acting, "thing", made.id, {"name": "b"}, 1)
        store.update(acting, "thing", made.id, {"name": "b"}, 2)
        store.delete(acting, "thing", made.id)
        store.restore(acting, "thing", made.id)
        columns = audit.audit_event.c
        rows = store.connection.execute(
            select(columns.action, columns.entity_id, columns.rev).order_by(columns.id)
        ).all()
        assert [tuple(row) for row in rows] == [
            ("create", "ent_thing", 1),
            ("create", "ent_part", 1),
            ("update", "ent_thing", 2),
            ("delete", "ent_thing", 3),
            ("delete", "ent_part", 2),
            ("restore", "ent_thing", 4),
            ("restore", "ent_part", 3),
        ]
        version = store.data_version(["thing"])
        store.create(acting, "box", {"label": "x"})
        assert store.data_version(["thing"]) == version
        store.create(acting, "thing", {"name": "c"})
        assert store.data_version(["thing"]) != version
        assert store.connection.execute(select(func.count()).select_from(audit.audit_event)).scalar() == 9


def test_a_conflict_shows_only_what_its_reader_may_read(space: Workspace) -> None:
    with space.write("test") as store:
        made = store.create(OWN, "thing", {"name": "a"})
        store.update(ROBOT, "thing", made.id, {"name": "b", "qty": 4}, 1)
        with pytest.raises(Conflict) as error:
            store.update(OWN, "thing", made.id, {"name": "c", "group": "g"}, 1)
        assert error.value.fields == {"name": {"mine": "c", "theirs": "b", "base": "a"}}
        assert error.value.rev == 2
