"""A condition on candidates, turned into one about the candidate alone: what it reads of the record is filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from engine.expr import build
from engine.expr.to_bytecode import evaluator
from engine.expr.tree import Call, Const, Items, Lambda, Let, Node, Path, const, free_slots, function, items, let
from engine.expr.tree import path as path_node
from engine.expr.types import BOOLEAN, ListType
from engine.expr.values import Env, ErrorValue, record_id

CANDIDATE: Final = 0
"""The slot of ``it``."""


def about_candidate(tree: Node, env: Env) -> Node:
    """Return the condition about the candidate as the record itself, ``env`` being that of the record that chooses.

    Where a part about the record cannot be computed, no candidate will do.
    """
    try:
        return _Filling(env).node(tree)
    except _Failed:
        return const(False, BOOLEAN)


class _Failed(Exception):
    """A part about the record gives an error."""


class _Filling:
    def __init__(self, env: Env):
        self.env = env

    def node(self, node: Node) -> Node:
        if isinstance(node, Const):
            return node
        if not isinstance(node, Lambda) and not free_slots(node):
            return self._known(node)
        if isinstance(node, Path):
            if node.root != CANDIDATE:
                return node
            return path_node(
                "", node.ids or ("sys_id",), node.type, node.span, nullable=bool(node.ids) and node.nullable
            )
        if isinstance(node, Call):
            made = build.call(node.name, tuple(self.node(arg) for arg in node.args), node.span)
            return replace(made, type=node.type) if isinstance(made, Call) else made
        if isinstance(node, Lambda):
            return function(node.slot, self.node(node.body), node.span)
        if isinstance(node, Let):
            return let(node.slot, self.node(node.value), self.node(node.body), node.span)
        if isinstance(node, Items) and isinstance(node.type, ListType):
            return items(tuple(self.node(item) for item in node.items), node.type.item, node.span)
        return node

    def _known(self, node: Node) -> Node:
        value = evaluator(node)(self.env)
        if isinstance(value, ErrorValue):
            raise _Failed
        if isinstance(node.type, ListType):
            item = node.type.item
            return items(tuple(const(_plain(one), item, node.span) for one in value or ()), item, node.span)
        return const(_plain(value), node.type, node.span)


def _plain(value: Any) -> Any:
    """Return a linked record as its id."""
    return record_id(value) if isinstance(value, dict) or hasattr(value, "keys") else value
