"""Filters the database can compute only in part: the same rows as their meaning, page by page, and honest counts."""

from __future__ import annotations

from typing import Any

import pytest
from support import application, entity, field, grant, person, role, workspace

from engine.actor import Actor, system_actor
from engine.database import Database
from engine.records import query
from engine.records.spec import AggregateSpec, MeasureSpec, QuerySpec, SortSpec
from engine.records.workspace import Workspace
from metadata.findings import Refused
from metadata.model import App

ROBOT = system_actor("test")
COUNT = 60


def app() -> App:
    account = entity("account", field("region"), title="fld_region")
    deal = entity(
        "deal",
        field("name"),
        field("amount", "number", options={"scale": 2}),
        field("secret", "number", options={"scale": 0}),
        field("due", "date"),
        field("account", "link_one", options={"entity": "ent_account"}),
        title="fld_name",
    )
    every = tuple(grant(f"e{t}", t, "read create", default="write") for t in ("account", "deal"))
    seeing = grant("p", "deal", "read", name="read", amount="read", due="read", account="read")
    own = grant("o", "deal", "read", "own", default="read")
    return application(
        account, deal, roles=(role("all", *every), role("part", seeing), role("own", own))
    )  # the second may not read the secret


@pytest.fixture
def shop(db: Database) -> Workspace:
    made = workspace(db, app())
    with made.write("test") as store:
        north = store.create(ROBOT, "account", {"region": "north west"}).id
        for at in range(COUNT):
            values: dict[str, Any] = {"name": f"deal {at:02d}", "secret": at, "owner": "u_ann" if at % 2 else "u_bob"}
            if at % 5:
                values |= {"amount": at, "due": f"2024-{at % 12 + 1:02d}-28", "account": north}
            store.create(ROBOT, "deal", values)
    return made


def asked(shop: Workspace, actor: Actor, tree: Any, **more: Any) -> list[str]:
    """The names of all records, page after page."""
    names: list[str] = []
    cursor = ""
    with shop.read("test") as store:
        while True:
            spec = QuerySpec(entity="deal", filter=tree, sort=(SortSpec(path="name"),), cursor=cursor, **more)
            page = store.list(actor, spec)
            names += [record.values["name"] for record in page.records]
            cursor = page.next_cursor
            if not cursor:
                return names


def names_of(*numbers: int) -> list[str]:
    return [f"deal {at:02d}" for at in numbers]


@pytest.mark.parametrize(
    ("tree", "wanted"),
    [
        (["expr", 'TEXT(amount, "0.0") = "7.0"'], [7]),
        (["expr", 'amount > 50 AND ENDSWITH(TEXT(amount, "0.0"), "7.0")'], [57]),
        (["expr", 'amount > 50 AND TEXT(due, "m") = "10"'], [57]),
        (["expr", 'PROPER(account.region) = "North West" AND amount < 3'], [1, 2]),
        (["expr", 'NOT(PROPER(account.region) = "North West")'], [at for at in range(COUNT) if not at % 5]),
        (["expr", 'TEXT(1 / (amount - 7), "0") = "1"'], [8, 9]),
        (["and", ["expr", 'TEXT(amount, "0") = "7"'], ["=", "name", "deal 07"]], [7]),
        (["and", ["expr", 'TEXT(amount, "0") = "7"'], ["=", "name", "deal 08"]], []),
        (["or", ["expr", 'TEXT(amount, "0") = "7"'], ["=", "name", "deal 08"]], [7, 8]),
        (["and", ["not", ["expr", 'TEXT(amount, "0") = "7"']], ["expr", "amount < 10"]], [1, 2, 3, 4, 6, 8, 9]),
        (["or", ["not", ["or", ["expr", 'TEXT(amount, "0") <> "7"'], ["blank", "name"]]], ["=", "name", "x"]], [7]),
    ],
)
@pytest.mark.parametrize("limit", [1, 3, 50])
def test_rows_in_pages(
    shop: Workspace, monkeypatch: pytest.MonkeyPatch, tree: Any, wanted: list[int], limit: int
) -> None:
    monkeypatch.setattr(query, "READ_PART", 7)
    assert asked(shop, ROBOT, tree, limit=limit) == names_of(*wanted)


def test_offsets_and_counts(shop: Workspace) -> None:
    tree = ["expr", 'PROPER(account.region) = "North West"']
    with shop.read("test") as store:
        spec = QuerySpec(entity="deal", filter=tree, sort=(SortSpec(path="name"),), offset=3, limit=2, count="exact")
        page = store.list(ROBOT, spec)
        assert [record.values["name"] for record in page.records] == names_of(4, 6)
        assert (page.count, page.at_least) == (48, False)
        assert store.count(ROBOT, spec) == 48


def test_too_many_rows_are_said(db: Database, shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "READ_PART", 10)
    monkeypatch.setattr(query, "READ_LIMIT", 20)
    with shop.read("test") as store:
        rare = QuerySpec(entity="deal", filter=["expr", 'TEXT(amount, "0") = "59"'], sort=(SortSpec(path="name"),))
        if db.dialect == "sqlite":  # computes it itself
            assert len(store.list(ROBOT, rare).records) == 1
            return
        with pytest.raises(Refused) as refused:
            store.list(ROBOT, rare)
        (found,) = refused.value.findings
        assert (found.code, found.params["limit"]) == ("R217", 20)
        assert "计算字段" in found.text("zh-CN")
        common = QuerySpec(entity="deal", filter=["expr", 'TEXT(secret, "0") <> "x"'], limit=2, count="exact")
        page = store.list(ROBOT, common)
        assert len(page.records) == 2
        assert (page.count, page.at_least) == (20, True)
        with pytest.raises(Refused):
            store.count(ROBOT, common)


def test_what_may_not_be_read_stays_so(shop: Workspace) -> None:
    with pytest.raises(Refused) as refused, shop.read("test") as store:
        spec = QuerySpec(entity="deal", filter=["expr", 'TEXT(secret, "0") = "7"'])
        store.list(person("u_ann", "rol_part"), spec)
    assert refused.value.findings[0].code == "X202"
    mine = asked(shop, person("u_ann", "rol_own"), ["expr", 'TEXT(secret, "0") IN ["7", "8", "9"]'])
    assert mine == names_of(7, 9)


def test_totals_are_refused_with_the_reason(db: Database, shop: Workspace) -> None:
    measures = (MeasureSpec(id="n", aggregate="count"),)
    spec = AggregateSpec(entity="deal", measures=measures, filter=["expr", 'TEXT(amount, "0") = "7"'])
    with shop.read("test") as store:
        if db.dialect == "sqlite":
            assert store.aggregate(ROBOT, spec) == [{"n": 1}]
        else:
            with pytest.raises(Refused) as refused:
                store.aggregate(ROBOT, spec)
            assert refused.value.findings[0].code == "R215"
