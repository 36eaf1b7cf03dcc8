"""What a write would come to is told before it happens; pickers offer what may be chosen, and writes hold to it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support import entity, field, grant, person, role, text, workspace
from test_settling import ANN, create, rule, world

from engine.database import Database
from engine.problems import Forbidden, NotFound
from engine.publishing import check
from engine.records import candidates
from engine.records.foresight import drafted, foresee
from engine.records.ruling import ruling_of
from engine.records.spec import Manner
from metadata.findings import Refused
from metadata.model import App, Expr, Form, FormItem, Rule

EVE = person("u_eve", "rol_some")


def limited(*rules: Rule) -> App:
    """The world of the other tests with people and links to choose, and somebody who may not see everything."""
    app = world(*rules)
    order = app.entities[0]
    more = (field("who", "user"), field("others", "link_many", options={"entity": "ent_client"}))
    some = role(
        "some",
        grant("so", "order", "create read update", default="write", amount="hidden"),
        grant("sc", "client", "read", "own", default="read"),
    )
    return replace(
        app, entities=(replace(order, fields=(*order.fields, *more)), *app.entities[1:]), roles=(*app.roles, some)
    )


def test_the_outcome_is_told_and_nothing_written(db: Database) -> None:
    rules = (
        rule("a", "set", values={"phone": "client.tel"}),
        rule("s", "show", when='amount > 5 AND kind = "big"', fields="note"),
        rule("k", "check", check='phone <> "11"', severity="warn", fields="phone"),
    )
    space = workspace(db, limited(*rules))
    client = create(space, {"label": "A", "tel": "11"}, "client")
    with space.read("test") as store:
        found = foresee(store.preview(ANN, "order", Manner()), {"client": client.id, "amount": "6", "kind": "opt_big"})
        assert found.values["phone"] == "11"
        assert (found.conditions, found.hidden) == ({"rul_s": True}, ())
        assert [(one.place, kind, one.rule) for one, kind in found.findings] == [("/phone", "warn", "rul_k")]
        eve = foresee(store.preview(EVE, "order", Manner()), {"client": client.id, "amount": "6", "kind": "opt_big"})
        assert "amount" not in eve.values
        assert eve.values["phone"] is None, "a record one may not see tells nothing"
        assert eve.hidden == ("note",)
        with pytest.raises(NotFound):
            foresee(store.preview(ANN, "order", Manner()), {}, "rec_none")
        with pytest.raises(Forbidden):
            foresee(store.preview(EVE, "client", Manner()), {})


def test_only_candidates_that_fit_are_offered_and_taken(db: Database) -> None:
    rules = (
        rule(
            "c",
            "choose",
            fields="client others",
            when="NOT(ISBLANK(note))",
            filter="it.area = note AND NOT(ISBLANK(it.tel))",
        ),
        rule("w", "choose", fields="who", filter="it.name <> name"),
    )
    space = workspace(db, limited(*rules))
    east = create(space, {"label": "E", "area": "east", "tel": "1"}, "client")
    west = create(space, {"label": "W", "area": "west", "tel": "2"}, "client")
    create(space, {"label": "X", "area": "east"}, "client")
    with space.read("test") as store:
        draft, _ = drafted(store.preview(ANN, "order"), {"note": "east", "name": "Bob"})
        ruling = ruling_of(draft)
        assert ruling is not None
        records = candidates.offered(ruling, "fld_client", ("label",), "", 10)
        assert [record.id for record in records] == [east.id]
        rules_of_who = candidates.filters(ruling, "fld_who")
        assert candidates.fitting(ruling, "fld_who", rules_of_who, ["u_ann", "u_bob"]) == ["u_ann"]
    create(space, {"note": "east", "client": east.id, "others": [east.id], "who": "u_ann", "name": "Bob"})
    with pytest.raises(Refused) as refused:
        create(space, {"note": "east", "client": west.id, "others": [east.id, west.id], "who": "u_bob", "name": "Bob"})
    assert sorted((one.code, one.place, one.rule) for one in refused.value.findings) == [
        ("R331", "/client", "rul_c"),
        ("R331", "/others", "rul_c"),
        ("R331", "/who", "rul_w"),
    ]
    assert create(space, {"client": west.id}).values["client"] == west.id


def wrong(app: App) -> list[tuple[str, str]]:
    return [(one.code, one.place) for one in check(app) if one.severity == "error"]


def test_what_cannot_work_is_said_before_publishing() -> None:
    assert wrong(world(rule("a", "set", values={"note": "phone"}), rule("b", "set", values={"phone": "note"}))) == [
        ("R334", "/entities/0/rules/0")
    ]
    assert wrong(world(rule("s", "show", when="amount > 1", fields="amount"))) == [("R334", "/entities/0/rules/0")]
    assert wrong(world(rule("s", "set", values={"total": "1"}))) == [("R335", "/entities/0/rules/0/values/fld_total")]
    assert wrong(world(rule("s", "choose", fields="note", options=("opt_big",)))) == [
        ("R336", "/entities/0/rules/0/fields/0")
    ]
    other = field("other", "select", options={"options": [{"id": "opt_o", "label": text("o")}]})
    strange = world(rule("s", "choose", fields="kind", options=("opt_o",)))
    order = strange.entities[0]
    strange = replace(strange, entities=(replace(order, fields=(*order.fields, other)), *strange.entities[1:]))
    assert wrong(strange) == [("R337", "/entities/0/rules/0/options")]
    item = FormItem(id="lay_n", field="fld_note", when=Expr(src="nothing > 1"))
    form = Form(id="frm_a", entity="ent_order", label=text("A"), items=(item,))
    places = {place for _, place in wrong(replace(world(), forms=(form,)))}
    assert places == {"/forms/0/items/0/when"}
    loop = replace(form, items=(replace(item, when=Expr(src='note = "x"')),))
    assert wrong(replace(world(), forms=(loop,))) == [("R334", "/forms/0")]
    broken = world(
        rule("a", "set", values={"amount": '"text"'}), rule("b", "choose", fields="client", filter="it.none")
    )
    assert {place for _, place in wrong(broken)} == {
        "/entities/0/rules/0/values/fld_amount",
        "/entities/0/rules/1/filter",
    }


def test_an_entity_without_rules_costs_nothing(db: Database) -> None:
    all_ = role("all", grant("a", "order", "create read", default="write"))
    space = workspace(db, replace(world(), entities=(entity("order", field("name")),), roles=(all_,)))
    with space.write("test") as store:
        assert drafted(store.preview(ANN, "order"), {"name": "a"})[0].ruling is None
