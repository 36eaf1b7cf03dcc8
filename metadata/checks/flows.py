"""Flows as graphs: one start, wires that end at nodes of the same flow. What nodes do is checked by their types."""

from __future__ import annotations

from collections.abc import Iterator

from metadata.checks.scope import Scope
from metadata.findings import Finding

_START = "start"


def check(scope: Scope) -> Iterator[Finding]:
    """Yield findings about the structure of flows."""
    for number, flow in enumerate(scope.app.flows):
        place = f"/flows/{number}"
        own = {node.id for node in flow.nodes}
        starts = sum(node.type == _START for node in flow.nodes)
        if starts != 1:
            yield scope.finding("M116", f"{place}/nodes", count=starts)
        for index, edge in enumerate(flow.edges):
            for end in ("from_node", "to_node"):
                target = getattr(edge, end)
                if target not in own and target in scope.ids:  # an unknown id is reported as such
                    yield scope.finding("M117", f"{place}/edges/{index}/{end}", target=scope.name(target))
