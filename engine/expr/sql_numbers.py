"""Decimal arithmetic in PostgreSQL's numeric type, by the same rules as :mod:`engine.expr.numbers`.

No expression here can raise: a failing case gives NULL, and so does a NULL argument. Inside a value an argument is
written once or twice at most, so that nesting does not blow the text up.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Double,
    Integer,
    Numeric,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    type_coerce,
)

from engine.expr import limits
from engine.expr.functions.base import Column
from engine.expr.numbers import DIGITS, INTERMEDIATE, KEPT, LIMIT

NUMERIC = Numeric(asdecimal=True)
_LOG_LIMIT = DIGITS + 1
_SMALLEST = -30
_SMALL_EXPONENT = 100
_SMALL_FRACTION = 16
"""Within these a power of any number of the language neither overflows nor underflows in the database."""


def numeric(column: Column) -> Column:
    """Return the column typed as a number."""
    return type_coerce(column, NUMERIC)


def constant(number: Decimal) -> Column:
    """Return a number written by this program (never text of a person) as SQL."""
    return literal_column(f"({number:f})::numeric", NUMERIC)


ZERO = constant(Decimal(0))
ONE = constant(Decimal(1))
TEN = constant(Decimal(10))
_WIDE_ONE = literal_column("1." + "0" * 60, NUMERIC)
"""One, with so many decimals that a quotient or a power is exact enough to be rounded once."""
_HALF_OF_LAST = constant(Decimal("0.0000000000001"))


def scaled(column: Column, scale: int) -> Column:
    """Return the number a stored, scaled integer stands for."""
    number = cast(column, NUMERIC)
    return number * constant(Decimal(1).scaleb(-scale)) if scale else number


def as_stored(number: Column, scale: int) -> Column:
    """Return the scaled integer a column keeps for a number; NULL when it has no room."""
    limit = constant(Decimal(2**63))
    whole_number = func.round(number * constant(Decimal(10) ** scale), 0)
    inside = func.least(func.greatest(whole_number, -limit), limit)
    return cast(func.nullif(func.nullif(inside, limit), -limit), BigInteger)


def keep12(number: Column) -> Column:
    """Round to 12 decimals, half away from zero."""
    return numeric(func.round(number, KEPT))


def keep20(number: Column) -> Column:
    """Round to 20 decimals, half away from zero."""
    return numeric(func.round(number, INTERMEDIATE))


def clamp(number: Column) -> Column:
    """Return NULL for a number with more than 18 integer digits.

    LEAST and GREATEST skip NULL, but what they then give is a limit, and the limits become NULL.
    """
    limit = constant(LIMIT)
    inside = func.least(func.greatest(number, -limit), limit)
    return numeric(func.nullif(func.nullif(inside, limit), -limit))


def whole(number: Column, low: int, high: int) -> Column:
    """Return the number cut to an integer within limits (outside: the limit); strict on NULL."""
    if isinstance(number, BindParameter) and number.value is not None:
        return literal(max(low, min(high, int(number.value))), Integer())
    return cast(case((number > high, high), (number < low, low), else_=func.trunc(number)), Integer)


def divide(left: Column, right: Column) -> Column:
    return keep20(left * _WIDE_ONE / func.nullif(right, ZERO))


def power(base: Column, exponent: Column) -> Column:
    """Whole exponents by numeric arithmetic, others by binary64; NULL where the language has an error."""
    if isinstance(exponent, BindParameter) and exponent.value is not None:
        short = _fixed_power(base, exponent.value)
        if short is not None:
            return short
    is_whole = exponent == func.trunc(exponent)
    magnitude = func.log(func.nullif(func.abs(base), ZERO)) * exponent
    possible = and_(func.abs(exponent) <= limits.EXPONENT, magnitude <= _LOG_LIMIT, magnitude >= _SMALLEST)
    exactly, binary = and_(possible, is_whole), and_(possible, ~is_whole, base > ZERO)
    exact_power = func.power(case((exactly, base), else_=ONE) * _WIDE_ONE, case((exactly, exponent), else_=ONE))
    binary_power = unending(func.power, case((binary, base), else_=ONE), case((binary, exponent), else_=ONE))
    return keep20(
        case(
            (or_(base.is_(None), exponent.is_(None), func.abs(exponent) > limits.EXPONENT), null()),
            (base == ZERO, case((exponent > ZERO, ZERO), (exponent == ZERO, ONE), else_=null())),
            (and_(base < ZERO, ~is_whole), null()),
            (magnitude > _LOG_LIMIT, null()),
            (magnitude < _SMALLEST, ZERO),
            (is_whole, exact_power),
            else_=from_binary(binary_power),
        )
    )


def _fixed_power(base: Column, exponent: Decimal) -> Column | None:
    """Return a power with a small exponent known now, which needs no case for each way to fail."""
    if exponent == exponent.to_integral_value():
        if abs(exponent) > _SMALL_EXPONENT:
            return None
        safe = base if exponent >= 0 else func.nullif(base, ZERO)
        return keep20(func.power(safe * _WIDE_ONE, constant(exponent)))
    if abs(exponent) > _SMALL_FRACTION:
        return None
    allowed = base >= ZERO if exponent > 0 else base > ZERO
    return keep20(from_binary(unending(func.power, case((allowed, base), else_=null()), constant(exponent))))


def unending(function: Callable[..., Column], *numbers: Column) -> Column:
    """Compute what does not end with many digits, and round it to binary64 once."""
    return cast(function(*(number * _WIDE_ONE for number in numbers)), Double)


def from_binary(number: Column) -> Column:
    """Return a binary result as a number; the cast keeps 15 significant digits."""
    return cast(number, NUMERIC)


def square_root(number: Column) -> Column:
    return from_binary(func.sqrt(cast(case((number >= ZERO, number), else_=null()), Double)))


def modulo(left: Column, right: Column) -> Column:
    """The remainder with the sign of the divisor; exact, unlike a - b * FLOOR(a / b)."""
    divisor = func.nullif(right, ZERO)
    return numeric(func.mod(func.mod(left, divisor) + divisor, divisor))


def floor(number: Column) -> Column:
    return numeric(func.floor(number))


def floor_to(number: Column, step: Column = ONE) -> Column:
    return number - modulo(number, func.abs(step))


def ceiling_to(number: Column, step: Column = ONE) -> Column:
    return number + modulo(-number, func.abs(step))


def _places(digits: Column) -> Column:
    return whole(digits, -DIGITS - 1, KEPT)


def round_half(number: Column, digits: Column = ZERO) -> Column:
    return numeric(func.round(number, _places(digits)))


def round_down(number: Column, digits: Column = ZERO) -> Column:
    return numeric(func.trunc(number, _places(digits)))


def round_up(number: Column, digits: Column = ZERO) -> Column:
    """Away from zero: just less than half a unit is added before rounding (a number has 12 decimals here)."""
    half = func.power(TEN, -_places(digits)) / 2 - _HALF_OF_LAST
    return numeric(func.round(number + func.sign(number) * half, _places(digits)))


def absolute(number: Column) -> Column:
    return numeric(func.abs(number))


def sign(number: Column) -> Column:
    return numeric(func.sign(number))


def plain(number: Column) -> Column:
    """Return the shortest plain decimal text."""
    return cast(func.trim_scale(number), Text)
