"""Rules on the write path: what is there, required, locked, written and refused, on one record and its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from support import application, entity, field, formula, grant, person, role, text, workspace

from engine.database import Database
from engine.records import audit
from engine.records.spec import BulkRow, Manner, Record
from engine.records.workspace import Workspace
from metadata.findings import Refused
from metadata.model import App, Entity, Expr, Form, FormItem, Rule

EVERY = "create read update delete transfer bulk history import"
ANN = person("u_ann", "rol_all")
OPTIONS = {"options": [{"id": f"opt_{one}", "label": text(one)} for one in ("small", "big", "huge")]}


def rule(name: str, kind: str, **rest: Any) -> Rule:
    """Return a rule ``rul_<name>``; texts given for expressions are expressions."""
    for key in ("when", "check", "filter"):
        if isinstance(rest.get(key), str):
            rest[key] = Expr(src=rest[key])
    if "values" in rest:
        rest["values"] = {f"fld_{key}": Expr(src=src) for key, src in rest["values"].items()}
    if "fields" in rest:
        rest["fields"] = tuple(one if "_" in one else f"fld_{one}" for one in rest["fields"].split())
    if kind == "check":
        rest.setdefault("message", text("no"))
    return Rule(id=f"rul_{name}", kind=kind, label=text(name), **rest)  # type: ignore[arg-type]


def world(*rules: Rule, below: tuple[Rule, ...] = (), items: tuple[FormItem, ...] = ()) -> App:
    order = entity(
        "order",
        field("name"),
        field("kind", "select", options=OPTIONS),
        field("amount", "number", options={"scale": 2}),
        field("rate", "number", options={"scale": 2}, required=True, default=1),
        field("note"),
        field("client", "link_one", options={"entity": "ent_client"}),
        field("phone"),
        field("lines", "subtable", options={"entity": "ent_line"}),
        formula("total", "SUM(lines.net)"),
        title="fld_name",
        rules=rules,
    )
    line = entity(
        "line",
        field("what"),
        field("qty", "number", options={"scale": 2}),
        field("price", "number", options={"scale": 2}),
        formula("net", "qty * price * parent.rate"),
        parent="ent_order",
        title="fld_what",
        rules=below,
    )
    client = entity("client", field("label"), field("tel"), field("area"), title="fld_label")
    roles = (role("all", *(grant(f"a{t}", t, EVERY, default="write") for t in ("order", "line", "client"))),)
    made = application(order, line, client, roles=roles)
    if not items:
        return made
    return replace(made, forms=(Form(id="frm_a", entity="ent_order", label=text("A"), items=items, default=True),))


Make = Callable[..., Workspace]


@pytest.fixture
def make(db: Database) -> Iterator[Make]:
    yield lambda *rules, **rest: workspace(db, world(*rules, **rest))


def create(space: Workspace, values: Mapping[str, Any], target: str = "order", **manner: Any) -> Record:
    with space.write("test") as store:
        return store.create(ANN, target, values, manner=Manner(**manner))


def update(space: Workspace, record: Record, values: Mapping[str, Any], **manner: Any) -> Record:
    with space.write("test") as store:
        return store.update(ANN, record.entity, record.id, values, record.rev, manner=Manner(**manner))


def refusals(space: Workspace, values: Mapping[str, Any], target: str = "order") -> list[tuple[str, str, str]]:
    with pytest.raises(Refused) as refused:
        create(space, values, target)
    return [(one.code, one.place, one.rule) for one in refused.value.findings]


def test_what_is_hidden_is_ignored_and_never_asked_for(make: Make) -> None:
    space = make(
        rule("s", "show", when='kind = "big"', fields="rate note"),
        rule("c", "show", when='kind = "big"', fields="amount", hidden="clear"),
        rule("q", "require", fields="note"),
        rule("k", "check", check="rate > 5", fields="rate"),
    )
    made = create(space, {"name": "a", "rate": None, "note": "x", "amount": "many"})
    assert (made.values["rate"], made.values["note"], made.values["amount"]) == (1, None, None)
    assert refusals(space, {"kind": "opt_big", "rate": "2"}) == [("R304", "/note", ""), ("R325", "/rate", "rul_k")]
    big = create(space, {"kind": "opt_big", "rate": "7", "note": "y", "amount": "3"})
    small = update(space, big, {"kind": "opt_small", "rate": "8"})
    assert (small.values["rate"], small.values["note"], small.values["amount"]) == (7, "y", None)


def test_a_field_is_where_its_form_shows_it(make: Make) -> None:
    field_item = lambda name, **rest: FormItem(id=f"lay_{name}", field=f"fld_{name}", **rest)  # noqa: E731
    items = (
        field_item("kind"),
        FormItem(id="lay_sec", kind="section", when=Expr(src='kind = "big"'), items=(field_item("note"),)),
        FormItem(id="lay_tab", kind="section", items=(field_item("amount", when=Expr(src='kind = "huge"')),)),
    )
    space = make(rule("q", "require", fields="lay_sec amount"), items=items)
    assert create(space, {"note": "gone", "phone": "1"}).values["note"] is None
    assert create(space, {"phone": "1"}).values["phone"] == "1"
    assert refusals(space, {"kind": "opt_big"}) == [("R304", "/note", "")]
    assert refusals(space, {"kind": "opt_huge"}) == [("R304", "/amount", "")]


def test_values_are_written_once_in_order_and_what_people_type_stays(make: Make) -> None:
    space = make(
        rule("a", "set", values={"note": 'phone & "!"'}, moment="always"),
        rule("b", "set", values={"phone": "client.tel"}),
        rule("c", "set", values={"amount": "rate * 2"}, moment="blank"),
    )
    first, second = create(space, {"label": "A", "tel": "11"}, "client"), create(space, {"tel": "22"}, "client")
    made = create(space, {"client": first.id, "rate": "4"})
    assert (made.values["phone"], made.values["note"], made.values["amount"]) == ("11", "11!", 8)
    made = update(space, made, {"phone": "33", "rate": "5"})
    assert (made.values["phone"], made.values["note"], made.values["amount"]) == ("33", "33!", 8)
    made = update(space, made, {"client": second.id})
    assert (made.values["phone"], made.values["note"]) == ("22", "22!")
    with pytest.raises(Refused) as refused:
        update(space, made, {"note": "mine"})
    assert [(one.code, one.place) for one in refused.value.findings] == [("R330", "/note")]
    assert update(space, made, {"note": "22!"}).values["note"] == "22!"


def test_rows_have_rules_of_their_own_and_see_the_record_above(make: Make) -> None:
    below = (
        rule("p", "set", values={"price": 'IF(parent.kind = "big", 10, 20)'}, moment="blank"),
        rule("m", "check", check="qty <= parent.amount", fields="qty"),
    )
    space = make(rule("t", "set", values={"amount": "COUNT(lines) * 5"}, moment="always"), below=below)
    made = create(space, {"kind": "opt_big", "rate": "2", "lines": [{"qty": "1"}, {"qty": "2", "price": "1"}]})
    assert (made.values["amount"], made.values["total"]) == (10, 24)
    assert refusals(space, {"lines": [{"qty": "1"}, {"qty": "11"}]}) == [("R325", "/lines/1/qty", "rul_m")]


def test_a_hidden_sub_table_keeps_or_loses_its_rows(make: Make) -> None:
    space = make(rule("s", "show", when='kind = "big"', fields="lines"))
    made = create(space, {"kind": "opt_big", "lines": [{"qty": "2", "price": "3"}]})
    kept = update(space, made, {"kind": "opt_small", "lines": [{"qty": "wrong"}]})
    assert [row.values["qty"] for row in kept.values["lines"]] == [2]
    assert kept.values["total"] == 6


def test_a_cleared_sub_table_loses_its_rows(make: Make) -> None:
    space = make(rule("s", "show", when='kind = "big"', fields="lines", hidden="clear"))
    made = create(space, {"kind": "opt_big", "lines": [{"qty": "2", "price": "3"}]})
    assert made.values["total"] == 6
    kept = update(space, made, {"kind": "opt_small"})
    assert (list(kept.values["lines"]), kept.values["total"]) == ([], 0)


def test_locked_is_what_people_may_not_change(make: Make) -> None:
    space = make(rule("l", "lock", when='OLD.kind = "big"', fields="amount lines"))
    made = create(space, {"kind": "opt_big", "amount": "1", "lines": [{"qty": "1"}]})
    assert update(space, made, {"amount": "1", "note": "n"}).values["note"] == "n"
    made = replace(made, rev=made.rev + 1)
    with pytest.raises(Refused) as refused:
        update(space, made, {"amount": "2", "lines": []})
    assert [(one.code, one.place, one.rule) for one in refused.value.findings] == [
        ("R330", "/amount", "rul_l"),
        ("R330", "/lines", "rul_l"),
    ]


def test_options_are_limited(make: Make) -> None:
    space = make(
        rule("o", "choose", when="amount > 5", fields="kind", options=("opt_big", "opt_huge")),
    )
    assert refusals(space, {"amount": "6", "kind": "opt_small"}) == [("R331", "/kind", "rul_o")]
    assert create(space, {"amount": "6"}).values["kind"] is None
    made = create(space, {"amount": "5", "kind": "opt_small"})
    with pytest.raises(Refused):
        update(space, made, {"amount": "6"})


def test_severities(make: Make) -> None:
    space = make(
        rule("w", "check", check="amount < 10", severity="warn", fields="amount"),
        rule("f", "check", check="rate > 0", severity="fix", values={"rate": "1.5"}),
        rule("l", "check", check="NOT(ISBLANK(note))", severity="log"),
    )
    assert refusals(space, {"amount": "10", "rate": "-1"}) == [("R332", "/amount", "rul_w")]
    made = create(space, {"amount": "10", "rate": "-1"}, reasons={"rul_w": "agreed"})
    assert str(made.values["rate"]) == "1.50"
    assert [(one.rule, one.severity) for one in made.notices] == [
        ("rul_f", "info"), ("rul_w", "warning"), ("rul_l", "info"),
    ]  # fmt: skip
    with space.database.read() as connection:
        events = audit.audit_event.c
        kept = connection.execute(select(events.detail).where(events.record_id == made.id)).scalar_one()
    assert {"rule": "rul_w", "severity": "warn", "reason": "agreed"} in orjson.loads(kept)["rules"]


def test_a_fix_that_does_not_help_refuses(make: Make) -> None:
    space = make(rule("f", "check", check="rate > 0", severity="fix", values={"rate": "-2"}))
    assert refusals(space, {"rate": "-1"}) == [("R325", "", "rul_f")]


def test_what_is_off_does_nothing(make: Make) -> None:
    space = make(rule("s", "show", when="FALSE", fields="rate", off=True), rule("k", "check", check="FALSE", off=True))
    assert create(space, {"rate": "3"}).values["rate"] == 3


def test_a_value_that_does_not_fit_is_said(make: Make) -> None:
    space = make(rule("a", "set", values={"amount": "rate * 1000000000000000"}))
    assert refusals(space, {"rate": "99"}) == [("R333", "/amount", "")]


def test_many_records_at_once(make: Make) -> None:
    space = make(
        rule("a", "set", values={"note": 'name & "!"'}), rule("k", "check", check='name <> "bad"', fields="name")
    )
    rows = [BulkRow(op="create", values={"name": name}) for name in ("a", "bad", "c")]
    with space.write("test") as store:
        done = store.bulk(ANN, "order", rows, atomic=False)
    assert [[(f.code, f.place) for f in one.findings] for one in done.results] == [[], [("R325", "/name")], []]
    with space.read("test") as store:
        assert store.get(ANN, "order", done.results[2].id).values["note"] == "c!"


def entity_of(app: App, name: str) -> Entity:
    return next(one for one in app.entities if one.key == name)
