"""Functions over text. Blank text reads as empty text, and empty text is blank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from engine.expr import limits, moments, sql_text, texts
from engine.expr.formats import format_date, format_number
from engine.expr.functions.base import Binder, Column, Fn, Function, Param, PythonCompiler, define
from engine.expr.syntax import Invoke
from engine.expr.tree import Call, Const, Facts, Node
from engine.expr.types import BOOLEAN, NUMBER, TEXT, Choice, Type
from engine.expr.values import Env, Value

_TEXT = Param("text", "text")
_PART = Param("part", "text")
_COUNT = Param("count", "number", optional=True)
_LENGTHS = (0, Decimal(limits.TEXT))


def _define(
    name: str,
    zh: str,
    en: str,
    examples: tuple[tuple[str, str], ...],
    params: tuple[Param, ...],
    result: Type,
    python: Callable[..., Value],
    postgresql: Callable[..., Column] | str,
    **more: Any,
) -> None:
    define(
        Function(
            name=name,
            group="text",
            params=params,
            result=result,
            docs={"zh-CN": zh, "en": en},
            examples=examples,
            blank="text",
            python=python,
            postgresql=postgresql,
            **more,
        )
    )


def _negative_possible(at: int) -> Callable[[Sequence[Node]], bool]:
    """Say whether the count at an index may be negative."""

    def fails(args: Sequence[Node]) -> bool:
        if len(args) <= at:
            return False
        count = args[at]
        return not (isinstance(count, Const) and count.value is not None and count.value >= 0)

    return fails


def _mid_fails(args: Sequence[Node]) -> bool:
    start = args[1]
    fixed = isinstance(start, Const) and start.value is not None and start.value >= 1
    return not fixed or _negative_possible(2)(args)


_define(
    "LEN",
    "字符个数；空值为 0。",
    "The number of characters; 0 for blank.",
    (('LEN("客户 A")', "4"), ("LEN(NULL)", "0")),
    (_TEXT,),
    NUMBER,
    texts.length,
    sql_text.length,
    numbers=lambda args: _LENGTHS,
)
_define(
    "LEFT",
    "左边的几个字符（默认 1 个）。",
    "The first characters (1 unless told).",
    (('LEFT("合同-2024", 2)', "合同"), ('LEFT("abc")', "a"), ('LEFT("abc", -1)', "#VALUE!")),
    (_TEXT, _COUNT),
    TEXT,
    texts.left,
    sql_text.left,
    errors=("VALUE",),
    fails=_negative_possible(1),
    guard=sql_text.left_fails,
)
_define(
    "RIGHT",
    "右边的几个字符（默认 1 个）。",
    "The last characters (1 unless told).",
    (('RIGHT("HT-0042", 4)', "0042"),),
    (_TEXT, _COUNT),
    TEXT,
    texts.right,
    sql_text.right,
    errors=("VALUE",),
    fails=_negative_possible(1),
    guard=sql_text.left_fails,
)
_define(
    "MID",
    "从第几个字符起取若干个。",
    "Characters from a position (the first is 1).",
    (('MID("Fluid Flow", 7, 20)', "Flow"), ('MID("abc", 0, 1)', "#VALUE!")),
    (_TEXT, Param("start", "number"), Param("count", "number")),
    TEXT,
    texts.mid,
    sql_text.mid,
    errors=("VALUE",),
    fails=_mid_fails,
    guard=sql_text.mid_fails,
)
_define(
    "UPPER",
    "转为大写。",
    "Upper case.",
    (('UPPER("abc é")', "ABC É"),),
    (_TEXT,),
    TEXT,
    str.upper,
    sql_text.upper,
)
_define(
    "LOWER",
    "转为小写。",
    "Lower case.",
    (('LOWER("ABC É")', "abc é"),),
    (_TEXT,),
    TEXT,
    str.lower,
    sql_text.lower,
)
_define(
    "TRIM",
    "去掉首尾空格，中间连续空格合并为一个。",
    "Drops spaces at the ends and all but one between words.",
    (('TRIM("  more  spaces ")', "more spaces"),),
    (_TEXT,),
    TEXT,
    texts.trim,
    sql_text.trim,
)
_define(
    "TRIMENDS",
    "只去掉首尾空格。",
    "Drops spaces at the ends only.",
    (('TRIMENDS("  a  b ")', "a  b"),),
    (_TEXT,),
    TEXT,
    texts.trim_ends,
    sql_text.trim_ends,
)
for _name, _zh, _en, _examples, _python, _sql in (
    ("CONTAINS", "是否包含。", "Whether a text has a part.", (('CONTAINS("北京分公司", "分公司")', "TRUE"),), texts.contains, sql_text.contains),
    ("STARTSWITH", "是否以…开头。", "Whether a text begins with a part.", (('STARTSWITH("HT-01", "HT")', "TRUE"),), texts.starts_with, sql_text.starts_with),
    ("ENDSWITH", "是否以…结尾。", "Whether a text ends with a part.", (('ENDSWITH("a.pdf", ".pdf")', "TRUE"),), texts.ends_with, sql_text.ends_with),
):  # fmt: skip
    _define(
        _name,
        f"{_zh}区分大小写。",
        f"{_en} Case matters.",
        _examples,
        (_TEXT, _PART),
        BOOLEAN,
        _python,
        _sql,
        extra={"sqlite_native": True},
    )
_define(
    "FIND",
    "某段文本首次出现的位置（从 1 起），区分大小写；找不到是错误。",
    "The position of a part, from 1. Case matters; not found is an error.",
    (('FIND("m", "Miriam McGovern")', "6"), ('FIND("x", "abc")', "#VALUE!")),
    (_PART, _TEXT, Param("start", "number", optional=True)),
    NUMBER,
    texts.find,
    sql_text.find,
    errors=("VALUE",),
    numbers=lambda args: _LENGTHS,
)
_define(
    "SUBSTITUTE",
    "替换文本；第四个参数指定只替换第几处。",
    "Replaces a part, everywhere or only one occurrence.",
    (('SUBSTITUTE("a-b-c", "-", "+")', "a+b+c"), ('SUBSTITUTE("a-b-c", "-", "+", 2)', "a-b+c")),
    (_TEXT, Param("old", "text"), Param("new", "text"), Param("occurrence", "number", optional=True)),
    TEXT,
    texts.substitute,
    sql_text.substitute,
    errors=("VALUE", "LIMIT"),
    fails=lambda args: len(args) > 3,
    guard=sql_text.substitute_fails,
)
_define(
    "VALUE",
    "把文本读成数字，可带千位分隔符和百分号；空文本为空。",
    "Reads a number, with thousands separators or a percent sign; blank text is blank.",
    (('VALUE("-1,000")', "-1000"), ('VALUE("12.5%")', "0.125"), ('VALUE("abc")', "#VALUE!")),
    (_TEXT,),
    NUMBER,
    texts.value,
    sql_text.value,
    errors=("VALUE", "NUM"),
    guard=sql_text.value_fails,
    adjust=lambda facts, args: replace(facts, nullable=True),
)


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
    args = [binder.coerce(binder.bind(arg), "scalar", function.name) for arg in call.args]
    return binder.call("&", args, (call.start, call.end))


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
        postgresql=sql_text.concat,
        errors=("LIMIT",),
        fails=lambda args: False,
        extra={"operator": True},
    )
)
