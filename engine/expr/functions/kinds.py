"""Questions about types, answered while checking, and CHOOSE."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import true

from engine.expr.functions.base import Binder, Function, Param, SqlCompiler, define
from engine.expr.sql_values import Sql
from engine.expr.syntax import Invoke
from engine.expr.tree import Call, Node, blank, const, let
from engine.expr.tree import path as path_node
from engine.expr.types import BOOLEAN, NUMBER, TEXT
from engine.expr.values import NA, NUM, Fault, Value

_VALUE = Param("value", "any")


def _bind_kind(kind: str) -> Callable[[Binder, Function, Invoke], Node]:
    """A value of the type that is not blank; text may be blank, since "" is a text."""

    def bind(binder: Binder, function: Function, call: Invoke) -> Node:
        span = (call.start, call.end)
        value = binder.bind(call.args[0])
        known = value.type.kind
        if known == "choice" and kind == "text":
            known = "text"
        if known != kind:
            return const(False, BOOLEAN, span)
        if kind == "text":
            return const(True, BOOLEAN, span)
        return binder.call("NOT", [binder.call("ISBLANK", [value], span)], span)

    return bind


for _name, _kind, _zh, _en, _example in (
    ("ISNUMBER", "number", "是否有值的数字。", "Whether a value is a number.", ("ISNUMBER(1)", "TRUE")),
    ("ISTEXT", "text", "是否文本。", "Whether a value is text.", ("ISTEXT(1)", "FALSE")),
    ("ISLOGICAL", "boolean", "是否是非值。", "Whether a value is true or false.", ("ISLOGICAL(0)", "FALSE")),
):
    define(
        Function(
            name=_name,
            group="logic",
            params=(_VALUE,),
            result=BOOLEAN,
            docs={"zh-CN": _zh, "en": _en},
            examples=(_example,),
            bind=_bind_kind(_kind),
            sql="core",
        )
    )


def _bind_t(binder: Binder, function: Function, call: Invoke) -> Node:
    value = binder.bind(call.args[0])
    if value.type.kind in ("text", "choice"):
        return binder.coerce(value, "text", "T")
    return const(None, TEXT, (call.start, call.end))


define(
    Function(
        name="T",
        group="text",
        params=(_VALUE,),
        result=TEXT,
        docs={"zh-CN": "文本原样，其他类型为空。", "en": "A text as it is, blank for anything else."},
        examples=(('T("a")', "a"), ("T(1)", "")),
        bind=_bind_t,
        sql="core",
    )
)


def _outside(number: Value) -> Value:
    raise Fault(NUM)


def _always_failing(compiler: SqlCompiler, node: Call) -> Sql:
    """A blank of the node's type that is an error."""
    return Sql(compiler.compile(const(None, node.type, node.span)).value, true())


def _bind_choose(binder: Binder, function: Function, call: Invoke) -> Node:
    """An IF over the number, with an error when it fits no value."""
    span = (call.start, call.end)
    number = binder.call("TRUNC", [binder.bind_argument(call.args[0], function.params[0], "CHOOSE")], span)
    values, type_ = binder.unify([binder.bind(arg) for arg in call.args[1:]], "CHOOSE")
    slot = binder.new_slot()
    name = path_node(slot, (), NUMBER, number.span, nullable=number.nullable, deps=number.deps)
    args: list[Node] = [binder.call("ISBLANK", [name], span), blank(type_, span)]
    for at, value in enumerate(values, 1):
        args += [binder.compare("=", name, binder.number(at, span), span), value]
    failed = binder.call("NOVALUE", [name], span)
    args.append(replace(failed, type=type_))
    return let(slot, number, binder.call("IF", args, span), span)


define(
    Function(
        name="NOVALUE",
        group="logic",
        params=(Param("number", "number"),),
        result=NUMBER,
        docs={"zh-CN": "没有对应的值。", "en": "No value for a number."},
        python=_outside,
        errors=("NUM",),
        fold=False,
        sql=_always_failing,
        hidden=True,
    )
)


def _unmatched() -> Value:
    raise Fault(NA)


define(
    Function(
        name="NOMATCH",
        group="logic",
        result=NUMBER,
        docs={"zh-CN": "没有匹配的值。", "en": "No match."},
        python=_unmatched,
        blank="own",
        errors=("NA",),
        fold=False,
        sql=_always_failing,
        hidden=True,
    )
)
define(
    Function(
        name="CHOOSE",
        group="logic",
        params=(Param("number", "number"), Param("value", "any")),
        repeat=1,
        result=NUMBER,
        docs={
            "zh-CN": "按序号取值，第一个为 1；没有对应的值是错误。",
            "en": "The value at a number, from 1; a number without a value is an error.",
        },
        examples=(('CHOOSE(2, "a", "b")', "b"), ('CHOOSE(4, "a", "b")', "#NUM!")),
        bind=_bind_choose,
        sql="core",
    )
)
