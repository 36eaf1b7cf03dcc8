"""Computed fields start flows, flows change what is computed, and it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flow_world import World, doc_app, doc_flow, node, text, wires
from sqlalchemy import select

from engine.database import Database
from engine.flows.chain import DEPTH
from engine.flows.soundness import check_flows
from engine.records.audit import audit_event
from metadata.model import App, Field, Flow

HEARD = Field(
    id="fld_heard",
    key="heard",
    type="formula",
    label=text("heard"),
    options={"expr": {"src": "other.amount * 2"}, "result": "number", "scale": 2},
)


def writes(name: str, fields: list[str], **values: Any) -> Flow:
    """A flow that sets fields when one of others changes."""
    given = {key: {"value": value} for key, value in values.items()}
    nodes = (node("start", "start"), node("set", "record.update", set=given), node("end", "end"))
    trigger = {"kind": "record", "on": ["update"], "fields": fields}
    flow = doc_flow(nodes, wires("start > set > end"), id=f"flw_{name}", key=name, trigger=trigger)
    return replace(flow, label=text(name))


def app(*flows: Flow, fields: tuple[Field, ...] = (HEARD,)) -> App:
    made = doc_app(*flows)
    doc = made.entities[0]
    return replace(made, entities=(replace(doc, fields=(*doc.fields, *fields)),))


def test_a_derived_change_starts_a_flow_each_time(db: Database) -> None:
    found = World(db, app(writes("tell", ["fld_heard"], fld_checked="told")))
    source = found.create("chen", "doc", {"title": "source", "amount": "1.00"})
    other = found.create("chen", "doc", {"title": "reader", "other": source})
    assert found.value("doc", other, "checked") is None
    for amount in ("5.00", "6.00"):
        found.update("chen", "doc", other, {"checked": None})
        found.update("chen", "doc", source, {"amount": amount})
        assert found.value("doc", other, "checked") == "told"
    with found.workspace.read("docs") as store:
        assert len(found.flows.timeline(store, found.actor("admin"), "doc", other)) == 2
        (entry, *_) = (one for one in store.history(found.actor("admin"), "doc", other) if one.action == "derive")
    assert (entry.actor, entry.on_behalf_of, entry.changes) == (
        "system:derive",
        "u_chen",
        {"heard": ("10.00", "12.00")},
    )


def test_a_derived_change_disturbs_no_open_form(db: Database) -> None:
    found = World(db, app())
    source = found.create("chen", "doc", {"title": "source", "amount": "1.00"})
    other = found.create("chen", "doc", {"title": "reader", "other": source})
    found.update("chen", "doc", source, {"amount": "7.00"})
    with found.workspace.write("docs") as store:
        kept = store.update(found.actor("chen"), "doc", other, {"title": "saved"}, 1)
    assert kept.rev == 2, "no conflict"
    assert found.value("doc", other, "heard") == 14, "and what was derived is not lost"


def test_flows_that_go_round_by_a_formula_are_named() -> None:
    first = writes("first", ["fld_heard"], fld_state="opt_busy")
    second = writes("second", ["fld_state"], fld_amount=3)
    (found,) = (one for one in check_flows(app(first, second)) if one.code == "L125")
    assert found.severity == "warning"
    assert found.params["circle"]["en"] == "first → state → second → amount → heard → first"
    assert "互相触发" in found.text("zh-CN")
    assert not check_flows(app(first)), "one that changes something else is no circle"
    assert not check_flows(app(first, writes("second", ["fld_state"], fld_checked="x")))


def test_a_long_chain_of_flows_ends_and_leaves_word(db: Database) -> None:
    steps = [Field(id=f"fld_s{n}", key=f"s{n}", type="text", label=text(f"s{n}")) for n in range(DEPTH + 2)]
    flows = [writes(f"f{n}", [f"fld_s{n}"], **{f"fld_s{n + 1}": "set"}) for n in range(DEPTH + 1)]
    found = World(db, app(*flows, fields=tuple(steps)))
    record = found.create("chen", "doc", {"title": "x"})
    found.update("chen", "doc", record, {"s0": "go"})
    assert found.value("doc", record, f"s{DEPTH}") == "set"
    assert found.value("doc", record, f"s{DEPTH + 1}") is None
    with found.database.read() as connection:
        row = connection.execute(select(audit_event).where(audit_event.c.action == "flow_chain")).one()
    assert (row.result, row.record_id) == ("refused", record)
