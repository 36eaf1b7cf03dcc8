"""Excel's criteria (``">5"``, ``"<>0"``, ``"east"``, a number) as conditions of the language, at check time."""

from __future__ import annotations

import re
from decimal import Decimal

from engine.expr.functions.base import Binder
from engine.expr.messages import error
from engine.expr.numbers import keep20
from engine.expr.syntax import Arrow, Name, Syntax
from engine.expr.syntax import Value as Literal
from engine.expr.tree import Lambda, Node, Span, const, function
from engine.expr.tree import path as path_node
from engine.expr.types import NUMBER, TEXT, ListType

_CRITERION = re.compile(r"^(<=|>=|<>|<|>|=)?\s*(.*)$", re.S)
_NUMBER = re.compile(r"^[+-]?(?:\d{1,18}(?:\.\d{1,12})?|\.\d{1,12})$")


def mentions_it(node: Syntax) -> bool:
    """Say whether an expression uses the shorthand ``it``."""
    stack = [node]
    while stack:
        part = stack.pop()
        if isinstance(part, Name) and part.text == "it":
            return True
        stack.extend(part.children())
    return False


def bind_criterion(binder: Binder, node: Syntax, source: Node, name: str) -> Lambda | None:
    """Return the condition a criterion stands for, or None when the argument is a condition already."""
    if isinstance(node, Arrow) or mentions_it(node) or not isinstance(source.type, ListType):
        return None
    span: Span = (node.start, node.end)
    slot = binder.new_slot()
    item = path_node(slot, (), source.type.item, span, deps=source.deps)
    if isinstance(node, Literal) and isinstance(node.value, str):
        return _from_text(binder, node.value, item, slot, span)
    value = binder.bind(node)
    if value.type.kind == "boolean" and item.type.kind != "boolean":
        return function(slot, value, span)
    return function(slot, binder.equal(item, value, span), span)


def _from_text(binder: Binder, text: str, item: Node, slot: int, span: Span) -> Lambda:
    match = _CRITERION.match(text)
    op, operand = (match[1] or "=", match[2]) if match else ("=", text)
    value = _operand(binder, operand, item, span)
    if value is None:
        binder.report(error("X317", *span, text=text))
        value = const(None, item.type, span)
    if op in ("=", "<>"):
        same = binder.equal(item, value, span)
        return function(slot, same if op == "=" else binder.call("NOT", [same], span), span)
    return function(slot, binder.compare(op, item, value, span), span)


def _operand(binder: Binder, text: str, item: Node, span: Span) -> Node | None:
    if not text:
        return const(None, item.type, span)
    if item.type.kind in ("number", "null") and _NUMBER.fullmatch(text):
        return const(keep20(Decimal(text)), NUMBER, span)
    if item.type.kind in ("text", "choice", "null"):
        return const(text, TEXT, span)
    return None
