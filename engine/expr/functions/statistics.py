"""Statistics over values and lists, blanks left out; exact sums, roots to 15 significant digits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, and_, case, cast, func, null, or_
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from engine.expr import limits, numbers
from engine.expr.budget import spend
from engine.expr.functions.base import Binder, Column, Fn, Function, Param, PythonCompiler, define
from engine.expr.functions.totals import add_up, average, bind_total, total_form
from engine.expr.numbers import INTERMEDIATE, WIDEST, ZERO
from engine.expr.sql_lists import Lists
from engine.expr.sql_numbers import clamp, constant, divide, numeric
from engine.expr.sql_scalars import POSTGRESQL_TYPES, over_rows
from engine.expr.sql_values import NotPushable, Sql, once
from engine.expr.syntax import Invoke
from engine.expr.to_python import rounded
from engine.expr.tree import Call, Facts, Node
from engine.expr.types import NUMBER, ListType
from engine.expr.values import DIV0, NUM, Env, Fault, Value

_VALUES = Param("values", "any")
_NUMBERS = Param("numbers", "list")
_NO_FORM = "statistics are computed by the application"


def median(values: Sequence[Decimal]) -> Decimal | None:
    """The middle value, or the mean of the two middle ones; blank for none."""
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else average(ordered[half - 1 : half + 1])


def product(values: Sequence[Decimal]) -> Decimal | None:
    """The product; blank for no values. Raises NUM."""
    if not values:
        return None
    result = values[0]
    for value in values[1:]:
        result = numbers.within(numbers.keep20(numbers.multiply(result, value)))
    return result


def sum_of_squares(values: Sequence[Decimal]) -> Decimal:
    return add_up(numbers.keep20(numbers.multiply(value, value)) for value in values)


def variance(values: Sequence[Decimal], *, sample: bool) -> Decimal | None:
    """Variance of a population or a sample; blank for no values. Raises DIV0 for a sample of one, NUM."""
    if not values:
        return None
    mean = average(values) or ZERO
    squares = sum_of_squares([numbers.subtract(value, mean) for value in values])
    count = len(values) - 1 if sample else len(values)
    if not count:
        raise Fault(DIV0)
    return numbers.divide(squares, Decimal(count))


def deviation(values: Sequence[Decimal], *, sample: bool) -> Decimal | None:
    """Standard deviation, to 15 significant digits."""
    found = variance(values, sample=sample)
    return None if found is None else numbers.square_root(found)


# -- PostgreSQL: the items in order, as an array ---------------------------------------------------------------------


def _from_rows(facts: Facts, lists: Sequence[Node]) -> Facts:
    """PostgreSQL goes through one list, from rows of a table."""
    rows = len(lists) == 1 and over_rows(lists[0])
    return facts if rows else replace(facts, pushable=facts.pushable - {"postgresql"})


def _in_order(compiler: Lists, node: Node, *, largest: bool = False) -> tuple[Column, Column | None]:
    """Return an array of the items that are not blank, and when the list is an error."""
    stream = compiler.stream(node)
    if stream.value is None:
        raise NotPushable("records have no order")
    item = compiler.in_order(stream)
    order = item.desc() if largest else item.asc()
    array = func.array_agg(
        aggregate_order_by(stream.value.value, order), type_=ARRAY(POSTGRESQL_TYPES[stream.type.kind])
    )
    made = array.filter(stream.value.value.is_not(None))
    return compiler.select_from(stream, made).scalar_subquery(), compiler.failed(stream)


def _median_sql(compiler: Lists, node: Call) -> Sql:
    """The middle of the array, or the mean of the two middle items; NULL for none."""

    def middle(items: Any) -> Column:
        count = func.cardinality(items, type_=Integer())
        low, high = numeric(items[(count + 1) // 2]), numeric(items[count // 2 + 1])
        return numeric(case((count % 2 == 1, low), else_=divide(clamp(low + high), constant(Decimal(2)))))

    items, failed = _in_order(compiler, node.args[0])
    value, some = once(middle, items), items.is_not(None)
    own = and_(value.is_(None), some)
    guard = own if failed is None else or_(failed, own)
    return Sql(case((guard, null()), else_=value), guard)


def _ranked_sql(*, largest: bool) -> Callable[[Any, Call], Sql]:
    def form(compiler: Lists, node: Call) -> Sql:
        items, failed = _in_order(compiler, node.args[0], largest=largest)
        rank = compiler.argument(node.args[1])

        def chosen(items: Any, rank: Column) -> Column:
            at = cast(func.least(func.greatest(func.trunc(rank), 0), limits.LIST_ITEMS + 1), Integer)
            return case((rank.is_(None), null()), else_=items[at])

        value = once(chosen, items, rank.value)
        guards = [and_(value.is_(None), rank.value.is_not(None))]
        guards += [guard for guard in (failed, rank.guard) if guard is not None]
        return Sql(case((or_(*guards), null()), else_=value), or_(*guards))

    return form


def _define(
    name: str,
    zh: str,
    en: str,
    examples: tuple[tuple[str, str], ...],
    compute: Callable[[Any], Value],
    *errors: Any,
    sql: Callable[[Any, Call], Sql] | None = None,
) -> None:
    define(
        Function(
            name=name,
            group="list",
            params=(_VALUES,),
            repeat=1,
            result=NUMBER,
            docs={"zh-CN": zh, "en": en},
            examples=examples,
            blank="own",
            raw_numbers=True,
            bind=bind_total,
            form=total_form(compute),
            errors=errors or ("NUM",),
            adjust=lambda facts, args: replace(
                facts if sql is None else _from_rows(facts, args), nullable=True, scale=INTERMEDIATE, bound=WIDEST
            ),
            postgresql=None if sql is not None else _NO_FORM,
            sql=sql,
            extra={"items": "number"},
        )
    )


_define(
    "MEDIAN",
    "中位数。",
    "The middle value.",
    (("MEDIAN(5, 1, 3, 4)", "3.5"), ("MEDIAN([])", "")),
    median,
    sql=_median_sql,
)
_define("PRODUCT", "乘积，空值跳过。", "The product; blanks are skipped.", (("PRODUCT(2, NULL, 5)", "10"),), product)
_define("SUMSQ", "平方和。", "The sum of the squares.", (("SUMSQ(3, 4)", "25"),), sum_of_squares)
_define(
    "STDEV",
    "样本标准差。",
    "The standard deviation of a sample.",
    (("ROUND(STDEV(2, 4, 4, 4, 5, 5, 7, 9), 6)", "2.13809"), ("STDEV(1)", "#DIV/0!")),
    lambda values: deviation(values, sample=True),
    "NUM",
    "DIV0",
)
_define(
    "STDEVP",
    "总体标准差。",
    "The standard deviation of a population.",
    (("STDEVP(2, 4, 4, 4, 5, 5, 7, 9)", "2"),),
    lambda values: deviation(values, sample=False),
)
_define(
    "VAR",
    "样本方差。",
    "The variance of a sample.",
    (("VAR(1, 2, 3)", "1"),),
    lambda values: variance(values, sample=True),
    "NUM",
    "DIV0",
)
_define(
    "VARP",
    "总体方差。",
    "The variance of a population.",
    (("VARP(1, 3)", "1"),),
    lambda values: variance(values, sample=False),
)


# -- by rank --------------------------------------------------------------------------------------------------------


def _ranked(largest: bool) -> Callable[[PythonCompiler, Call], Fn]:
    def form(compiler: PythonCompiler, node: Call) -> Fn:
        items, rank = compiler.items(node.args[0]), rounded(compiler.value(node.args[1]), node.args[1])

        def run(env: Env) -> Value:
            source, wanted = items(env), rank(env)
            spend(env, len(source))
            if wanted is None:
                return None
            ordered = sorted((item for item in source if item is not None), reverse=largest)
            at = int(wanted) - 1
            if not 0 <= at < len(ordered):
                raise Fault(NUM)
            return ordered[at]

        return run

    return form


def _bind_ranked(binder: Binder, function: Function, call: Invoke) -> Node:
    source = binder.bind_list(call.args[0], function.name)
    (source,) = binder.unify_items([source], function.name)
    rank = binder.bind_argument(call.args[1], Param("rank", "number"), function.name)
    return binder.call(function.name, [source, rank], (call.start, call.end))


for _name, _largest, _zh, _en, _example in (
    ("LARGE", True, "第几大的值。", "The value at a rank from the largest.", ("LARGE([3, 5, 4], 2)", "4")),
    ("SMALL", False, "第几小的值。", "The value at a rank from the smallest.", ("SMALL([3, 5, 4], 1)", "3")),
):
    define(
        Function(
            name=_name,
            group="list",
            params=(Param("list", "list"), Param("rank", "number")),
            result=lambda args: args[0].type.item if isinstance(args[0].type, ListType) else args[0].type,
            docs={"zh-CN": _zh, "en": _en},
            examples=(_example,),
            blank="own",
            bind=_bind_ranked,
            form=_ranked(_largest),
            errors=("NUM",),
            adjust=lambda facts, args: _from_rows(facts, args[:1]),
            sql=_ranked_sql(largest=_largest),
        )
    )


# -- several lists ----------------------------------------------------------------------------------------------------


def _sumproduct_form(compiler: PythonCompiler, node: Call) -> Fn:
    lists = [rounded(compiler.value(arg), arg) for arg in node.args]

    def run(env: Env) -> Value:
        columns = [items(env) for items in lists]
        spend(env, max(len(column) for column in columns))
        if len({len(column) for column in columns}) > 1:
            raise Fault("VALUE")
        return add_up(product(row) or ZERO for row in zip(*columns, strict=True) if None not in row)

    return run


def _bind_sumproduct(binder: Binder, function: Function, call: Invoke) -> Node:
    args = [binder.bind_list(arg, function.name) for arg in call.args]
    for arg in args:
        if isinstance(arg.type, ListType) and arg.type.item.kind not in ("number", "null"):
            binder.wrong_type(arg, "number", function.name)
    return binder.call("SUMPRODUCT", args, (call.start, call.end))


define(
    Function(
        name="SUMPRODUCT",
        group="list",
        params=(_NUMBERS,),
        repeat=1,
        result=NUMBER,
        docs={
            "zh-CN": "几个等长列表逐项相乘再求和；有空值的项跳过。",
            "en": "Multiplies lists of one length item by item and adds up; items with a blank are skipped.",
        },
        examples=(("SUMPRODUCT([2, 3], [10, 0.5])", "21.5"), ("SUMPRODUCT([1], [1, 2])", "#VALUE!")),
        blank="own",
        bind=_bind_sumproduct,
        form=_sumproduct_form,
        errors=("NUM", "VALUE"),
        adjust=lambda facts, args: replace(facts, nullable=False, scale=INTERMEDIATE, bound=WIDEST),
        postgresql=_NO_FORM,
    )
)


def _bind_countblank(binder: Binder, function: Function, call: Invoke) -> Node:
    span = (call.start, call.end)
    source = binder.bind_list(call.args[0], function.name)
    parts = [binder.call(name, [source], span) for name in ("COUNTALL", "COUNT")]
    return binder.call("+", [parts[0], binder.call("NEG", [parts[1]], span)], span)


define(
    Function(
        name="COUNTBLANK",
        group="list",
        params=(Param("list", "list"),),
        result=NUMBER,
        docs={"zh-CN": "空元素的个数。", "en": "The number of blank items."},
        examples=(("COUNTBLANK([1, NULL])", "1"),),
        bind=_bind_countblank,
        sql="core",
    )
)
