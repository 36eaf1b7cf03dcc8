"""The front door: check a source text, bind a stored expression, make a stored expression from a text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.expr.bind import Binder
from engine.expr.messages import ExprFinding, Fix
from engine.expr.parse import ParseError, aliases, parse
from engine.expr.schema import Scope
from engine.expr.tree import Node, Tree
from engine.expr.types import Type
from metadata.findings import Refused
from metadata.model import Expr

_RECHECKS = 8


@dataclass(frozen=True, slots=True)
class Checked:
    """Outcome of a check: the tree (None when there is an error), everything found, and the fields in the text.

    ``uses`` are ``(start, end, field id)`` of every name that stands for a field, also when something else is wrong.
    """

    tree: Tree | None
    findings: tuple[ExprFinding, ...]
    uses: tuple[tuple[int, int, str], ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)


def check(
    src: str,
    scope: Scope,
    expected: Type | None = None,
    *,
    refs: dict[str, str] | None = None,
    blank_as_zero: bool = False,
) -> Checked:
    """Parse, resolve and type a source text. Never raises on what people write.

    A fix is offered only when the text with it was checked and no other fix of the same finding leaves less wrong.
    """
    kept = refs or {}
    binder, tree = _bound(src, scope, expected, kept, blank_as_zero)

    def rest(text: str) -> list[ExprFinding]:
        return _bound(text, scope, expected, kept, blank_as_zero)[0].findings

    findings = tuple(_proven(binder.findings, src, rest))
    failed = any(finding.severity == "error" for finding in findings)
    uses = tuple(dict.fromkeys(binder.uses))
    return Checked(None if failed else tree, findings, uses, binder.names)


def _proven(
    findings: Sequence[ExprFinding], src: str, rest: Callable[[str], list[ExprFinding]]
) -> Iterator[ExprFinding]:
    before, left = _errors(findings), _RECHECKS
    for finding in findings:
        made = {fix.apply(src): fix for fix in reversed(finding.fixes)}  # two ways to the same text are one fix
        outcomes: list[tuple[int, Fix]] = []
        for text, fix in list(reversed(made.items()))[:left]:
            left -= 1
            found = rest(text)
            if not any((one.code, one.start) == (finding.code, finding.start) for one in found):
                outcomes.append((_errors(found), fix))
        best = min((errors for errors, _ in outcomes), default=0)
        helpful = best <= before or finding.kind == "SYNTAX"  # behind a syntax error nothing else was looked at
        fixes = tuple(fix for errors, fix in outcomes if helpful and errors == best)
        yield finding if fixes == finding.fixes else replace(finding, fixes=fixes)


def _errors(findings: Sequence[ExprFinding]) -> int:
    return sum(1 for finding in findings if finding.severity == "error")


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
    told = aliases(src)
    if told is not None:
        binder.report(told)
    tree = binder.bind(syntax)
    if expected is not None:
        tree = binder.fit_result(tree, expected)
    binder.check_size(tree)
    return binder, tree
