"""SUMIF, COUNTIF and their kin: a FILTER, a MAP and a total, so that a back end has to know few forms."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.expr import limits
from engine.expr.functions.base import Binder, Fn, Function, Param, PythonCompiler, define
from engine.expr.functions.totals import numbers_only, spend
from engine.expr.messages import error
from engine.expr.syntax import Invoke
from engine.expr.tree import Call, Node, is_rows
from engine.expr.types import NUMBER
from engine.expr.values import Env, Value

_VALUES = Param("values", "any")
_LIST = Param("list", "list")
_FUNCTION = Param("function", "any")
_COUNTS = (0, Decimal(limits.LIST_ITEMS) ** 2)


# -- SUMIF, COUNTIF, FIRST -----------------------------------------------------------------------------------------


def _bind_if(total: str) -> Callable[[Binder, Function, Invoke], Node]:
    def bind(binder: Binder, function: Function, call: Invoke) -> Node:
        span = (call.start, call.end)
        zipped = binder.bind_parallel(call, function.name, total)
        if zipped is not None:
            return zipped
        source = binder.bind_list(call.args[0], function.name)
        kept = binder.call("FILTER", [source, binder.criterion(call.args[1], source, function.name)], span)
        if len(call.args) == 3:
            made = binder.bind_lambda(call.args[2], source, function.name)
            kept = binder.call("MAP", [kept, made], span)
        elif total != "COUNTALL" and is_rows(source):
            binder.report(
                error(
                    "X401",
                    call.start,
                    call.name_end,
                    function=function.name,
                    wanted=3,
                    got=2,
                    signature=function.signature(),
                )
            )
            return binder.poison(call)
        if total != "COUNTALL":
            kept = numbers_only(binder, kept, function.name)
        return binder.call(total, [kept], span)

    return bind


for _name, _total_name, _zh, _en, _examples in (
    (
        "SUMIF",
        "SUM",
        "满足条件的元素求和。条件可写 x -> …、it 或“>5”这样的文本。",
        'The sum over items that meet a condition: x -> ..., it, or a text such as ">5".',
        (('SUMIF([1, 6, 10, 5], ">5")', "16"), ("SUMIF([1, 2, 3], x -> x > 1, x -> x * 10)", "50")),
    ),
    (
        "AVERAGEIF",
        "AVERAGE",
        "满足条件的元素的平均值。",
        "The mean over items that meet a condition.",
        (('AVERAGEIF([2, 4, 8, 16], ">5")', "12"),),
    ),
):
    define(
        Function(
            name=_name,
            group="list",
            params=(_LIST, Param("condition", "any"), Param("value", "any", optional=True)),
            result=NUMBER,
            docs={"zh-CN": _zh, "en": _en},
            examples=_examples,
            bind=_bind_if(_total_name),
            sql="core",
        )
    )
define(
    Function(
        name="COUNTIF",
        group="list",
        params=(_LIST, Param("condition", "any")),
        result=NUMBER,
        docs={"zh-CN": "满足条件的元素个数。", "en": "The number of items that meet a condition."},
        examples=(('COUNTIF([1, 6, 10, 5], "<>5")', "3"), ("COUNTIF([5, 6, 5], 5)", "2")),
        bind=_bind_if("COUNTALL"),
        sql="core",
    )
)


# -- two lists side by side ----------------------------------------------------------------------------------------


def _pickif_form(compiler: PythonCompiler, node: Call) -> Fn:
    tested, picked = compiler.items(node.args[0]), compiler.items(node.args[2])
    slot, _ = compiler.function(node.args[1])
    keep = compiler.predicate(node.args[1])

    def run(env: Env) -> Value:
        kept = []
        first, second = tested(env), picked(env)
        spend(env, len(first))
        for item, value in zip(first, second, strict=False):
            env.slots[slot] = item
            if keep(env):
                kept.append(value)
        return kept

    return run


define(
    Function(
        name="PICKIF",
        group="list",
        params=(_LIST, _FUNCTION, _LIST),
        result=lambda args: args[2].type,
        docs={"zh-CN": "按另一列表的条件取值。", "en": "Items of one list whose partner in another meets a condition."},
        blank="own",
        raw_numbers=True,
        form=_pickif_form,
        postgresql="two lists of one record have no common rows in the database",
        hidden=True,
    )
)
