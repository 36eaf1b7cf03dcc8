"""Writes fields of this record, or of the one a chain of links leads to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.flows.graph import Step
from engine.flows.interpret import Done, Outcome
from engine.flows.marking import Token
from engine.flows.node import NodeType, Reference, Work
from engine.flows.schemas import PATH, SET, obj
from metadata.findings import Finding
from metadata.model import Flow, FlowNode
from metadata.snapshot import Snapshot

COMPUTED = frozenset({"formula", "serial", "subtable"})


class UpdateRecord(NodeType):
    """Goes through the record store like any other write, as the flow on behalf of the initiator."""

    name = "record.update"
    kind = "action"
    label = {"zh-CN": "更新记录", "en": "Update record"}
    config_schema = obj({"path": PATH, "set": SET, "on_error": {"enum": ["hold", "port", "ignore"]}}, ("set",))

    def optional_ports(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        return ("error",) if config.get("on_error") == "port" else ()

    def expressions(self, config: Mapping[str, Any]) -> Iterator[Reference]:
        for field_id, source in config["set"].items():
            if "expr" in source:
                yield Reference(f"config/set/{field_id}/expr", source["expr"], field=field_id)

    def check(self, node: FlowNode, flow: Flow, snapshot: Snapshot, place: str) -> Iterator[Finding]:
        label = node.label or self.label
        entity = snapshot.entity(flow.entity)
        for hop in node.config.get("path", ()):
            link = snapshot.fields(entity).get(hop)
            target = str(link.options.get("entity", "")) if link is not None else ""
            if link is None or link.type not in ("link_one", "sys_parent") or not snapshot.has_entity(target):
                yield Finding("L116", f"{place}/config/path", {"name": hop, "where": label})
                return
            entity = snapshot.entity(target)
        for field_id in node.config["set"]:
            found = snapshot.fields(entity).get(field_id)
            where = f"{place}/config/set/{field_id}"
            if found is None:
                yield Finding("L116", where, {"name": field_id, "where": label})
            elif found.type in COMPUTED or (field_id.startswith("sys_") and field_id != "sys_owner"):
                yield Finding("L122", where, {"field": found.label, "where": label})

    def writes(self, node: FlowNode, flow: Flow, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
        entity = flow.entity
        for hop in node.config.get("path", ()):
            link = snapshot.fields(entity).get(hop) if snapshot.has_entity(entity) else None
            entity = str(link.options.get("entity", "")) if link is not None else ""
        if snapshot.has_entity(entity):
            entity = snapshot.entity(entity).id
            fields = snapshot.fields(entity)
            yield from ((entity, fields[name].id) for name in node.config.get("set", ()) if name in fields)

    def enter(self, work: Work, step: Step, token: Token) -> Outcome:
        problem = work.write(step.config.get("path", ()), step.config["set"])
        if problem is None:
            return Done()
        choice = step.config.get("on_error", "hold")
        if choice == "hold":
            return problem
        work.note("failed", step, token, {"code": problem.code})
        return Done("error" if choice == "port" else "out")
