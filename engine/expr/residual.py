"""Conditions the database can compute only in part: the parts joined by AND that it can, and the rest in Python.

The rest is computed from columns selected beside each row: every largest part that the database can compute is one,
so what may not be read, or is far away, is the resolver's business as in any other SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_

from engine.expr import build
from engine.expr.functions.base import Column
from engine.expr.specialise import specialise
from engine.expr.sql_values import NotPushable, SqlResolver
from engine.expr.to_python import Compiler
from engine.expr.to_sql import compile_part, condition, read_value
from engine.expr.tree import Call, Const, Lambda, Let, Node, Path, Tree, rebuild, slots
from engine.expr.tree import path as path_node
from engine.expr.types import BOOLEAN, ListType
from engine.expr.values import Env, Fault


@dataclass(frozen=True, slots=True)
class Rest:
    """What the database leaves over: the columns to select beside a row, and the decision from their values."""

    columns: tuple[Column, ...]
    holds: Callable[[Sequence[Any]], bool]
    why: str = ""


def divided(tree: Tree, resolver: SqlResolver, dialect: str, env: Env) -> tuple[Column | None, Rest | None]:
    """Return a condition as SQL (None: nothing), and what is left of it (None: nothing); both must hold.

    Raises :class:`NotPushable` when the rest needs lists that only Python could read.
    """
    pushed: list[Column] = []
    left: list[tuple[Node, str]] = []
    for part in _conjuncts(tree):
        try:
            pushed.append(condition(part, resolver, dialect, env))
        except NotPushable as declined:
            left.append((part, declined.reason))
    rests = [_rest(part, why, resolver, dialect, env) for part, why in left]
    return (and_(*pushed) if pushed else None), all_of(rests)


def all_of(rests: Sequence[Rest]) -> Rest | None:
    """Return the rest that holds where all do."""
    if len(rests) < 2:
        return rests[0] if rests else None
    return combined(rests, all)


def combined(rests: Sequence[Rest], join: Callable[[Sequence[bool]], bool]) -> Rest:
    """Return one rest that holds where ``join`` says so of the parts."""
    ends = [0]
    for rest in rests:
        ends.append(ends[-1] + len(rest.columns))

    def holds(values: Sequence[Any]) -> bool:
        return join([rest.holds(values[ends[at] : ends[at + 1]]) for at, rest in enumerate(rests)])

    why = next((rest.why for rest in rests if rest.why), "")
    return Rest(tuple(column for rest in rests for column in rest.columns), holds, why)


def _conjuncts(tree: Node) -> list[Node]:
    if isinstance(tree, Call) and tree.name == "AND":
        return [part for arg in tree.args for part in _conjuncts(arg)]
    return [tree]


def _rest(tree: Node, why: str, resolver: SqlResolver, dialect: str, env: Env) -> Rest:
    ready = specialise(tree, env)
    leaves = _Leaves(resolver, dialect, env, slots(ready))
    made = leaves.node(ready)
    test, asking = Compiler().test(made), env.at({})
    read, inner = tuple(leaves.reads), [None] * leaves.first

    def run(values: Sequence[Any]) -> bool:
        asking.steps = 0
        asking.slots = [*inner, *(reading(value) for reading, value in zip(read, values, strict=True))]
        try:
            return test(asking)
        except Fault:
            return False

    return Rest(tuple(leaves.columns), run, why)


class _Leaves:
    """Puts names in the place of the parts the database computes, and collects their columns."""

    def __init__(self, resolver: SqlResolver, dialect: str, env: Env, first: int):
        self.resolver, self.dialect, self.env, self.first = resolver, dialect, env, first
        self.columns: list[Column] = []
        self.reads: list[Callable[[Any], Any]] = []

    def node(self, node: Node) -> Node:
        if isinstance(node, Const):
            return node
        if not isinstance(node.type, ListType) and not isinstance(node, Lambda | Let) and not _inner(node):
            try:
                return self._leaf(node)
            except NotPushable:
                if isinstance(node, Path):
                    raise
        elif isinstance(node, Path) and not isinstance(node.root, int):
            raise NotPushable("a list is only read whole by computed fields")
        return rebuild(node, self.node)

    def _leaf(self, node: Node) -> Node:
        made = compile_part(node, self.resolver, self.dialect, self.env)
        leaf = path_node(self._slot(made.value, lambda raw: read_value(node, raw)), (), node.type, node.span)
        leaf = replace(leaf, facts=replace(leaf.facts, scale=node.facts.scale, bound=node.facts.bound))
        if made.guard is None:
            return leaf
        flag = path_node(self._slot(made.guard, bool), (), BOOLEAN, node.span, nullable=False)
        return build.unfolded("FAILIF", [flag, leaf], node.span)

    def _slot(self, column: Column, read: Callable[[Any], Any]) -> int:
        self.columns.append(column)
        self.reads.append(read)
        return self.first + len(self.columns) - 1


def _inner(node: Node) -> bool:
    """Say whether a part reads an item of a list around it."""
    return any(isinstance(part, Path) and isinstance(part.root, int) for part in node.walk())
