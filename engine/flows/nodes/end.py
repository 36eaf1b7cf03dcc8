"""Where a token leaves the flow."""

from __future__ import annotations

from engine.flows.graph import Step
from engine.flows.interpret import Done, Halt, Outcome
from engine.flows.marking import Token
from engine.flows.node import NodeType, Work
from engine.flows.schemas import obj


class End(NodeType):
    """The instance is over with the last token, or with this one when ``stop`` is set; ``result`` is what it says."""

    name = "end"
    kind = "control"
    gate = "end"
    label = {"zh-CN": "结束", "en": "End"}
    config_schema = obj(
        {"result": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,39}$"}, "stop": {"type": "boolean"}}
    )

    def ports(self, config: object) -> tuple[str, ...]:
        return ()

    def enter(self, work: Work, step: Step, token: Token) -> Outcome:
        result = str(step.config.get("result", "approved"))
        return Halt(result) if step.config.get("stop") else Done(result)
