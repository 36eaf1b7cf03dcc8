"""The token rules, without SQL: fixed routes, random structured flows, returns."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.flows.graph import Graph, Step, Wire, compile_graph
from engine.flows.interpret import MOVES, Back, Done, Halt, Hold, Interpreter, Outcome, Wait
from engine.flows.marking import ROOT, Marking, Token
from engine.flows.node import gates, human_types
from metadata.model import Expr, Flow, FlowEdge, FlowNode

import engine.flows.builtin  # noqa: F401  isort: skip


class Scripted:
    """A host whose people wait and whose conditions are told."""

    def __init__(self, choices: dict[str, bool] | None = None):
        self.choices = choices or {}
        self.trace: list[str] = []
        self.closed: list[int] = []

    def decide(self, wire: Wire) -> bool:
        return self.choices.get(wire.id, False)

    def enter(self, step: Step, token: Token) -> Outcome:
        self.trace.append(step.id)
        if step.gate == "end":
            result = step.config.get("result", "approved")
            return Halt(result) if step.config.get("stop") else Done(result)
        return Wait() if step.human else Done()

    def unconnected(self, step: Step, token: Token, port: str) -> Outcome:
        return Halt("rejected") if port == "rejected" else Hold("L201")

    def dropped(self, tokens: list[Token]) -> None:
        self.closed.extend(token.number for token in tokens)

    def note(self, kind: str, step: Step | None, token: Token | None, facts: dict[str, Any]) -> None:
        if kind == "held":
            self.trace.append(f"held {facts['code']}")


def graph_of(nodes: dict[str, str], wires: list[tuple[str, ...]], **configs: Any) -> Graph:
    """``wires`` are (from, to), (from, port, to) or (from, "when:name", to)."""
    edges = []
    for number, wire in enumerate(wires):
        source, target = wire[0], wire[-1]
        port = wire[1] if len(wire) == 3 else "out"
        when = default = None
        if port.startswith("when:"):
            when, port = Expr(src=port[5:]), "out"
        elif port == "else":
            default, port = True, "out"
        edges.append(
            FlowEdge(
                id=f"edg_{number}_{source}_{target}",
                from_node=source,
                to_node=target,
                port=port,
                when=when,
                default=bool(default),
                order=number,
            )
        )
    flow = Flow(
        id="flw_t",
        key="t",
        label={"en": "T"},
        entity="ent_t",
        nodes=tuple(FlowNode(id=name, type=kind, config=configs.get(name, {})) for name, kind in nodes.items()),
        edges=tuple(edges),
    )
    return compile_graph(flow, gates(), human_types())


def begun(graph: Graph, host: Scripted) -> Interpreter:
    run = Interpreter(graph, Marking(), host)
    run.begin()
    return run


def waiting(run: Interpreter) -> dict[str, Token]:
    return {token.at: token for token in run.marking.tokens.values() if token.place == "step"}


def test_branch_takes_the_first_true_condition_then_the_default() -> None:
    graph = graph_of(
        {"s": "start", "b": "branch", "x": "approve", "y": "approve", "z": "approve", "e": "end"},
        [
            ("s", "b"),
            ("b", "else", "z"),
            ("b", "when:1", "x"),
            ("b", "when:2", "y"),
            *((name, "approved", "e") for name in "xyz"),
        ],
    )
    ids = {wire.target: wire.id for wire in graph.step("b").wires()}
    assert list(waiting(begun(graph, Scripted({ids["x"]: True, ids["y"]: True})))) == ["x"]
    assert list(waiting(begun(graph, Scripted({ids["y"]: True})))) == ["y"]
    run = begun(graph, Scripted())
    assert list(waiting(run)) == ["z"]
    run.leave(waiting(run)["z"], "approved")
    assert run.result == "approved"
    assert not run.marking.tokens


def test_branch_without_a_way_is_held_not_dropped() -> None:
    graph = graph_of({"s": "start", "b": "branch", "e": "end"}, [("s", "b"), ("b", "when:1", "e")])
    host = Scripted()
    run = begun(graph, host)
    assert run.result is None
    assert [token.why for token in run.marking.tokens.values()] == ["L202"]
    held = next(iter(run.marking.tokens.values()))
    run.again(held)
    held = next(iter(run.marking.tokens.values()))
    assert held.why == "L202"
    host.choices = {graph.step("b").out["out"][0].id: True}
    # an administrator repaired the data and lets the token try again
    run.again(held)
    assert run.result == "approved"


PARALLEL = graph_of(
    {"s": "start", "p": "parallel", "a": "approve", "b": "approve", "c": "approve", "j": "join", "e": "end"},
    [("s", "p"), ("p", "a"), ("p", "b"), ("p", "c"), *((name, "approved", "j") for name in "abc"), ("j", "out", "e")],
)


@pytest.mark.parametrize("order", ["abc", "cab", "bca"])
def test_join_all_waits_for_every_branch_in_any_order(order: str) -> None:
    run = begun(PARALLEL, Scripted())
    for name in order[:2]:
        run.leave(waiting(run)[name], "approved")
        assert run.result is None
    run.leave(waiting(run)[order[2]], "approved")
    assert run.result == "approved"


def test_join_of_n_takes_the_first_and_cancels_the_rest() -> None:
    graph = graph_of(
        {"s": "start", "p": "parallel", "a": "approve", "b": "approve", "c": "approve", "j": "join", "e": "end"},
        [
            ("s", "p"),
            ("p", "a"),
            ("p", "b"),
            ("p", "c"),
            *((name, "approved", "j") for name in "abc"),
            ("j", "out", "e"),
        ],
        j={"join": 2},
    )
    host = Scripted()
    run = begun(graph, host)
    left = waiting(run)["b"].number
    run.leave(waiting(run)["a"], "approved")
    run.leave(waiting(run)["c"], "approved")
    assert run.result == "approved"
    assert host.closed == [left]


def test_rejection_in_one_branch_ends_the_whole() -> None:
    host = Scripted()
    run = begun(PARALLEL, host)
    others = {waiting(run)["a"].number, waiting(run)["c"].number}
    run.leave(waiting(run)["b"], "rejected")
    assert run.result == "rejected"
    assert not run.marking.tokens
    assert others <= set(host.closed)


def test_stop_ends_the_whole_and_a_plain_end_waits_for_the_others() -> None:
    for stop in (True, False):
        graph = graph_of(
            {"s": "start", "p": "parallel", "a": "approve", "b": "approve", "x": "end", "y": "end"},
            [("s", "p"), ("p", "a"), ("p", "b"), ("a", "approved", "x"), ("b", "approved", "y")],
            x={"result": "short", "stop": stop},
        )
        run = begun(graph, Scripted())
        run.leave(waiting(run)["a"], "approved")
        assert run.result == ("short" if stop else None)


def test_endless_automatic_loop_is_held() -> None:
    graph = graph_of(
        {"s": "start", "b": "branch", "n": "notify", "e": "end"},
        [("s", "b"), ("b", "when:1", "n"), ("b", "else", "e"), ("n", "b")],
    )
    host = Scripted({graph.step("b").out["out"][0].id: True})
    run = begun(graph, host)
    assert host.trace[-1] == "held L204"
    assert len(host.trace) < MOVES
    assert run.result is None


def test_two_tokens_on_one_wire_are_held() -> None:
    kinds = dict.fromkeys("abn", "notify")
    graph = graph_of(
        {"s": "start", "p": "parallel", **kinds, "c": "approve", "j": "join", "e": "end"},
        [
            ("s", "p"),
            ("p", "a"),
            ("p", "b"),
            ("p", "c"),
            ("a", "n"),
            ("b", "n"),
            ("n", "j"),
            ("c", "approved", "j"),
            ("j", "e"),
        ],
    )
    host = Scripted()
    run = begun(graph, host)
    assert "held L203" in host.trace
    assert run.result is None


def test_same_answers_give_the_same_state() -> None:
    states = []
    for _ in range(3):
        run = begun(PARALLEL, Scripted())
        run.leave(waiting(run)["b"], "approved")
        states.append((sorted(run.marking.tokens.items()), run.marking.last))
    assert states[0] == states[1] == states[2]


# -- random structured flows


class Builder:
    """Draws a block-structured flow: sequences of approvals, exclusive blocks, parallel blocks, loops back."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.nodes: dict[str, str] = {}
        self.wires: list[tuple[str, ...]] = []

    def node(self, kind: str) -> str:
        name = f"n{len(self.nodes)}"
        self.nodes[name] = kind
        return name

    def chain(self, entry: tuple[str, ...], depth: int) -> tuple[str, ...]:
        for _ in range(self.rng.randint(1, 3)):
            entry = self.block(entry, depth)
        return entry

    def block(self, entry: tuple[str, ...], depth: int) -> tuple[str, ...]:
        kind = self.rng.choice(["approve", "approve", "branch", "parallel", "loop"]) if depth else "approve"
        if kind == "approve":
            name = self.node("approve")
            self.wires.append((*entry, name))
            return (name, "approved")
        if kind == "loop":
            merge, name, branch = self.node("notify"), self.node("approve"), self.node("branch")
            self.wires += [(*entry, merge), (merge, name), (name, "approved", branch), (branch, "when:1", merge)]
            return (branch, "else")
        split = self.node(kind)
        self.wires.append((*entry, split))
        ways = self.rng.randint(2, 3)
        ports = ["when:1", "when:1", "else"][-ways:] if kind == "branch" else ["out"] * ways
        ends = [self.chain((split, port), depth - 1) for port in ports]
        close = self.node("notify" if kind == "branch" else "join")
        self.wires += [(*end, close) for end in ends]
        return (close, "out")


