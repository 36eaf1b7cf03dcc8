"""The page about flows: its examples are published and run, and it names every setting and check there is."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import engine.flows.builtin  # noqa: F401 - registers the node types
from engine.flows import node
from engine.flows.messages import TEXTS
from engine.flows.schemas import RULE, SETTINGS_SCHEMA, TRIGGER_SCHEMA
from engine.flows.soundness import check_flows
from engine.registry import Registry
from metadata.codec import from_json
from metadata.model import App, Entity, Field, Flow, Role

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "flows.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


def application(flow: Flow) -> App:
    days = Field(id="fld_days", key="day_count", type="number", label={"en": "Days"}, options={"scale": 0})
    entity = Entity(id="ent_leave", key="leave", label={"en": "Leave"}, title="fld_days", fields=(days,))
    roles = tuple(Role(id=f"rol_{name}", key=name, label={"en": name}) for name in ("admin", "hr"))
    return App(id="app_x", key="x", name={"en": "X"}, entities=(entity,), roles=roles, flows=(flow,))


def test_the_example_flow_can_be_published() -> None:
    (example,) = blocks("json")
    assert check_flows(application(from_json(Flow, json.loads(example)))) == []


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry[node.NodeType]]:
    """A registry of its own for the example, so that it stays out of other tests."""
    own: Registry[node.NodeType] = Registry("flow node")
    for one in node.FLOW_NODES:
        own.register(one)
    monkeypatch.setattr(node, "FLOW_NODES", own)
    monkeypatch.setattr("engine.flows.soundness.FLOW_NODES", own)
    yield own


def test_the_example_step_registers_and_is_checked(registry: Registry[node.NodeType], tmp_path: Path) -> None:
    (example,) = blocks("python")
    module = tmp_path / "example.py"
    module.write_text(example, encoding="utf-8")
    runpy.run_path(str(module))
    assert "remark" in registry
    (text,) = blocks("json")
    flow = from_json(Flow, json.loads(text))
    remarked = tuple(
        replace(one, type="remark", config={"word": "hello"}) if one.id == "nod_lead" else one for one in flow.nodes
    )
    wires = tuple(replace(edge, port="out") if edge.from_node == "nod_lead" else edge for edge in flow.edges)
    assert check_flows(application(replace(flow, nodes=remarked, edges=wires))) == []
    wrong = tuple(replace(one, config={}) if one.id == "nod_lead" else one for one in remarked)
    assert [finding.code for finding in check_flows(application(replace(flow, nodes=wrong, edges=wires)))] == ["M007"]


def test_every_setting_is_named() -> None:
    names = set(SETTINGS_SCHEMA["properties"])
    for one in node.FLOW_NODES:
        names |= set(one.config_schema["properties"])
    for schema in (RULE, TRIGGER_SCHEMA):
        names |= set(schema["properties"]["kind"]["enum"])
        for choice in schema["allOf"]:
            names |= set(choice["then"]["properties"]) - {"kind"}
    assert sorted(name for name in names if not re.search(rf"\b{re.escape(name)}\b", PAGE)) == []


def test_every_publish_check_is_named() -> None:
    named: set[str] = set()
    for first, last in re.findall(r"L(\d{3})(?: – L(\d{3}))?", PAGE):
        named |= {f"L{number}" for number in range(int(first), int(last or first) + 1)}
    assert sorted(code for code in TEXTS if code.startswith("L1") and code not in named) == []
