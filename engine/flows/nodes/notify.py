"""Tells people something. Finding them and writing the notices is a job, so that a big role costs no approver time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.flows.graph import Step
from engine.flows.interpret import Done, Outcome
from engine.flows.marking import Token
from engine.flows.node import NodeType, Work
from engine.flows.schemas import RULES, TEXT_MAP, obj


class Notify(NodeType):
    """``{title}``, ``{flow}``, ``{initiator}`` and ``{node}`` in the texts are filled in for each reader, so the
    title of a record shows only what that reader may see."""

    name = "notify"
    kind = "action"
    label = {"zh-CN": "通知", "en": "Notify"}
    config_schema = obj({"to": RULES, "title": TEXT_MAP, "body": TEXT_MAP}, ("to", "title"))

    def rules(self, config: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return tuple(config["to"])

    def enter(self, work: Work, step: Step, token: Token) -> Outcome:
        work.enqueue("flow.notify", {"token": token.number, "node": step.id}, f"{token.number}")
        work.note("notified", step, token, {})
        return Done()
