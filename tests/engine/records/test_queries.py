"""Query fields: what meets a condition over this record and is seen by whoever looks; nothing hidden changes it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from support import application, entity, field, formula, grant, person, role, where, workspace

from builder import names as naming
from engine.actor import Actor, system_actor
from engine.database import Database
from engine.expr.check_app import check_app_expressions
from engine.fields.base import FIELD_TYPES
from engine.fields.checks import check_fields
from engine.forms import print_data
from engine.forms.print_data import Reading
from engine.forms.print_needs import Need
from engine.forms.print_needs import Part as Wanted
from engine.problems import NotFound
from engine.records import present, queries
from engine.records.foresight import drafted
from engine.records.queries import Found, Part, of_draft, of_record
from engine.records.schema import SnapshotSchema
from engine.records.spec import QuerySpec, SortSpec
from engine.records.store import RecordStore
from engine.records.transfer.exporter import Exporter
from engine.records.workspace import Workspace
from metadata.findings import Finding, Refused
from metadata.model import App, Field
from metadata.snapshot import Snapshot

ROBOT = system_actor("test")
BOSS, ANN, EVE = person("u_boss", "rol_boss"), person("u_ann", "rol_sales"), person("u_eve", "rol_eve")


def query(name: str, source: str, /, *columns: str, **options: Any) -> Field:
    shown = [f"fld_{one}" for one in columns or ("name",)]
    found = {"from": "ent_deal", "columns": shown, **({"filter": {"src": source}} if source else {}), **options}
    return field(name, "query", options=found)


def app() -> App:
    company = entity(
        "company",
        field("cname"),
        field("least", "number", options={"scale": 2}),
        field("secret"),
        field("zone"),
        field("above", "link_one", options={"entity": "ent_company", "on_delete": "clear"}),
        formula("double", "least * 2"),
        query(
            "open_deals",
            'it.company.cname = cname AND it.state <> "closed" AND it.amount >= least',
            *("name", "amount", "cost"),
            sort=[{"field": "fld_amount", "dir": "desc"}],
            limit=2,
        ),
        query("all_deals", ""),
        query("by_secret", "it.name = secret"),
        query("by_cost", "it.cost > 5"),
        query("by_above", "it.region = above.zone"),
        query("by_double", "it.amount >= double"),
        query("here", "it.company = RECORDID()"),
        query("rows", "it.amount > SUM(lines.qty)"),
        field("lines", "subtable", options={"entity": "ent_line"}),
        title="fld_cname",
    )
    line = entity(
        "line",
        field("what"),
        field("qty", "number", options={"scale": 2}),
        query("same", "it.amount = qty"),
        parent="ent_company",
        title="fld_what",
    )
    deal = entity(
        "deal",
        field("name"),
        field("amount", "number", options={"scale": 2}),
        field("cost", "number", options={"scale": 2}),
        field("state"),
        field("region"),
        field("company", "link_one", options={"entity": "ent_company", "on_delete": "clear"}),
        title="fld_name",
    )
    every = "create read update delete export"
    boss = role("boss", *(grant(f"b{one}", one, every, default="write") for one in ("company", "deal", "line")))
    sales = role(
        "sales",
        grant("company", "company", every, default="write", secret="hidden"),
        grant("line", "line", every, default="write"),
        grant("deal", "deal", every, where('state <> "secret"'), default="write", cost="hidden", region="masked"),
    )
    eve = role("eve", grant("ecompany", "company", "read", default="read", open_deals="hidden"))
    return application(company, line, deal, roles=(boss, sales, eve))


@pytest.fixture
def space(db: Database) -> Workspace:
    return workspace(db, app())


def fill(store: RecordStore, secret: str = "big", cost: str = "9", hidden: int = 1) -> str:
    top = store.create(ROBOT, "company", {"cname": "top", "zone": "east", "secret": secret}).id
    company = store.create(
        ROBOT, "company", {"cname": "acme", "least": "10", "secret": secret, "above": top, "lines": [{"qty": "20"}]}
    ).id
    for name, amount, state in (
        ("big", "50", "open"),
        ("mid", "20", "open"),
        ("small", "5", "open"),
        ("old", "90", "closed"),
        ("third", "11", "open"),
    ):
        values = {"name": name, "amount": amount, "state": state, "cost": cost, "company": company, "region": "east"}
        store.create(ROBOT, "deal", values)
    store.create(ROBOT, "deal", {"name": "elsewhere", "amount": "99", "state": "open", "company": top})
    for _ in range(hidden):
        store.create(ROBOT, "deal", {"name": "shy", "amount": "60", "state": "secret", "company": company})
    return company


def every(name: str) -> QuerySpec:
    return QuerySpec(entity=name)


def names_of(found: Found) -> list[Any]:
    return [one.values.get("name") for one in found.page.records]


def shown(store: RecordStore, who: Actor, company: str, name: str) -> list[Any]:
    return names_of(of_record(store, who, "company", company, name, Part()))


def test_the_definition_is_sound() -> None:
    assert check_fields(app()) == []
    assert check_app_expressions(app(), lambda found: SnapshotSchema(Snapshot(found, 0))) == []


def test_a_record_shows_what_meets_the_condition(space: Workspace) -> None:
    with space.write("test") as store:
        company = fill(store)
    with space.read("test") as store:
        found = of_record(store, BOSS, "company", company, "open_deals")
        assert (names_of(found), found.columns, found.page.count) == (["shy", "big"], ("name", "amount", "cost"), 4)
        rest = of_record(store, BOSS, "company", company, "open_deals", Part(cursor=found.page.next_cursor))
        assert names_of(rest) == ["mid", "third"]
        assert names_of(of_record(store, BOSS, "company", company, "open_deals", Part(offset=3))) == ["third"]
        assert len(shown(store, BOSS, company, "all_deals")) == 7
        assert shown(store, BOSS, company, "by_secret") == ["big"]
        assert set(shown(store, BOSS, company, "here")) == {"big", "mid", "small", "old", "third", "shy"}
        assert set(shown(store, BOSS, company, "by_double")) == {"big", "mid", "old", "elsewhere", "shy"}
        assert len(shown(store, BOSS, company, "by_above")) == 5
        assert set(shown(store, BOSS, company, "rows")) == {"big", "old", "elsewhere", "shy"}
        with pytest.raises(NotFound):
            of_record(store, BOSS, "company", company, "cname")
        with pytest.raises(NotFound):
            of_record(store, BOSS, "company", "rec_none", "open_deals")


def test_what_may_not_be_seen_is_not_there(space: Workspace) -> None:
    with space.write("test") as store:
        company = fill(store)
    with space.read("test") as store:
        found = of_record(store, ANN, "company", company, "open_deals")
        assert (names_of(found), found.columns, found.page.count) == (["big", "mid"], ("name", "amount"), 3)
        for name in ("by_secret", "by_cost", "by_above"):
            closed = of_record(store, ANN, "company", company, name)
            assert (names_of(closed), closed.page.count, closed.asked) == ([], 0, False)
        assert shown(store, EVE, company, "all_deals") == []
        with pytest.raises(NotFound):
            of_record(store, EVE, "company", company, "open_deals")


def test_worlds_that_differ_out_of_sight_look_the_same(db: Database, space: Workspace) -> None:
    seen: list[list[Any]] = []
    for secret, cost, hidden in (("big", "9", 1), ("mid", "1", 3), ("", "0", 0)):
        with space.write("test") as store:
            company = fill(store, secret, cost, hidden)
            answers = []
            for name in ("open_deals", "by_secret", "by_cost", "by_above", "here", "by_double", "rows"):
                found = of_record(store, ANN, "company", company, name)
                kept = {
                    "values": [one.values for one in found.page.records],
                    "masked": [one.masked for one in found.page.records],
                }
                answers.append((name, found.columns, found.page.count, found.asked, kept))
            for one in store.list(ROBOT, every("deal")).records:
                store.delete(ROBOT, "deal", one.id)
            for one in store.list(ROBOT, every("company")).records:
                store.delete(ROBOT, "company", one.id)
            seen.append(answers)
    assert seen[0] == seen[1] == seen[2]


def test_a_form_asks_with_what_stands_in_it(space: Workspace) -> None:
    with space.write("test") as store:
        company = fill(store)
    with space.read("test") as store:

        def asked(who: Actor, name: str, values: dict[str, Any], record_id: str = "") -> list[Any]:
            writing = store.preview(who, "company")
            draft, _ = drafted(writing, values, record_id)
            return names_of(of_draft(writing, draft, name))

        assert asked(ANN, "open_deals", {"least": "45"}, company) == ["big"]
        assert asked(BOSS, "open_deals", {"cname": "top", "least": "1"}) == ["elsewhere"]
        assert set(asked(ANN, "by_double", {"least": "25"}, company)) == {"big", "old", "elsewhere"}
        assert set(asked(ANN, "rows", {"lines": [{"qty": "40"}, {"qty": "20"}]}, company)) == {"old", "elsewhere"}
        assert set(asked(ANN, "rows", {"least": "1"}, company)) == {"big", "old", "elsewhere"}
        assert asked(ANN, "here", {"cname": "new"}) == []
        assert asked(ANN, "by_secret", {"cname": "x"}, company) == []
        writing = store.preview(ANN, "company")
        draft, _ = drafted(writing, {"lines": [{"qty": "20"}, {"qty": "90"}]}, company)
        rows = next(iter(draft.rows.values()))
        assert [names_of(of_draft(writing, row, "same")) for row in rows] == [["mid"], ["old"]]


def test_it_has_no_value_and_takes_none(space: Workspace) -> None:
    with space.write("test") as store:
        company = fill(store)
        with pytest.raises(Refused) as refused:
            store.create(BOSS, "company", {"cname": "x", "open_deals": []})
        assert [one.code for one in refused.value.findings] == ["R302"]
        with pytest.raises(Refused):
            store.list(BOSS, QuerySpec(entity="company", filter=["blank", "open_deals", None]))
        found = store.get(BOSS, "company", company, levels=True)
        assert "open_deals" not in found.values
        assert found.levels["open_deals"] == "read"
        page = store.list(BOSS, QuerySpec(entity="company", fields=("cname", "open_deals")))
        assert [one.values["open_deals"] for one in page.records] == [None, None]
    kind = FIELD_TYPES.get("query")
    given = app().entities[0].fields[6]
    assert [one for one in ("filter", "sort", "group", "search", "write", "store") if kind.supports(one, given)] == []


def findings(*more: Field) -> list[tuple[str, str]]:
    made = app()
    company = replace(made.entities[0], fields=more)
    made = replace(made, entities=(company, *made.entities[1:]), roles=())
    found: list[Finding] = [
        *check_fields(made),
        *check_app_expressions(made, lambda given: SnapshotSchema(Snapshot(given, 0))),
    ]
    return [(one.code, one.place.removeprefix("/entities/0/fields/")) for one in found]


def test_a_wrong_definition_is_told_at_its_place() -> None:
    name = field("cname")
    assert findings(name, query("a", "it.nothing = cname"))[0][1] == "1/options/filter"
    assert findings(name, query("a", "it.name = nothing"))[0][1] == "1/options/filter"
    assert findings(name, query("a", "it.amount + 1"))[0][1] == "1/options/filter"
    assert findings(name, query("a", "", "cname")) == [("F917", "1/options/columns/0")]
    assert findings(name, query("a", "", "name", "name")) == [("F915", "1/options/columns/1")]
    assert findings(name, query("a", "", **{"from": "ent_none"})) == [("F916", "1/options/from")]
    assert findings(name, query("a", "", "lines", **{"from": "ent_company"}), app().entities[0].fields[-1]) == [
        ("F919", "1/options/columns/0")
    ]
    assert findings(name, query("a", "", sort=[{"field": "fld_company"}])) == [("F918", "1/options/sort/0/field")]
    assert findings(name, query("a", "", limit=0))[0][0] == "F911"


def test_what_the_database_cannot_compute_is_refused_unless_it_is_about_this_record() -> None:
    name = field("cname")
    assert findings(name, query("a", "it.name = PINYIN(cname)")) == []
    assert findings(name, query("a", "PINYIN(it.name) = cname")) == [("X807", "1/options/filter")]


def test_an_expression_that_names_it_says_so() -> None:
    found = findings(field("cname"), query("a", ""), formula("bad", "a + 1"))
    assert found == [("X808", "2/options/expr")]


def test_conditions_follow_a_renamed_field() -> None:
    before = app()
    deal = before.entities[2]
    renamed = tuple(replace(one, key="total") if one.key == "amount" else one for one in deal.fields)
    company = before.entities[0]
    own = tuple(replace(one, key="floor") if one.key == "least" else one for one in company.fields)
    after = replace(before, entities=(replace(company, fields=own), before.entities[1], replace(deal, fields=renamed)))
    made = naming.follow(before, after)
    condition = next(one for one in made.entities[0].fields if one.key == "open_deals").options["filter"]
    source = condition.src if hasattr(condition, "src") else condition["src"]
    assert source == 'it.company.cname = cname AND it.state <> "closed" AND it.total >= floor'
    places = [one.place for one in naming.uses(before, "fld_amount")]
    assert "/entities/0/fields/6/options/filter" in places


def test_its_records_travel_as_json(space: Workspace) -> None:
    with space.write("test") as store:
        company = fill(store)
        found = of_record(store, ANN, "company", company, "open_deals")
        shown = present.page_json(found.page, store)
        assert shown["records"][0]["values"] == {"name": "big", "amount": "50.00"}


def test_exports_and_pages_name_what_is_found(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "NAMED", 2)
    monkeypatch.setattr(print_data, "MOST_FOUND", 3)
    with space.write("test") as store:
        company = fill(store)
    with space.read("test") as store:
        assert queries.text_of(store, BOSS, "company", company, "open_deals") == "shy; big（另有 2 条）"
        assert queries.text_of(store, replace(BOSS, locale="en"), "company", company, "by_secret") == "big"
        assert queries.text_of(store, ANN, "company", company, "by_cost") == "", "it names what ann may not see"
        assert queries.text_of(store, EVE, "company", company, "open_deals") == "", "hidden from eve"
        spec = QuerySpec(entity="company", fields=("open_deals", "cname"), sort=(SortSpec(path="cname"),))
        lines = b"".join(Exporter(store, ANN, spec).csv()).decode("utf-8-sig").splitlines()
        assert lines == ["open_deals,cname", "big; mid（另有 1 条）,acme", ",top"]
        (heads, *_) = b"".join(Exporter(store, ANN, every("company")).csv()).decode("utf-8-sig").splitlines()
        assert "all_deals" not in heads, "what is asked record by record is exported where it is named"
        below = Need("ent_deal", {"amount": Wanted("fld_amount")})
        need = Need("ent_company", {"open": Wanted("fld_open_deals", below, many=True)})
        page = Reading(store, BOSS, "en", pictures=False).records(need, [company])[company]
        shown = [(one["t"], one["f"]["amount"]["t"]) for one in page["f"]["open"]]
        assert shown == [("shy", "60.00"), ("big", "50.00"), ("mid", "20.00"), ("(1 more)", "")]
