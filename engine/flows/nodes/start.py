"""Where a flow begins, and where it waits for the initiator when it was given back."""

from __future__ import annotations

from engine.flows.graph import Step
from engine.flows.interpret import Done, Outcome, Wait
from engine.flows.marking import Token
from engine.flows.node import NodeType, Work
from engine.flows.schemas import obj


class Start(NodeType):
    """A token that walks leaves at once; one that came back waits until the initiator submits again or withdraws."""

    name = "start"
    kind = "control"
    gate = "start"
    label = {"zh-CN": "开始", "en": "Start"}
    config_schema = obj({})

    def enter(self, work: Work, step: Step, token: Token) -> Outcome:
        if not work.result_of_return:
            return Done()
        problem = work.hook("returned")
        if problem is not None:
            return problem
        work.seat(step, token, "resubmit", [work.initiator], "open")
        return Wait()
