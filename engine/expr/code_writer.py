"""The parts of generated Python code: statements, names, bound values. Everything is a node of :mod:`ast`.

A name in the code is one this module made (``t3`` a temporary, ``k3`` a bound value); nothing a person wrote becomes
a name, an attribute or a constant of the code: such values are bound to a ``k`` name.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

NONE = ast.Constant(None)
TRUE = ast.Constant(True)
FALSE = ast.Constant(False)


def name(text: str) -> ast.Name:
    return ast.Name(text, ast.Load())


def assign(target: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(target, ast.Store())], value)


def call(function: ast.expr, *args: ast.expr) -> ast.Call:
    return ast.Call(function, list(args), [])


def attribute(owner: str, attr: str) -> ast.Attribute:
    """Return an attribute of one of our own objects: the environment, a mapping, a list made here."""
    return ast.Attribute(name(owner), attr, ast.Load())


def compare(left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.Compare:
    return ast.Compare(left, [op], [right])


def is_none(value: ast.expr) -> ast.Compare:
    return compare(value, ast.Is(), NONE)


def is_some(value: ast.expr) -> ast.Compare:
    return compare(value, ast.IsNot(), NONE)


def negated(value: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), value)


def all_of(conditions: Sequence[ast.expr]) -> ast.expr:
    return conditions[0] if len(conditions) == 1 else ast.BoolOp(ast.And(), list(conditions))


def either(value: ast.expr, other: ast.expr) -> ast.expr:
    """Return ``value or other``."""
    return ast.BoolOp(ast.Or(), [value, other])


@dataclass(frozen=True, slots=True)
class Operand:
    """Code that gives a value which is not blank, provided none of the temporaries in ``guards`` is None.

    The expression is not evaluated yet. ``raising``: evaluating it may raise. ``whole``: the value is a Python int
    that stands for a number.
    """

    expr: ast.expr
    guards: tuple[str, ...] = ()
    raising: bool = False
    whole: bool = False

    @property
    def present(self) -> list[ast.expr]:
        """The conditions under which there is a value."""
        return [is_some(name(guard)) for guard in self.guards]

    def value(self, blank: ast.expr = NONE) -> ast.expr:
        """Return the expression of the value; ``blank`` where there is none."""
        if not self.guards:
            return self.expr
        if isinstance(self.expr, ast.Name) and self.guards == (self.expr.id,) and blank is NONE:
            return self.expr
        return ast.IfExp(all_of(self.present), self.expr, blank)


@dataclass(slots=True)
class Scope:
    """A block of statements. ``known`` are values already in a temporary here, ``pure`` statements that only load."""

    block: list[ast.stmt] = field(default_factory=list)
    known: dict[Any, str] = field(default_factory=dict)
    pure: int = 0
    loop: bool = False


class Writer:
    """Collects statements in nested blocks."""

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {}
        self.raised = 0
        """Statements that may raise, so far."""
        self.depth = 0
        """Loops and handlers around the present place; Python allows 20."""
        self._names: dict[int, str] = {}
        self._temporaries = 0
        self.scopes: list[Scope] = [Scope()]

    @property
    def block(self) -> list[ast.stmt]:
        return self.scopes[-1].block

    def bind(self, value: Any) -> ast.Name:
        """Return the name of a value of ours."""
        found = self._names.get(id(value))
        if found is None:
            found = self._names[id(value)] = f"k{len(self.bound)}"
            self.bound[found] = value  # which also keeps its id from being used again
        return name(found)

    def temporary(self) -> str:
        self._temporaries += 1
        return f"t{self._temporaries}"

    def emit(self, statement: ast.stmt, *, raising: bool = False) -> None:
        self.block.append(statement)
        self.raised += raising

    def keep(self, value: ast.expr, *, raising: bool = False) -> str:
        """Evaluate a value now; return the temporary that has it."""
        target = self.temporary()
        self.emit(assign(target, value), raising=raising)
        return target

    def load(self, key: Any, value: ast.expr, *, pure: bool) -> str:
        """Return the temporary with a value that is loaded once; what only loads is taken out of loops."""
        for scope in reversed(self.scopes):
            if key in scope.known:
                return scope.known[key]
        target = self.temporary()
        home = self.scopes[-1]
        if pure:
            at = next((i for i, scope in enumerate(self.scopes) if scope.loop), len(self.scopes))
            home = self.scopes[at - 1]
        home.block.append(assign(target, value))
        home.pure += pure
        home.known[key] = target
        return target

    @contextmanager
    def branch(self, *, loop: bool = False, nested: bool = False, scope: Scope | None = None) -> Iterator[Scope]:
        """Collect the statements of an inner block (or go on with one); the caller puts them where they belong."""
        scope = scope or Scope(loop=loop)
        self.scopes.append(scope)
        self.depth += loop or nested
        yield scope
        self.depth -= loop or nested
        self.scopes.pop()

    def absorb(self, scope: Scope) -> bool:
        """Take over the statements of an inner block when they are loads only; say whether that was possible."""
        if scope.pure != len(scope.block):
            return False
        self.block.extend(scope.block)
        self.scopes[-1].pure += scope.pure
        self.scopes[-1].known.update(scope.known)
        return True

    def settle(self, operand: Operand) -> Operand:
        """Evaluate an operand now."""
        target = self.keep(operand.value(), raising=operand.raising)
        return Operand(name(target), (target,) if operand.guards else (), whole=operand.whole)

    def gather(self, makers: Sequence[Callable[[], Operand]]) -> tuple[list[Operand], tuple[str, ...]]:
        """Return operands that are evaluated together, and the guards of all.

        Errors come in the order of the operands, and rank above blanks: what may raise is evaluated before a guard
        of another operand is asked, and before a later operand raises in a statement of its own.
        """
        made: list[Operand] = []
        for maker in makers:
            mark, raised = len(self.block), self.raised
            operand = maker()
            if self.raised != raised:
                at = mark
                for i, earlier in enumerate(made):
                    if earlier.raising:
                        target = self.temporary()
                        self.block.insert(at, assign(target, earlier.value()))
                        made[i] = Operand(name(target), (target,) if earlier.guards else (), whole=earlier.whole)
                        at += 1
            made.append(operand)
        guards = _guards(made)
        if any(operand.raising and set(guards) - set(operand.guards) for operand in made):
            made = [self.settle(operand) if operand.raising else operand for operand in made]
            guards = _guards(made)
        return made, guards


def _guards(operands: Sequence[Operand]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(guard for operand in operands for guard in operand.guards))
