"""Totals over values and lists. Blank items are skipped (rule B8); a second argument is a MAP."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.expr import limits, numbers
from engine.expr.budget import spend
from engine.expr.functions.base import Binder, Fn, Function, Param, PythonCompiler, define
from engine.expr.numbers import INTERMEDIATE, WIDEST
from engine.expr.syntax import Invoke
from engine.expr.to_python import rounded
from engine.expr.tree import Call, Facts, Node
from engine.expr.types import NUMBER, ListType, Type
from engine.expr.values import Env, Value

_VALUES = Param("values", "any")
_LIST = Param("list", "list")
_FUNCTION = Param("function", "any")
_COUNTS = (0, Decimal(limits.LIST_ITEMS) ** 2)


# -- totals -------------------------------------------------------------------------------------------------------


def _gather(compiler: PythonCompiler, node: Call) -> Callable[[Env], list[Value]]:
    """Return the function that collects the arguments of a total, lists spread out, blanks left out."""
    parts = [(isinstance(arg.type, ListType), rounded(compiler.value(arg), arg)) for arg in node.args]
    if len(parts) == 1 and parts[0][0]:
        only = parts[0][1]

        def one(env: Env) -> list[Value]:
            items = only(env)
            spend(env, len(items))
            return [item for item in items if item is not None]

        return one

    def gather(env: Env) -> list[Value]:
        values: list[Value] = []
        for is_list, part in parts:
            value = part(env)
            if is_list:
                spend(env, len(value))
                values.extend(item for item in value if item is not None)
            elif value is not None:
                values.append(value)
        return values

    return gather


def total_form(compute: Callable[[list[Value]], Value]) -> Callable[[PythonCompiler, Call], Fn]:
    def form(compiler: PythonCompiler, node: Call) -> Fn:
        gather = _gather(compiler, node)
        return lambda env: compute(gather(env))

    return form


def add_up(values: Iterable[Decimal]) -> Decimal:
    """Return the sum. Raises NUM."""
    total = numbers.ZERO
    add = numbers.add
    for value in values:
        total = add(total, value)
    return numbers.within(total)


def average(values: Sequence[Decimal]) -> Decimal | None:
    """Return the mean, or blank for no values. Raises NUM."""
    return numbers.divide(add_up(values), Decimal(len(values))) if values else None


def count(values: Sequence[Value]) -> Decimal:
    return Decimal(len(values))


def smallest(values: Sequence[Value]) -> Value:
    return min(values, default=None)


def largest(values: Sequence[Value]) -> Value:
    return max(values, default=None)


def item_type(node: Node) -> Type:
    return node.type.item if isinstance(node.type, ListType) else node.type


def bind_total(binder: Binder, function: Function, call: Invoke) -> Node:
    """Bind the arguments of a total: values, lists, row-by-row arithmetic, or a list and a function."""
    span = (call.start, call.end)
    if len(call.args) == 2 and binder.is_function_of_items(call.args[1]):
        source = binder.bind_list(call.args[0], function.name)
        made = binder.bind_lambda(call.args[1], source, function.name)
        args: list[Node] = [binder.call("MAP", [source, made], span)]
    else:
        args = [binder.bind_total_argument(arg, function.name) for arg in call.args]
    wanted = function.extra["items"]
    if wanted == "number":
        args = [numbers_only(binder, arg, function.name) for arg in args]
    elif wanted == "ordered":
        args = binder.unify_items(args, function.name)
    return binder.call(function.name, args, span)


def numbers_only(binder: Binder, node: Node, function: str) -> Node:
    if isinstance(node.type, ListType):
        if node.type.item.kind not in ("number", "null"):
            binder.wrong_type(node, "number", function)
        return node
    return binder.coerce(node, "number", function)


def _sum_facts(facts: Facts, args: Sequence[Node]) -> Facts:
    scale = max(arg.facts.scale for arg in args)
    return replace(facts, nullable=False, scale=scale, bound=WIDEST)


def _define_total(
    name: str,
    zh: str,
    en: str,
    examples: tuple[tuple[str, str], ...],
    items: str,
    compute: Callable[[Any], Value],
    **more: Any,
) -> None:
    define(
        Function(
            name=name,
            group="list",
            params=(_VALUES,),
            repeat=1,
            docs={"zh-CN": zh, "en": en},
            examples=examples,
            blank="own",
            raw_numbers=True,
            bind=bind_total,
            form=total_form(compute),
            sql="core",
            extra={"items": items, "total": True},
            **more,
        )
    )


_define_total(
    "SUM",
    "求和，空值跳过；没有值时为 0。可写 SUM(明细, x -> x.单价 * x.数量)。",
    "The sum; blanks are skipped, nothing gives 0. Also SUM(items, x -> x.price * x.qty).",
    (("SUM(1, 2, NULL, 3)", "6"), ("SUM([])", "0"), ("SUM([1, 2, 3], x -> x * x)", "14")),
    "number",
    add_up,
    result=NUMBER,
    errors=("NUM",),
    adjust=_sum_facts,
)
_define_total(
    "AVERAGE",
    "平均值，空值跳过；没有值时为空。",
    "The mean; blanks are skipped, nothing gives blank.",
    (("AVERAGE(2, 4, NULL)", "3"), ("AVERAGE([])", "")),
    "number",
    average,
    result=NUMBER,
    errors=("NUM",),
    adjust=lambda facts, args: replace(facts, nullable=True, scale=INTERMEDIATE, bound=WIDEST),
)
_define_total(
    "COUNT",
    "不为空的值的个数；记录列表则为行数。",
    "The number of values that are not blank; of a list of records, the rows.",
    (("COUNT(1, NULL, 3)", "2"), ("COUNT([])", "0")),
    "any",
    count,
    aliases=("COUNTA",),
    result=NUMBER,
    adjust=lambda facts, args: replace(facts, nullable=False, scale=0, bound=_COUNTS[1]),
)


def _ordered_facts(facts: Facts, args: Sequence[Node]) -> Facts:
    return replace(
        facts,
        nullable=any(arg.nullable or isinstance(arg.type, ListType) for arg in args),
        scale=max(arg.facts.scale for arg in args),
        bound=max(arg.facts.bound for arg in args),
    )


for _name, _zh, _en, _compute, _examples in (
    (
        "MIN",
        "最小的值，空值跳过；没有值时为空。",
        "The smallest value; blanks are skipped.",
        smallest,
        (("MIN(3, -1, NULL)", "-1"), ("MIN([])", "")),
    ),
    (
        "MAX",
        "最大的值，空值跳过；没有值时为空。",
        "The largest value; blanks are skipped.",
        largest,
        (("MAX(3, -1, NULL)", "3"), ("MAX(DATE(2024, 1, 1), DATE(2024, 2, 1))", "2024-02-01")),
    ),
):
    _define_total(
        _name,
        _zh,
        _en,
        _examples,
        "ordered",
        _compute,
        result=lambda args: next((item_type(arg) for arg in args if item_type(arg).kind != "null"), item_type(args[0])),
        adjust=_ordered_facts,
    )
