"""The front door: check a source text, bind a stored expression, make a stored expression from a text."""

from __future__ import annotations

from dataclasses import dataclass

from engine.expr.bind import Binder
from engine.expr.messages import ExprFinding
from engine.expr.parse import ParseError, parse
from engine.expr.schema import Scope
from engine.expr.tree import Node, Tree
from engine.expr.types import Type
from metadata.findings import Refused
from metadata.model import Expr


@dataclass(frozen=True, slots=True)
class Checked:
    """Outcome of a check: the tree (None when there is an error) and everything found."""

    tree: Tree | None
    findings: tuple[ExprFinding, ...]


def check(
    src: str,
    scope: Scope,
    expected: Type | None = None,
    *,
    refs: dict[str, str] | None = None,
    blank_as_zero: bool = False,
) -> Checked:
    """Parse, resolve and type a source text. Never raises on what people write."""
    binder, tree = _bound(src, scope, expected, refs or {}, blank_as_zero)
    findings = tuple(binder.findings)
    failed = any(finding.severity == "error" for finding in findings)
    return Checked(None if failed else tree, findings)


def bind(expr: Expr, scope: Scope, expected: Type | None = None, *, place: str = "") -> Tree:
    """Return the bound tree of a stored expression. Raises :class:`Refused` with findings at ``place``."""
    checked = check(expr.src, scope, expected, refs=dict(expr.refs), blank_as_zero=expr.blank_as_zero)
    if checked.tree is None:
        raise Refused([finding.at(place) for finding in checked.findings if finding.severity == "error"])
    return checked.tree


def to_expr(src: str, scope: Scope, *, blank_as_zero: bool = False) -> Expr:
    """Return a source text as a stored expression, with the ids of its names. Raises :class:`Refused`."""
    binder, _ = _bound(src, scope, None, {}, blank_as_zero)
    errors = [finding for finding in binder.findings if finding.severity == "error"]
    if errors:
        raise Refused(errors)
    return Expr(src=src, refs=binder.names, blank_as_zero=blank_as_zero)


def _bound(
    src: str, scope: Scope, expected: Type | None, refs: dict[str, str], blank_as_zero: bool
) -> tuple[Binder, Node]:
    binder = Binder(src, scope, refs, blank_as_zero=blank_as_zero)
    try:
        syntax = parse(src)
    except ParseError as failed:
        binder.report(failed.finding)
        return binder, binder.poison_node((0, len(src)))
    tree = binder.bind(syntax)
    if expected is not None:
        tree = binder.fit_result(tree, expected)
    binder.check_size(tree)
    return binder, tree
