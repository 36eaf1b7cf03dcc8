"""Building calls: result type, facts and constant folding in one place, for the binder and for rewrites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from engine.expr import limits
from engine.expr.functions.base import FUNCTIONS, Function
from engine.expr.numbers import KEPT, ZERO
from engine.expr.to_python import Compiler
from engine.expr.tree import DIALECTS, Call, Const, Facts, Node, Span, const, is_rows, merged, slots
from engine.expr.types import ANY, NumberType, Type
from engine.expr.values import Env, Fault

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""A constant expression reads no clock; the environment only has to have one."""
_FOLDABLE = frozenset({"text", "number", "boolean", "date", "duration", "null"})


def call(name: str, args: Sequence[Node], span: Span = (0, 0)) -> Node:
    """Return the call of a function; one that only has constants is computed now."""
    function = FUNCTIONS.get(name)
    node = _call(function, tuple(args), span)
    if function.fold and args and not function.volatile and not node.facts.uses:
        return _folded(node)
    return node


def unfolded(name: str, args: Sequence[Node], span: Span = (0, 0)) -> Node:
    """Return the call of a function as it is, even of constants."""
    return _call(FUNCTIONS.get(name), tuple(args), span)


def _call(function: Function, args: tuple[Node, ...], span: Span) -> Call:
    type_ = function.result(args) if callable(function.result) else function.result
    facts = merged(args) if args else Facts(nullable=False)
    facts = replace(
        facts,
        nullable=_nullable(function, args, type_),
        may_error=facts.may_error or (bool(function.errors) and (function.fails is None or function.fails(args))),
        volatile=facts.volatile or function.volatile,
        uses=facts.uses | function.uses,
        pushable=facts.pushable & _dialects(function),
        size=1 + sum(arg.facts.size for arg in args),
    )
    if isinstance(type_, NumberType) and function.numbers is not None:
        scale, bound = function.numbers(args)
        facts = replace(facts, scale=scale, bound=bound)
    else:
        facts = replace(facts, scale=KEPT, bound=Facts().bound)
    if function.adjust is not None:
        facts = function.adjust(facts, args)
    node = Call(type_, span, facts, function.name, args)
    if is_rows(node) and not function.extra.get("stream"):
        node = replace(node, facts=replace(facts, pushable=frozenset()))
    return node


def _nullable(function: Function, args: tuple[Node, ...], type_: Type) -> bool:
    if type_.kind == "list":
        return False
    if function.blank == "own":
        return True
    if function.blank == "text":
        return type_.kind == "text" or any(arg.nullable and arg.type.kind != "text" for arg in args)
    return any(arg.nullable for arg in args)


def _dialects(function: Function) -> frozenset[str]:
    if function.sql is not None:
        return DIALECTS
    dialects = set()
    if not isinstance(function.sqlite, str):
        dialects.add("sqlite")
    if callable(function.postgresql):
        dialects.add("postgresql")
    return frozenset(dialects)


def _folded(node: Call) -> Node:
    if node.type.kind not in _FOLDABLE or not all(isinstance(arg, Const) and arg.type != ANY for arg in node.args):
        return node  # a bare NULL may also stand for something that was refused
    env = Env(now=_NEVER)
    env.slots = [None] * slots(node)
    try:
        value = Compiler().value(node)(env)  # not cut to 12 decimals: the constant may stand inside arithmetic
    except Fault:
        return node
    if isinstance(value, str) and len(value) > limits.SOURCE:
        return node
    return const(value, node.type, node.span)


__all__ = ["ZERO", "call", "unfolded"]
