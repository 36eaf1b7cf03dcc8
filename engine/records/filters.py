"""Filter trees bound to secured columns.

Every failure names the place in the tree (``/filter/1/2``). No value can make the database raise: operands are typed
before they get there, and conditions are two-valued.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, false, literal_column, not_, or_, true

from engine.expr.residual import Rest, all_of, combined
from engine.fields.base import InvalidValue
from engine.fields.operands import Asking
from engine.records.around.marked import MARKS, marked
from engine.records.catalog import Catalog
from engine.records.paths import Paths, Reached
from metadata.findings import Finding, Refused
from metadata.model import Entity
from metadata.snapshot import Snapshot

MAX_DEPTH: Final = 12
MAX_CONDITIONS: Final = 200
MAX_OPERANDS: Final = 5_000
_BLANK: Final = {"blank", "not_blank"}


@dataclass(frozen=True, slots=True)
class Bound:
    """A condition: what the database computes, and what is left to be computed row by row."""

    where: ColumnElement[bool]
    rest: Rest | None = None


ExprCondition = Callable[[str, Paths, str], Bound]
"""Binds the source text of an ``expr`` node at a place."""


class FilterBinder:
    """Binds the filter trees of one question."""

    def __init__(self, catalog: Catalog, paths: Paths, asking: Asking, expression: ExprCondition):
        self._catalog, self._paths, self._asking, self._expression = catalog, paths, asking, expression
        self._count = 0

    def bind(self, tree: Any, place: str = "/filter") -> ColumnElement[bool]:
        """Return the condition of a tree; none for an empty one. Raises :class:`Refused`, also for one that the
        database cannot compute whole."""
        bound = self.bound(tree, place)
        if bound.rest is not None:
            raise Refused([Finding("R215", place, {"why": bound.rest.why})])
        return bound.where

    def bound(self, tree: Any, place: str = "/filter") -> Bound:
        """Return the condition of a tree, with what the database cannot compute. Raises :class:`Refused`."""
        if tree is None or tree == [] or tree == ():
            return Bound(true())
        return self._node(tree, place, 1)

    def _node(self, node: Any, place: str, depth: int) -> Bound:
        if depth > MAX_DEPTH:
            raise Refused([Finding("R205", place, {"found": f"> {MAX_DEPTH}", "limit": MAX_DEPTH})])
        if not isinstance(node, (list, tuple)) or not node or not isinstance(node[0], str):
            raise _malformed(place)
        head, rest = node[0], node[1:]
        if head in ("and", "or"):
            parts = [self._node(part, f"{place}/{i}", depth + 1) for i, part in enumerate(rest, start=1)]
            return _both(parts) if head == "and" else _either(parts)
        if head == "not":
            if len(rest) != 1:
                raise _malformed(place)
            return _opposite(self._node(rest[0], f"{place}/1", depth + 1))
        self._count += 1
        if self._count > MAX_CONDITIONS:
            raise Refused([Finding("R205", place, {"found": self._count, "limit": MAX_CONDITIONS})])
        if head == "mine":
            return Bound(self._mine(rest, place))
        if head == "expr":
            if len(rest) != 1 or not isinstance(rest[0], str):
                raise _malformed(place)
            return self._expression(rest[0], self._paths, place)
        return Bound(self._test(head, rest, place))

    def _mine(self, rest: Any, place: str) -> ColumnElement[bool]:
        """``["mine", "@unread"]``: always of whoever asks, in a view of somebody else's too."""
        if len(rest) != 1 or rest[0] not in MARKS:
            raise _malformed(place)
        base = self._paths.base
        return marked(self._asking.user, rest[0], base.id, base.model.id, base.model.table)

    def _test(self, operator: str, rest: Any, place: str) -> ColumnElement[bool]:
        wanted = 1 if operator in _BLANK else 2
        if len(rest) != wanted or not isinstance(rest[0], str):
            raise _malformed(place)
        reached = self._paths.readable(rest[0], f"{place}/1")
        f, kind = reached.field.field, reached.field.type
        known = kind.operators(f)
        if operator not in known:
            params = {"label": f.label, "operator": operator[:40], "known": ", ".join(known) or "-"}
            raise Refused([Finding("R203", place, params)])
        operand = self._operand(reached, operator, None if operator in _BLANK else rest[1], f"{place}/2")
        return self._condition(reached, operator, operand)

    def _operand(self, reached: Reached, operator: str, raw: Any, place: str) -> Any:
        if isinstance(raw, (list, tuple)) and len(raw) > MAX_OPERANDS:
            raise Refused([Finding("R205", place, {"found": len(raw), "limit": MAX_OPERANDS})])
        f, kind = reached.field.field, reached.field.type
        try:
            return kind.resolve_operand(f, operator, kind.accept_operand(f, operator, raw), self._asking)
        except InvalidValue as error:
            raise Refused([error.at(place)]) from error

    def _condition(self, reached: Reached, operator: str, operand: Any) -> ColumnElement[bool]:
        f, kind = reached.field.field, reached.field.type
        columns = reached.columns or ()
        if reached.field.storage == "links":
            links = self._catalog.tables.links(f).alias()
            columns = (columns[0], links.c.left_id, links.c.right_id)
        return kind.condition(f, columns, operator, operand, self._catalog.dialect)


def _both(parts: Sequence[Bound]) -> Bound:
    return Bound(
        and_(true(), *(part.where for part in parts)), all_of([part.rest for part in parts if part.rest is not None])
    )


def _either(parts: Sequence[Bound]) -> Bound:
    if all(part.rest is None for part in parts):
        return Bound(or_(false(), *(part.where for part in parts)))
    return Bound(true(), combined([_as_rest(part) for part in parts], any))


def _opposite(part: Bound) -> Bound:
    if part.rest is None:
        return Bound(not_(part.where))
    return Bound(true(), combined([_as_rest(part)], lambda held: not held[0]))


def _as_rest(part: Bound) -> Rest:
    """Return a condition as something to decide row by row; the database's part is one column of it."""
    flag = Rest((case((part.where, literal_column("1")), else_=literal_column("0")),), lambda values: values[0] == 1)
    return flag if part.rest is None else combined([flag, part.rest], all)


def _malformed(place: str) -> Refused:
    return Refused([Finding("R202", place, {"part": place})])


def filter_with_keys(snapshot: Snapshot, entity: Entity | str, tree: Any) -> Any:
    """Return a stored filter tree with field keys instead of ids, for a browser; what it does not know stays."""
    if not isinstance(tree, (list, tuple)) or not tree:
        return tree
    if tree[0] in ("and", "or", "not"):
        return [tree[0], *(filter_with_keys(snapshot, entity, part) for part in tree[1:])]
    if tree[0] in ("expr", "mine") or len(tree) < 2 or not isinstance(tree[1], str):
        return list(tree)
    try:
        path = ".".join(f.key for f in snapshot.path(entity, tree[1]))
    except KeyError:
        path = tree[1]
    return [tree[0], path, *tree[2:]]
