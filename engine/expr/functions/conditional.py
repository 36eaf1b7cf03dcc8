"""SUMIF, COUNTIF and their kin: a FILTER, a MAP and a total, so that a back end has to know few forms."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.expr import limits
from engine.expr.budget import spend
from engine.expr.functions.base import Binder, Fn, Function, Param, PythonCompiler, define
from engine.expr.functions.totals import numbers_only
from engine.expr.messages import error
from engine.expr.syntax import Invoke
from engine.expr.tree import Call, Node, is_rows
from engine.expr.types import NUMBER
from engine.expr.values import Env, Fault, Value

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
        kept = binder.filtered(source, binder.criterion(call.args[1], source, function.name), span)
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


# -- lists side by side -----------------------------------------------------------------------------------------


def _pickif_form(compiler: PythonCompiler, node: Call) -> Fn:
    picked = compiler.items(node.args[0])
    tests = [
        (compiler.items(tested), compiler.function(test)[0], compiler.predicate(test))
        for tested, test in zip(node.args[1::2], node.args[2::2], strict=True)
    ]

    def run(env: Env) -> Value:
        values = picked(env)
        columns = [items(env) for items, _, _ in tests]
        spend(env, len(values))
        if any(len(column) != len(values) for column in columns):
            raise Fault("VALUE")
        kept = []
        for at, value in enumerate(values):
            for column, (_, slot, keep) in zip(columns, tests, strict=True):
                env.slots[slot] = column[at]
                if not keep(env):
                    break
            else:
                kept.append(value)
        return kept

    return run


def _bind_ifs(total: str, first: int) -> Callable[[Binder, Function, Invoke], Node]:
    """Bind SUMIFS and its kin: a list to total (COUNTIFS has none), then pairs of a list and a criterion."""

    def bind(binder: Binder, function: Function, call: Invoke) -> Node:
        if (len(call.args) - first) % 2:
            params = {"function": function.name, "signature": function.signature()}
            binder.report(error("X403", call.start, call.name_end, **params))
            return binder.poison(call)
        lists = [binder.bind_list(arg, function.name) for arg in call.args[first::2]]
        tests = list(zip(lists, call.args[first + 1 :: 2], strict=True))
        picked = binder.bind_list(call.args[0], function.name) if first else lists[0]
        if first and total in ("SUM", "AVERAGE"):
            picked = numbers_only(binder, picked, function.name)
        return binder.picked(call, picked, tests, function.name, total)

    return bind


define(
    Function(
        name="PICKIF",
        group="list",
        params=(_LIST, _LIST, _FUNCTION),
        repeat=2,
        result=lambda args: args[0].type,
        docs={
            "zh-CN": "按其他列表的条件取值。",
            "en": "Items whose partners in other lists meet conditions.",
        },
        blank="own",
        raw_numbers=True,
        form=_pickif_form,
        errors=("VALUE",),
        postgresql="two lists of one record have no common rows in the database",
        hidden=True,
    )
)

_PAIRS = (Param("range", "list"), Param("criterion", "any"))
_IFS: tuple[tuple[str, str, int, str, str, tuple[str, str]], ...] = (
    (
        "SUMIFS",
        "SUM",
        1,
        "同时满足几个条件的求和。",
        "The sum where several criteria hold.",
        ('SUMIFS([1, 2, 3], [4, 5, 6], ">4", [7, 8, 9], "<9")', "2"),
    ),
    (
        "AVERAGEIFS",
        "AVERAGE",
        1,
        "同时满足几个条件的平均值。",
        "The mean where several criteria hold.",
        ('AVERAGEIFS([2, 4, 8], [1, 2, 3], ">1")', "6"),
    ),
    (
        "MAXIFS",
        "MAX",
        1,
        "同时满足几个条件的最大值。",
        "The largest value where several criteria hold.",
        ('MAXIFS([2, 4, 8], [1, 4, 1], ">2")', "4"),
    ),
    (
        "MINIFS",
        "MIN",
        1,
        "同时满足几个条件的最小值。",
        "The smallest value where several criteria hold.",
        ('MINIFS([10, 20, 15], ["a", "b", "a"], "a")', "10"),
    ),
    (
        "COUNTIFS",
        "COUNTALL",
        0,
        "同时满足几个条件的个数。",
        "How often several criteria hold.",
        ('COUNTIFS([1, 5], ">2", ["a", "b"], "b")', "1"),
    ),
)
for _name, _total_name, _first, _zh, _en, _example in _IFS:
    define(
        Function(
            name=_name,
            group="list",
            params=((Param("values", "list"),) if _first else ()) + _PAIRS,
            repeat=2,
            result=NUMBER,
            docs={"zh-CN": _zh, "en": _en},
            examples=(_example,),
            bind=_bind_ifs(_total_name, _first),
            sql="core",
        )
    )
