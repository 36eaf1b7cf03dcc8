"""Groups of a list against the rows themselves: every row in exactly one group, totals exact, both databases."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from support import application, entity, field, grant, person, role, workspace

from engine.actor import system_actor
from engine.database import Database
from engine.records import groups as grouping
from engine.records import query
from engine.records.spec import BulkRow, Grouping, GroupingSpec, GroupSpec, QuerySpec, SortSpec, Total, Within
from engine.records.workspace import Workspace
from metadata.findings import Refused
from metadata.model import App

ROBOT = system_actor("test")
ANN = person("u_ann", "rol_all")
MIA = person("u_mia", "rol_some")
KINDS = {"options": [{"id": f"opt_k{i}", "label": {"en": f"k{i}"}} for i in (2, 0, 1)]}
TAGS = {"options": [{"id": "opt_t0", "label": {"en": "t0"}}]}
ROWS = 90
BY = {
    "kind": None,
    "flag": None,
    "name": None,
    "amount": None,
    "who": None,
    "place": None,
    "day": "day",
    "at": "month",
}


def app() -> App:
    place = entity("place", field("city"), title="fld_city")
    thing = entity(
        "thing",
        field("name", options={"sort": "pinyin"}),
        field("amount", "number", options={"scale": 2}),
        field("day", "date"),
        field("at", "datetime"),
        field("flag", "switch"),
        field("kind", "select", options=KINDS),
        field("tags", "multi_select", options=TAGS),
        field("place", "link_one", options={"entity": "ent_place"}),
        field("who", "user"),
        title="fld_name",
    )
    everything = (
        grant("1", "thing", "read create update bulk", default="write"),
        grant("2", "place", "read", default="read"),
    )
    some = (grant("3", "thing", "read", default="read", amount="hidden", kind="masked"),)
    return application(thing, place, roles=(role("all", *everything), role("some", *some)))


def values(number: int, places: list[str]) -> dict[str, Any]:
    draw = random.Random(number)

    def maybe(value: Any) -> Any:
        return None if draw.random() < 0.2 else value

    return {
        "name": maybe(draw.choice(["张", "李", "阿", "b", "A"])),
        "amount": maybe(Decimal(draw.randrange(-3, 3)) / 4),
        "day": maybe(date(2025, 12, 20) + timedelta(days=draw.randrange(40))),
        "at": maybe(datetime(2025, 12, 31, draw.randrange(12, 24), 59, tzinfo=UTC)),
        "flag": draw.random() < 0.5,
        "kind": maybe(draw.choice(["opt_k0", "opt_k1", "opt_k2"])),
        "tags": ["opt_t0"],
        "place": maybe(draw.choice(places)),
        "who": maybe(draw.choice(["u_ann", "u_bob"])),
    }


@pytest.fixture
def space(db: Database) -> Workspace:
    found = workspace(db, app())
    with found.write("test") as store:
        places = [store.create(ROBOT, "place", {"city": city}).id for city in ("X", "Y")]
        store.bulk(ROBOT, "thing", [BulkRow(op="create", values=values(n, places)) for n in range(ROWS)])
    return found


def by(*names: str, **more: Any) -> tuple[GroupSpec, ...]:
    return tuple(GroupSpec(id="", path=name, grain=BY[name], **more) for name in names)  # type: ignore[arg-type]


def leaves(found: Grouping, levels: int) -> list[Any]:
    return [one for one in found.groups if len(one.values) == levels]


@pytest.mark.parametrize("names", [(name,) for name in BY] + [("kind", "at"), ("flag", "kind", "who")])
def test_every_row_stands_in_exactly_one_group(space: Workspace, names: tuple[str, ...]) -> None:
    with space.read("test") as store:
        found = store.grouped(ANN, GroupingSpec(entity="thing", groups=by(*names), totals={"amount": "sum"}))
        seen: list[str] = []
        for one in leaves(found, len(names)):
            within = tuple(Within(group=g, value=v) for g, v in zip(by(*names), one.values, strict=True))
            rows = store.list(ANN, QuerySpec(entity="thing", within=within, limit=200)).records
            assert len(rows) == one.count
            amounts = [row.values["amount"] for row in rows if row.values["amount"] is not None]
            assert one.totals["amount"] == (sum(amounts) if amounts else None)
            seen += [row.id for row in rows]
        assert len(seen) == len(set(seen)) == found.count == ROWS
        for outer in found.groups:
            inner = [one for one in leaves(found, len(names)) if one.values[: len(outer.values)] == outer.values]
            assert outer.count == sum(one.count for one in inner)


def test_totals_of_each_level_are_those_of_its_rows(space: Workspace) -> None:
    totals: dict[str, Total] = {
        "amount": "avg",
        "day": "max",
        "name": "distinct",
        "kind": "blank",
        "who": "filled",
        "at": "min",
    }
    with space.read("test") as store:
        everything = store.list(ANN, QuerySpec(entity="thing", limit=200)).records
        spec = GroupingSpec(entity="thing", groups=by("flag", "kind"), totals={**totals, "flag": "count"})
        found = store.grouped(ANN, spec)
    for values_of, count, given in [((), found.count, found.totals)] + [
        (one.values, one.count, one.totals) for one in found.groups
    ]:
        rows = [
            row.values
            for row in everything
            if (row.values["flag"], row.values["kind"])[: len(values_of)] == tuple(values_of)
        ]
        assert count == len(rows) == given["flag"]
        amounts = [row["amount"] for row in rows if row["amount"] is not None]
        assert given["amount"] == ((sum(amounts) / len(amounts)).quantize(Decimal("1e-12")) if amounts else None)
        assert given["day"] == max((row["day"] for row in rows if row["day"]), default=None)
        assert given["at"] == min((row["at"] for row in rows if row["at"]), default=None)
        assert given["name"] == len({row["name"] for row in rows} - {None})
        assert given["kind"] == sum(row["kind"] is None for row in rows)
        assert given["who"] == sum(row["who"] is not None for row in rows)


def test_groups_come_in_the_order_people_expect(space: Workspace) -> None:
    with space.read("test") as store:

        def order(name: str, **more: Any) -> list[Any]:
            return [
                one.values[0]
                for one in store.grouped(ANN, GroupingSpec(entity="thing", groups=by(name, **more))).groups
            ]

        assert order("kind") == [None, "opt_k2", "opt_k0", "opt_k1"], "as the designer put them"
        assert order("kind", descending=True) == ["opt_k1", "opt_k0", "opt_k2", None]
        assert order("name")[1:] == ["A", "b", "阿", "李", "张"], "by pinyin"
        assert order("flag") == [False, True]
        assert order("day") == sorted(order("day"), key=lambda one: one or date.min)
        nested = store.grouped(ANN, GroupingSpec(entity="thing", groups=by("flag", "kind"))).groups
        assert [one.values for one in nested[:3]] == [(False,), (False, None), (False, "opt_k2")]


def test_periods_follow_the_zone(space: Workspace) -> None:
    """18:59 in London on New Year's Eve is next year in Shanghai."""
    with space.read("test") as store:
        found = store.grouped(ANN, GroupingSpec(entity="thing", groups=by("at")))
        rows = store.list(ANN, QuerySpec(entity="thing", limit=200)).records
    local = Counter(
        row.values["at"].astimezone(store.surroundings.zone).date().replace(day=1) for row in rows if row.values["at"]
    )
    assert {one.values[0]: one.count for one in found.groups if one.values[0]} == local
    assert set(local) == {date(2025, 12, 1), date(2026, 1, 1)}


