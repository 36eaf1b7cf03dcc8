"""Publish checks of flows, level 0: what can be seen in linear time. A flow with an error is not published.

Exactly one start; every step reachable and able to reach an end; ports connected or covered by a policy; one default
per branch; nothing into a start or out of an end; configurations as their node types want them; expressions that bind
to today's fields. Whether joins can wait for ever needs more than this; the interpreter holds such a token in sight
of an administrator instead of losing it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import jsonschema_rs
from sqlalchemy import Connection

from engine.expr.compile import bind
from engine.expr.types import BOOLEAN
from engine.fields import builtin as field_types  # noqa: F401 - registers the types expressions are about
from engine.flows import builtin as node_types  # noqa: F401 - registers the node types
from engine.flows import messages as flow_messages  # noqa: F401 - registers the sentences
from engine.flows.directory import Directory
from engine.flows.loops import check_loops
from engine.flows.node import FLOW_NODES
from engine.flows.schemas import SETTINGS_SCHEMA, TRIGGER_SCHEMA
from engine.records.schema import SnapshotSchema, scope_of
from metadata import messages as metadata_messages  # noqa: F401 - the sentences of schema findings
from metadata.codec import from_json
from metadata.findings import Finding, Refused
from metadata.model import App, Expr, Flow, FlowEdge, FlowNode, Text
from metadata.schema_findings import finding as schema_finding
from metadata.snapshot import Snapshot


def check_flows(app: App) -> list[Finding]:
    """Return everything wrong with the flows of an application (a :data:`metadata.check.Checker`)."""
    snapshot = Snapshot(app, 0)
    found: list[Finding] = []
    for number, flow in enumerate(app.flows):
        found.extend(_FlowCheck(snapshot, flow, f"/flows/{number}").run())
    found.extend(check_loops(snapshot))
    return found


class _FlowCheck:
    """One flow. Stages: shape, wiring, meaning; the graph is judged only when every wire ends somewhere."""

    def __init__(self, snapshot: Snapshot, flow: Flow, place: str):
        self.snapshot, self.flow, self.place = snapshot, flow, place
        self.nodes = {node.id: node for node in flow.nodes}
        self.places = {node.id: f"{place}/nodes/{number}" for number, node in enumerate(flow.nodes)}
        self.out: dict[str, list[FlowEdge]] = {node.id: [] for node in flow.nodes}
        self.into: dict[str, list[FlowEdge]] = {node.id: [] for node in flow.nodes}
        self.shaped: set[str] = set()

    def run(self) -> Iterator[Finding]:
        yield from self._bag(self.flow.trigger, TRIGGER_SCHEMA, f"{self.place}/trigger") if self.flow.trigger else ()
        yield from self._bag(self.flow.settings, SETTINGS_SCHEMA, f"{self.place}/settings")
        for node in self.flow.nodes:
            yield from self._shape(node)
        broken = list(self._wires())
        yield from broken
        if not broken and self.shaped == set(self.nodes):
            yield from self._graph()
            for node in self.flow.nodes:
                yield from self._ports(node)
        for node in self.flow.nodes:
            if node.id in self.shaped:
                yield from self._meaning(node)
        yield from self._expressions()
        yield from self._fields()

    def _shape(self, node: FlowNode) -> Iterator[Finding]:
        kind = FLOW_NODES.find(node.type)
        place = self.places[node.id]
        if kind is None:
            yield Finding("L113", f"{place}/type", {"node": _name(node), "type": node.type})
            return
        wrong = list(self._bag(node.config, kind.config_schema, f"{place}/config"))
        if not wrong:
            self.shaped.add(node.id)
        yield from wrong

    def _bag(self, data: Mapping[str, Any], schema: Mapping[str, Any], place: str) -> Iterator[Finding]:
        plain = _plain(data)
        for error in _validator(schema).iter_errors(plain):
            for found in schema_finding(plain, error):
                yield replace(found, place=place + found.place)

    def _wires(self) -> Iterator[Finding]:
        for number, edge in enumerate(self.flow.edges):
            if edge.from_node not in self.nodes or edge.to_node not in self.nodes:
                yield Finding("L120", f"{self.place}/edges/{number}", {"edge": edge.id})
                continue
            self.out[edge.from_node].append(edge)
            self.into[edge.to_node].append(edge)

    # -- the graph

    def _graph(self) -> Iterator[Finding]:
        starts = [node.id for node in self.flow.nodes if FLOW_NODES.get(node.type).gate == "start"]
        ends = [node.id for node in self.flow.nodes if FLOW_NODES.get(node.type).gate == "end"]
        if len(starts) != 1:
            yield Finding("L101", f"{self.place}/nodes", {"flow": self.flow.label, "count": len(starts)})
        if not ends:
            yield Finding("L102", f"{self.place}/nodes", {"flow": self.flow.label})
        reached = _closure(starts, {name: [edge.to_node for edge in edges] for name, edges in self.out.items()})
        ending = _closure(ends, {name: [edge.from_node for edge in edges] for name, edges in self.into.items()})
        for node in self.flow.nodes:
            if starts and node.id not in reached:
                yield Finding("L103", self.places[node.id], {"node": _name(node)})
            elif ends and node.id not in ending and not self._covered(node):
                yield Finding("L104", self.places[node.id], {"node": _name(node)})

    def _covered(self, node: FlowNode) -> bool:
        """Say whether a missing way out is reported as an unconnected port anyway."""
        return not self.out[node.id]

    def _ports(self, node: FlowNode) -> Iterator[Finding]:
        kind, place = FLOW_NODES.get(node.type), self.places[node.id]
        must, may = kind.ports(node.config), kind.optional_ports(node.config)
        leaving: dict[str, list[FlowEdge]] = {}
        for edge in self.out[node.id]:
            leaving.setdefault(edge.port, []).append(edge)
        if kind.gate == "start" and self.into[node.id]:
            yield Finding("L111", place, {})
        if kind.gate == "end" and leaving:
            yield Finding("L112", place, {"node": _name(node)})
            return
        for port in must:
            if port not in leaving:
                yield Finding("L105", place, {"node": _name(node), "port": port})
        for port, edges in leaving.items():
            if port not in must + may:
                yield Finding("L107", place, {"node": _name(node), "port": port})
            elif len(edges) > 1 and kind.gate not in ("exclusive", "split"):
                yield Finding("L106", place, {"node": _name(node), "port": port, "count": len(edges)})
        yield from self._conditions(node, kind.gate == "exclusive")

    def _conditions(self, node: FlowNode, branch: bool) -> Iterator[Finding]:
        edges, place, name = self.out[node.id], self.places[node.id], _name(node)
        if not branch:
            if any(edge.when is not None or edge.default for edge in edges):
                yield Finding("L110", place, {"node": name})
            return
        defaults = sum(edge.default for edge in edges)
        if edges and defaults != 1:
            yield Finding("L108", place, {"node": name, "count": defaults})
        if any(edge.when is None and not edge.default for edge in edges):
            yield Finding("L109", place, {"node": name})

    # -- meaning

    def _meaning(self, node: FlowNode) -> Iterator[Finding]:
        if self.snapshot.has_entity(self.flow.entity):
            yield from FLOW_NODES.get(node.type).check(node, self.flow, self.snapshot, self.places[node.id])

    def _expressions(self) -> Iterator[Finding]:
        if not self.snapshot.has_entity(self.flow.entity):
            return
        for number, edge in enumerate(self.flow.edges):
            if edge.when is not None:
                yield from self._expression(edge.when, f"{self.place}/edges/{number}/when", boolean=True)
        when = self.flow.trigger.get("when")
        if isinstance(when, Mapping) and "src" in when:
            old = self.flow.trigger.get("kind") == "record"
            yield from self._expression(from_json(Expr, when), f"{self.place}/trigger/when", boolean=True, old=old)
        for node in self.flow.nodes:
            if node.id in self.shaped:
                for one in FLOW_NODES.get(node.type).expressions(node.config):
                    place = f"{self.places[node.id]}/{one.place}"
                    yield from self._expression(from_json(Expr, one.expr), place, boolean=one.expected == "boolean")

    def _expression(self, expr: Expr, place: str, *, boolean: bool, old: bool = False) -> Iterable[Finding]:
        roots = frozenset({"OLD"}) if old else frozenset({"USER"})
        scope = scope_of(SnapshotSchema(self.snapshot), self.snapshot.entity(self.flow.entity), roots)
        try:
            bind(expr, scope, BOOLEAN if boolean else None, place=place)
        except Refused as error:
            return error.findings
        return ()

    def _fields(self) -> Iterator[Finding]:
        """Fields named anywhere must be fields of the flow's entity."""
        if not self.snapshot.has_entity(self.flow.entity):
            return
        known = self.snapshot.fields(self.flow.entity)
        named: list[tuple[str, str, Text | str]] = []
        for field_id in _strings(self.flow.settings.get("summary")):
            named.append((field_id, f"{self.place}/settings/summary", self.flow.label))
        for field_id in _strings(self.flow.trigger.get("fields")):
            named.append((field_id, f"{self.place}/trigger/fields", self.flow.label))
        for node in self.flow.nodes:
            if node.id in self.shaped:
                for part in ("fields", "require", "watch"):
                    for field_id in node.config.get(part, ()):
                        named.append((field_id, f"{self.places[node.id]}/config/{part}", _name(node)))
        for field_id, place, where in named:
            if field_id not in known:
                yield Finding("L116", place, {"name": field_id, "where": where})


