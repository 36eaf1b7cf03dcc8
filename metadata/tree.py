"""An application as a tree of definitions: which attributes of a definition are lists of further definitions.

``diff`` walks it; anything that is not a child list is an attribute of its definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from metadata.model import (
    App,
    Dashboard,
    Entity,
    Field,
    Flow,
    FlowEdge,
    FlowNode,
    Form,
    FormItem,
    Grant,
    MenuItem,
    Print,
    Role,
    Rule,
    View,
    Widget,
)

KIND_OF: Mapping[type[Any], str] = {
    App: "app",
    Entity: "entity",
    Field: "field",
    Rule: "rule",
    Form: "form",
    FormItem: "item",
    View: "view",
    Print: "print",
    Flow: "flow",
    FlowNode: "node",
    FlowEdge: "edge",
    Dashboard: "dashboard",
    Widget: "widget",
    Role: "role",
    Grant: "grant",
    MenuItem: "menu",
}
"""Name of each kind of definition, as changes and published schemas call it."""

_CHILDREN: Mapping[type[Any], tuple[str, ...]] = {
    App: ("entities", "forms", "views", "prints", "flows", "dashboards", "roles", "menu"),
    Entity: ("fields", "rules"),
    Form: ("items",),
    FormItem: ("items",),
    Flow: ("nodes", "edges"),
    Dashboard: ("widgets",),
    Role: ("grants",),
    MenuItem: ("items",),
}


def child_lists(definition: Any) -> tuple[str, ...]:
    """Return the attributes of a definition that hold further definitions."""
    return _CHILDREN.get(type(definition), ())


def attributes(definition: Any) -> tuple[str, ...]:
    """Return the attributes that belong to the definition itself."""
    lists = child_lists(definition)
    return tuple(item.name for item in fields(definition) if item.name not in lists)


def kind(definition: Any) -> str:
    """Return the kind of a definition, such as ``field``."""
    return KIND_OF[type(definition)]
