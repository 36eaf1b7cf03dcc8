"""Parts of plugins join the product's own: field types, functions, flow steps, views."""

from __future__ import annotations

from functools import cache
from typing import Any

import structlog

from engine.expr.functions.base import FUNCTIONS
from engine.fields.base import FIELD_TYPES
from engine.flows.node import FLOW_NODES
from engine.forms.views.kinds import VIEW_KINDS
from engine.plugins import load_parts
from engine.registry import Registry

log = structlog.get_logger("dougong.plugins")

KINDS: dict[str, Registry[Any]] = {
    "field_types": FIELD_TYPES,
    "functions": FUNCTIONS,
    "flow_nodes": FLOW_NODES,
    "view_kinds": VIEW_KINDS,
}
"""Registries by the name of their entry point group, ``dougong.<name>``."""


@cache
def load() -> tuple[str, ...]:
    """Let the plugins of this install register, once in a process; returns and logs a sentence for each that failed."""
    failures = tuple(failure for kind, registry in KINDS.items() for failure in load_parts(kind, registry))
    for failure in failures:
        log.error("plugin not loaded", reason=failure)
    return failures
