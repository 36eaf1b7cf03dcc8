"""Finds parts that come from elsewhere: entry points ``dougong.<kind>`` of installed distributions.

Each entry point is a function ``register(target)`` and its module says ``PLUGIN_API = 1``. One that fails to load is
reported and left out; its types are then "unavailable", and the rest of the product works.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Any

from engine.registry import Registry

log = logging.getLogger("dougong.plugins")

PLUGIN_API = 1


def load_parts(kind: str, registry: Registry[Any]) -> list[str]:
    """Let every plugin of a kind (``field_types``, ``flow_nodes`` ...) register; returns one sentence per failure."""
    return _load(kind, (), registry)


def load_blueprints(builtin: Sequence[str], host: Any) -> list[str]:
    """Let the built-in blueprints that are installed, then those of plugins, register with the web host."""
    present = [name for name in builtin if importlib.util.find_spec(name.partition(":")[0].partition(".")[0])]
    return _load("blueprints", present, host)


def _load(kind: str, builtin: Sequence[str], target: Any) -> list[str]:
    failures = []
    for name in builtin:
        place, _, function = name.partition(":")
        getattr(importlib.import_module(place), function)(target)
    for entry in entry_points(group=f"dougong.{kind}"):
        try:
            register = entry.load()
            module = importlib.import_module(entry.module)
            if getattr(module, "PLUGIN_API", None) != PLUGIN_API:
                failures.append(f"{entry.name} ({entry.value}): made for another plugin interface than {PLUGIN_API}")
                continue
            register(target)
        except Exception as error:  # a plugin may fail in any way; the product goes on without it
            log.exception("plugin failed", extra={"plugin": entry.value})
            failures.append(f"{entry.name} ({entry.value}): {type(error).__name__}: {error}")
    return failures
