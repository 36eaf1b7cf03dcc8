"""In which order the fields of a record, of the record above and of its rows come by their values."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.deferred import deferred
from engine.rules.model import EntityRules

if TYPE_CHECKING:
    from networkx import DiGraph

nx: Any = deferred("networkx")  # only applications with rules need it

log = logging.getLogger("dougong.rules")

CONDITION, FIELD = "c:", "f:"
"""Beginnings of the names of steps: a condition by the id of its rule or form part, a field by its id."""


def dependencies(
    rules: Iterable[EntityRules], form: str, formulas: DiGraph[str], reads: Mapping[str, frozenset[str]]
) -> DiGraph[str]:
    """Return the graph of the steps of an application where one form is filled in.

    ``formulas`` is the graph of computed fields, ``reads`` what each reads in its own record, the one above and the
    rows below: only those are written together, whatever else it reads is there already.
    """
    made: DiGraph[str] = nx.DiGraph()
    made.add_nodes_from(FIELD + name for name in formulas.nodes)
    made.add_edges_from((FIELD + source, FIELD + target) for source, target in formulas.edges)
    every = list(rules)
    for one in every:
        inside = one.of_forms.get(form, frozenset())
        others = frozenset(name for names in one.of_forms.values() for name in names)
        made.add_nodes_from(CONDITION + name for name in one.conditions if name in inside or name not in others)
        made.add_nodes_from(FIELD + field.id for field in one.fields.values() if field.settles)
    for target, source in _read(every, form, reads):
        if target in made and FIELD + source in made:
            made.add_edge(FIELD + source, target)
    for one in every:
        for field in one.fields.values():
            for name in field.conditions(form):
                if field.settles and CONDITION + name in made:
                    made.add_edge(CONDITION + name, FIELD + field.id)
    return made


def _read(rules: Iterable[EntityRules], form: str, formulas: Mapping[str, frozenset[str]]) -> Iterator[tuple[str, str]]:
    """Yield every step with a field it reads."""
    for name, sources in formulas.items():
        yield from ((FIELD + name, source) for source in sources)
    for one in rules:
        for name, bound in one.conditions.items():
            yield from ((CONDITION + name, source) for source in bound.family)
        for field in one.fields.values():
            for write in field.writes:
                yield from ((FIELD + field.id, source) for source in write.value.family)


def circles(graph: DiGraph[str]) -> list[tuple[str, ...]]:
    """Return one circle for every group of steps that need each other, in a stable order."""
    found = []
    for group in nx.strongly_connected_components(graph):
        if len(group) > 1 or any(graph.has_edge(one, one) for one in group):
            edges = nx.find_cycle(graph.subgraph(group), min(group))
            found.append(tuple(source for source, _ in edges))
    return sorted(found)


def ordered(graph: DiGraph[str], formulas: Container[str]) -> list[str]:
    """Return the steps, each after all it reads; rules in a circle are left out, computed fields never."""
    left = graph.copy()
    for circle in circles(graph):
        log.error("rules in a circle", extra={"steps": circle})
    for group in list(nx.strongly_connected_components(graph)):
        if len(group) > 1 or any(graph.has_edge(one, one) for one in group):
            left.remove_nodes_from([one for one in group if one.removeprefix(FIELD) not in formulas])
    return list(nx.lexicographical_topological_sort(left))
