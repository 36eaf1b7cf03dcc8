"""Choosing between values: IF IFS SWITCH BETWEEN and IN.

IF, IFS and SWITCH are one node (condition, result, ..., else); SWITCH names its subject once with a LET.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from engine.expr.functions.base import Binder, Fn, Function, Param, PythonCompiler, define, never_blank
from engine.expr.messages import error
from engine.expr.numbers import ZERO
from engine.expr.syntax import Invoke
from engine.expr.to_python import rounded
from engine.expr.tree import Call, Facts, Node, blank, let
from engine.expr.tree import path as path_node
from engine.expr.types import BOOLEAN, ListType, Type
from engine.expr.values import Env, Value

_CONDITION = Param("condition", "boolean")


# -- IF, IFS, SWITCH ----------------------------------------------------------------------------------------------


def _branches(args: Sequence[Node]) -> list[Node]:
    """Return the results of an IF node: every second argument, and the last when it is an else."""
    results = list(args[1::2])
    if len(args) % 2:
        results.append(args[-1])
    return results


def _if_type(args: Sequence[Node]) -> Type:
    for node in _branches(args):
        if node.type.kind != "null":
            return node.type
    return args[1].type


def _if_numbers(args: Sequence[Node]) -> tuple[int, Decimal]:
    results = _branches(args)
    return max(node.facts.scale for node in results), max((node.facts.bound for node in results), default=ZERO)


def _if_adjust(facts: Facts, args: Sequence[Node]) -> Facts:
    results = _branches(args)
    blank = len(args) % 2 == 0 or any(node.nullable for node in results)
    return replace(facts, nullable=blank)


def _if_form(compiler: PythonCompiler, node: Call) -> Fn:
    if len(node.args) == 3:
        test, then, other = compiler.test(node.args[0]), compiler.value(node.args[1]), compiler.value(node.args[2])
        return lambda env: then(env) if test(env) else other(env)
    pairs = [
        (compiler.test(condition), compiler.value(result))
        for condition, result in zip(node.args[::2], node.args[1::2], strict=False)
    ]
    otherwise = compiler.value(node.args[-1]) if len(node.args) % 2 else None

    def run(env: Env) -> Value:
        for test, result in pairs:
            if test(env):
                return result(env)
        return otherwise(env) if otherwise else None

    return run


def _bind_if(binder: Binder, function: Function, call: Invoke) -> Node:
    condition = binder.bind_condition(call.args[0])
    results, type_ = binder.unify([binder.bind(arg) for arg in call.args[1:]], "IF")
    return binder.call("IF", _whole([condition, *results], type_), (call.start, call.end))


def _whole(args: list[Node], type_: Type) -> list[Node]:
    """Return the arguments of an IF that gives lists with an else: a list is never blank, only empty."""
    return [*args, blank(type_)] if isinstance(type_, ListType) and len(args) % 2 == 0 else args


def _bind_ifs(binder: Binder, function: Function, call: Invoke) -> Node:
    if len(call.args) % 2:
        binder.report(error("X403", call.start, call.name_end, function="IFS", signature=function.signature()))
        return binder.poison(call)
    conditions = [binder.bind_condition(arg) for arg in call.args[::2]]
    results, type_ = binder.unify([binder.bind(arg) for arg in call.args[1::2]], "IFS")
    args = [part for pair in zip(conditions, results, strict=True) for part in pair]
    return binder.call("IF", _whole(args, type_), (call.start, call.end))


def _bind_switch(binder: Binder, function: Function, call: Invoke) -> Node:
    span = (call.start, call.end)
    subject = binder.bind(call.args[0])
    rest = call.args[1:]
    pairs = list(zip(rest[::2], rest[1::2], strict=False))
    results = [binder.bind(result) for _, result in pairs]
    if len(rest) % 2:
        results.append(binder.bind(rest[-1]))
    results, type_ = binder.unify(results, "SWITCH")
    name, wrap = subject, None
    if subject.children():
        wrap = binder.new_slot()
        name = path_node(wrap, (), subject.type, subject.span, nullable=subject.nullable, deps=subject.deps)
    args: list[Node] = []
    for (value, _), result in zip(pairs, results, strict=False):
        args += [binder.equal(name, binder.bind(value), (value.start, value.end)), result]
    if len(rest) % 2:
        args.append(results[-1])
    chosen = binder.call("IF", _whole(args, type_), span)
    return chosen if wrap is None else let(wrap, subject, chosen, span)


define(
    Function(
        name="IF",
        group="logic",
        params=(_CONDITION, Param("then", "any"), Param("else", "any", optional=True)),
        result=_if_type,
        docs={
            "zh-CN": "条件成立取第二个参数，否则取第三个（没有则为空）。空条件按不成立算。",
            "en": "The second argument when the condition holds, else the third; a blank condition does not hold.",
        },
        examples=(('IF(2 > 1, "big", "small")', "big"), ("IF(NULL, 1, 2)", "2"), ("IF(FALSE, 1 / 0, 7)", "7")),
        blank="own",
        adjust=_if_adjust,
        numbers=_if_numbers,
        raw_numbers=True,
        bind=_bind_if,
        form=_if_form,
        sql="core",
        fold=False,
    )
)
define(
    Function(
        name="IFS",
        group="logic",
        params=(_CONDITION, Param("result", "any")),
        repeat=2,
        result=_if_type,
        docs={
            "zh-CN": "依次看每个条件，取第一个成立的结果；都不成立为空。",
            "en": "The result of the first condition that holds; blank when none does.",
        },
        examples=(('IFS(1 > 2, "a", 3 > 2, "b")', "b"), ("IFS(FALSE, 1)", "")),
        bind=_bind_ifs,
        sql="core",
    )
)
define(
    Function(
        name="SWITCH",
        group="logic",
        params=(
            Param("value", "any"),
            Param("case", "any"),
            Param("result", "any"),
            Param("more", "any", optional=True),
        ),
        repeat=1,
        result=_if_type,
        docs={
            "zh-CN": "把值与各个情形比较，取相等者的结果；最后可加一个默认结果。",
            "en": "The result of the case that equals the value; a last argument is the default.",
        },
        examples=(
            ('SWITCH(3, 1, "one", 2, "two", 3, "three")', "three"),
            ('SWITCH(9, 1, "one", "other")', "other"),
            ('SWITCH(9, 1, "one")', ""),
        ),
        bind=_bind_switch,
        sql="core",
    )
)


# -- BETWEEN, IN --------------------------------------------------------------------------------------------------


def _bind_between(binder: Binder, function: Function, call: Invoke) -> Node:
    span = (call.start, call.end)
    value, low, high = (binder.bind(arg) for arg in call.args)
    name, wrap = value, None
    if value.children():
        wrap = binder.new_slot()
        name = path_node(wrap, (), value.type, value.span, nullable=value.nullable, deps=value.deps)
        name = replace(name, facts=replace(name.facts, scale=value.facts.scale, bound=value.facts.bound))
    both = binder.call("AND", [binder.compare(">=", name, low, span), binder.compare("<=", name, high, span)], span)
    return both if wrap is None else let(wrap, value, both, span)


define(
    Function(
        name="BETWEEN",
        group="logic",
        params=(Param("value", "any"), Param("from", "any"), Param("to", "any")),
        result=BOOLEAN,
        docs={
            "zh-CN": "是否在两个界限之间（含界限）。",
            "en": "Whether a value lies between two bounds, both included.",
        },
        examples=(("BETWEEN(5, 1, 5)", "TRUE"), ("BETWEEN(NULL, 1, 5)", "")),
        bind=_bind_between,
        sql="core",
    )
)


def _in_form(compiler: PythonCompiler, node: Call) -> Fn:
    value = rounded(compiler.value(node.args[0]), node.args[0])
    source = node.args[1]
    items = compiler.items(source)

    def run(env: Env) -> Value:
        wanted = value(env)
        return any(item == wanted for item in items(env))

    return run


define(
    Function(
        name="IN",
        group="operator",
        params=(Param("value", "any"), Param("list", "list")),
        result=BOOLEAN,
        docs={"zh-CN": "是否在列表里。", "en": "Whether a value is in a list."},
        examples=(("2 IN [1, 2, 3]", "TRUE"), ('"x" NOT IN ["a", "b"]', "TRUE")),
        blank="own",
        adjust=never_blank,
        form=_in_form,
        sql="core",
        hidden=True,
        extra={"operator": True},
    )
)
