"""Comparison, logic and choosing over columns. Blank is null, AND and OR are Kleene, a decisive side absorbs errors."""

from __future__ import annotations

from collections.abc import Callable

from engine.expr.to_pandas.columns import (
    Array,
    Column,
    Mask,
    RowByRow,
    constant,
    first_error,
    flags,
    np,
    number,
    pa,
    pc,
    without_errors,
)
from engine.expr.to_pandas.kernels import Vectoriser, kernel
from engine.expr.to_pandas.numbers import common_digits, paired
from engine.expr.to_pandas.rescaling import at_scale
from engine.expr.tree import Call, Items
from engine.expr.types import ListType


def _operands(left: Column, right: Column) -> tuple[Array, Array]:
    one, two = left.arrow, right.arrow
    if pa.types.is_decimal(one.type):
        return paired(one, two, common_digits(one, two))
    if one.type != two.type:
        raise RowByRow
    return one, two


def _compared(to: Vectoriser, node: Call) -> tuple[Column, Column]:
    left, right = node.args
    if isinstance(left.type, ListType):
        raise RowByRow
    return to.argument(left), to.argument(right)


_ORDER = {"<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal"}


@kernel(*_ORDER)
def _order(to: Vectoriser, node: Call) -> Column:
    left, right = _compared(to, node)
    compare: Callable[[Array, Array], Array] = getattr(pc, _ORDER[node.name])
    return Column(compare(*_operands(left, right)), first_error(left.errors, right.errors))


def equal(left: Column, right: Column) -> Array:
    """Return where two columns are equal: never blank, blank equals blank."""
    same = pc.equal(*_operands(left, right))
    both = pc.and_(pc.is_null(left.arrow), pc.is_null(right.arrow))
    return pc.coalesce(same, both)


@kernel("=", "<>")
def _equal(to: Vectoriser, node: Call) -> Column:
    left, right = _compared(to, node)
    same = equal(left, right)
    errors = first_error(left.errors, right.errors)
    return without_errors(Column(same if node.name == "=" else pc.invert(same), errors))


@kernel("IN")
def _in(to: Vectoriser, node: Call) -> Column:
    value, source = node.args
    if not isinstance(source, Items) or isinstance(value.type, ListType):
        raise RowByRow
    wanted = to.argument(value)
    errors = wanted.errors
    found = pa.scalar(False)
    for item in source.items:
        one = to.argument(item)
        found = pc.or_(found, equal(wanted, one))
        errors = first_error(errors, one.errors)
    return without_errors(Column(found, errors))


# -- logic --------------------------------------------------------------------------------------------------------


@kernel("AND", "OR")
def _kleene(to: Vectoriser, node: Call) -> Column:
    decisive = node.name == "OR"
    combine = pc.or_kleene if decisive else pc.and_kleene
    columns = [to.column(arg) for arg in node.args]
    result = columns[0].arrow
    for column in columns[1:]:
        result = combine(result, column.arrow)
    errors = first_error(*(column.errors for column in columns))
    if errors is not None:
        decided = flags(result if decisive else pc.invert(result), to.rows)
        errors = np.where(decided, np.int8(0), errors)
    return without_errors(Column(result, errors))


@kernel("NOT")
def _not(to: Vectoriser, node: Call) -> Column:
    column = to.column(node.args[0])
    return Column(pc.invert(column.arrow), column.errors)


@kernel("XOR")
def _xor(to: Vectoriser, node: Call) -> Column:
    columns = [to.column(arg) for arg in node.args]
    result = pa.scalar(False)
    for column in columns:
        result = pc.xor(result, pc.fill_null(column.arrow, False))
    return without_errors(Column(result, first_error(*(column.errors for column in columns))))


@kernel("ISBLANK")
def _is_blank(to: Vectoriser, node: Call) -> Column:
    column = to.column(node.args[0])
    return without_errors(Column(pc.is_null(column.arrow), column.errors))


@kernel("ISERROR")
def _is_error(to: Vectoriser, node: Call) -> Column:
    errors = to.column(node.args[0]).errors
    return Column(pa.scalar(False) if errors is None else pa.array(errors != 0))


# -- choosing -----------------------------------------------------------------------------------------------------


def choose(mask: Mask, then: Column, other: Column) -> Column:
    """Return each row's value and error from one of two columns."""
    condition = pa.array(mask)
    errors = None
    if then.errors is not None or other.errors is not None:
        none = np.int8(0)
        errors = np.where(
            mask,
            none if then.errors is None else then.errors,
            none if other.errors is None else other.errors,
        )
    one, two = then.arrow, other.arrow
    if not pa.types.is_decimal(one.type):
        if one.type != two.type:
            raise RowByRow
        return Column(pc.if_else(condition, one, two), errors)
    scale = max(then.scale, other.scale)
    top = max(at_scale(then.top, then.scale, scale), at_scale(other.top, other.scale, scale))
    one, two = paired(one, two, common_digits(one, two))
    return number(pc.if_else(condition, one, two), top, errors)


@kernel("IF")
def _if(to: Vectoriser, node: Call) -> Column:
    pairs = list(zip(node.args[::2], node.args[1::2], strict=False))
    result = to.column(node.args[-1]) if len(node.args) % 2 else constant(None, node.type, to.rows)
    for condition, value in reversed(pairs):
        test = to.column(condition)
        result = choose(flags(test.arrow, to.rows), to.column(value), result)
        if test.errors is not None:
            result = without_errors(Column(result.arrow, first_error(test.errors, result.errors), result.top))
    return result


@kernel("COALESCE")
def _coalesce(to: Vectoriser, node: Call) -> Column:
    *first, last = (to.column(arg) for arg in node.args)
    result = last
    for column in reversed(first):
        here = flags(pc.is_valid(column.arrow), to.rows)
        if column.errors is not None:
            here = here | (column.errors != 0)
        result = choose(here, column, result)
    return result


@kernel("IFERROR")
def _if_error(to: Vectoriser, node: Call) -> Column:
    value = to.column(node.args[0])
    if value.errors is None:
        return value
    return choose(value.errors == 0, value, to.column(node.args[1]))


# -- least and greatest --------------------------------------------------------------------------------------------


@kernel("MIN", "MAX")
def _extreme(to: Vectoriser, node: Call) -> Column:
    if any(isinstance(arg.type, ListType) for arg in node.args):
        raise RowByRow
    better = pc.less if node.name == "MIN" else pc.greater
    result, *rest = (to.argument(arg) for arg in node.args)
    for column in rest:
        wins = flags(better(*_operands(column, result)), to.rows) | flags(pc.is_null(result.arrow), to.rows)
        result = _keeping(choose(wins, column, result), result, column)
    return result


def _keeping(made: Column, left: Column, right: Column) -> Column:
    """A total fails where any of its arguments does."""
    return without_errors(Column(made.arrow, first_error(left.errors, right.errors), made.top))
