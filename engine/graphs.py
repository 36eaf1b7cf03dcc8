"""What needs what, as a graph of names: an order in which everything comes after what it needs, and circles."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from engine.deferred import deferred

nx: Any = deferred("networkx")  # only applications with formulas, rules or flows need it

Graph = Mapping[str, Collection[str]]
"""Every name with the names it needs; what is needed and no name itself is left out of account."""


def ordered(graph: Graph) -> list[str]:
    """Return the names, each after all it needs, and else by the alphabet. There must be no circle."""
    return list(nx.lexicographical_topological_sort(_drawn(graph)))


def groups(graph: Graph) -> list[frozenset[str]]:
    """Return the groups of names that all need each other; a name that needs itself is one."""
    drawn = _drawn(graph)
    return [frozenset(one) for one in nx.strongly_connected_components(drawn) if _turns(drawn, one)]


def circles(graph: Graph) -> list[tuple[str, ...]]:
    """Return one circle for every group of names that need each other, in a stable order."""
    drawn = _drawn(graph)
    found = []
    for group in groups(graph):
        edges = nx.find_cycle(drawn.subgraph(group), min(group))
        found.append(tuple(source for source, _ in edges))
    return sorted(found)


def without(graph: Graph, names: Collection[str]) -> dict[str, frozenset[str]]:
    """Return a graph without some of its names."""
    return {name: frozenset(needed) - frozenset(names) for name, needed in graph.items() if name not in names}


def _drawn(graph: Graph) -> Any:
    """Return the graph with an edge from what is needed to what needs it."""
    drawn = nx.DiGraph()
    drawn.add_nodes_from(graph)
    drawn.add_edges_from((needed, name) for name, needs in graph.items() for needed in sorted(needs) if needed in graph)
    return drawn


def _turns(drawn: Any, group: Collection[str]) -> bool:
    return len(group) > 1 or any(drawn.has_edge(one, one) for one in group)
