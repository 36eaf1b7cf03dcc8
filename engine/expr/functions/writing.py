"""Values as text: joining, formats, labels of options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from engine.expr import limits, moments, sql_text, texts
from engine.expr.formats import format_date, format_number
from engine.expr.functions.base import Binder, Fn, Function, Param, PythonCompiler, define
from engine.expr.syntax import Invoke
from engine.expr.tree import Call, Const, Facts, Node, Path, const
from engine.expr.tree import function as make_function
from engine.expr.tree import path as path_node
from engine.expr.types import TEXT, Choice, ListType
from engine.expr.values import Env, Value


def _only_datetimes_use_the_zone(facts: Facts, args: Sequence[Node]) -> Facts:
    if args[0].type.kind == "datetime":
        return facts
    return replace(facts, uses=frozenset[str]().union(*[arg.facts.uses for arg in args]))


def _label_form(compiler: PythonCompiler, node: Call) -> Fn:
    value = compiler.value(node.args[0])
    choice, language = node.args
    labels = (
        choice.type.labels(language.value) if isinstance(choice.type, Choice) and isinstance(language, Const) else {}
    )
    return lambda env: labels.get(value(env))


define(
    Function(
        name="TOTEXT",
        group="text",
        params=(Param("value", "scalar"),),
        result=TEXT,
        docs={"zh-CN": "转为文本的标准写法。", "en": "The canonical text of a value."},
        python=texts.to_text,
        uses=frozenset({"ZONE"}),
        adjust=_only_datetimes_use_the_zone,
        sql="core",
        hidden=True,
    )
)
define(
    Function(
        name="LABEL",
        group="text",
        params=(Param("choice", "any"), Param("language", "text")),
        result=TEXT,
        docs={"zh-CN": "选项的文字。", "en": "The label of an option."},
        form=_label_form,
        sql="core",
        hidden=True,
    )
)


def _bind_text(binder: Binder, function: Function, call: Invoke) -> Node:
    span = (call.start, call.end)
    value = binder.bind(call.args[0])
    if len(call.args) == 1:
        return binder.coerce(value, "scalar", "TEXT")
    picture = binder.bind_argument(call.args[1], function.params[1], "TEXT")
    if value.type.kind not in ("number", "date", "datetime", "null"):
        binder.wrong_type(value, "number", "TEXT")
        return binder.poison(call)
    return binder.call("FORMAT", [value, picture], span)


def _format(env: Env, value: Value, picture: str) -> str | None:
    if isinstance(value, Decimal):
        return format_number(value, picture) or None
    return format_date(moments.local_time(env, value) if isinstance(value, datetime) else value, picture) or None


define(
    Function(
        name="TEXT",
        group="text",
        params=(Param("value", "scalar"), Param("format", "text", optional=True)),
        result=TEXT,
        docs={
            "zh-CN": "按格式转为文本：数字如 #,##0.00、0.0%，日期如 yyyy-mm-dd hh:mm；不写格式则用标准写法。",
            "en": "A value as text in a format: #,##0.00, 0.0%, yyyy-mm-dd hh:mm; without one the canonical form.",
        },
        examples=(
            ('TEXT(1234567.891, "#,##0.00")', "1,234,567.89"),
            ('TEXT(0.125, "0.0%")', "12.5%"),
            ('TEXT(DATE(2024, 3, 5), "yyyy年m月d日")', "2024年3月5日"),
            ("TEXT(1 / 2)", "0.5"),
        ),
        bind=_bind_text,
        sql="core",
    )
)
define(
    Function(
        name="FORMAT",
        group="text",
        params=(Param("value", "any"), Param("format", "text")),
        result=TEXT,
        docs={"zh-CN": "按格式写出。", "en": "Writes a value in a format."},
        python=_format,
        uses=frozenset({"ZONE"}),
        adjust=_only_datetimes_use_the_zone,
        postgresql="the database writes formats by rules of its own",
        hidden=True,
    )
)


def _bind_joined(binder: Binder, function: Function, call: Invoke) -> Node:
    args = [_text_or_list(binder, binder.bind(arg), function.name) for arg in call.args]
    if any(isinstance(arg.type, ListType) for arg in args):
        return binder.call("JOINED", [const(None, TEXT), *args], (call.start, call.end))
    return binder.call("&", args, (call.start, call.end))


def _joined_form(compiler: PythonCompiler, node: Call) -> Fn:
    parts = [compiler.value(arg) for arg in node.args]
    most = limits.TEXT

    def run(env: Env) -> Value:
        text = "".join([value for part in parts if (value := part(env))])
        return texts.bounded(text) if len(text) > most else text or None

    return run


_LINE = 10_000
"""The most characters of a line of text in a field."""
_GROWTH = {"UPPER": 3, "LOWER": 3, "PROPER": 3, "TRIM": 1, "TRIMENDS": 1, "CLEAN": 1, "REVERSE": 1, "TOTEXT": 1}


def longest(node: Node) -> int:
    """Return how many characters a text can have, as far as that can be told without running it."""
    if node.type.kind != "text":
        return 64  # the canonical text of a number, a date ...
    if isinstance(node, Const):
        return len(node.value or "")
    if isinstance(node, Path):
        return _LINE
    if not isinstance(node, Call):
        return limits.TEXT
    if node.name in _GROWTH:
        return min(limits.TEXT, longest(node.args[0]) * _GROWTH[node.name])
    if node.name == "LABEL" and isinstance(node.args[0].type, Choice):
        return max((len(text) for _, labels in node.args[0].type.options for text in labels.values()), default=0)
    taken = node.args[-1]
    if node.name in ("LEFT", "RIGHT", "MID") and isinstance(taken, Const) and taken.type.kind == "number":
        return min(limits.TEXT, int(taken.value or 0))
    if node.name in ("IF", "COALESCE", "IFERROR"):
        return max(longest(arg) for arg in node.args)
    return min(limits.TEXT, sum(longest(arg) for arg in node.args)) if node.name == "&" else limits.TEXT


def _text_or_list(binder: Binder, node: Node, function: str) -> Node:
    """Return a value as text; the items of a list become text one by one."""
    if not isinstance(node.type, ListType) or node.type.item.kind in ("text", "null"):
        return node if isinstance(node.type, ListType) else binder.coerce(node, "scalar", function)
    slot = binder.variable(node)
    item = path_node(slot, (), node.type.item, node.span, deps=node.deps)
    item = replace(item, facts=replace(item.facts, scale=node.facts.scale, bound=node.facts.bound))
    made = make_function(slot, binder.coerce(item, "scalar", function), node.span)
    return binder.call("MAP", [node, made], node.span)


def _bind_textjoin(binder: Binder, function: Function, call: Invoke) -> Node:
    delimiter = binder.bind_argument(call.args[0], function.params[0], "TEXTJOIN")
    binder.bind_argument(call.args[1], function.params[1], "TEXTJOIN")  # blanks are skipped whatever it says
    args = [_text_or_list(binder, binder.bind(arg), "TEXTJOIN") for arg in call.args[2:]]
    return binder.call("JOINED", [delimiter, *args], (call.start, call.end))


def _joined(delimiter: str | None, *parts: Value) -> str | None:
    texts_ = [text for part in parts for text in (part if isinstance(part, list | tuple) else (part,)) if text]
    return texts.bounded((delimiter or "").join(texts_)) or None


define(
    Function(
        name="TEXTJOIN",
        group="text",
        params=(Param("delimiter", "text"), Param("skip_blanks", "boolean"), Param("text", "any")),
        repeat=1,
        result=TEXT,
        docs={
            "zh-CN": "用分隔符连接文本或列表，空值总是跳过。",
            "en": "Joins texts and lists with a delimiter; blanks are always skipped.",
        },
        examples=(('TEXTJOIN(", ", TRUE, "a", NULL, ["b", "c"])', "a, b, c"),),
        bind=_bind_textjoin,
        sql="core",
    )
)


def _bind_join(binder: Binder, function: Function, call: Invoke) -> Node:
    source = _text_or_list(binder, binder.bind_list(call.args[0], function.name), function.name)
    delimiter: Node = const(", ", TEXT, source.span)
    if len(call.args) > 1:
        delimiter = binder.bind_argument(call.args[1], function.params[1], function.name)
    return binder.call("JOINED", [delimiter, source], (call.start, call.end))


define(
    Function(
        name="JOIN",
        group="list",
        params=(Param("list", "list"), Param("delimiter", "text", optional=True)),
        result=TEXT,
        docs={
            "zh-CN": "把列表连接成文本，默认用逗号和空格分隔，空值跳过。",
            "en": "A list as one text, with a comma and a space between (or the text given); blanks are skipped.",
        },
        examples=(('JOIN(["a", NULL, "b"])', "a, b"), ('JOIN([1, 2.5], "、")', "1、2.5")),
        bind=_bind_join,
        sql="core",
    )
)
define(
    Function(
        name="JOINED",
        group="text",
        params=(Param("delimiter", "text"), Param("text", "any")),
        repeat=1,
        result=TEXT,
        docs={"zh-CN": "连接文本。", "en": "Joins texts."},
        blank="own",
        python=_joined,
        postgresql="joining with a delimiter is left to the application",
        hidden=True,
    )
)


define(
    Function(
        name="&",
        group="text",
        aliases=("CONCAT", "CONCATENATE"),
        params=(Param("text", "scalar"),),
        repeat=1,
        result=TEXT,
        docs={
            "zh-CN": "连接成一段文本；数字、日期等自动转为文本，空值跳过。",
            "en": "Joins into one text; numbers, dates and so on become text, blanks are skipped.",
        },
        examples=(
            ('"x" & 1 + 2', "x3"),
            ('CONCAT("a", NULL, 1.50)', "a1.5"),
            ("DATE(2024, 1, 5) & TRUE", "2024-01-05TRUE"),
        ),
        blank="text",
        bind=_bind_joined,
        python=texts.concat,
        form=_joined_form,
        postgresql=sql_text.concat,
        errors=("LIMIT",),
        fails=lambda args: sum(longest(arg) for arg in args) > limits.TEXT,
        guard=sql_text.concat_fails,
        extra={"operator": True, "guards_value": True},
    )
)
