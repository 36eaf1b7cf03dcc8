"""Functions over lists: FILTER and MAP, tests, picks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from engine.expr import limits
from engine.expr.budget import spend
from engine.expr.functions.base import Binder, Fn, Function, Param, PythonCompiler, define
from engine.expr.functions.totals import item_type
from engine.expr.numbers import KEPT
from engine.expr.syntax import Invoke
from engine.expr.tree import Call, Facts, Items, Node, const, is_rows
from engine.expr.tree import function as make_function
from engine.expr.types import BOOLEAN, NUMBER, ListType, Type
from engine.expr.values import Env, Fault, Value, record_id

_VALUES = Param("values", "any")
_LIST = Param("list", "list")
_FUNCTION = Param("function", "any")
_COUNTS = (0, Decimal(limits.LIST_ITEMS) ** 2)


# -- FILTER, MAP and their kin -------------------------------------------------------------------------------------


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
            part = body(env)
            if flat:
                spend(env, len(part))
                made.extend(part)
            else:
                made.append(part)
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
    span = (call.start, call.end)
    if function.name == "FILTER":
        return binder.filtered(source, made, span)
    if function.name == "EXISTS":
        source, rest = binder.known_as(source, made)
        made = rest or make_function(made.slot, const(True, BOOLEAN, span), span)
    return binder.call(function.name, [source, made], span)


def _bind_map(binder: Binder, function: Function, call: Invoke) -> Node:
    source = binder.bind_list(call.args[0], function.name)
    made = binder.bind_lambda(call.args[1], source, function.name)
    return binder.call("MAP", [source, made], (call.start, call.end))


def _mapped(args: Sequence[Node]) -> Type:
    body = args[1].type
    return body if isinstance(body, ListType) else ListType(body)


def _rows_only(facts: Facts, args: Sequence[Node]) -> Facts:
    """PostgreSQL goes through rows of tables, not through lists that are written out."""
    written = isinstance(args[0], Items) or (isinstance(args[0], Call) and args[0].name == "CURRENTDEPTS")
    return replace(facts, pushable=facts.pushable - {"postgresql"}) if written else facts


def _map_facts(facts: Facts, args: Sequence[Node]) -> Facts:
    return replace(_rows_only(facts, args), scale=min(KEPT, args[1].facts.scale), bound=args[1].facts.bound)


def _keep_facts(facts: Facts, args: Sequence[Node]) -> Facts:
    return replace(_rows_only(facts, args), scale=args[0].facts.scale, bound=args[0].facts.bound)


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
        adjust=lambda facts, args: replace(_rows_only(facts, args), nullable=False),
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
        adjust=lambda facts, args: replace(_rows_only(facts, args), nullable=False),
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
        adjust=lambda facts, args: replace(_rows_only(facts, args), nullable=False, scale=0, bound=_COUNTS[1]),
        bind=_bind_countall,
        form=_countall_form,
        sql="core",
    )
)


def _pick_form(index: int) -> Callable[[PythonCompiler, Call], Fn]:
    def form(compiler: PythonCompiler, node: Call) -> Fn:
        items, rows = compiler.items(node.args[0]), is_rows(node.args[0])

        def run(env: Env) -> Value:
            source = items(env)
            if not source:
                return None
            return record_id(source[index]) if rows else source[index]

        return run

    return form


def _bind_pick(binder: Binder, function: Function, call: Invoke) -> Node:
    source = binder.bind_list(call.args[0], function.name)
    return binder.call(function.name, [source], (call.start, call.end))


def _item_of(args: Sequence[Node]) -> Type:
    return item_type(args[0])


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
                _rows_only(facts, args), nullable=True, scale=args[0].facts.scale, bound=args[0].facts.bound
            ),
            bind=_bind_pick,
            form=_pick_form(_index),
            sql="core",
            extra={"pick": True},
        )
    )
