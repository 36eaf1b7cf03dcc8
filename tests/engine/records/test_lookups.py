"""Lookups and rollups are formulas nobody wrote: right values, kept up by every write, seen by whom their source is."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from support import application, entity, field, formula, grant, person, role, workspace

from engine.actor import system_actor
from engine.database import Database
from engine.expr.check_app import check_app_expressions
from engine.fields.checks import check_fields
from engine.records.schema import SnapshotSchema
from engine.records.workspace import Workspace
from metadata.findings import Refused
from metadata.model import App, Field
from metadata.snapshot import Snapshot

ROBOT = system_actor("test")
LEVELS = [{"id": "opt_a", "label": {"zh-CN": "甲", "en": "A"}}, {"id": "opt_b", "label": {"zh-CN": "乙", "en": "B"}}]


def lookup(name: str, via: str, source: str, result: str = "text", **options: Any) -> Field:
    return field(name, "lookup", options={"via": f"fld_{via}", "field": f"fld_{source}", "result": result, **options})


def rollup(name: str, via: str, fn: str, result: str = "number", **options: Any) -> Field:
    return field(name, "rollup", options={"via": f"fld_{via}", "fn": fn, "result": result, **options})


def app() -> App:
    number = {"options": {"scale": 2}}
    company = entity(
        "company",
        field("cname"),
        field("level", "select", options={"options": LEVELS}),
        field("rate", "number", **number),
        rollup("deals", "company", "count", **{"from": "ent_deal"}),
        rollup("won", "company", "sum", **{"from": "ent_deal"}, field="fld_total", scale=2),
        rollup(
            "large",
            "company",
            "count",
            **{"from": "ent_deal"},
            filter={"src": "it.total > 10", "refs": {"total": "fld_total"}},
        ),
        rollup("names", "company", "join", "text", **{"from": "ent_deal"}, field="fld_name", separator="|"),
        rollup("newest", "company", "latest", "date", **{"from": "ent_deal"}, field="fld_day"),
        title="fld_cname",
    )
    line = entity(
        "line",
        field("what"),
        field("qty", "number", **number),
        field("good", "switch"),
        field("took", "duration"),
        parent="ent_deal",
        title="fld_what",
    )
    deal = entity(
        "deal",
        field("name"),
        field("day", "date"),
        field("company", "link_one", options={"entity": "ent_company", "on_delete": "clear"}),
        field("friends", "link_many", options={"entity": "ent_company"}),
        field("lines", "subtable", options={"entity": "ent_line"}),
        lookup("customer", "company", "cname"),
        lookup("standing", "company", "level"),
        lookup("factor", "company", "rate", "number", scale=2),
        lookup("circle", "friends", "cname", separator="/"),
        rollup("total", "lines", "sum", field="fld_qty", scale=2),
        rollup("least", "lines", "min", field="fld_qty", scale=2),
        rollup("mean", "lines", "avg", field="fld_qty", scale=4),
        rollup("kinds", "lines", "distinct", field="fld_what"),
        rollup("many", "lines", "count", filter={"src": "it.qty > 1"}),
        rollup("all_good", "lines", "and", "boolean", field="fld_good"),
        rollup("some_good", "lines", "or", "boolean", field="fld_good"),
        rollup("hours", "lines", "sum", "duration", field="fld_took"),
        formula("double", "total * 2"),
        title="fld_name",
    )
    sales = role(
        "sales",
        grant("deal", "deal", "create read update", default="write"),
        grant("company", "company", "read", default="read", rate="hidden"),
        grant("line", "line", "create read update", default="write"),
    )
    return application(company, line, deal, roles=(sales,))


@pytest.fixture
def space(db: Database) -> Workspace:
    return workspace(db, app())


def test_the_definition_is_sound() -> None:
    made = app()
    assert check_fields(made) == []
    assert check_app_expressions(made, lambda found: SnapshotSchema(Snapshot(found, 0))) == []


def test_what_is_not_there_or_does_not_fit_is_told() -> None:
    wrong = application(
        entity(
            "deal",
            field("name"),
            lookup("gone", "nothing", "name"),
            rollup("bare", "nothing", "sum"),
            rollup("odd", "nothing", "join", field="fld_name"),
            title="fld_name",
        )
    )
    assert {one.code for one in check_fields(wrong)} == {"F913", "F914"}
    found = check_app_expressions(wrong, lambda given: SnapshotSchema(Snapshot(given, 0)))
    assert "/entities/0/fields/1/options" in {one.place for one in found}


def test_values_follow_every_write(space: Workspace) -> None:
    with space.write("test") as store:
        acme = store.create(ROBOT, "company", {"cname": "Acme", "level": "opt_a", "rate": 3}).id
        blue = store.create(ROBOT, "company", {"cname": "Blue", "rate": 5}).id
        lines = [
            {"what": "x", "qty": 4, "good": True, "took": 3600},
            {"what": "x", "qty": 1, "good": False, "took": 1800},
            {"what": "y", "qty": 7, "good": True},
        ]
        deal = store.create(
            ROBOT,
            "deal",
            {"name": "First", "day": "2026-11-20", "company": acme, "friends": [acme, blue], "lines": lines},
        ).id
        store.create(ROBOT, "deal", {"name": "Second", "day": "2026-11-21", "company": acme})

    def read(kind: str, record: str) -> dict[str, Any]:
        with space.read("test") as store:
            return dict(store.get(ROBOT, kind, record).values)

    first = read("deal", deal)
    assert (first["customer"], first["standing"], first["factor"]) == ("Acme", "甲", Decimal("3.00"))
    assert first["circle"] == "Acme/Blue"
    assert (first["total"], first["least"], first["mean"]) == (Decimal("12.00"), Decimal("1.00"), Decimal("4.0000"))
    assert (first["kinds"], first["many"], first["double"]) == (2, 2, Decimal("24.00"))
    assert (first["all_good"], first["some_good"]) == (False, True)
    assert first["hours"] == timedelta(minutes=90)
    company = read("company", acme)
    assert (company["deals"], company["won"], company["large"]) == (2, Decimal("12.00"), 1)
    assert (company["names"], company["newest"]) == ("First|Second", date(2026, 11, 21)) or company[
        "names"
    ] == "Second|First"

    with space.write("test") as store:
        row = store.get(ROBOT, "company", acme)
        store.update(ROBOT, "company", acme, {"cname": "Acme Ltd"}, row.rev)
        row = store.get(ROBOT, "deal", deal)
        kept = [{"id": one.id, "what": "z", "qty": 2, "good": True} for one in row.values["lines"]][:1]
        store.update(ROBOT, "deal", deal, {"lines": kept}, row.rev)
    first, company = read("deal", deal), read("company", acme)
    assert (first["customer"], first["circle"]) == ("Acme Ltd", "Acme Ltd/Blue")
    assert (first["total"], first["all_good"], company["won"], company["large"]) == (2, True, 2, 0)

    with space.write("test") as store:
        row = store.get(ROBOT, "deal", deal)
        store.update(ROBOT, "deal", deal, {"company": blue}, row.rev)
    assert read("deal", deal)["factor"] == 5
    assert read("company", acme)["deals"] == 1
    assert read("company", blue)["won"] == 2
    with space.write("test") as store:
        store.delete(ROBOT, "deal", deal)
    assert read("company", blue)["deals"] == 0


def test_a_lookup_is_hidden_where_its_source_is(space: Workspace) -> None:
    ann = person("u_ann", "rol_sales")
    with space.write("test") as store:
        acme = store.create(ROBOT, "company", {"cname": "Acme", "rate": 3}).id
        deal = store.create(ROBOT, "deal", {"name": "First", "company": acme}).id
        shown = store.get(ann, "deal", deal).values
    assert shown["customer"] == "Acme"
    assert "factor" not in shown


def test_nobody_writes_one(space: Workspace) -> None:
    from_outside = {"name": "First", "total": 7}
    with space.write("test") as store, pytest.raises(Refused) as caught:
        store.create(ROBOT, "deal", from_outside)
    assert [finding.place for finding in caught.value.findings] == ["/total"]
