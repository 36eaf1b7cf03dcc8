"""State the binder's parts share: the scope, what was found wrong, the names that were resolved."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from engine.expr.messages import ExprFinding
from engine.expr.schema import Scope
from engine.expr.syntax import Syntax
from engine.expr.tree import Const, Ids, Node, Span, const
from engine.expr.types import ANY, Type

Origin = tuple[str | int, Ids]
"""Where the records of a list come from: a root (or ``@`` and an entity that was looked up) or a slot, and the way."""


class BinderBase(ABC):
    """Findings are collected; what cannot be bound becomes a poison node of no type, so one mistake gives one
    finding. ``refs`` are known ids of names (so that a rename changes nothing), ``names`` those resolved now."""

    def __init__(
        self, source: str, scope: Scope, refs: Mapping[str, str] | None = None, *, blank_as_zero: bool = False
    ):
        self.source = source
        self.scope = scope
        self.refs: Mapping[str, str] = refs or {}
        self.blank_as_zero = blank_as_zero
        self.names: dict[str, str] = {}
        self.uses: list[tuple[int, int, str]] = []
        self.findings: list[ExprFinding] = []
        self.wanted = ""
        """What kind of value the expression being bound should be, as far as its place says; for suggestions only."""
        self._slots = 0

    @abstractmethod
    def bind(self, node: Syntax) -> Node:
        """Bind any expression."""

    @abstractmethod
    def bind_condition(self, node: Syntax) -> Node:
        """Bind an expression that must be a condition."""

    @abstractmethod
    def poison(self, node: Syntax) -> Node:
        """Return the stand-in for an expression that was reported."""

    def report(self, finding: ExprFinding) -> None:
        """Keep a finding; the same one at the same place only once."""
        if finding not in self.findings:
            self.findings.append(finding)

    def poison_node(self, span: Span, type_: Type = ANY) -> Node:
        """Return the stand-in for something that was reported."""
        return Const(type_, span, const(None, type_).facts, None)

    def new_slot(self) -> int:
        """Return a variable slot nobody else uses."""
        self._slots += 1
        return self._slots - 1

    def known_name(self, key: str, found: str | None) -> str | None:
        """Return the id a name stands for: the one kept with the formula, else the one found now; remember it."""
        identifier = self.refs.get(key) or found
        if identifier is not None:
            self.names[key] = identifier
        return identifier
