"""Parts of plugins join the product's own when a process starts."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Any

import pytest

from engine import plugins
from engine.registry import Registry
from runtime import parts


class Step:
    name = "remark"


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry[Any]]:
    registry: Registry[Any] = Registry("flow node")
    monkeypatch.setattr(parts, "KINDS", {"flow_nodes": registry})
    parts.load.cache_clear()
    yield registry
    parts.load.cache_clear()


def offer(monkeypatch: pytest.MonkeyPatch, api: int) -> None:
    """Install a distribution that offers a step."""
    module = ModuleType("remark_plugin")
    module.PLUGIN_API = api  # type: ignore[attr-defined]
    module.register = lambda registry: registry.register(Step(), "remark")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "remark_plugin", module)
    offered = EntryPoint("remark", "remark_plugin:register", "dougong.flow_nodes")
    monkeypatch.setattr(plugins, "entry_points", lambda group: [offered] if group == offered.group else [])


def test_a_plugin_registers_once(monkeypatch: pytest.MonkeyPatch, steps: Registry[Any]) -> None:
    offer(monkeypatch, plugins.PLUGIN_API)
    assert parts.load() == ()
    assert parts.load() == ()
    assert steps.names() == ("remark",)


def test_a_plugin_for_another_interface_is_left_out_and_named(
    monkeypatch: pytest.MonkeyPatch, steps: Registry[Any]
) -> None:
    offer(monkeypatch, plugins.PLUGIN_API + 1)
    (failure,) = parts.load()
    assert "remark" in failure
    assert not len(steps)
