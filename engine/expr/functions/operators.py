"""Arithmetic, comparison and text joining."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from engine.expr import numbers, sql_numbers
from engine.expr.functions.base import Column, Fn, Function, Param, PythonCompiler, Test, define, never_blank
from engine.expr.numbers import INTERMEDIATE, LIMIT
from engine.expr.to_python import fixed_value, rounded
from engine.expr.tree import Call, Const, Node, top_bound
from engine.expr.types import BOOLEAN, NUMBER, ListType
from engine.expr.values import Env, Value

_A, _B = Param("a", "number"), Param("b", "number")


def _overflows(args: Sequence[Node], bound: Decimal) -> bool:
    return bound >= LIMIT


def _checked(function: Fn, bound: Decimal) -> Fn:
    """Add the check for 19 integer digits where the operands can get there."""
    if bound < LIMIT:
        return function

    def run(env: Env) -> Value:
        number = function(env)
        return None if number is None else numbers.within(number)

    return run


# -- sums -------------------------------------------------------------------------------------------------------


def _sum_numbers(args: Sequence[Node]) -> tuple[int, Decimal]:
    return max(arg.facts.scale for arg in args), top_bound(sum((arg.facts.bound for arg in args), numbers.ZERO))


def _negated(node: Node) -> Node | None:
    return node.args[0] if isinstance(node, Call) and node.name == "NEG" else None


def _sum_form(compiler: PythonCompiler, node: Call) -> Fn:
    bound = _sum_numbers(node.args)[1]
    if len(node.args) == 2:
        return _checked(_sum_two(compiler, node), bound)
    args = [compiler.value(arg) for arg in node.args]
    add = numbers.add

    def run(env: Env) -> Value:
        values = [arg(env) for arg in args]
        if None in values:
            return None
        total = values[0]
        for value in values[1:]:
            total = add(total, value)
        return total

    return _checked(run, bound)


def _sum_two(compiler: PythonCompiler, node: Call) -> Fn:
    left = compiler.value(node.args[0])
    other = _negated(node.args[1])
    right = compiler.value(other if other is not None else node.args[1])
    combine = numbers.add if other is None else numbers.subtract

    def run(env: Env) -> Value:
        a, b = left(env), right(env)
        return None if a is None or b is None else combine(a, b)

    return run


def _sum_sql(*args: Column) -> Column:
    total = args[0]
    for arg in args[1:]:
        total = total + arg
    return total


define(
    Function(
        name="+",
        group="operator",
        params=(_A, _B),
        repeat=1,
        result=NUMBER,
        docs={
            "zh-CN": "相加。日期加天数得日期，日期时间加时长得日期时间。",
            "en": "Adds. A date plus days is a date, a date and time plus a duration a date and time.",
        },
        examples=(("0.1 + 0.2", "0.3"), ("DATE(2024, 2, 28) + 2", "2024-03-01"), ("10 - 3 - 2", "5")),
        errors=("NUM",),
        fails=lambda args: _overflows(args, _sum_numbers(args)[1]),
        numbers=_sum_numbers,
        raw_numbers=True,
        form=_sum_form,
        postgresql=_sum_sql,
        extra={"operator": True, "bounded": True},
    )
)


def _neg_form(compiler: PythonCompiler, node: Call) -> Fn:
    value = compiler.value(node.args[0])

    def run(env: Env) -> Value:
        number = value(env)
        return None if number is None else number.copy_negate()

    return run


define(
    Function(
        name="NEG",
        group="operator",
        params=(_A,),
        result=NUMBER,
        docs={"zh-CN": "相反数。", "en": "The opposite number."},
        examples=(("-(3 + 5)", "-8"), ("-2 ^ 2", "4")),
        numbers=lambda args: (args[0].facts.scale, args[0].facts.bound),
        raw_numbers=True,
        form=_neg_form,
        postgresql=operator.neg,
        extra={"operator": True},
        hidden=True,
    )
)


# -- products ---------------------------------------------------------------------------------------------------


def _product_numbers(args: Sequence[Node]) -> tuple[int, Decimal]:
    left, right = args[0].facts, args[1].facts
    bound = numbers.multiply(left.bound, right.bound)
    return min(INTERMEDIATE, left.scale + right.scale), top_bound(bound)


def _product_form(compiler: PythonCompiler, node: Call) -> Fn:
    left, right = compiler.value(node.args[0]), compiler.value(node.args[1])
    multiply, keep20 = numbers.multiply, numbers.keep20
    if node.args[0].facts.scale + node.args[1].facts.scale > INTERMEDIATE:

        def run(env: Env) -> Value:
            a, b = left(env), right(env)
            return None if a is None or b is None else keep20(multiply(a, b))

    else:

        def run(env: Env) -> Value:
            a, b = left(env), right(env)
            return None if a is None or b is None else multiply(a, b)

    return _checked(run, _product_numbers(node.args)[1])


define(
    Function(
        name="*",
        group="operator",
        params=(_A, _B),
        result=NUMBER,
        docs={"zh-CN": "相乘。", "en": "Multiplies."},
        examples=(("1.005 * 100", "100.5"), ("200 * 15%", "30")),
        errors=("NUM",),
        fails=lambda args: _overflows(args, _product_numbers(args)[1]),
        numbers=_product_numbers,
        raw_numbers=True,
        form=_product_form,
        postgresql=operator.mul,
        extra={"operator": True, "bounded": True, "round": True},
    )
)


def _quotient_numbers(args: Sequence[Node]) -> tuple[int, Decimal]:
    divisor = args[1]
    if isinstance(divisor, Const) and divisor.value:
        return INTERMEDIATE, top_bound(numbers.CONTEXT.divide(args[0].facts.bound, divisor.value.copy_abs()) + 1)
    return INTERMEDIATE, numbers.WIDEST


def _quotient_fails(args: Sequence[Node]) -> bool:
    return _quotient_numbers(args)[1] >= LIMIT


define(
    Function(
        name="/",
        group="operator",
        params=(_A, _B),
        result=NUMBER,
        docs={"zh-CN": "相除；除数为零是错误。", "en": "Divides; dividing by zero is an error."},
        examples=(("7 / 2", "3.5"), ("1 / 3 * 3", "1"), ("1 / 0", "#DIV/0!")),
        errors=("DIV0", "NUM"),
        fails=_quotient_fails,
        numbers=_quotient_numbers,
        raw_numbers=True,
        python=numbers.divide,
        postgresql=sql_numbers.divide,
        extra={"operator": True, "bounded": True},
    )
)


def _power_numbers(args: Sequence[Node]) -> tuple[int, Decimal]:
    return INTERMEDIATE, numbers.WIDEST


define(
    Function(
        name="^",
        group="operator",
        aliases=("POWER",),
        params=(Param("base", "number"), Param("exponent", "number")),
        result=NUMBER,
        docs={
            "zh-CN": "乘方。整数指数精确计算，小数指数取 15 位有效数字。2^3^2 从左算起。",
            "en": "Power. Whole exponents are exact, others have 15 significant digits. 2^3^2 is read from the left.",
        },
        examples=(("2 ^ 3 ^ 2", "64"), ("POWER(25, 0.5)", "5"), ("9 ^ 99", "#NUM!")),
        errors=("DIV0", "NUM"),
        numbers=_power_numbers,
        raw_numbers=True,
        python=numbers.power,
        postgresql=sql_numbers.power,
        extra={"operator": True, "bounded": True},
    )
)


# -- comparison -------------------------------------------------------------------------------------------------


def _equal_form(same: bool) -> Callable[[PythonCompiler, Call], Fn]:
    def form(compiler: PythonCompiler, node: Call) -> Fn:
        left, right = _operand(compiler, node.args[0]), _operand(compiler, node.args[1])
        if isinstance(node.args[0].type, ListType):
            return lambda env: (list(left(env)) == list(right(env))) is same
        if isinstance(node.args[1], Const):
            fixed = fixed_value(node.args[1])
            return (lambda env: left(env) == fixed) if same else (lambda env: left(env) != fixed)
        return (lambda env: left(env) == right(env)) if same else (lambda env: left(env) != right(env))

    return form


def _operand(compiler: PythonCompiler, node: Node) -> Fn:
    return rounded(compiler.value(node), node)


def _order_form(compare: Callable[[Any, Any], bool]) -> Callable[[PythonCompiler, Call], Fn]:
    def form(compiler: PythonCompiler, node: Call) -> Fn:
        left, right = _operand(compiler, node.args[0]), _operand(compiler, node.args[1])

        def run(env: Env) -> Value:
            a, b = left(env), right(env)
            return None if a is None or b is None else compare(a, b)

        return run

    return form


def _order_test(compare: Callable[[Any, Any], bool]) -> Callable[[PythonCompiler, Call], Test]:
    def test(compiler: PythonCompiler, node: Call) -> Test:
        left, right = _operand(compiler, node.args[0]), _operand(compiler, node.args[1])
        fixed = fixed_value(node.args[1])
        if fixed is not None:

            def half(env: Env) -> bool:
                a = left(env)
                return a is not None and compare(a, fixed)

            return half

        def run(env: Env) -> bool:
            a, b = left(env), right(env)
            return a is not None and b is not None and compare(a, b)

        return run

    return test


_ORDER: tuple[tuple[str, Callable[[Any, Any], Any], str, str, tuple[str, str]], ...] = (
    ("<", operator.lt, "小于", "Less than", ("2 < 10", "TRUE")),
    ("<=", operator.le, "小于或等于", "Less than or equal to", ("2 <= 2", "TRUE")),
    (">", operator.gt, "大于", "Greater than", ('"b" > "a"', "TRUE")),
    (">=", operator.ge, "大于或等于", "Greater than or equal to", ("1 >= NULL", "")),
)

for _name, _compare, _zh, _en, _example in _ORDER:
    define(
        Function(
            name=_name,
            group="operator",
            params=(Param("a", "any"), Param("b", "any")),
            result=BOOLEAN,
            docs={"zh-CN": f"{_zh}；有空值时结果为空。", "en": f"{_en}; blank when a side is blank."},
            examples=(_example,),
            form=_order_form(_compare),
            extra={"operator": True, "test": _order_test(_compare), "compare": _compare},
            sql="core",
        )
    )

for _name, _same, _zh, _en, _example in (
    ("=", True, "等于；空值等于空值。", "Equal; blank equals blank.", ("NULL = NULL", "TRUE")),
    ("<>", False, "不等于；空值不等于任何有值。", "Not equal; blank differs from every value.", ("NULL <> 1", "TRUE")),
):
    define(
        Function(
            name=_name,
            group="operator",
            params=(Param("a", "any"), Param("b", "any")),
            result=BOOLEAN,
            docs={"zh-CN": _zh, "en": _en},
            examples=(_example,),
            blank="own",
            adjust=never_blank,
            form=_equal_form(_same),
            extra={"operator": True},
            sql="core",
        )
    )
