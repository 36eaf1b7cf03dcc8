"""The table of functions that work on whole columns, and what they may ask for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from engine.expr.functions.base import FUNCTIONS
from engine.expr.to_pandas.columns import Column
from engine.expr.tree import Call, Node
from engine.expr.values import Env


class Vectoriser(Protocol):
    """What a kernel may ask: the columns of its arguments, how many rows there are, and the environment."""

    rows: int
    env: Env

    def column(self, node: Node) -> Column:
        """Return the values of a node; numbers inside arithmetic keep up to 20 decimals."""

    def argument(self, node: Node) -> Column:
        """Return the values of a node as functions want them: numbers cut to 12 decimals."""


Kernel = Callable[[Vectoriser, Call], Column]
KERNELS: dict[str, Kernel] = {}


def kernel(*names: str) -> Callable[[Kernel], Kernel]:
    """Register the column form of known functions. It raises :class:`RowByRow` for arguments it cannot do."""

    def register(function: Kernel) -> Kernel:
        for name in names:
            KERNELS[FUNCTIONS.get(name).name] = function
        return function

    return register
