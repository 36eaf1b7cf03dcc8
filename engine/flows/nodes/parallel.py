"""Parallel split: one token on every way out, each in a branch of its own."""

from __future__ import annotations

from engine.flows.node import Routing
from engine.flows.schemas import obj


class Parallel(Routing):
    """Close it with a ``join`` where the branches meet."""

    name = "parallel"
    gate = "split"
    label = {"zh-CN": "并行", "en": "Parallel"}
    config_schema = obj({})
