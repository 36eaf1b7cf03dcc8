"""Functions over numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal

from engine.expr import numbers, sql_numbers
from engine.expr.functions.base import Column, Fn, Param, PythonCompiler
from engine.expr.functions.numeric import NUMBER_PARAM, define_numeric
from engine.expr.numbers import DIGITS, KEPT, LIMIT, ONE, ZERO
from engine.expr.to_python import rounded
from engine.expr.tree import Call, Const, Node, top_bound
from engine.expr.values import Env, Value

_DIGITS = Param("digits", "number", optional=True)
_STEP = Param("step", "number", optional=True)


def _same(args: Sequence[Node]) -> tuple[int, Decimal]:
    return min(args[0].facts.scale, KEPT), args[0].facts.bound


def _rounded_to(args: Sequence[Node]) -> tuple[int, Decimal]:
    """Scale and bound of a number rounded to a fixed or unknown number of decimals."""
    bound = args[0].facts.bound
    if len(args) == 1:
        return 0, top_bound(bound + 1)
    digits = args[1]
    if isinstance(digits, Const) and digits.value is not None:
        places = numbers.places(digits.value)
        return max(0, places), top_bound(bound + ONE.scaleb(max(0, -places)))
    return KEPT, numbers.WIDEST


def _can_overflow(numbers_of: Callable[[Sequence[Node]], tuple[int, Decimal]]) -> Callable[[Sequence[Node]], bool]:
    return lambda args: numbers_of(args)[1] >= LIMIT


def _sign(number: Decimal) -> Decimal:
    return (ONE if number > 0 else Decimal(-1)) if number else ZERO


define_numeric(
    "ABS",
    "绝对值。",
    "The magnitude of a number.",
    (("ABS(-3.5)", "3.5"),),
    Decimal.copy_abs,
    sql_numbers.absolute,
    numbers=_same,
)
define_numeric(
    "SIGN",
    "正数得 1，零得 0，负数得 -1。",
    "1, 0 or -1 for a positive number, zero or a negative number.",
    (("SIGN(-8)", "-1"), ("SIGN(0)", "0")),
    _sign,
    sql_numbers.sign,
    numbers=lambda args: (0, ONE),
)


def _fixed_rounding(mode: str, python: Callable[..., Value]) -> Callable[[PythonCompiler, Call], Fn]:
    """Rounding to a number of decimals known now is one step."""

    def form(compiler: PythonCompiler, node: Call) -> Fn:
        value = rounded(compiler.value(node.args[0]), node.args[0])
        if len(node.args) == 1:
            places: int | None = 0
        else:
            digits = node.args[1]
            places = numbers.places(digits.value) if isinstance(digits, Const) and digits.value is not None else None
        if places is None or places < 0:
            return _general(value, compiler, node, python)
        cut, unit = numbers.quantizer(mode), numbers.unit(places)
        if not _can_overflow(_rounded_to)(node.args):

            def fast(env: Env) -> Value:
                number = value(env)
                return None if number is None else cut(number, unit)

            return fast
        within = numbers.within

        def checked(env: Env) -> Value:
            number = value(env)
            return None if number is None else within(cut(number, unit))

        return checked

    return form


def _general(value: Fn, compiler: PythonCompiler, node: Call, python: Callable[..., Value]) -> Fn:
    digits = rounded(compiler.value(node.args[1]), node.args[1])

    def run(env: Env) -> Value:
        number, places = value(env), digits(env)
        return None if number is None or places is None else python(number, places)

    return run


_Rows = tuple[tuple[str, str, str, tuple[tuple[str, str], ...], Callable[..., Value], Callable[..., Column]], ...]

ROUNDING_MODES = {"ROUND": ROUND_HALF_UP, "ROUNDUP": ROUND_UP, "ROUNDDOWN": ROUND_DOWN, "TRUNC": ROUND_DOWN}
_ROUNDING: _Rows = (
    (
        "ROUND",
        "四舍五入到指定小数位（负数表示整数位）；恰好一半时远离零。",
        "Rounds to a number of decimals (negative: tens, hundreds ...), halves away from zero.",
        (("ROUND(2.345, 2)", "2.35"), ("ROUND(-2.5)", "-3"), ("ROUND(1250, -2)", "1300")),
        numbers.round_half,
        sql_numbers.round_half,
    ),
    (
        "ROUNDUP",
        "向远离零的方向舍入。",
        "Rounds away from zero.",
        (("ROUNDUP(2.01)", "3"), ("ROUNDUP(-2.341, 2)", "-2.35")),
        numbers.round_up,
        sql_numbers.round_up,
    ),
    (
        "ROUNDDOWN",
        "向零舍入。",
        "Rounds towards zero.",
        (("ROUNDDOWN(2.99)", "2"), ("ROUNDDOWN(-2.349, 2)", "-2.34")),
        numbers.round_down,
        sql_numbers.round_down,
    ),
    (
        "TRUNC",
        "截去小数（可保留几位），与 ROUNDDOWN 相同。",
        "Cuts decimals off, as ROUNDDOWN does.",
        (("TRUNC(-8.9)", "-8"), ("TRUNC(3.14159, 3)", "3.141")),
        numbers.round_down,
        sql_numbers.round_down,
    ),
)
for _name, _zh, _en, _examples, _python, _sql in _ROUNDING:
    define_numeric(
        _name,
        _zh,
        _en,
        _examples,
        _python,
        _sql,
        NUMBER_PARAM,
        _DIGITS,
        form=_fixed_rounding(ROUNDING_MODES[_name], _python),
        numbers=_rounded_to,
        errors=("NUM",),
        fails=_can_overflow(_rounded_to),
        extra={"bounded": True},
    )


def _below(args: Sequence[Node]) -> tuple[int, Decimal]:
    return 0, top_bound(args[0].facts.bound + 1)


define_numeric(
    "INT",
    "不大于该数的最大整数。",
    "The whole number at or below.",
    (("INT(-8.9)", "-9"), ("INT(1 / 9 * 9)", "1")),
    lambda number: numbers.within(numbers.floor(number)),
    sql_numbers.floor,
    numbers=_below,
    errors=("NUM",),
    fails=_can_overflow(_below),
    extra={"bounded": True},
)


def _step_fails(args: Sequence[Node]) -> bool:
    fixed = len(args) == 1 or (isinstance(args[1], Const) and bool(args[1].value))
    return not fixed or _stepped(args)[1] >= LIMIT


def _stepped(args: Sequence[Node]) -> tuple[int, Decimal]:
    step = args[1].facts if len(args) > 1 else None
    scale = max(args[0].facts.scale, step.scale) if step else 0
    return min(scale, KEPT), top_bound(args[0].facts.bound + (step.bound if step else ONE))


_MULTIPLES: _Rows = (
    (
        "CEILING",
        "不小于该数的最小倍数（默认 1），向正方向。",
        "The next multiple of a step (default 1), upwards.",
        (("CEILING(4.42, 0.05)", "4.45"), ("CEILING(-4.1)", "-4")),
        numbers.ceiling_to,
        sql_numbers.ceiling_to,
    ),
    (
        "FLOOR",
        "不大于该数的最大倍数（默认 1），向负方向。",
        "The next multiple of a step (default 1), downwards.",
        (("FLOOR(4.42, 0.05)", "4.4"), ("FLOOR(-4.1)", "-5")),
        numbers.floor_to,
        sql_numbers.floor_to,
    ),
)
for _name, _zh, _en, _examples, _python, _sql in _MULTIPLES:
    define_numeric(
        _name,
        _zh,
        _en,
        _examples,
        _python,
        _sql,
        NUMBER_PARAM,
        _STEP,
        numbers=_stepped,
        errors=("DIV0", "NUM"),
        fails=_step_fails,
        extra={"bounded": True},
    )

define_numeric(
    "MOD",
    "余数，符号与除数相同。",
    "The remainder; it has the sign of the divisor.",
    (("MOD(10, 3)", "1"), ("MOD(-10, 3)", "2"), ("MOD(5.5, 2)", "1.5"), ("MOD(3, 0)", "#DIV/0!")),
    numbers.modulo,
    sql_numbers.modulo,
    NUMBER_PARAM,
    Param("divisor", "number"),
    numbers=lambda args: (max(arg.facts.scale for arg in args), args[1].facts.bound),
    errors=("DIV0",),
    fails=lambda args: not (isinstance(args[1], Const) and bool(args[1].value)),
)
define_numeric(
    "SQRT",
    "平方根，15 位有效数字。",
    "The square root, to 15 significant digits.",
    (("SQRT(2)", "1.41421356237"), ("SQRT(-1)", "#NUM!")),
    numbers.square_root,
    sql_numbers.square_root,
    numbers=lambda args: (DIGITS + 2, args[0].facts.bound + 1),
    errors=("NUM",),
)
