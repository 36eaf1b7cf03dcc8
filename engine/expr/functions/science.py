"""More functions over numbers: exponents and logarithms, multiples, parity, divisors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Double, and_, case, cast, func, null

from engine.expr import numbers, sql_numbers
from engine.expr.functions.base import Column, Function, Param, define
from engine.expr.functions.numeric import NUMBER_PARAM, define_numeric
from engine.expr.numbers import EXACT, INTERMEDIATE, LIMIT, ONE, WIDEST, ZERO
from engine.expr.tree import Node, top_bound
from engine.expr.types import BOOLEAN, NUMBER
from engine.expr.values import DIV0, NUM, Fault, Value

_LARGEST_FACTORIAL = 19
_EXP_LOW, _EXP_HIGH = Decimal(-60), Decimal(42)


def _binary(args: Sequence[Node]) -> tuple[int, Decimal]:
    return INTERMEDIATE, WIDEST


# -- exponents and logarithms -----------------------------------------------------------------------------------


def exponential(number: Decimal) -> Decimal:
    """EXP, to 15 significant digits. Raises NUM."""
    if number > _EXP_HIGH:
        raise Fault(NUM)
    return numbers.within(numbers.keep20(numbers.from_binary(float(EXACT.exp(max(_EXP_LOW, number))))))


def logarithm(number: Decimal) -> Decimal:
    """LN, to 15 significant digits. Raises NUM."""
    if number <= 0:
        raise Fault(NUM)
    return numbers.keep20(numbers.from_binary(float(EXACT.ln(number))))


def log10(number: Decimal) -> Decimal:
    """LOG10, to 15 significant digits. Raises NUM."""
    if number <= 0:
        raise Fault(NUM)
    return numbers.keep20(numbers.from_binary(float(EXACT.log10(number))))


def log(number: Decimal, base: Decimal = Decimal(10)) -> Decimal:
    """LOG to a base. Raises NUM, or DIV0 for base 1."""
    if base == 10:
        return log10(number)
    if number <= 0 or base <= 0:
        raise Fault(NUM)
    if base == 1:
        raise Fault(DIV0)
    return numbers.keep20(numbers.from_binary(float(EXACT.ln(number)) / float(EXACT.ln(base))))


def _positive(number: Column) -> Column:
    return case((number > sql_numbers.ZERO, number), else_=null())


def _sql_exp(number: Column) -> Column:
    high, low = sql_numbers.constant(_EXP_HIGH), sql_numbers.constant(_EXP_LOW)
    inside = case((number <= high, func.greatest(number, low)), else_=null())
    return sql_numbers.keep20(sql_numbers.from_binary(sql_numbers.unending(func.exp, inside)))


def _sql_ln(number: Column) -> Column:
    return sql_numbers.keep20(sql_numbers.from_binary(sql_numbers.unending(func.ln, _positive(number))))


def _sql_log10(number: Column) -> Column:
    return sql_numbers.keep20(sql_numbers.from_binary(sql_numbers.unending(func.log, _positive(number))))


def _sql_log(number: Column, base: Column | None = None) -> Column:
    if base is None:
        return _sql_log10(number)
    other = func.nullif(sql_numbers.unending(func.ln, _positive(base)), 0.0, type_=Double)
    ratio: Any = sql_numbers.unending(func.ln, _positive(number)) / other
    general = sql_numbers.keep20(sql_numbers.from_binary(ratio))
    return case((base == sql_numbers.TEN, _sql_log10(number)), else_=general)


define_numeric(
    "EXP",
    "e 的幂，15 位有效数字。",
    "e to a power, to 15 significant digits.",
    (("EXP(1)", "2.718281828459"), ("EXP(100)", "#NUM!")),
    exponential,
    _sql_exp,
    errors=("NUM",),
    numbers=_binary,
    extra={"bounded": True},
)
define_numeric(
    "LN",
    "自然对数。",
    "The natural logarithm.",
    (("LN(10)", "2.302585092994"), ("LN(0)", "#NUM!")),
    logarithm,
    _sql_ln,
    errors=("NUM",),
    numbers=_binary,
)
define_numeric(
    "LOG",
    "对数，底默认为 10。",
    "The logarithm to a base, 10 unless told.",
    (("LOG(1000)", "3"), ("LOG(8, 2)", "3"), ("LOG(10, 1)", "#DIV/0!")),
    log,
    _sql_log,
    NUMBER_PARAM,
    Param("base", "number", optional=True),
    errors=("NUM", "DIV0"),
    numbers=_binary,
)
define_numeric(
    "LOG10",
    "以 10 为底的对数。",
    "The logarithm to base 10.",
    (("LOG10(1000)", "3"),),
    log10,
    _sql_log10,
    errors=("NUM",),
    numbers=_binary,
)

_PI = Decimal("3.14159265358979")
define(
    Function(
        name="PI",
        group="math",
        result=NUMBER,
        docs={"zh-CN": "圆周率，15 位有效数字。", "en": "The number pi, to 15 significant digits."},
        examples=(("PI()", "3.14159265359"),),
        numbers=lambda args: (14, Decimal(4)),
        form=lambda compiler, node: lambda env: _PI,
        postgresql=lambda: sql_numbers.constant(_PI),
    )
)


# -- multiples ----------------------------------------------------------------------------------------------------


def multiple(number: Decimal, step: Decimal) -> Decimal:
    """MROUND: the nearest multiple, halves away from zero. Raises NUM for a step of the other sign."""
    if not step:
        return ZERO
    if number and (number < 0) != (step < 0):
        raise Fault(NUM)
    rest = numbers.CONTEXT.remainder(number.copy_abs(), step.copy_abs())
    low = numbers.subtract(number.copy_abs(), rest)
    if numbers.add(rest, rest) >= step.copy_abs():
        low = numbers.add(low, step.copy_abs())
    return numbers.within(low.copy_negate() if number < 0 else low)


def _sql_multiple(number: Column, step: Column) -> Column:
    size, magnitude = func.nullif(func.abs(step), sql_numbers.ZERO), func.abs(number)
    rest = func.mod(magnitude, size)
    up = case((rest + rest >= size, size), else_=sql_numbers.ZERO)
    found = func.sign(number) * (magnitude - rest + up)
    wrong = and_(number != sql_numbers.ZERO, func.sign(number) != func.sign(step))
    return case(
        (step == sql_numbers.ZERO, case((number.is_(None), null()), else_=sql_numbers.ZERO)),
        (wrong, null()),
        else_=found,
    )


def quotient(left: Decimal, right: Decimal) -> Decimal:
    """QUOTIENT: the whole part of a division. Raises DIV0 or NUM."""
    if not right:
        raise Fault(DIV0)
    return numbers.within(numbers.CONTEXT.divide_int(left, right))


def _to_parity(number: Decimal, odd: bool) -> Decimal:
    """The next even or odd whole number away from zero."""
    size = numbers.ceil(number.copy_abs())
    if (int(size) % 2 == 1) is not odd:
        size = numbers.add(size, ONE)
    return numbers.within(size.copy_negate() if number < 0 else size)


def _sql_to_parity(odd: bool) -> Callable[[Column], Column]:
    def build(number: Column) -> Column:
        half = (func.ceil(func.abs(number)) + (1 if odd else 0)) / 2
        size = func.ceil(half) * 2 - (1 if odd else 0)
        sign = case((number < sql_numbers.ZERO, -1), else_=1)
        return sign * size

    return build


def _next(args: Sequence[Node]) -> tuple[int, Decimal]:
    return 0, top_bound(args[0].facts.bound + 2)


def _can_overflow(args: Sequence[Node]) -> bool:
    return _next(args)[1] >= LIMIT


define_numeric(
    "MROUND",
    "最接近的倍数，恰好一半时远离零；符号不同是错误。",
    "The nearest multiple, halves away from zero; different signs are an error.",
    (("MROUND(7.5, 2)", "8"), ("MROUND(-10, -3)", "-9"), ("MROUND(5, -2)", "#NUM!")),
    multiple,
    _sql_multiple,
    NUMBER_PARAM,
    Param("multiple", "number"),
    errors=("NUM",),
    extra={"bounded": True},
)
define_numeric(
    "QUOTIENT",
    "商的整数部分。",
    "The whole part of a division.",
    (("QUOTIENT(17, 5)", "3"), ("QUOTIENT(-7, 2)", "-3"), ("QUOTIENT(1, 0)", "#DIV/0!")),
    quotient,
    lambda left, right: sql_numbers.numeric(func.div(left, func.nullif(right, sql_numbers.ZERO))),
    NUMBER_PARAM,
    Param("divisor", "number"),
    errors=("DIV0", "NUM"),
    extra={"bounded": True},
)
for _name, _odd, _zh, _en, _examples in (
    (
        "EVEN",
        False,
        "远离零方向的下一个偶数。",
        "The next even number away from zero.",
        (("EVEN(1.5)", "2"), ("EVEN(-1)", "-2")),
    ),
    (
        "ODD",
        True,
        "远离零方向的下一个奇数。",
        "The next odd number away from zero.",
        (("ODD(2)", "3"), ("ODD(-2)", "-3")),
    ),
):
    define_numeric(
        _name,
        _zh,
        _en,
        _examples,
        lambda number, odd=_odd: _to_parity(number, odd),
        _sql_to_parity(_odd),
        errors=("NUM",),
        fails=_can_overflow,
        numbers=_next,
        extra={"bounded": True},
    )
for _name, _wanted, _zh, _en, _example in (
    ("ISEVEN", 0, "整数部分是否偶数。", "Whether the whole part is even.", ("ISEVEN(2.9)", "TRUE")),
    ("ISODD", 1, "整数部分是否奇数。", "Whether the whole part is odd.", ("ISODD(-1)", "TRUE")),
):
    define_numeric(
        _name,
        _zh,
        _en,
        (_example,),
        lambda number, wanted=_wanted: int(number) % 2 == wanted,
        lambda number, wanted=_wanted: func.abs(func.mod(func.trunc(number), 2)) == wanted,
        result=BOOLEAN,
    )


# -- whole numbers ------------------------------------------------------------------------------------------------


def factorial(number: Decimal) -> Decimal:
    """FACT of the whole part. Raises NUM below 0 and above 19."""
    whole = int(number) if number.copy_abs() < 100 else -1
    if number < 0 or not 0 <= whole <= _LARGEST_FACTORIAL:
        raise Fault(NUM)
    return Decimal(math.factorial(whole))


def _sql_factorial(number: Column) -> Column:
    inside = case((and_(number >= 0, number < _LARGEST_FACTORIAL + 1), func.trunc(number)), else_=null())
    return sql_numbers.numeric(func.factorial(cast(inside, BigInteger)))


def _whole(values: Sequence[Value]) -> list[int]:
    found = [int(value) for value in values if value is not None]
    if any(value < 0 for value in found):
        raise Fault(NUM)
    return found


def greatest_divisor(*values: Value) -> Decimal:
    """GCD of the whole parts, blanks left out. Raises NUM for a negative number."""
    return Decimal(math.gcd(*_whole(values)))


def least_multiple(*values: Value) -> Decimal:
    """LCM of the whole parts, blanks left out. Raises NUM."""
    found = _whole(values)
    return numbers.within(Decimal(math.lcm(*found))) if found else ZERO


define_numeric(
    "FACT",
    "阶乘（0–19）。",
    "The factorial, of 0 to 19.",
    (("FACT(5)", "120"), ("FACT(-1)", "#NUM!")),
    factorial,
    _sql_factorial,
    errors=("NUM",),
    numbers=lambda args: (0, Decimal(math.factorial(_LARGEST_FACTORIAL))),
)
_NO_FORM = "the database has no form that skips blanks"
_DIVISORS: tuple[tuple[str, str, str, tuple[str, str], Callable[..., Value]], ...] = (
    ("GCD", "最大公约数，空值跳过。", "The greatest common divisor.", ("GCD(12, 18, NULL)", "6"), greatest_divisor),
    ("LCM", "最小公倍数，空值跳过。", "The least common multiple.", ("LCM(4, 6, NULL)", "12"), least_multiple),
)
for _name, _zh, _en, _example, _python in _DIVISORS:
    define(
        Function(
            name=_name,
            group="math",
            params=(NUMBER_PARAM,),
            repeat=1,
            result=NUMBER,
            docs={"zh-CN": _zh, "en": f"{_en} Blanks are skipped."},
            examples=(_example,),
            blank="own",
            python=_python,
            postgresql=_NO_FORM,
            errors=("NUM",),
            numbers=lambda args: (0, WIDEST),
        )
    )
