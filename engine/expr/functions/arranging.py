"""Lists made from lists: positions, repetitions, order, joining. The application computes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from engine.expr.budget import spend
from engine.expr.functions.base import Binder, Fn, Function, Param, PythonCompiler, define, entries
from engine.expr.functions.totals import item_type
from engine.expr.syntax import Invoke
from engine.expr.to_python import rounded
from engine.expr.tree import Call, Facts, Node, const, is_rows, items
from engine.expr.types import BOOLEAN, ListType, Type
from engine.expr.values import Env, Fault, Value, record_id

_LIST = Param("list", "list")
_NO_FORM = "lists in a new arrangement are made by the application"


_entry = entries("list", blank="own", raw_numbers=True, postgresql=_NO_FORM)


def _define(
    name: str,
    zh: str,
    en: str,
    examples: tuple[tuple[str, str], ...],
    params: tuple[Param, ...],
    result: Any,
    bind: Callable[[Binder, Function, Invoke], Node],
    form: Callable[[PythonCompiler, Call], Fn],
    **more: Any,
) -> None:
    _entry(name, zh, en, examples, params, result, bind=bind, form=form, **more)


def _same_type(args: Sequence[Node]) -> Type:
    return args[0].type


def _same_numbers(facts: Facts, args: Sequence[Node]) -> Facts:
    scale, bound = max(arg.facts.scale for arg in args), max(arg.facts.bound for arg in args)
    return replace(facts, scale=scale, bound=bound)


def _over_items(change: Callable[[Sequence[Value]], list[Value]]) -> Callable[[PythonCompiler, Call], Fn]:
    """Return the form of a function from one list to another."""

    def form(compiler: PythonCompiler, node: Call) -> Fn:
        source = compiler.items(node.args[0])

        def run(env: Env) -> Value:
            found = source(env)
            spend(env, len(found))
            return change(found)

        return run

    return form


def _bind_list(binder: Binder, function: Function, call: Invoke) -> Node:
    return binder.call(function.name, [binder.bind_list(call.args[0], function.name)], (call.start, call.end))


# -- positions ----------------------------------------------------------------------------------------------------


def _index_form(compiler: PythonCompiler, node: Call) -> Fn:
    source, position = compiler.items(node.args[0]), rounded(compiler.value(node.args[1]), node.args[1])
    rows = is_rows(node.args[0])

    def run(env: Env) -> Value:
        found, wanted = source(env), position(env)
        if wanted is None:
            return None
        at = int(wanted) - 1
        if not 0 <= at < len(found):
            raise Fault("VALUE")
        return record_id(found[at]) if rows else found[at]

    return run


def _bind_index(binder: Binder, function: Function, call: Invoke) -> Node:
    source = binder.bind_list(call.args[0], function.name)
    position = binder.bind_argument(call.args[1], Param("position", "number"), function.name)
    return binder.call("INDEX", [source, position], (call.start, call.end))


_define(
    "INDEX",
    "第几个元素（从 1 起）。",
    "The item at a position, from 1.",
    (("INDEX([4, 5, 6], 2)", "5"), ("INDEX([4], 2)", "#VALUE!")),
    (_LIST, Param("position", "number")),
    lambda args: item_type(args[0]),
    _bind_index,
    _index_form,
    errors=("VALUE",),
    adjust=lambda facts, args: _same_numbers(facts, args[:1]),
)


# -- joining and repetitions --------------------------------------------------------------------------------------


def _bind_joined(binder: Binder, function: Function, call: Invoke) -> Node:
    """Bind lists and single values; a value is a list of itself."""
    span = (call.start, call.end)
    bound = [binder.bind(arg) for arg in call.args]
    lists = [node if isinstance(node.type, ListType) else items((node,), node.type, node.span) for node in bound]
    fitted, common = binder.unify(lists, function.name)
    if common.kind != "list":
        return binder.poison(call)
    return binder.call("CONCATLIST", fitted, span)


def _joined_form(compiler: PythonCompiler, node: Call) -> Fn:
    parts = [compiler.items(arg) for arg in node.args]

    def run(env: Env) -> Value:
        found = list(chain.from_iterable(part(env) for part in parts))
        spend(env, len(found))
        return found

    return run


def _bind_distinct(binder: Binder, function: Function, call: Invoke) -> Node:
    source = (
        binder.bind_list(call.args[0], function.name) if len(call.args) == 1 else _bind_joined(binder, function, call)
    )
    if is_rows(source):
        binder.wrong_type(source, "scalar", function.name)
        return binder.poison(call)
    return binder.call("DISTINCT", [source], (call.start, call.end))


_define(
    "CONCATLIST",
    "把几个列表（或单个值）接成一个列表。",
    "Lists and single values joined into one list.",
    (("CONCATLIST([1], [2, 3], 4)", "1, 2, 3, 4"),),
    (_LIST,),
    _same_type,
    _bind_joined,
    _joined_form,
    repeat=1,
    aliases=("APPEND",),
    adjust=_same_numbers,
)
_define(
    "DISTINCT",
    "去掉重复的元素；可给几个列表。",
    "The items without repetitions, of one list or of several.",
    (("DISTINCT([1, 2, 1.0])", "1, 2"), ("UNION([1], [1, 2])", "1, 2")),
    (_LIST,),
    _same_type,
    _bind_distinct,
    _over_items(lambda found: list(dict.fromkeys(found))),
    repeat=1,
    aliases=("UNION",),
    adjust=_same_numbers,
)


def _bind_contains(binder: Binder, function: Function, call: Invoke) -> Node:
    source = binder.bind_list(call.args[0], function.name)
    return binder.member(binder.bind(call.args[1]), source, (call.start, call.end))


define(
    Function(
        name="LISTCONTAINS",
        group="list",
        params=(_LIST, Param("value", "any")),
        result=BOOLEAN,
        docs={"zh-CN": "列表里是否有某个值，与 IN 相同。", "en": "Whether a list has a value, the same as IN."},
        examples=(("LISTCONTAINS([1, 2], 2)", "TRUE"),),
        bind=_bind_contains,
        sql="core",
    )
)


# -- order ----------------------------------------------------------------------------------------------------------


def _bind_flat(binder: Binder, function: Function, call: Invoke) -> Node:
    source = binder.bind_list(call.args[0], function.name)
    inner = item_type(source)
    return binder.call("FLATTEN", [source], (call.start, call.end)) if isinstance(inner, ListType) else source


def _sorted_form(compiler: PythonCompiler, node: Call) -> Fn:
    source, (slot, key) = compiler.items(node.args[0]), compiler.function(node.args[1])
    descending = compiler.test(node.args[2])

    def run(env: Env) -> Value:
        found = source(env)
        spend(env, len(found))
        blank, keyed = [], []
        for item in found:
            env.slots[slot] = item
            value = key(env)
            if value is None:
                blank.append(item)
            else:
                keyed.append((value, item))
        keyed.sort(key=lambda pair: pair[0], reverse=descending(env))
        return [item for _, item in keyed] + blank

    return run


def _bind_sorted(binder: Binder, function: Function, call: Invoke) -> Node:
    span = (call.start, call.end)
    source = binder.bind_list(call.args[0], function.name)
    key = binder.bind_lambda(call.args[1], source, function.name)
    binder.unify_items([key.body], function.name)
    descending = binder.bind_condition(call.args[2]) if len(call.args) > 2 else const(False, BOOLEAN, span)
    return binder.call("SORTBY", [source, key, descending], span)


_define(
    "REVERSELIST",
    "元素倒序。",
    "The items in reverse order.",
    (("REVERSELIST([1, 2, 3])", "3, 2, 1"),),
    (_LIST,),
    _same_type,
    _bind_list,
    _over_items(lambda found: list(reversed(found))),
    adjust=_same_numbers,
)
_define(
    "FLATTEN",
    "把列表的列表接成一个列表。",
    "A list of lists as one list.",
    (("FLATTEN([[1, 2], [3]])", "1, 2, 3"),),
    (_LIST,),
    lambda args: item_type(args[0]),
    _bind_flat,
    _over_items(lambda found: list(chain.from_iterable(found))),
    adjust=_same_numbers,
)
_define(
    "SORTBY",
    "按某个值排序，空值在后；第三个参数为真则从大到小。",
    "The items by a value, blanks last; from the largest when the third argument is true.",
    (("SORTBY([3, 1, 2], x -> x)", "1, 2, 3"), ("SORTBY([3, 1, 2], x -> x, TRUE)", "3, 2, 1")),
    (_LIST, Param("key", "any"), Param("descending", "boolean", optional=True)),
    _same_type,
    _bind_sorted,
    _sorted_form,
    adjust=lambda facts, args: _same_numbers(facts, args[:1]),
)
