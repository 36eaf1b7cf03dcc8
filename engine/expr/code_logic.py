"""Code that decides: IF, AND, OR, NOT, errors. A condition that is only asked for TRUE becomes a plain condition."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from engine.expr.code_nodes import FORMS, TESTS, Generator
from engine.expr.code_writer import (
    FALSE,
    NONE,
    TRUE,
    Operand,
    Scope,
    all_of,
    assign,
    compare,
    is_some,
    name,
    negated,
)
from engine.expr.tree import Call, Node
from engine.expr.values import Fault

FAULT = "fault"


def caught(write: Generator, body: Sequence[ast.stmt], handler: Sequence[ast.stmt]) -> ast.Try:
    """Return the statement that runs a body, and a handler when it raises an error of the language."""
    kind = write.bind(Fault)
    return ast.Try(list(body), [ast.ExceptHandler(kind, FAULT, list(handler))], [], [])


def first_failure(target: str) -> ast.stmt:
    """Return the statement that keeps the first error in a temporary."""
    return ast.If(ast.Compare(name(target), [ast.Is()], [NONE]), [assign(target, name(FAULT))], [])


def raise_unless(failed: str, result: str, decided: ast.expr) -> ast.stmt:
    """Return the statement that raises the kept error when nothing decided."""
    undecided = compare(name(result), ast.IsNot(), decided)
    return ast.If(all_of([is_some(name(failed)), undecided]), [ast.Raise(name(failed))], [])


# -- AND, OR ------------------------------------------------------------------------------------------------------


def _decision(decisive: bool) -> tuple[Callable[[Generator, Call], Operand], Callable[[Generator, Call], ast.expr]]:
    """Return the form and the test of AND (decided by FALSE) or OR (by TRUE)."""
    decided, neutral = (TRUE, FALSE) if decisive else (FALSE, TRUE)
    join: ast.boolop = ast.Or() if decisive else ast.And()

    def joined(parts: Sequence[ast.expr]) -> ast.expr:
        return parts[0] if len(parts) == 1 else ast.BoolOp(join, list(parts))

    def form(write: Generator, node: Call) -> Operand:
        if node.may_error:
            return guarded(write, node)
        parts: list[Operand] = []
        for at, arg in enumerate(node.args):
            with write.branch() as scope:
                made = write.operand(arg)
            if made.guards or not write.absorb(scope):
                return kleene(write, parts, scope, made, node.args[at + 1 :])
            parts.append(made)
        return _joined(parts)

    def _joined(parts: Sequence[Operand]) -> Operand:
        return Operand(joined([part.expr for part in parts]), (), any(part.raising for part in parts))

    def kleene(write: Generator, parts: list[Operand], scope: Scope, made: Operand, rest: Sequence[Node]) -> Operand:
        """Go on one by one where a condition can be blank, or takes more than an expression."""
        first = _joined(parts) if parts else Operand(neutral)
        result = write.keep(first.expr, raising=first.raising)
        solid = True
        for arg in (None, *rest):
            with write.branch(scope=scope if arg is None else None) as inner:
                if arg is not None:
                    made = write.operand(arg)
                settle(write, result, made)
            solid = solid and not made.guards
            write.emit(ast.If(compare(name(result), ast.IsNot(), decided), inner.block, []))
        return Operand(name(result), () if solid else (result,))

    def settle(write: Generator, result: str, part: Operand) -> None:
        found = write.keep(part.value(), raising=part.raising)
        write.emit(ast.If(compare(name(found), ast.IsNot(), neutral), [assign(result, name(found))], []))

    def guarded(write: Generator, node: Call) -> Operand:
        """Errors count only when nothing decides."""
        result, failed = write.keep(neutral), write.keep(NONE)
        for arg in node.args:
            with write.branch(nested=True) as scope:
                settle(write, result, write.operand(arg))
            tried = caught(write, scope.block, [first_failure(failed)])
            write.emit(ast.If(compare(name(result), ast.IsNot(), decided), [tried], []))
        write.emit(raise_unless(failed, result, decided), raising=True)
        return Operand(name(result), (result,))

    def test(write: Generator, node: Call) -> ast.expr:
        if node.may_error:
            return guarded(write, node).expr
        parts = [write.test(node.args[0])]
        for arg in node.args[1:]:
            with write.branch() as scope:
                condition = write.test(arg)
            if write.absorb(scope):
                parts.append(condition)
                continue
            result = write.keep(joined(parts), raising=True)
            parts = [name(result)]
            undecided: ast.expr = negated(name(result)) if decisive else name(result)
            write.emit(ast.If(undecided, [*scope.block, assign(result, condition)], []))
        return joined(parts)

    return form, test


def _not(write: Generator, node: Call) -> Operand:
    made = write.operand(node.args[0])
    return Operand(negated(made.expr), made.guards, made.raising)


# -- IF -----------------------------------------------------------------------------------------------------------


def choose(write: Generator, node: Call, give: Callable[[Node | None], None]) -> None:
    """Write the choice between results; ``give`` writes what happens with one (None: there is no result)."""
    opened: list[tuple[ast.expr, Scope]] = []
    args = node.args
    for at in range(0, len(args) - 1, 2):
        if at:
            write.scopes.append(Scope())
        condition = write.test(args[at])
        with write.branch() as taken:
            give(args[at + 1])
        opened.append((condition, taken))
    with write.branch() as rest:
        give(args[-1] if len(args) % 2 else None)
    block = rest.block
    while opened:
        condition, taken = opened.pop()
        write.emit(ast.If(condition, taken.block, block))
        if opened:
            block = write.scopes.pop().block


def _if(write: Generator, node: Call) -> Operand:
    target = write.temporary()
    blank = False

    def give(result: Node | None) -> None:
        nonlocal blank
        made = Operand(NONE, ("",)) if result is None else write.operand(result)
        blank = blank or bool(made.guards)
        write.emit(assign(target, NONE if result is None else made.value()), raising=made.raising)

    choose(write, node, give)
    return Operand(name(target), (target,) if blank else ())


# -- errors -------------------------------------------------------------------------------------------------------


def _if_error(write: Generator, node: Call) -> Operand:
    target = write.temporary()
    with write.branch(nested=True) as scope:
        made = write.operand(node.args[0])
        write.emit(assign(target, made.value()), raising=made.raising)
    with write.branch() as handler:
        other = write.operand(node.args[1])
        write.emit(assign(target, other.value()), raising=other.raising)
    write.emit(caught(write, scope.block, handler.block))
    return Operand(name(target), (target,) if made.guards or other.guards else ())


def _is_error(write: Generator, node: Call) -> Operand:
    target = write.temporary()
    with write.branch(nested=True) as scope:
        made = write.argument(node.args[0])
        write.emit(ast.Expr(made.value()), raising=made.raising)
        write.emit(assign(target, FALSE))
    write.emit(caught(write, scope.block, [assign(target, TRUE)]))
    return Operand(name(target))


_AND, _AND_TEST = _decision(False)
_OR, _OR_TEST = _decision(True)
FORMS.update({"AND": _AND, "OR": _OR, "NOT": _not, "IF": _if, "IFERROR": _if_error, "ISERROR": _is_error})
TESTS.update({"AND": _AND_TEST, "OR": _OR_TEST})
