"""People decide: 会签 all, 或签 any, 依次 sequence, 票签 vote, 抢办 claim, 随机 pick."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from engine.flows.decide import MODES
from engine.flows.graph import Step
from engine.flows.interpret import Done, Halt, Hold, Outcome, Wait
from engine.flows.limits import seconds
from engine.flows.marking import Token
from engine.flows.node import NodeType, Work
from engine.flows.schemas import FIELD_ID, FIELD_LEVELS, LIMITS, POLICIES, RULES, obj
from metadata.findings import Finding
from metadata.model import Flow, FlowNode
from metadata.snapshot import Snapshot

NODE_ID = "nod_[a-z0-9][a-z0-9_]{0,39}"
ACTIONS = ("approve", "reject", "return", "reassign")


class Approve(NodeType):
    """Resolves its rules to seats, waits for votes, and leaves by ``approved`` or ``rejected``.

    An unconnected ``rejected`` follows ``on_reject``: end the instance, give back to the initiator, to the previous
    step of people, or to a named one.
    """

    name = "approve"
    kind = "human"
    label = {"zh-CN": "审批", "en": "Approval"}
    config_schema = obj(
        {
            "assignees": RULES,
            "mode": {"enum": list(MODES)},
            "reject": {"enum": ["first", "all"]},
            "collect": {"type": "boolean"},
            "vote": obj(
                {
                    "percent": {"type": "integer", "minimum": 1, "maximum": 100},
                    "strict": {"type": "boolean"},
                    "base": {"enum": ["seats", "cast"]},
                    "veto": {"type": "array", "items": {"type": "string"}},
                }
            ),
            "policies": POLICIES,
            "fields": FIELD_LEVELS,
            "default_level": {"enum": ["read", "hidden"]},
            "require": {"type": "array", "items": FIELD_ID, "uniqueItems": True},
            "comment": {"enum": ["optional", "reject", "always"]},
            "actions": {
                "type": "array",
                "items": {"enum": [*ACTIONS, "abstain"]},
                "contains": {"const": "approve"},
                "uniqueItems": True,
            },
            "on_reject": {"type": "string", "pattern": f"^(end|initiator|previous|{NODE_ID})$"},
            "watch": {"type": "array", "items": FIELD_ID, "uniqueItems": True},
            "limits": LIMITS,
        },
        ("assignees",),
    )

    def ports(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        return ("approved",)

    def optional_ports(self, config: Mapping[str, Any]) -> tuple[str, ...]:
        return ("rejected",)

    def rules(self, config: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return tuple(config["assignees"])

    def check(self, node: FlowNode, flow: Flow, snapshot: Snapshot, place: str) -> Iterator[Finding]:
        config, label = node.config, node.label or self.label
        vote = config.get("vote", {})
        if vote.get("strict") and vote.get("percent") == 100:
            yield Finding("L124", f"{place}/config/vote", {"node": label})
        wired = any(edge.from_node == node.id and edge.port == "rejected" for edge in flow.edges)
        target = str(config.get("on_reject", "end"))
        if not wired and target.startswith("nod_"):
            humans = {other.id for other in flow.nodes if other.type == self.name}
            if target not in humans & _before(node.id, flow):
                names = {other.id: other.label for other in flow.nodes}
                facts = {"node": label, "target": names.get(target) or target}
                yield Finding("L121", f"{place}/config/on_reject", facts)
        defaults = flow.settings.get("policies", {})
        empty = config.get("policies", {}).get("empty", defaults.get("empty", "admin"))
        if empty == "admin" and not flow.settings.get("admins"):
            yield Finding("L123", f"{place}/config/policies", {"node": label}, "warning")

    def enter(self, work: Work, step: Step, token: Token) -> Outcome:
        verdict = work.seat_approvers(step, token)
        if verdict == "hold":
            return Hold("L205")
        if verdict:
            return Done(verdict, unseen=True)
        verdict = work.count(step, token)
        if verdict:
            return Done(verdict)
        for number, limit in enumerate(step.config.get("limits", ())):
            due = work.now + timedelta(seconds=seconds(limit["after"]))
            facts = {"token": token.number, "node": step.id, "limit": number, "turn": 0}
            work.enqueue("flow.remind", facts, f"{token.number}:{number}:0", due)
        return Wait()

    def unconnected(self, work: Work, step: Step, token: Token, port: str) -> Outcome:
        if port != "rejected":
            return Hold("L201")
        target = str(step.config.get("on_reject", "end"))
        return Halt("rejected") if target == "end" else work.back(step, token, target)


def _before(node_id: str, flow: Flow) -> set[str]:
    """Nodes from which ``node_id`` can be reached."""
    into: dict[str, set[str]] = {}
    for edge in flow.edges:
        into.setdefault(edge.to_node, set()).add(edge.from_node)
    seen: set[str] = set()
    todo = [node_id]
    while todo:
        for source in into.get(todo.pop(), set()) - seen:
            seen.add(source)
            todo.append(source)
    return seen
