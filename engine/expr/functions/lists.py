"""Functions over lists: totals, filters and picks.

SUMIF and its kin are a FILTER, a MAP and a total; a second argument of a total is a MAP. So a back end has to know
few forms. Blank items are skipped by totals (rule B8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.expr import limits, numbers
from engine.expr.functions.base import Binder, Fn, Function, Param, PythonCompiler, define
from engine.expr.messages import error
from engine.expr.numbers import INTERMEDIATE, KEPT, WIDEST
from engine.expr.syntax import Invoke
from engine.expr.to_python import rounded
from engine.expr.tree import Call, Facts, Node, is_rows
from engine.expr.types import BOOLEAN, NUMBER, ListType, Type
from engine.expr.values import Env, Fault, Value

_VALUES = Param("values", "any")
_LIST = Param("list", "list")
_FUNCTION = Param("function", "any")
_COUNTS = (0, Decimal(limits.LIST_ITEMS) ** 2)


def spend(env: Env, steps: int) -> None:
    """Count rows looked at. Raises LIMIT when a formula looks at too many."""
    env.steps += steps
    if env.steps > limits.STEPS:
        raise Fault("LIMIT")


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


def _total(compute: Callable[[list[Value]], Value]) -> Callable[[PythonCompiler, Call], Fn]:
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


def _item_type(node: Node) -> Type:
    return node.type.item if isinstance(node.type, ListType) else node.type


def _bind_total(binder: Binder, function: Function, call: Invoke) -> Node:
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
        args = [_numbers_only(binder, arg, function.name) for arg in args]
    elif wanted == "ordered":
        args = binder.unify_items(args, function.name)
    return binder.call(function.name, args, span)


def _numbers_only(binder: Binder, node: Node, function: str) -> Node:
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
            bind=_bind_total,
            form=_total(compute),
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
        result=lambda args: next(
            (_item_type(arg) for arg in args if _item_type(arg).kind != "null"), _item_type(args[0])
        ),
        adjust=_ordered_facts,
    )


# -- FILTER, MAP and their kin ------------------------------------------------------------------------------------------


def _filter_form(compiler: PythonCompiler, node: Call) -> Fn:
    items = compiler.items(node.args[0])
    slot, _ = compiler.function(node.args[1])
    keep = compiler.predicate(node.args[1])

    def run(env: Env) -> Value:
        source = items(env)
        spend(env, len(source))
        kept = []
        slots = env.slots
        for item in source:
            slots[slot] = item
            if keep(env):
                kept.append(item)
        return kept

    return run


def _map_form(compiler: PythonCompiler, node: Call) -> Fn:
    items = compiler.items(node.args[0])
    slot, body = compiler.function(node.args[1])
    flat = isinstance(node.args[1].type, ListType)

    def run(env: Env) -> Value:
        source = items(env)
        spend(env, len(source))
        made: list[Value] = []
        slots = env.slots
        for item in source:
            slots[slot] = item
            if flat:
                made.extend(body(env))
            else:
                made.append(body(env))
        return made

    return run


def _any_form(wanted: bool) -> Callable[[PythonCompiler, Call], Fn]:
    """EXISTS (one true decides) and ALL (one not true decides); an error counts only when nothing decides."""

    def form(compiler: PythonCompiler, node: Call) -> Fn:
        items = compiler.items(node.args[0])
        slot, _ = compiler.function(node.args[1])
        keep = compiler.predicate(node.args[1])

        def run(env: Env) -> Value:
            source = items(env)
            spend(env, len(source))
            failed: Fault | None = None
            for item in source:
                env.slots[slot] = item
                try:
                    if keep(env) is wanted:
                        return wanted
                except Fault as fault:
                    failed = failed or fault
            if failed is not None:
                raise failed
            return not wanted

        return run

    return form


def _bind_filter(binder: Binder, function: Function, call: Invoke) -> Node:
    source = binder.bind_list(call.args[0], function.name)
    made = binder.bind_lambda(call.args[1], source, function.name, condition=True)
    return binder.call(function.name, [source, made], (call.start, call.end))


def _bind_map(binder: Binder, function: Function, call: Invoke) -> Node:
    source = binder.bind_list(call.args[0], function.name)
    made = binder.bind_lambda(call.args[1], source, function.name)
    return binder.call("MAP", [source, made], (call.start, call.end))


def _mapped(args: Sequence[Node]) -> Type:
    body = args[1].type
    return body if isinstance(body, ListType) else ListType(body)


def _map_facts(facts: Facts, args: Sequence[Node]) -> Facts:
    return replace(facts, scale=min(KEPT, args[1].facts.scale), bound=args[1].facts.bound)


def _keep_facts(facts: Facts, args: Sequence[Node]) -> Facts:
    return replace(facts, scale=args[0].facts.scale, bound=args[0].facts.bound)


define(
    Function(
        name="FILTER",
        group="list",
        params=(_LIST, Param("condition", "any")),
        result=lambda args: args[0].type,
        docs={
            "zh-CN": "列表中满足条件的元素。条件写作 x -> …，或用 it。",
            "en": "The items that meet a condition, written x -> ... or with it.",
        },
        examples=(("FILTER([1, 2, 3], x -> x > 1)", "2, 3"), ("FILTER([1, 2, 3], it < 2)", "1")),
        blank="own",
        raw_numbers=True,
        adjust=_keep_facts,
        bind=_bind_filter,
        form=_filter_form,
        sql="core",
        extra={"stream": True},
    )
)
define(
    Function(
        name="MAP",
        group="list",
        params=(_LIST, _FUNCTION),
        result=_mapped,
        docs={"zh-CN": "对每个元素计算，得到新列表。", "en": "The list of what a function gives for each item."},
        examples=(("MAP([1, 2], x -> x * 10)", "10, 20"),),
        blank="own",
        raw_numbers=True,
        adjust=_map_facts,
        bind=_bind_map,
        form=_map_form,
        sql="core",
        extra={"stream": True},
    )
)
define(
    Function(
        name="EXISTS",
        group="list",
        aliases=("ANY",),
        params=(_LIST, Param("condition", "any", optional=True)),
        result=BOOLEAN,
        docs={
            "zh-CN": "是否有元素满足条件；不写条件则看列表是否非空。",
            "en": "Whether an item meets a condition; without one, whether there is any item.",
        },
        examples=(("EXISTS([1, 2], x -> x > 1)", "TRUE"), ("EXISTS([])", "FALSE")),
        blank="own",
        adjust=lambda facts, args: replace(facts, nullable=False),
        bind=lambda binder, function, call: _bind_exists(binder, function, call),
        form=_any_form(True),
        sql="core",
    )
)
define(
    Function(
        name="ALL",
        group="list",
        params=(_LIST, Param("condition", "any")),
        result=BOOLEAN,
        docs={
            "zh-CN": "是否全部元素满足条件；空列表为真。",
            "en": "Whether every item meets a condition; true for an empty list.",
        },
        examples=(("ALL([1, 2], x -> x > 0)", "TRUE"), ("ALL([], x -> FALSE)", "TRUE")),
        blank="own",
        adjust=lambda facts, args: replace(facts, nullable=False),
        bind=_bind_filter,
        form=_any_form(False),
        sql="core",
    )
)


def _bind_exists(binder: Binder, function: Function, call: Invoke) -> Node:
    if len(call.args) == 2:
        return _bind_filter(binder, function, call)
    span = (call.start, call.end)
    counted = binder.call("COUNTALL", [binder.bind_list(call.args[0], "EXISTS")], span)
    return binder.compare(">", counted, binder.number(0, span), span)


def _bind_countall(binder: Binder, function: Function, call: Invoke) -> Node:
    return binder.call("COUNTALL", [binder.bind_list(call.args[0], "COUNTALL")], (call.start, call.end))


def _countall_form(compiler: PythonCompiler, node: Call) -> Fn:
    items = compiler.items(node.args[0])
    return lambda env: Decimal(len(items(env)))


define(
    Function(
        name="COUNTALL",
        group="list",
        params=(_LIST,),
        result=NUMBER,
        docs={"zh-CN": "元素个数，含空值。", "en": "The number of items, blank ones included."},
        examples=(("COUNTALL([1, NULL, 3])", "3"),),
        blank="own",
        adjust=lambda facts, args: replace(facts, nullable=False, scale=0, bound=_COUNTS[1]),
        bind=_bind_countall,
        form=_countall_form,
        sql="core",
    )
)


# -- SUMIF, COUNTIF, FIRST ------------------------------------------------------------------------------------------------


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
            kept = _numbers_only(binder, kept, function.name)
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


def _pick_form(index: int) -> Callable[[PythonCompiler, Call], Fn]:
    def form(compiler: PythonCompiler, node: Call) -> Fn:
        items = compiler.items(node.args[0])

        def run(env: Env) -> Value:
            source = items(env)
            return source[index] if source else None

        return run

    return form


def _bind_pick(binder: Binder, function: Function, call: Invoke) -> Node:
    source = binder.bind_list(call.args[0], function.name)
    return binder.call(function.name, [source], (call.start, call.end))


def _item_of(args: Sequence[Node]) -> Type:
    return _item_type(args[0])


for _name, _index, _zh, _en, _examples in (
    ("FIRST", 0, "第一个元素；空列表为空。", "The first item; blank for an empty list.", (("FIRST([3, 4])", "3"),)),
    ("LAST", -1, "最后一个元素；空列表为空。", "The last item; blank for an empty list.", (("LAST([3, 4])", "4"),)),
):
    define(
        Function(
            name=_name,
            group="list",
            params=(_LIST,),
            result=_item_of,
            docs={"zh-CN": _zh, "en": _en},
            examples=_examples,
            blank="own",
            raw_numbers=True,
            adjust=lambda facts, args: replace(
                facts, nullable=True, scale=args[0].facts.scale, bound=args[0].facts.bound
            ),
            bind=_bind_pick,
            form=_pick_form(_index),
            sql="core",
            extra={"pick": True},
        )
    )


# -- two lists side by side -------------------------------------------------------------------------------------------


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
