"""What depends on what: fields an expression reads, the order of computed fields, circles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.deferred import deferred
from engine.expr.functions.records import key_field
from engine.expr.tree import Call, Ids, Path, Tree

if TYPE_CHECKING:
    from networkx import DiGraph

nx: Any = deferred("networkx")  # only applications with formulas need it


class CircularFormulas(Exception):
    """Computed fields that need each other. ``fields`` are their ids, in the order of the circle."""

    def __init__(self, fields: tuple[str, ...]):
        self.fields = fields
        super().__init__(" -> ".join(fields))


def paths(tree: Tree) -> frozenset[Ids]:
    """Return the field paths an expression reads, from the record's present and earlier state."""
    return tree.facts.deps | tree.facts.old


def fields(tree: Tree) -> frozenset[str]:
    """Return every field an expression touches, links on the way and fields of looked up records included."""
    read = [*paths(tree), *(path for _, path in tree.facts.scans)]
    return frozenset(identifier for path in read for identifier in path)


def prefixes(trees: Iterable[Tree]) -> frozenset[Ids]:
    """Return the links to load before evaluating: every path but its last field."""
    return frozenset(path[:end] for tree in trees for path in paths(tree) for end in range(1, len(path)))


def graph(formulas: Mapping[str, Tree]) -> DiGraph[str]:
    """Return the graph of computed fields: an edge from what is read to what reads it."""
    made: DiGraph[str] = nx.DiGraph()
    made.add_nodes_from(formulas)
    for field_id, tree in formulas.items():
        made.add_edges_from((read, field_id) for read in fields(tree) if read in formulas)
    return made


def order(formulas: Mapping[str, Tree]) -> list[str]:
    """Return the computed fields, each after all it reads. Raises :class:`CircularFormulas`."""
    made = graph(formulas)
    for circle in circles(formulas):
        raise CircularFormulas(circle)
    return list(nx.lexicographical_topological_sort(made))


def circles(formulas: Mapping[str, Tree]) -> list[tuple[str, ...]]:
    """Return one circle for every group of computed fields that need each other, in a stable order."""
    made = graph(formulas)
    found = []
    for group in nx.strongly_connected_components(made):
        if len(group) > 1 or any(made.has_edge(one, one) for one in group):
            start = min(group)
            edges = nx.find_cycle(made.subgraph(group), start)
            found.append(tuple(source for source, _ in edges))
    return sorted(found)


def readers(formulas: Mapping[str, Tree], field_id: str) -> list[str]:
    """Return the computed fields that change when a field changes, directly or by way of others."""
    made = graph(formulas)
    first = {name for name, tree in formulas.items() if field_id in fields(tree)}
    reached = first.union(*[nx.descendants(made, name) for name in first])
    return [name for name in nx.lexicographical_topological_sort(made) if name in reached]


@dataclass(frozen=True, slots=True)
class Join:
    """How records of another entity are found: their field ``key`` equals what the path ``outer`` of the record reads;
    None when it is compared with something else (a constant, a computed value, the clock)."""

    entity: str
    key: Ids
    outer: Ids | None


def joins(tree: Tree) -> tuple[Join, ...]:
    """Return the lookups of an expression, each once, in the order they stand."""
    found: dict[Join, None] = {}
    for node in tree.walk():
        if isinstance(node, Call) and node.name == "RECORDS":
            entity, key = key_field(node)
            wanted = node.args[2]
            outer = wanted.ids if isinstance(wanted, Path) and wanted.root == "" else None
            found[Join(entity, key, outer)] = None
    return tuple(found)
