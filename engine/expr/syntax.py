"""What the parser makes of a source text: names still unresolved, every node with its place in the text.

Chains of one precedence level (``a + b - c``, ``a AND b AND c``) are one flat node, so that the depth of the tree is
the depth a person sees, and 400 terms in a row are no deeper than two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

ChainKind = Literal["or", "and", "cat", "add", "mul", "pow"]


@dataclass(frozen=True, slots=True)
class Syntax:
    """Base. ``start`` and ``end`` are positions in the source text."""

    start: int
    end: int

    def children(self) -> Iterator[Syntax]:
        return iter(())


@dataclass(frozen=True, slots=True)
class Value(Syntax):
    """A number, text, TRUE, FALSE or NULL (None)."""

    value: Decimal | str | bool | None


@dataclass(frozen=True, slots=True)
class Name(Syntax):
    """A name; ``at`` and ``until`` are where it stands itself, without brackets around it."""

    text: str
    at: int
    until: int


@dataclass(frozen=True, slots=True)
class Dot(Syntax):
    """``base.name``; ``at`` and ``until`` are where the name stands, without brackets around the whole."""

    base: Syntax
    name: str
    at: int
    until: int

    def children(self) -> Iterator[Syntax]:
        yield self.base


@dataclass(frozen=True, slots=True)
class Invoke(Syntax):
    """``NAME(args)``; the name is as written and ends at ``name_end``."""

    name: str
    name_end: int
    args: tuple[Syntax, ...]

    def children(self) -> Iterator[Syntax]:
        return iter(self.args)


@dataclass(frozen=True, slots=True)
class Arrow(Syntax):
    """``name -> body``, only as an argument."""

    name: str
    body: Syntax

    def children(self) -> Iterator[Syntax]:
        yield self.body


@dataclass(frozen=True, slots=True)
class Items(Syntax):
    """``[a, b, c]``."""

    items: tuple[Syntax, ...]

    def children(self) -> Iterator[Syntax]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Unary(Syntax):
    """Sign, percent or NOT."""

    op: Literal["-", "+", "%", "NOT"]
    operand: Syntax

    def children(self) -> Iterator[Syntax]:
        yield self.operand


@dataclass(frozen=True, slots=True)
class Chain(Syntax):
    """``first op operand op operand ...``, read from the left."""

    kind: ChainKind
    first: Syntax
    rest: tuple[tuple[str, Syntax], ...]

    def children(self) -> Iterator[Syntax]:
        yield self.first
        for _, operand in self.rest:
            yield operand


@dataclass(frozen=True, slots=True)
class Compare(Syntax):
    op: Literal["=", "<>", "<", "<=", ">", ">="]
    left: Syntax
    right: Syntax

    def children(self) -> Iterator[Syntax]:
        yield self.left
        yield self.right


@dataclass(frozen=True, slots=True)
class Within(Syntax):
    """``left [NOT] IN right``."""

    negated: bool
    left: Syntax
    right: Syntax

    def children(self) -> Iterator[Syntax]:
        yield self.left
        yield self.right
