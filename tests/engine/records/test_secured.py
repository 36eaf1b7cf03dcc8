"""Rows and columns by role, where levels differ from row to row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from support import application, entity, field, formula, grant, person, role, workspace

from engine.actor import Actor, system_actor
from engine.database import Database
from engine.records.policy import ExtraGrant, register_row_source
from engine.records.rights import ROW_SOURCES
from engine.records.spec import AggregateSpec, GroupSpec, MeasureSpec, QuerySpec, SortSpec
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from metadata.findings import Refused
from metadata.model import App, Range


def app() -> App:
    item = entity("item", field("what"), field("price", "currency"), parent="ent_deal", title="fld_what")
    deal = entity(
        "deal",
        field("name"),
        field("phone", "phone"),
        field("amount", "currency"),
        field("helper", "user"),
        field("items", "subtable", options={"entity": "ent_item"}),
        field("friends", "link_many", options={"entity": "ent_deal"}),
        formula("double", "amount * 2"),
        own=("sys_owner", "fld_helper"),
        title="fld_name",
    )
    return application(
        deal,
        item,
        roles=(
            role("market", grant("m", "deal", "read", "all", name="read", phone="masked")),
            role(
                "sales",
                grant("s", "deal", "read create update", "own", default="write"),
                grant("si", "item", "read create update delete", "own", default="write"),
            ),
            role("lead", grant("l", "deal", "read update transfer", "team", default="write")),
            role("dept", grant("d", "deal", "read", "department", default="read")),
            role("tree", grant("t", "deal", "read", "department_tree", default="read")),
            role(
                "chosen", grant("c", "deal", "read", Range(kind="departments", departments=("d_west",)), default="read")
            ),
            role("export", grant("e", "deal", "export", "own", default="read")),
        ),
    )


@pytest.fixture
def space(db: Database) -> Workspace:
    found = workspace(db, app())
    with found.write("test") as store:
        for who, name, amount in (("u_ann", "a1", 10), ("u_ann", "a2", 20), ("u_bob", "b1", 30), ("u_eve", "e1", 40)):
            store.create(
                person(who, "rol_sales"),
                "deal",
                {
                    "name": name,
                    "amount": amount,
                    "phone": "13800138000",
                    "items": [{"what": f"i-{name}", "price": amount}],
                },
            )
    return found


def names(store: RecordStore, who: Actor, **more: Any) -> list[str]:
    page = store.list(who, QuerySpec(entity="deal", sort=(SortSpec(path="name"),), **more))
    return [record.values["name"] for record in page.records]


@pytest.mark.parametrize(
    ("user", "role_id", "expected"),
    [
        ("u_ann", "rol_sales", ["a1", "a2"]),
        ("u_ann", "rol_market", ["a1", "a2", "b1", "e1"]),
        ("u_lead", "rol_lead", ["a1", "a2", "b1"]),
        ("u_boss", "rol_lead", ["a1", "a2"]),
        ("u_ann", "rol_dept", ["a1", "a2"]),
        ("u_lead", "rol_dept", []),
        ("u_lead", "rol_tree", ["a1", "a2", "b1"]),
        ("u_eve", "rol_chosen", ["b1"]),
        ("u_ann", "rol_export", []),
    ],
)
def test_rows_of_each_range(space: Workspace, user: str, role_id: str, expected: list[str]) -> None:
    with space.read("test") as store:
        who = person(user, role_id)
        assert names(store, who) == expected
        assert store.count(who, QuerySpec(entity="deal")) == len(expected)


def test_two_roles_do_not_add_up_to_all_amounts(space: Workspace) -> None:
    with space.read("test") as store:
        ann = person("u_ann", "rol_sales", "rol_market")
        page = store.list(ann, QuerySpec(entity="deal", sort=(SortSpec(path="name"),)))
        shown = {
            r.values["name"]: (r.values.get("amount"), r.values.get("double"), sorted(r.masked)) for r in page.records
        }
        assert shown == {
            "a1": (Decimal("10.00"), Decimal("20.00"), []),
            "a2": (Decimal("20.00"), Decimal("40.00"), []),
            "b1": (None, None, ["phone"]),
            "e1": (None, None, ["phone"]),
        }
        other = next(r for r in page.records if r.values["name"] == "b1")
        assert not {"amount", "double", "items", "friends", "helper"} & set(other.values)
        total = AggregateSpec(entity="deal", measures=(MeasureSpec(id="s", aggregate="sum", path="amount"),))
        assert store.aggregate(ann, total) == [{"s": Decimal("30.00")}]
        assert names(store, ann, filter=[">", "amount", 0]) == ["a1", "a2"]
        assert names(store, ann, filter=["blank", "amount"]) == ["b1", "e1"]
        assert names(store, ann, filter=["=", "phone", "13800138000"]) == ["a1", "a2"]
        full = store.get(ann, "deal", other.id, levels=True)
        assert full.levels["name"] == "read"
        assert "amount" not in full.levels
        assert full.actions == ("read",)


def test_own_is_a_set_of_person_fields(space: Workspace) -> None:
    with space.write("test") as store:
        boss = system_actor("test")
        row = store.list(boss, QuerySpec(entity="deal", filter=["=", "name", "e1"])).records[0]
        assert row.values["owner"] == "u_eve"
        store.update(boss, "deal", row.id, {"helper": "u_ann"}, row.rev)
        assert names(store, person("u_ann", "rol_sales")) == ["a1", "a2", "e1"]


def test_rows_of_a_child_follow_their_parent(space: Workspace) -> None:
    with space.read("test") as store:
        whats = [r.values["what"] for r in store.list(person("u_ann", "rol_sales"), QuerySpec(entity="item")).records]
        assert sorted(whats) == ["i-a1", "i-a2"]
        groups = AggregateSpec(
            entity="item",
            groups=(GroupSpec(id="deal", path="parent.name"),),
            measures=(MeasureSpec(id="s", aggregate="sum", path="price"),),
        )
        assert store.aggregate(person("u_bob", "rol_sales"), groups) == [{"deal": "b1", "s": Decimal("30.00")}]
        assert store.list(person("u_ann", "rol_market"), QuerySpec(entity="item")).records == ()


def test_links_over_a_path_see_only_readable_records(space: Workspace) -> None:
    with space.write("test") as store:
        boss = system_actor("test")
        by_name = {r.values["name"]: r for r in store.list(boss, QuerySpec(entity="deal")).records}
        mine = by_name["a1"]
        store.update(boss, "deal", mine.id, {"friends": [by_name["a2"].id, by_name["b1"].id]}, mine.rev)
        ann = person("u_ann", "rol_sales")
        shown = store.list(ann, QuerySpec(entity="deal", filter=["=", "name", "a1"]))
        assert shown.records[0].values["friends"] == (by_name["a2"].id, by_name["b1"].id)
        assert shown.labels["deal"] == {by_name["a2"].id: "a2"}
        assert names(store, ann, filter=["has_any", "friends", [by_name["a2"].id]]) == ["a1"]
        assert store.titles(ann, "deal", [by_name["b1"].id, by_name["a1"].id]) == {by_name["a1"].id: "a1"}
        with pytest.raises(Refused) as error:
            store.update(ann, "deal", by_name["a2"].id, {"friends": [by_name["b1"].id]}, by_name["a2"].rev)
        assert [(f.code, f.place) for f in error.value.findings] == [("R306", "/friends")]


def test_a_record_may_not_leave_its_writers_range(space: Workspace) -> None:
    with space.write("test") as store:
        lead, ann = person("u_lead", "rol_lead"), person("u_ann", "rol_sales")
        row = store.list(ann, QuerySpec(entity="deal", filter=["=", "name", "a1"])).records[0]
        with pytest.raises(Refused) as error:
            store.create(ann, "deal", {"name": "x", "owner": "u_bob"})
        assert [(f.code, f.place) for f in error.value.findings] == [("R311", "/owner")]
        with pytest.raises(Refused) as error:
            store.update(ann, "deal", row.id, {"owner": "u_bob"}, row.rev)
        assert [f.code for f in error.value.findings] == ["R303"]
        moved = store.update(lead, "deal", row.id, {"owner": "u_eve"}, row.rev)
        assert moved.values == {}, "the lead gave it away and sees it no more"
        with pytest.raises(Refused):
            store.update(ann, "deal", store.create(ann, "deal", {"name": "y"}).id, {"helper": "u_nobody"}, 1)


def test_a_row_source_adds_rows_and_only_its_fields(space: Workspace) -> None:
    def tasks(connection: Any, actor: Actor, target: Any, snapshot: Any) -> tuple[ExtraGrant, ...]:
        if actor.id != "u_eve" or target.key != "deal":
            return ()
        return (
            ExtraGrant(
                rows=lambda table: table.c.f_name_text == "b1",
                levels={"fld_name": "read", "fld_amount": "write"},
                default_level="hidden",
                source="task",
            ),
        )

    register_row_source("test", tasks)
    try:
        with space.read("test") as store:
            eve = person("u_eve", "rol_sales")
            page = store.list(eve, QuerySpec(entity="deal", sort=(SortSpec(path="name"),)))
            shown = [(r.values["name"], r.values["amount"], "phone" in r.values) for r in page.records]
            assert shown == [("b1", Decimal("30.00"), False), ("e1", Decimal("40.00"), True)]
            assert [r.range for r in store.explain(eve, "deal", page.records[0].id)] == ["task"]
            assert names(store, person("u_ann", "rol_sales")) == ["a1", "a2"]
    finally:
        ROW_SOURCES.pop("test")
