"""Arithmetic over columns: decimals of Arrow, with the rules of :mod:`engine.expr.numbers`."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import Final

from engine.expr import numbers as rules
from engine.expr.numbers import CONTEXT, INTERMEDIATE, KEPT, LIMIT
from engine.expr.to_pandas.columns import (
    NARROW,
    WIDE,
    Array,
    Column,
    RowByRow,
    failing,
    first_error,
    flags,
    number,
    pa,
    pc,
    whole,
)
from engine.expr.to_pandas.kernels import Vectoriser, kernel
from engine.expr.to_pandas.rescaling import HALF, at_scale, cut
from engine.expr.tree import Call, Const, Node

_MODES: Final = {"ROUND": HALF, "ROUNDUP": "towards_infinity", "ROUNDDOWN": "towards_zero", "TRUNC": "towards_zero"}


def wide(values: Array) -> Array:
    """Return decimals with room for 76 digits."""
    kind = values.type
    if kind.bit_width == 256:
        return values
    wanted = pa.decimal256(kind.precision, kind.scale)
    return pa.scalar(values.as_py(), wanted) if isinstance(values, pa.Scalar) else pc.cast(values, wanted)


def paired(left: Array, right: Array, digits: int) -> tuple[Array, Array]:
    """Return two operands in the width their result needs. Raises :class:`RowByRow`."""
    if digits <= NARROW:
        return left, right
    if digits <= WIDE:
        return wide(left), wide(right)
    raise RowByRow


def common_digits(left: Array, right: Array) -> int:
    """Return the digits a common type of two decimals needs."""
    one, two = left.type, right.type
    return int(max(one.scale, two.scale) + max(one.precision - one.scale, two.precision - two.scale))


def rounded(column: Column, places: int = KEPT, mode: str = HALF) -> Column:
    """Return numbers cut to some decimals (negative: tens, hundreds ...)."""
    if column.scale <= places:
        return column
    values, top = cut(column.arrow, column.top, places, mode)
    return number(values, top, column.errors)


def limited(column: Column, rows: int) -> Column:
    """Return numbers; those with more than 18 integer digits are errors."""
    least = int(LIMIT.scaleb(column.scale, CONTEXT).to_integral_value(ROUND_CEILING))
    if column.top < least:
        return column
    edge = Decimal(least).scaleb(-column.scale, CONTEXT)
    large = pc.greater_equal(pc.abs(column.arrow), pa.scalar(edge, column.arrow.type))
    checked = failing(column, flags(large, rows), "NUM")
    return number(checked.arrow, least - 1, checked.errors)


# -- sums and products ---------------------------------------------------------------------------------------------


def add(left: Column, right: Column) -> Column:
    """Return the sums, however large."""
    scale = max(left.scale, right.scale)
    top = at_scale(left.top, left.scale, scale) + at_scale(right.top, right.scale, scale)
    one, two = paired(left.arrow, right.arrow, common_digits(left.arrow, right.arrow) + 1)
    return number(pc.add(one, two), top, first_error(left.errors, right.errors))


@kernel("+")
def _sum(to: Vectoriser, node: Call) -> Column:
    total, *rest = (to.column(arg) for arg in node.args)
    for column in rest:
        total = add(total, column)
    return limited(total, to.rows)


@kernel("NEG")
def _negative(to: Vectoriser, node: Call) -> Column:
    column = to.column(node.args[0])
    return Column(pc.negate(column.arrow), column.errors, column.top)


def multiply(left: Column, right: Column, rows: int) -> Column:
    """Return the products to 20 decimals."""
    one, two = left.arrow, right.arrow
    one, two = paired(one, two, one.type.precision + two.type.precision + 1)
    product = number(pc.multiply(one, two), left.top * right.top, first_error(left.errors, right.errors))
    return limited(rounded(product, INTERMEDIATE), rows)


@kernel("*")
def _product(to: Vectoriser, node: Call) -> Column:
    return multiply(to.column(node.args[0]), to.column(node.args[1]), to.rows)


def divide(left: Column, right: Column, rows: int) -> Column:
    """Return the quotients to 20 decimals. Arrow cuts; one digit more than 20 tells which way to round."""
    one, two = wide(left.arrow), wide(right.arrow)
    numerator = max(left.scale, INTERMEDIATE - two.type.precision + right.scale)
    digits = one.type.precision - left.scale + numerator
    scale = numerator + two.type.precision - right.scale + 1  # as Arrow has it
    if digits - numerator + right.scale + scale > WIDE:
        raise RowByRow
    zero = pc.equal(two, pa.scalar(Decimal(0), two.type))
    safe = pc.if_else(zero, pa.scalar(None, two.type), two)
    quotient = pc.divide(pc.cast(one, pa.decimal256(digits, numerator)), safe)
    made = Column(quotient, first_error(left.errors, right.errors), 10**quotient.type.precision - 1)
    fails = flags(pc.and_(zero, pc.is_valid(left.arrow)), rows)
    return limited(rounded(failing(made, fails, "DIV0"), INTERMEDIATE), rows)


@kernel("/")
def _quotient(to: Vectoriser, node: Call) -> Column:
    return divide(to.column(node.args[0]), to.column(node.args[1]), to.rows)


# -- rounding ------------------------------------------------------------------------------------------------------


def _fixed(node: Node) -> int:
    """Return the decimals a constant second argument means. Raises :class:`RowByRow` for anything else."""
    if not isinstance(node, Const) or node.value is None:
        raise RowByRow
    places = rules.places(node.value)
    if places <= -rules.DIGITS:
        raise RowByRow
    return places


@kernel("ROUND", "ROUNDUP", "ROUNDDOWN", "TRUNC")
def _round(to: Vectoriser, node: Call) -> Column:
    places = _fixed(node.args[1]) if len(node.args) > 1 else 0
    return limited(rounded(to.argument(node.args[0]), places, _MODES[node.name]), to.rows)


@kernel("INT")
def _int(to: Vectoriser, node: Call) -> Column:
    return limited(rounded(to.argument(node.args[0]), 0, "down"), to.rows)


@kernel("ABS")
def _abs(to: Vectoriser, node: Call) -> Column:
    column = to.argument(node.args[0])
    return Column(pc.abs(column.arrow), column.errors, column.top)


@kernel("SIGN")
def _sign(to: Vectoriser, node: Call) -> Column:
    column = to.argument(node.args[0])
    return whole(pc.sign(column.arrow), 1, column.errors)
