"""Filters, order, pages and counts: the same answers on both databases, and no way to make them fail."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

import pytest
from support import application, entity, field, grant, person, role, workspace

from engine.actor import system_actor
from engine.database import Database
from engine.records.spec import BulkRow, QuerySpec, Record, SortSpec
from engine.records.workspace import Workspace
from metadata.findings import Refused
from metadata.model import App

ROBOT = system_actor("test")
ANN = person("u_ann", "rol_all")
SORTABLE = ("name", "amount", "day", "at", "flag", "kind", "created_at")
OPTIONS = {"options": [{"id": f"opt_k{i}", "label": {"en": f"k{i}"}} for i in range(3)]}
TAGS = {"options": [{"id": f"opt_t{i}", "label": {"en": f"t{i}"}} for i in range(3)]}


def app() -> App:
    place = entity("place", field("city"), field("size", "number"), title="fld_city")
    thing = entity(
        "thing",
        field("name"),
        field("amount", "number", options={"scale": 2}),
        field("day", "date"),
        field("at", "datetime"),
        field("flag", "switch"),
        field("kind", "select", options=OPTIONS),
        field("tags", "multi_select", options=TAGS),
        field("place", "link_one", options={"entity": "ent_place"}),
        field("friends", "link_many", options={"entity": "ent_thing"}),
        field("who", "user"),
        title="fld_name",
    )
    grants = (
        grant("1", "thing", "read create update bulk", default="write"),
        grant("2", "place", "read", default="read"),
    )
    return application(thing, place, roles=(role("all", *grants),))


def values(number: int, places: list[str]) -> dict[str, Any]:
    draw = random.Random(number)
    maybe = lambda value: None if draw.random() < 0.3 else value  # noqa: E731
    return {
        "name": maybe(draw.choice(["a", "b", "B", "中", "é", "z" * 3])),
        "amount": maybe(Decimal(draw.randrange(-300, 300)) / 100),
        "day": maybe(date(2026, draw.randrange(1, 13), draw.randrange(1, 4))),
        "at": maybe(datetime(2026, 1, 1, draw.randrange(24), tzinfo=UTC)),
        "flag": draw.random() < 0.5,
        "kind": maybe(draw.choice(["opt_k0", "opt_k1", "opt_k2"])),
        "tags": draw.sample(["opt_t0", "opt_t1", "opt_t2"], draw.randrange(3)),
        "place": maybe(draw.choice(places)),
        "who": maybe(draw.choice(["u_ann", "u_bob"])),
    }


@pytest.fixture
def space(db: Database) -> Workspace:
    found = workspace(db, app())
    with found.write("test") as store:
        places = [store.create(ROBOT, "place", {"city": c, "size": n}).id for n, c in enumerate(("X", "Y", None))]
        made = store.bulk(ROBOT, "thing", [BulkRow(op="create", values=values(n, places)) for n in range(60)])
        ids = [one.id for one in made.results]
        links = [BulkRow(op="update", id=ids[n], values={"friends": [ids[n - 1], ids[n - 2]]}) for n in range(2, 20)]
        store.bulk(ROBOT, "thing", links)
    return found


@pytest.mark.parametrize("descending", [False, True])
def test_pages_by_cursor_and_by_offset_are_the_whole_list(space: Workspace, descending: bool) -> None:
    with space.read("test") as store:
        for first in SORTABLE:
            for second, size in (("", 7), ("name", 13), ("amount", 1)):
                sort = (SortSpec(path=first, descending=descending),)
                sort += (SortSpec(path=second, descending=not descending),) if second and second != first else ()
                whole = store.list(ANN, QuerySpec(entity="thing", sort=sort, limit=200)).records
                assert len(whole) == 60
                by_cursor: list[Record] = []
                cursor = ""
                while True:
                    page = store.list(ANN, QuerySpec(entity="thing", sort=sort, limit=size, cursor=cursor))
                    by_cursor += page.records
                    cursor = page.next_cursor
                    if not cursor:
                        break
                assert by_cursor == list(whole)
                offset = store.list(ANN, QuerySpec(entity="thing", sort=sort, limit=size, offset=20)).records
                assert offset == whole[20 : 20 + size]


def test_order_is_by_value_with_blank_smallest(space: Workspace) -> None:
    def compare(a: Record, b: Record) -> int:
        x, y = a.values[key], b.values[key]
        if x == y:
            return (a.id > b.id) - (a.id < b.id)
        return -1 if x is None or (y is not None and x < y) else 1

    with space.read("test") as store:
        for key in ("name", "amount", "day", "at"):
            for descending in (False, True):
                sort = (SortSpec(path=key, descending=descending),)
                found = store.list(ANN, QuerySpec(entity="thing", sort=sort, limit=200)).records
                assert list(found) == sorted(found, key=cmp_to_key(compare), reverse=descending)


FILTERS: list[tuple[Any, Any]] = [
    (["=", "name", "a"], lambda v: v["name"] == "a"),
    (["<>", "name", "a"], lambda v: v["name"] != "a"),
    (["blank", "name"], lambda v: v["name"] is None),
    ([">", "amount", 0], lambda v: v["amount"] is not None and v["amount"] > 0),
    (["not", [">", "amount", 0]], lambda v: v["amount"] is None or v["amount"] <= 0),
    (
        ["between", "day", ["2026-02-01", "2026-06-02"]],
        lambda v: v["day"] and date(2026, 2, 1) <= v["day"] <= date(2026, 6, 2),
    ),
    (["in", "kind", ["opt_k0", "opt_k2"]], lambda v: v["kind"] in ("opt_k0", "opt_k2")),
    (["has_any", "tags", ["opt_t1"]], lambda v: "opt_t1" in v["tags"]),
    (["=", "flag", True], lambda v: v["flag"]),
    (["=", "who", "@me"], lambda v: v["who"] == "u_ann"),
    (
        ["or", ["=", "who", "u_bob"], ["and", ["=", "flag", False], ["not_blank", "day"]]],
        lambda v: v["who"] == "u_bob" or (not v["flag"] and v["day"]),
    ),
    (["and"], lambda v: True),
    (["or"], lambda v: False),
    (["not_blank", "friends"], lambda v: v["friends"]),
]


def test_filters_mean_what_they_say(space: Workspace) -> None:
    with space.read("test") as store:
        every = store.list(ANN, QuerySpec(entity="thing", limit=200)).records
        for tree, expected in FILTERS:
            found = store.list(ANN, QuerySpec(entity="thing", filter=tree, limit=200, count="exact"))
            wanted = [record.id for record in every if expected(record.values)]
            assert [record.id for record in found.records] == wanted, tree
            assert found.count == len(wanted) == store.count(ANN, QuerySpec(entity="thing", filter=tree))


def test_paths_over_a_link(space: Workspace) -> None:
    with space.read("test") as store:
        every = {r.id: r for r in store.list(ANN, QuerySpec(entity="thing", limit=200)).records}
        city = {r.id: r.values["city"] for r in store.list(ANN, QuerySpec(entity="place")).records}
        spec = QuerySpec(
            entity="thing",
            fields=("name", "place.city"),
            filter=["=", "place.city", "X"],
            sort=(SortSpec(path="place.size"), SortSpec(path="name", descending=True)),
            limit=200,
        )
        found = store.list(ANN, spec).records
        assert {r.id for r in found} == {r.id for r in every.values() if city.get(r.values["place"]) == "X"}
        assert {r.values["place.city"] for r in found} == {"X"}
        blank = store.list(ANN, QuerySpec(entity="thing", filter=["blank", "place.city"], limit=200)).records
        assert {r.id for r in blank} == {r.id for r in every.values() if city.get(r.values["place"]) is None}


BAD: list[tuple[Any, str, str]] = [
    ("x", "R202", "/filter"),
    ([1], "R202", "/filter"),
    (["=", "name"], "R202", "/filter"),
    (["=", 5, "x"], "R202", "/filter"),
    (["and", ["=", "nope", 1]], "R201", "/filter/1/1"),
    (["~", "name", "x"], "R203", "/filter"),
    (["=", "amount", "many"], "F201", "/filter/2"),
    (["=", "day", "2026-02-30"], "", ""),
    (["=", "kind", "opt_gone"], "", ""),
    (["not"], "R202", "/filter"),
    (["=", "name.x", "y"], "R210", "/filter/1"),
    (["=", "place.nope", "y"], "R201", "/filter/1"),
    (["=", "p_bits", 1], "R201", "/filter/1"),
    (["=", "p_rid", 1], "R201", "/filter/1"),
    (["=", "f_name_text", 1], "R201", "/filter/1"),
    (["=", "deleted_at", 1], "R201", "/filter/1"),
    (["or"] + [["=", "name", "a"]] * 201, "R205", "/filter/201"),
    (["in", "amount", [1] * 6000], "", ""),
]


def test_a_filter_that_means_nothing_is_refused_with_its_place(space: Workspace) -> None:
    with space.read("test") as store:
        for tree, code, place in BAD:
            with pytest.raises(Refused) as error:
                store.list(ANN, QuerySpec(entity="thing", filter=tree))
            (finding,) = error.value.findings
            assert finding.place.startswith("/filter"), tree
            if code:
                assert (finding.code, finding.place) == (code, place), tree


def test_a_deep_filter_is_refused(space: Workspace) -> None:
    tree: Any = ["=", "name", "a"]
    for _ in range(5_000):
        tree = ["not", tree]
    with space.read("test") as store, pytest.raises(Refused) as error:
        store.list(ANN, QuerySpec(entity="thing", filter=tree))
    assert error.value.findings[0].code == "R205"


def test_a_cursor_that_is_none_is_refused(space: Workspace) -> None:
    with space.read("test") as store:
        for cursor in ("x", "é", "WyJ4Il0", "bnVsbA", "eyJhIjoxfQ", "W10", "====", "a" * 5000):
            with pytest.raises(Refused) as error:
                store.list(ANN, QuerySpec(entity="thing", cursor=cursor))
            assert [(f.code, f.place) for f in error.value.findings] == [("R207", "/cursor")]


def test_a_cursor_belongs_to_its_question(space: Workspace) -> None:
    with space.read("test") as store:
        page = store.list(ANN, QuerySpec(entity="thing", sort=(SortSpec(path="name"),), limit=5))
        with pytest.raises(Refused):
            store.list(ANN, QuerySpec(entity="thing", sort=(SortSpec(path="day"),), limit=5, cursor=page.next_cursor))
        with pytest.raises(Refused):
            store.list(ANN, QuerySpec(entity="thing", cursor=page.next_cursor, offset=5))


def test_sizes_out_of_bounds_are_refused(space: Workspace) -> None:
    sorts = tuple(SortSpec(path="name") for _ in range(9))
    with space.read("test") as store:
        for spec in ({"limit": 0}, {"limit": 201}, {"offset": -1}, {"offset": 10**9}, {"sort": sorts}):
            with pytest.raises(Refused):
                store.list(ANN, QuerySpec(entity="thing", **spec))  # type: ignore[arg-type]


def test_quick_search(space: Workspace) -> None:
    with space.write("test") as store:
        one = store.create(ANN, "thing", {"name": "上海华为技术有限公司"})
        found = store.list(ANN, QuerySpec(entity="thing", search="华为"))
        assert [r.id for r in found.records] == [one.id]
        assert store.list(ANN, QuerySpec(entity="thing", search="华为 技术", count="exact")).count == 1
        assert store.list(ANN, QuerySpec(entity="thing", search="华为 别的")).records == ()
        assert store.list(ANN, QuerySpec(entity="thing", search="%")).records == ()
        store.update(ANN, "thing", one.id, {"name": "else"}, 1)
        assert store.list(ANN, QuerySpec(entity="thing", search="华为")).records == ()


def test_counting_stops_at_the_cap(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.records.query.COUNT_CAP", 10)
    with space.read("test") as store:
        assert store.list(ANN, QuerySpec(entity="thing", count="capped")).count == 11
        assert store.list(ANN, QuerySpec(entity="thing", count="exact")).count == 60
