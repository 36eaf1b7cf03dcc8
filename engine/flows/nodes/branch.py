"""Exclusive choice: the first way whose condition is true, else the default."""

from __future__ import annotations

from engine.flows.node import Routing
from engine.flows.schemas import obj


class Branch(Routing):
    """Conditions stand on the outgoing wires. Merging needs no node: lead the wires into the next step."""

    name = "branch"
    gate = "exclusive"
    label = {"zh-CN": "条件分支", "en": "Branch"}
    config_schema = obj({})
