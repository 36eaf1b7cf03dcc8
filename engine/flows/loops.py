"""Flows that set each other off: by a field one writes, or by a computed field that follows from it.

Such a circle is not always wrong, and it always ends (``chain``): a flow does not start itself again on the same
record, and no chain of flows grows beyond its depth. But whoever publishes should know of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from engine.flows.node import FLOW_NODES
from engine.graphs import circles
from engine.records.formulas import Formulas
from metadata.findings import LANGUAGES, Finding, in_language
from metadata.model import Flow, Text
from metadata.snapshot import Snapshot

Place = tuple[str, str]
"""(entity id, field id)"""


def check_loops(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield a warning for every circle of flows, naming the fields and formulas it runs through."""
    started = [flow for flow in snapshot.app.flows if _by_update(flow)]
    if not started:
        return
    formulas = Formulas(snapshot)
    ways: dict[tuple[str, str], tuple[Text, ...]] = {}
    for flow in started:
        for place, names in _reached(snapshot, formulas, flow).items():
            for other in started:
                if other.id != flow.id and _starts(other, place):
                    ways.setdefault((flow.id, other.id), names)
    labels = {flow.id: flow.label for flow in started}
    places = {flow.id: f"/flows/{number}/trigger" for number, flow in enumerate(snapshot.app.flows)}
    causes = {flow.id: [source for source, target in ways if target == flow.id] for flow in started}
    for flows in circles(causes):
        steps = [(labels[one], *ways[one, after]) for one, after in pairwise((*flows, flows[0]))]
        circled = [name for step in steps for name in step] + [labels[flows[0]]]
        circle = {language: " → ".join(in_language(name, language) for name in circled) for language in LANGUAGES}
        yield Finding("L125", places[flows[0]], {"circle": circle}, "warning")


def _by_update(flow: Flow) -> bool:
    return flow.trigger.get("kind") == "record" and "update" in flow.trigger.get("on", ())


def _starts(flow: Flow, place: Place) -> bool:
    fields = flow.trigger.get("fields")
    return flow.entity == place[0] and (not fields or place[1] in fields)


def _reached(snapshot: Snapshot, formulas: Formulas, flow: Flow) -> dict[Place, tuple[Text, ...]]:
    """Return the fields a flow changes, directly or through formulas, each with the labels on the way to it."""
    found: dict[Place, tuple[Text, ...]] = {}
    for node in flow.nodes:
        kind = FLOW_NODES.find(node.type)
        for place in kind.writes(node, flow, snapshot) if kind else ():
            found[place] = (snapshot.field_of(*place).label,)
    waiting = list(found)
    while waiting:
        entity_id, field_id = waiting.pop()
        for dependent in formulas.dependents.get(entity_id, {}).get(field_id, ()):
            place = (dependent.formula.entity, dependent.formula.id)
            if place not in found:
                found[place] = (*found[entity_id, field_id], dependent.formula.field.label)
                waiting.append(place)
    return found