def check_people(connection: Connection, app: App) -> list[Finding]:
    """Return warnings about assignee rules that name nobody today. Rules that depend on who starts are not asked."""
    directory = Directory(connection, app.id)
    found = []
    for number, flow in enumerate(app.flows):
        for index, node in enumerate(flow.nodes):
            kind = FLOW_NODES.find(node.type)
            place = f"/flows/{number}/nodes/{index}/config"
            for rule in kind.rules(node.config) if kind is not None else ():
                users: Iterable[str] | None = None
                if rule["kind"] == "role":
                    users = directory.role(rule["role"])
                elif rule["kind"] == "user":
                    users = directory.active(rule["users"])
                if users is not None and not users:
                    facts = {"where": _name(node), "rule": rule.get("role", rule["kind"])}
                    found.append(Finding("L118", place, facts, "warning"))
    return found


def _closure(start: Iterable[str], ways: Mapping[str, Iterable[str]]) -> set[str]:
    seen = set(start)
    todo = list(seen)
    while todo:
        for name in ways.get(todo.pop(), ()):
            if name not in seen:
                seen.add(name)
                todo.append(name)
    return seen


def _name(node: FlowNode) -> Text | str:
    kind = FLOW_NODES.find(node.type)
    return node.label or (kind.label if kind is not None else node.id)


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, list | tuple) else ()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list | tuple) else value


_validators: dict[int, jsonschema_rs.Draft202012Validator] = {}


def _validator(schema: Mapping[str, Any]) -> jsonschema_rs.Draft202012Validator:
    """Return the compiled form of a schema; schemas are constants of node types, so identity names them."""
    found = _validators.get(id(schema))
    if found is None:
        found = _validators[id(schema)] = jsonschema_rs.Draft202012Validator(dict(schema))
    return found
