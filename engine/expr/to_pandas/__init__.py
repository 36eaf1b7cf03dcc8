"""From the bound tree to whole columns: pandas and Arrow, decimals exact.

What has a form over columns (``kernels``) runs so; every other part runs as the Python function of its node, once a
row, so both give what Python gives. pandas, numpy and Arrow load when first needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any, Final

from engine.deferred import deferred
from engine.expr import limits
from engine.expr.numbers import KEPT
from engine.expr.to_pandas import dates, logic, texts
from engine.expr.to_pandas.columns import (
    CODES,
    NARROW,
    Column,
    RowByRow,
    column_of,
    constant,
    first_error,
    np,
    pa,
    pc,
    typed,
    without_errors,
)
from engine.expr.to_pandas.kernels import KERNELS
from engine.expr.to_pandas.numbers import rounded
from engine.expr.to_pandas.rescaling import raised
from engine.expr.to_pandas.sources import Frame, Rows, Source
from engine.expr.to_python import Compiler
from engine.expr.tree import Call, Const, Items, Lambda, Let, Node, Path, Tree, slots
from engine.expr.types import ListType
from engine.expr.values import Env, ErrorValue, Fault, Value

__all__ = ["evaluate", "evaluate_rows", "with_kernel"]

pd = deferred("pandas")

_PACKAGES: Final = (dates, logic, texts)
"""Imported for their kernels."""
_LATE: Final = CODES.index("LIMIT")
_LAZY: Final = frozenset({"IF", "COALESCE", "IFERROR", "ISERROR", "AND", "OR"})
"""Functions that may leave an argument alone; all others compute every argument."""


def evaluate(tree: Tree, rows: Any, env: Env) -> tuple[Any, Any]:
    """Return the values of an expression over many records, and the codes of those that are errors.

    ``rows`` are records as :class:`Env` has them, or a DataFrame with a column for each path the tree reads (ids
    joined by dots, Arrow-backed or of exact values). Both results are Series; blank is missing. Numbers are Arrow
    decimals with 12 places. Raises ``KeyError`` for a missing column and ``TypeError`` for one of floats.
    """
    frame = isinstance(rows, pd.DataFrame)
    source: Source = Frame(rows) if frame else Rows(rows)
    column = _result(tree, source, env)
    index = rows.index if frame else None
    codes = pa.array([None if code is None else str(code) for code in CODES], pa.string())
    errors = pa.nulls(source.count, pa.string()) if column.errors is None else pc.take(codes, pa.array(column.errors))
    return _series(column, tree, source.count, index), pd.Series(pd.arrays.ArrowExtensionArray(errors), index=index)


def evaluate_rows(tree: Tree, rows: Sequence[Mapping[str, Value]], env: Env) -> list[Value]:
    """Return the value of an expression for each record; an error is an :class:`ErrorValue`."""
    column = _result(tree, Rows(rows), env)
    values = column.listed(len(rows))
    if column.errors is None:
        return values
    return [
        ErrorValue(code) if (code := CODES[number]) is not None else value
        for value, number in zip(values, column.errors.tolist(), strict=True)
    ]


def with_kernel() -> frozenset[str]:
    """Return the functions that have a form over whole columns."""
    return frozenset(KERNELS)


def _result(tree: Tree, source: Source, env: Env) -> Column:
    column = without_errors(_Columns(source, env).column(tree))
    return rounded(column) if tree.type.kind == "number" else column


def _series(column: Column, tree: Tree, count: int, index: Any) -> Any:
    values = column.values
    if isinstance(values, list):
        return pd.Series(values, dtype=object, index=index)
    if isinstance(values, pa.Scalar):
        values = pa.repeat(values, count)
    if tree.type.kind == "number":
        values = typed(raised(values, column.top, KEPT), 10**NARROW - 1)
    return pd.Series(pd.arrays.ArrowExtensionArray(values), index=index)


class _Columns:
    """Computes the nodes of one tree over the rows of a source; implements ``Vectoriser``."""

    def __init__(self, source: Source, env: Env):
        self.source, self.env = source, env
        self.rows = source.count
        self._names: dict[int, Column] = {}
        self._until = perf_counter() + limits.SECONDS * max(1, self.rows)

    def column(self, node: Node) -> Column:
        if _same_for_all(node):
            return constant(self._once(node), node.type, self.rows)
        if isinstance(node, Path):
            return self._path(node)
        if isinstance(node, Let):
            value = self._names[node.slot] = self.column(node.value)
            body = self.column(node.body)
            return without_errors(Column(body.values, first_error(value.errors, body.errors), body.top))
        if perf_counter() > self._until:
            return column_of([None] * self.rows, node.type, node.facts.scale, np.full(self.rows, _LATE, dtype=np.int8))
        made = KERNELS.get(node.name) if isinstance(node, Call) else None
        if made is not None and isinstance(node, Call):
            try:
                return made(self, node)
            except RowByRow:
                return self._each(node)
        return self._each(node)

    def argument(self, node: Node) -> Column:
        column = self.column(node)
        return rounded(column) if node.type.kind == "number" else column

    def _path(self, node: Path) -> Column:
        if isinstance(node.root, int):
            found = self._names.get(node.root)
            if found is None or node.ids:
                return self._each(node)
            if node.type.kind == "number" and not pa.types.is_decimal(found.arrow.type):  # the name of a bare NULL
                return constant(None, node.type, self.rows)
            return found
        return self.source.column(node)

    def _once(self, node: Node) -> Value:
        self.env.steps = 0
        self.env.slots = [None] * slots(node)
        try:
            return Compiler().value(node)(self.env)
        except Fault as fault:
            return ErrorValue(fault.code)

    # -- row by row -----------------------------------------------------------------------------------------------

    def _each(self, node: Node) -> Column:
        """Return what the Python function of a node gives for every row."""
        node, given, errors = self._with_arguments(node)
        run = Compiler().value(node)
        size = max([slots(node), *(slot + 1 for slot in given)], default=0)
        names = [(slot, column.listed(self.rows)) for slot, column in given.items()]
        records = self.source.records(node)
        values: list[Value] = []
        codes = np.zeros(self.rows, dtype=np.int8) if errors is None else errors.copy()
        for row in range(self.rows):
            if codes[row]:
                values.append(None)
                continue
            env = self.env.at(records[row]) if records is not None else self.env
            env.steps = 0
            env.slots = [None] * size
            for slot, column in names:
                env.slots[slot] = column[row]
            try:
                values.append(run(env))
            except Fault as fault:
                codes[row] = CODES.index(fault.code)
                values.append(None)
        return column_of(values, node.type, node.facts.scale, codes if codes.any() else None)

    def _with_arguments(self, node: Node) -> tuple[Node, dict[int, Column], Any]:
        """Return a call with names for its computed arguments, their columns, and the rows where one is an error.

        A function that may leave an argument alone, or that takes lists, stays as it is and computes its own.
        """
        if isinstance(node, Call) and node.name not in _LAZY and all(_is_scalar(arg) for arg in node.args):
            given: dict[int, Column] = {}
            args: list[Node] = []
            for slot, arg in enumerate(node.args):
                if isinstance(arg, Const):
                    args.append(arg)
                else:
                    given[slot] = self.column(arg)
                    args.append(Path(arg.type, arg.span, arg.facts, slot, ()))
            return replace(node, args=tuple(args)), given, first_error(*(column.errors for column in given.values()))
        return node, {slot: self._names[slot] for slot in _free(node)}, None


def _is_scalar(node: Node) -> bool:
    return not isinstance(node, Lambda | Items) and not isinstance(node.type, ListType)


def _same_for_all(node: Node) -> bool:
    """Say whether a node has one value for all rows: it reads no record, no name from outside, and no chance."""
    if isinstance(node, Const):
        return True
    facts = node.facts
    return not (facts.deps or "CHANCE" in facts.uses or not _is_scalar(node) or node.type.kind == "file" or _free(node))


def _free(node: Node) -> set[int]:
    """Return the names a node uses that are given outside of it."""
    used = {part.root for part in node.walk() if isinstance(part, Path) and isinstance(part.root, int)}
    return used - {part.slot for part in node.walk() if isinstance(part, Lambda | Let)}