def test_what_may_not_be_read_cannot_be_grouped_or_totalled(space: Workspace) -> None:
    with space.read("test") as store:
        for spec, code in (
            (GroupingSpec(entity="thing", groups=by("amount")), "R201"),
            (GroupingSpec(entity="thing", groups=by("kind")), "R204"),
            (GroupingSpec(entity="thing", totals={"amount": "sum"}), "R201"),
            (GroupingSpec(entity="thing", totals={"amount": "count"}), "R201"),
            (GroupingSpec(entity="thing", totals={"nothing": "count"}), "R201"),
        ):
            with pytest.raises(Refused) as refused:
                store.grouped(MIA, spec)
            assert refused.value.findings[0].code == code
        within = (Within(group=by("amount")[0], value="0.25"),)
        with pytest.raises(Refused):
            store.list(MIA, QuerySpec(entity="thing", within=within))
        with pytest.raises(Refused):
            store.list(MIA, QuerySpec(entity="thing", marks=([">", "amount", 0],)))


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (GroupingSpec(entity="thing", groups=(GroupSpec(id="", path="tags"),)), "R212"),
        (GroupingSpec(entity="thing", groups=(GroupSpec(id="", path="kind", grain="month"),)), "R213"),
        (GroupingSpec(entity="thing", groups=(GroupSpec(id="", path="day", grain="weekday"),)), "R213"),
        (GroupingSpec(entity="thing", groups=by("kind", "flag", "who", "name")), "R208"),
        (GroupingSpec(entity="thing", totals={"name": "sum"}), "R211"),
    ],
)
def test_what_makes_no_groups_is_refused(space: Workspace, spec: GroupingSpec, code: str) -> None:
    with space.read("test") as store, pytest.raises(Refused) as refused:
        store.grouped(ANN, spec)
    assert refused.value.findings[0].code == code


def test_too_many_groups_are_refused_with_a_way_out(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "MAX_SHOWN", 3)
    with space.read("test") as store, pytest.raises(Refused) as refused:
        store.grouped(ANN, GroupingSpec(entity="thing", groups=by("day")))
    assert "month" in refused.value.findings[0].text("en")


@pytest.mark.parametrize("value", ["2026-13-01", "soon", "9999-12-31", 7])
def test_a_value_no_group_has_is_refused_or_empty(space: Workspace, value: Any) -> None:
    with space.read("test") as store:
        within = (Within(group=by("at")[0], value=value),)
        try:
            assert not store.list(ANN, QuerySpec(entity="thing", within=within)).records
        except Refused as error:
            assert error.findings[0].code in ("R219", "F100")


def test_rows_are_told_which_conditions_hold(space: Workspace) -> None:
    marks = ([">", "amount", 0], ["blank", "kind"], ["expr", "ISBLANK(who)"])
    with space.read("test") as store:
        rows = store.list(ANN, QuerySpec(entity="thing", marks=marks, fields=("name",), limit=200)).records
        whole = {row.id: row.values for row in store.list(ANN, QuerySpec(entity="thing", limit=200)).records}
    for row in rows:
        seen = whole[row.id]
        held = (seen["amount"] is not None and seen["amount"] > 0, seen["kind"] is None, seen["who"] is None)
        assert row.marks == tuple(i for i, one in enumerate(held) if one)


def test_any_place_of_a_list_is_found_by_its_order(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "SEEK_FROM", 0)
    with space.read("test") as store:
        for path in ("name", "amount", "kind", "at"):
            for descending in (False, True):
                sort = (SortSpec(path=path, descending=descending),)
                whole = store.list(ANN, QuerySpec(entity="thing", sort=sort, limit=200)).records
                for offset in (1, 17, 60, ROWS - 1, ROWS, ROWS + 5):
                    found = store.list(ANN, QuerySpec(entity="thing", sort=sort, limit=10, offset=offset))
                    assert found.records == whole[offset : offset + 10]
                    assert bool(found.next_cursor) == (offset + 10 < ROWS)