def drawn(rng: random.Random) -> Graph:
    builder = Builder(rng)
    start = builder.node("start")
    last = builder.chain((start, "out"), 3)
    builder.wires.append((*last, builder.node("end")))
    return graph_of(builder.nodes, builder.wires)


class Random(Scripted):
    def __init__(self, rng: random.Random):
        super().__init__()
        self.rng = rng

    def decide(self, wire: Wire) -> bool:
        return self.rng.random() < 0.4


def targets(run: Interpreter, visits: dict[int, tuple[str, int, tuple[int, ...]]], token: Token) -> list[Back]:
    regions = set(run.marking.lineage(token.scope))
    todo, found = list(token.prior), {}
    while todo:
        number = todo.pop()
        if number in visits and number not in found:
            found[number] = visits[number]
            todo.extend(visits[number][2])
    return [Back(node, scope, prior) for _, (node, scope, prior) in sorted(found.items()) if scope in regions]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_structured_flows_complete_properly_with_returns_at_random(seed: int) -> None:
    rng = random.Random(seed)
    run = begun(drawn(rng), Random(rng))
    visits: dict[int, tuple[str, int, tuple[int, ...]]] = {}
    returns = 0
    for _ in range(2_000):
        if run.result is not None:
            break
        people = sorted(waiting(run).values(), key=lambda token: token.number)
        assert people, "nobody is asked and the flow is not over"
        assert all(not token.held for token in run.marking.tokens.values())
        token = rng.choice(people)
        back = targets(run, visits, token)
        if back and returns < 6 and rng.random() < 0.3:
            returns += 1
            run.jump(rng.choice(back))
            continue
        visits[token.number] = (token.at, token.scope, token.prior)
        run.leave(token, "approved")
    assert run.result == "approved"
    assert not run.marking.tokens


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32))
def test_after_a_join_tokens_live_in_the_scope_around_the_block(seed: int) -> None:
    rng = random.Random(seed)
    run = begun(drawn(rng), Random(rng))
    while run.result is None:
        run.leave(rng.choice(list(waiting(run).values())), "approved")
        alone = list(run.marking.tokens.values())
        if len(alone) == 1 and run.result is None:
            assert alone[0].scope == ROOT
