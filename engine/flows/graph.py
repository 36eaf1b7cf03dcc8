"""A flow definition as the interpreter reads it: nodes and wires by number, checked for nothing but lookups.

Compiled once per definition (its content hash is the version instances are pinned to). What is wrong with a
definition is found by ``soundness`` before publish; here an unknown node type or a dangling wire is a ``KeyError``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from metadata.model import Expr, Flow, FlowNode

Gate = Literal["start", "end", "exclusive", "split", "join", "task"]
"""How tokens pass a node: every node type is one of these to the interpreter."""


@dataclass(frozen=True, slots=True, eq=False)
class Wire:
    """A compiled edge. ``number`` is its place in the fixed order of moves."""

    number: int
    id: str
    source: str
    port: str
    target: str
    when: Expr | None
    default: bool


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A compiled node."""

    number: int
    id: str
    type: str
    gate: Gate
    human: bool
    label: Mapping[str, str]
    config: Mapping[str, Any]
    into: tuple[Wire, ...]
    out: Mapping[str, tuple[Wire, ...]]

    def wires(self) -> Iterator[Wire]:
        """Every wire that leaves the step, in order."""
        for wires in self.out.values():
            yield from wires


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """One version of a flow, indexed."""

    flow: Flow
    steps: Mapping[str, Step]
    wires: Mapping[str, Wire]
    start: Step

    def step(self, node_id: str) -> Step:
        """Return a step by node id. Raises ``KeyError``."""
        return self.steps[node_id]


def compile_graph(flow: Flow, gates: Mapping[str, Gate], human: frozenset[str] = frozenset()) -> Graph:
    """Index a definition. ``gates`` says how each node type routes, ``human`` where people decide (``FLOW_NODES``).

    Raises ``KeyError`` for a wire to nowhere or a type this install does not have, ``ValueError`` without exactly one
    start.
    """
    rank = {node.id: number for number, node in enumerate(flow.nodes)}
    order = sorted(flow.edges, key=lambda edge: (rank[edge.from_node], edge.default, edge.order, edge.id))
    wires = [
        Wire(number, edge.id, edge.from_node, edge.port, edge.to_node, edge.when, edge.default)
        for number, edge in enumerate(order)
    ]
    into: dict[str, list[Wire]] = {node.id: [] for node in flow.nodes}
    out: dict[str, dict[str, list[Wire]]] = {node.id: {} for node in flow.nodes}
    for wire in wires:
        into[wire.target].append(wire)
        out[wire.source].setdefault(wire.port, []).append(wire)

    def step(number: int, node: FlowNode) -> Step:
        ports = {port: tuple(leaving) for port, leaving in out[node.id].items()}
        return Step(
            number=number,
            id=node.id,
            type=node.type,
            gate=gates[node.type],
            human=node.type in human,
            label=node.label,
            config=node.config,
            into=tuple(into[node.id]),
            out=ports,
        )

    steps = {node.id: step(number, node) for number, node in enumerate(flow.nodes)}
    starts = [found for found in steps.values() if found.gate == "start"]
    if len(starts) != 1:
        raise ValueError(f"a flow has one start, {flow.id} has {len(starts)}")
    return Graph(flow=flow, steps=steps, wires={wire.id: wire for wire in wires}, start=starts[0])
