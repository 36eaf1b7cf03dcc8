"""Decimal arithmetic of the language, the same in every back end (rules N1 to N6).

Intermediate results keep 20 decimals, values that leave arithmetic keep 12, halves round away from zero, and a value
has at most 18 integer digits. Functions whose results do not end (SQRT, powers with a fraction) are computed in
binary and cut to 15 significant digits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Context, Decimal
from functools import cache
from typing import Final

from engine.expr import limits
from engine.expr.values import DIV0, NUM, Fault

KEPT = 12
"""Decimals of a value that is stored, compared, shown or handed to a function."""
INTERMEDIATE = 20
DIGITS = 18

CONTEXT: Final = Context(prec=100, rounding=ROUND_HALF_UP, Emin=-99999, Emax=99999, traps=[])
EXACT: Final = Context(prec=40, rounding=ROUND_HALF_EVEN, Emin=-99999, Emax=99999, traps=[])
LIMIT: Final = Decimal("999999999999999999.9999999999995")
"""The first magnitude that is too large: it would round to 19 integer digits."""
WIDEST: Final = Decimal(10) ** DIGITS
ZERO: Final = Decimal(0)
ONE: Final = Decimal(1)
_UNITS: Final = tuple(Decimal(1).scaleb(-places) for places in range(INTERMEDIATE + 1))
UNIT12: Final = _UNITS[KEPT]
UNIT20: Final = _UNITS[INTERMEDIATE]

add = CONTEXT.add
subtract = CONTEXT.subtract
multiply = CONTEXT.multiply
exact_quotient = CONTEXT.divide
quantize = CONTEXT.quantize
"""``quantize(number, UNIT12)`` is :func:`keep12`, without a call in between."""


def within(number: Decimal) -> Decimal:
    """Return the number. Raises NUM when it has more than 18 integer digits."""
    if number.adjusted() < DIGITS - 1 or -LIMIT < number < LIMIT:
        return number
    raise Fault(NUM)


def keep20(number: Decimal) -> Decimal:
    """Round an intermediate result to 20 decimals."""
    return quantize(number, UNIT20)


def keep12(number: Decimal) -> Decimal:
    """Round a value that leaves arithmetic to 12 decimals."""
    return quantize(number, UNIT12)


def divide(left: Decimal, right: Decimal) -> Decimal:
    """Return the quotient to 20 decimals. Raises DIV0 or NUM."""
    if not right:
        raise Fault(DIV0)
    quotient = exact_quotient(left, right)
    if quotient and quotient.adjusted() > DIGITS + 1:
        raise Fault(NUM)
    return within(quantize(quotient, UNIT20))


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """Return a power: exact for whole exponents up to 1,000, else by way of binary64. Raises DIV0 or NUM."""
    if abs(exponent) > limits.EXPONENT:
        raise Fault(NUM)
    if not base:
        if exponent < 0:
            raise Fault(DIV0)
        return ZERO if exponent else ONE
    if exponent != exponent.to_integral_value():
        if base < 0:
            raise Fault(NUM)
        return _from_binary_power(base, exponent)
    if _log10(base) * float(exponent) > DIGITS + 1:
        raise Fault(NUM)
    return within(keep20(CONTEXT.power(base, exponent)))


def _log10(number: Decimal) -> float:
    """Return the decimal logarithm of a magnitude, good enough to foresee an overflow."""
    magnitude = number.copy_abs()
    shift = magnitude.adjusted()
    return math.log10(float(magnitude.scaleb(-shift))) + shift


def _from_binary_power(base: Decimal, exponent: Decimal) -> Decimal:
    if _log10(base) * float(exponent) > DIGITS + 1:
        raise Fault(NUM)
    return within(keep20(from_binary(float(EXACT.power(base, exponent)))))


def from_binary(number: float) -> Decimal:
    """Return a binary result with 15 significant digits. Raises NUM when it is no number.

    What does not end is computed to 40 digits and rounded to binary64 once: the functions of a C library differ in
    their last bit from one to the other.
    """
    if not math.isfinite(number):
        raise Fault(NUM)
    return Decimal(f"{number:.15g}")


def square_root(number: Decimal) -> Decimal:
    """Return the square root to 15 significant digits. Raises NUM for a negative number."""
    if number < 0:
        raise Fault(NUM)
    return keep20(from_binary(math.sqrt(float(number))))


def places(digits: Decimal) -> int:
    """Return how many decimals a second argument of ROUND means: cut to a whole number, within 12 and -18."""
    return max(-DIGITS - 1, min(KEPT, int(digits)))


def _rounded(number: Decimal, digits: Decimal, mode: str) -> Decimal:
    at = places(digits)
    if at <= -DIGITS - 1:
        return ZERO if mode != ROUND_UP or not number else overflow()
    rounded = number.quantize(Decimal(1).scaleb(-at), mode, CONTEXT)
    return within(rounded if at >= 0 else rounded.quantize(ONE, None, CONTEXT))


@cache
def quantizer(mode: str) -> Callable[[Decimal, Decimal], Decimal]:
    """Return the function that rounds to a unit."""
    return Context(prec=100, rounding=mode, Emin=-99999, Emax=99999, traps=[]).quantize


def unit(places: int) -> Decimal:
    """Return one in the last of some decimals (0 to 20)."""
    return _UNITS[places]


def overflow() -> Decimal:
    """Raise NUM, as a value of 19 integer digits does."""
    raise Fault(NUM)


def add_all(first: Decimal, *more: Decimal) -> Decimal:
    """Return a sum of many."""
    for number in more:
        first = add(first, number)
    return first


def round_half(number: Decimal, digits: Decimal = ZERO) -> Decimal:
    """ROUND: half away from zero."""
    return _rounded(number, digits, ROUND_HALF_UP)


def round_up(number: Decimal, digits: Decimal = ZERO) -> Decimal:
    """ROUNDUP: away from zero."""
    return _rounded(number, digits, ROUND_UP)


def round_down(number: Decimal, digits: Decimal = ZERO) -> Decimal:
    """ROUNDDOWN and TRUNC: towards zero."""
    return _rounded(number, digits, ROUND_DOWN)


def floor(number: Decimal) -> Decimal:
    """INT: the whole number below."""
    return number.to_integral_value(ROUND_FLOOR)


def ceil(number: Decimal) -> Decimal:
    """The whole number above."""
    return number.to_integral_value(ROUND_CEILING)


def modulo(left: Decimal, right: Decimal) -> Decimal:
    """MOD: the remainder has the sign of the divisor. Raises DIV0."""
    if not right:
        raise Fault(DIV0)
    rest = CONTEXT.remainder(left, right)
    if rest and (rest < 0) != (right < 0):
        rest = add(rest, right)
    return rest


def floor_to(number: Decimal, step: Decimal = ONE) -> Decimal:
    """FLOOR: the multiple of the step below (towards minus infinity). Raises DIV0 or NUM."""
    step = step.copy_abs()
    return within(subtract(number, modulo(number, step)))


def ceiling_to(number: Decimal, step: Decimal = ONE) -> Decimal:
    """CEILING: the multiple of the step above (towards plus infinity). Raises DIV0 or NUM."""
    step = step.copy_abs()
    return within(add(number, modulo(number.copy_negate(), step)))


def plain(number: Decimal) -> str:
    """Return the shortest plain decimal text: no exponent, no trailing zeros, no negative zero."""
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
