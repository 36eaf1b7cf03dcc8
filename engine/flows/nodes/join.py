"""The closing half of a parallel block."""

from __future__ import annotations

from collections.abc import Iterator

from engine.flows.node import Routing
from engine.flows.schemas import obj
from metadata.findings import Finding
from metadata.model import Flow, FlowNode
from metadata.snapshot import Snapshot


class Join(Routing):
    """``join`` all waits for every branch; a number takes that many and cancels the rest of the block."""

    name = "join"
    gate = "join"
    label = {"zh-CN": "汇聚", "en": "Join"}
    config_schema = obj(
        {
            "join": {
                "if": {"type": "integer"},
                "then": {"minimum": 1, "maximum": 100},
                "else": {"const": "all"},
            }
        }
    )

    def check(self, node: FlowNode, flow: Flow, snapshot: Snapshot, place: str) -> Iterator[Finding]:
        wanted = node.config.get("join", "all")
        count = sum(edge.to_node == node.id for edge in flow.edges)
        if wanted != "all" and wanted > count:
            label = node.label or self.label
            yield Finding("L119", f"{place}/config/join", {"node": label, "wanted": wanted, "count": count})
