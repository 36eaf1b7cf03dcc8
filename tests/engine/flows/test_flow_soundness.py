"""Publish checks: the shipped flow is clean, and each fault is found, at its place, in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flow_world import crm_app, doc_app, doc_flow, node, wires

from engine.database import Database
from engine.flows.soundness import check_flows, check_people
from engine.people import add_role, create_user
from metadata.model import Expr, Flow, FlowEdge, FlowNode

MANAGER = [{"kind": "manager"}]
START, END = node("start", "start"), node("end", "end")
ASK = node("ask", "approve", assignees=MANAGER)
EDGES = wires("start > ask:approved > end")
GOOD = doc_flow((START, ASK, END), EDGES)


def edge(source: str, target: str, port: str = "out", **more: Any) -> FlowEdge:
    return FlowEdge(
        id=f"edg_x_{source}_{target}_{port}", from_node=f"nod_{source}", to_node=f"nod_{target}", port=port, **more
    )


def codes(flow: Flow) -> list[str]:
    return [finding.code for finding in check_flows(doc_app(flow))]


def test_shipped_flow_is_sound() -> None:
    assert check_flows(crm_app()) == []


def test_smallest_approval_is_sound() -> None:
    assert codes(GOOD) == []


BRANCH = node("way", "branch")
TELL = node("tell", "notify", to=MANAGER, title={"en": "x"})
IMPOSSIBLE = {"percent": 100, "strict": True}
JOIN, SPLIT = node("join", "join"), node("split", "parallel")


def branched(*edges: FlowEdge, more: tuple[FlowNode, ...] = ()) -> Flow:
    return doc_flow((START, BRANCH, ASK, *more, END), (*wires("start > way", "ask:approved > end"), *edges))


TRUE = Expr(src="amount > 1")
FAULTS: dict[str, Flow] = {
    "L102": doc_flow((START, ASK), wires("start > ask")),
    "L103": doc_flow(
        (START, ASK, END, node("lost", "notify", to=MANAGER, title={"en": "x"})), (*EDGES, edge("lost", "end"))
    ),
    "L104": doc_flow(
        (START, BRANCH, ASK, END),
        (
            *wires("start > way"),
            edge("way", "end", default=True),
            edge("way", "ask", when=TRUE),
            edge("ask", "ask", "approved"),
        ),
    ),
    "L105": doc_flow((START, ASK, END), (*wires("start > ask"), edge("ask", "end", "rejected"))),
    "L106": doc_flow((START, ASK, END), (*EDGES, edge("start", "end"))),
    "L107": doc_flow((START, ASK, END), (*EDGES, edge("ask", "end", "maybe"))),
    "L108": branched(edge("way", "ask", when=TRUE), edge("way", "end", when=TRUE)),
    "L109": branched(edge("way", "ask"), edge("way", "end", default=True)),
    "L110": doc_flow((START, ASK, END), (edge("start", "ask", when=TRUE), *wires("ask:approved > end"))),
    "L111": doc_flow((START, ASK, END), (*EDGES, edge("ask", "start", "rejected"))),
    "L112": doc_flow((START, ASK, END), (*EDGES, edge("end", "ask"))),
    "L113": doc_flow((START, node("ask", "teleport"), END), EDGES),
    "L116": doc_flow((START, ASK, END), EDGES, settings={"summary": ["fld_unknown"]}),
    "L119": doc_flow(
        (START, SPLIT, ASK, node("join", "join", join=3), END),
        (*wires("start > split", "split > ask:approved > join", "join > end"), edge("split", "join")),
    ),
    "L120": doc_flow((START, ASK, END), (*EDGES, edge("ask", "nowhere", "rejected"))),
    "L121": doc_flow((START, node("ask", "approve", assignees=MANAGER, on_reject="nod_end"), END), EDGES),
    "L122": doc_flow(
        (START, node("ask", "record.update", set={"sys_rev": {"value": 1}}), END), wires("start > ask > end")
    ),
    "L123": replace(GOOD, settings={}),
    "L124": doc_flow(
        (START, node("ask", "approve", assignees=MANAGER, mode="vote", vote={"percent": 100, "strict": True}), END),
        EDGES,
    ),
    "M007": doc_flow((START, node("ask", "approve"), END), EDGES),
    "M010": replace(GOOD, trigger={"kind": "moon"}),
    "X201": branched(edge("way", "ask", when=Expr(src="nothing > 1")), edge("way", "end", default=True)),
}


@pytest.mark.parametrize("code", [code for code in FAULTS if code != "X201"])
def test_fault_is_found(code: str) -> None:
    found = [finding for finding in check_flows(doc_app(FAULTS[code])) if finding.code == code]
    assert found, codes(FAULTS[code])
    for finding in found:
        assert finding.place.startswith("/flows/0")
        for language in ("zh-CN", "en"):
            assert "{" not in finding.text(language)


def test_broken_condition_is_found_where_it_stands() -> None:
    (finding,) = check_flows(doc_app(FAULTS["X201"]))
    assert finding.severity == "error"
    assert finding.place.startswith("/flows/0/edges/")
    assert finding.place.endswith("/when")


def test_condition_must_be_yes_or_no() -> None:
    flow = branched(edge("way", "ask", when=Expr(src="amount + 1")), edge("way", "end", default=True))
    assert [finding.severity for finding in check_flows(doc_app(flow))] == ["error"]


def test_two_starts_are_found() -> None:
    more = FlowNode(id="nod_again", type="start")
    flow = doc_flow((START, more, ASK, END), (*EDGES, edge("again", "end")))
    assert "L101" in codes(flow)


def test_junk_in_the_bags_never_raises() -> None:
    for junk in (
        {"assignees": 7},
        {"assignees": [[]]},
        {"assignees": [{"kind": 3}]},
        {"x": None},
        {"limits": [{"after": {}}]},
    ):
        flow = doc_flow((START, node("ask", "approve", **junk), END), EDGES)  # type: ignore[arg-type]
        assert check_flows(doc_app(flow))
    assert check_flows(doc_app(replace(GOOD, settings={"on": {"returned": 1}}, trigger={"kind": None})))


def test_people_of_rules_are_looked_up(db: Database) -> None:
    rules = [{"kind": "role", "role": "rol_director"}, {"kind": "user", "users": ["u_gone"]}, {"kind": "initiator"}]
    app = doc_app(doc_flow((START, node("ask", "approve", assignees=rules), END), EDGES))
    with db.write() as connection:
        found = check_people(connection, app)
        assert [(finding.code, finding.severity) for finding in found] == [("L118", "warning")] * 2
        create_user(connection, username="zhao", name="Zhao", user_id="u_gone")
        add_role(connection, "u_gone", "rol_director", app.id)
        assert check_people(connection, app) == []
