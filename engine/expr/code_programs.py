"""Byte-code of a part of an expression that runs as a function inside a database: its leaves are the arguments.

An argument is the stored value; it becomes a value of the language where it is needed, and only then.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from engine.expr import numbers
from engine.expr.code_nodes import Generator
from engine.expr.code_writer import NONE, Operand, call, is_none, name
from engine.expr.to_bytecode import ENV, function, start
from engine.expr.tree import Node, Path
from engine.expr.values import Env, Value

Decoder = Callable[[Any], Value]


def same(value: Any) -> Value:
    """Read a stored value that is the value itself."""
    return value


@dataclass(frozen=True, slots=True)
class Scaled:
    """Reads a number that is stored as an integer."""

    unit: Decimal

    def __call__(self, value: int) -> Decimal:
        return numbers.multiply(Decimal(value), self.unit)


class _Program(Generator):
    """Reads leaves from arguments: the slots from ``first`` on."""

    def __init__(self, tree: Node, first: int, decoders: Sequence[Decoder]):
        super().__init__(tree)
        self.first = first
        self.decoders = decoders

    def argument_name(self, slot: int) -> str:
        return f"v{slot - self.first}"

    def decoded(self, slot: int) -> ast.expr:
        """Return the value of an argument that is not NULL."""
        decode, given = self.decoders[slot - self.first], name(self.argument_name(slot))
        if decode is same:
            return given
        if isinstance(decode, Scaled):
            return call(self.bind(numbers.multiply), given, self.bind(decode.unit))
        return call(self.bind(decode), given)

    def path(self, node: Path) -> Operand:
        slot = node.root
        if not isinstance(slot, int) or slot < self.first:
            return super().path(node)
        given = self.argument_name(slot)
        if self.decoders[slot - self.first] is same or self.uses[node] == 1:
            return Operand(self.decoded(slot), (given,))
        return self.guarded(self._kept(slot))

    def strict(self, node: Path) -> Operand:
        return self.path(node) if isinstance(node.root, int) and node.root >= self.first else super().strict(node)

    def list_path(self, node: Path) -> str:
        slot = node.root
        return self._kept(slot) if isinstance(slot, int) and slot >= self.first else super().list_path(node)

    def in_slot(self, slot: int) -> ast.expr:
        return name(self._kept(slot)) if slot >= self.first else super().in_slot(slot)

    def _kept(self, slot: int) -> str:
        given = name(self.argument_name(slot))
        return self.load(("leaf", slot), ast.IfExp(is_none(given), NONE, self.decoded(slot)), pure=True)


def program(
    tree: Node,
    first: int,
    decoders: Sequence[Decoder],
    frame: Callable[[], Env],
    returns: Callable[[Value], Any],
) -> Callable[..., Any]:
    """Return the function from stored values to the stored result; it raises :class:`Fault`.

    ``frame`` makes the environment for the parts that ask for it, ``returns`` writes a value that is not blank.
    """
    write = _Program(tree, first, decoders)
    made = write.argument(tree)
    if returns is not same:
        made = Operand(call(write.bind(returns), made.expr), made.guards)
    body: list[ast.stmt] = [*write.block, ast.Return(made.value())]
    made_frame = call(write.bind(frame)) if _reads(body) else None
    return function(
        [f"v{at}" for at in range(len(decoders))],
        [*start(write, first + len(decoders), made_frame, given=False), *body],
        write.bound,
    )


def _reads(body: Sequence[ast.stmt]) -> bool:
    """Say whether the environment is used."""
    return any(isinstance(part, ast.Name) and part.id == ENV for one in body for part in ast.walk(one))
