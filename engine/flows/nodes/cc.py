"""抄送: people are shown the record; nothing waits for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.flows.graph import Step
from engine.flows.interpret import Done, Outcome
from engine.flows.marking import Token
from engine.flows.node import NodeType, Work
from engine.flows.schemas import FIELD_LEVELS, RULES, obj


class Copy(NodeType):
    """Gives each person an entry in the box of copies and read access to the record's field set."""

    name = "cc"
    kind = "action"
    label = {"zh-CN": "抄送", "en": "Copy"}
    config_schema = obj({"to": RULES, "fields": FIELD_LEVELS, "default_level": {"enum": ["read", "hidden"]}}, ("to",))

    def rules(self, config: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        return tuple(config["to"])

    def enter(self, work: Work, step: Step, token: Token) -> Outcome:
        people = work.people(self.rules(step.config))
        work.seat(step, token, "cc", people, "sent")
        work.note("copied", step, token, {"people": people})
        return Done()
