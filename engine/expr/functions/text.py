"""Functions over text. Blank text reads as empty text, and empty text is blank."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from engine.expr import limits, sql_text, texts
from engine.expr.functions.base import Column, Param, entries
from engine.expr.tree import Const, Node
from engine.expr.types import BOOLEAN, NUMBER, TEXT
from engine.expr.values import Value

_TEXT = Param("text", "text")
_PART = Param("part", "text")
_COUNT = Param("count", "number", optional=True)
_LENGTHS = (0, Decimal(limits.TEXT))


_define = entries("text", blank="text")


def _negative_possible(at: int) -> Callable[[Sequence[Node]], bool]:
    """Say whether the count at an index may be negative."""

    def fails(args: Sequence[Node]) -> bool:
        if len(args) <= at:
            return False
        count = args[at]
        return not (isinstance(count, Const) and count.value is not None and count.value >= 0)

    return fails


def _short(new: Node) -> bool:
    """Say whether replacing with a text can make no text grow beyond measure."""
    return isinstance(new, Const) and len(new.value or "") <= 100


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
_PREDICATES: tuple[tuple[str, str, str, tuple[str, str], Callable[..., Value], Callable[..., Column]], ...] = (
    (
        "CONTAINS",
        "是否包含。",
        "Whether a text has a part.",
        ('CONTAINS("北京分公司", "分公司")', "TRUE"),
        texts.contains,
        sql_text.contains,
    ),
    (
        "STARTSWITH",
        "是否以…开头。",
        "Whether a text begins with a part.",
        ('STARTSWITH("HT-01", "HT")', "TRUE"),
        texts.starts_with,
        sql_text.starts_with,
    ),
    (
        "ENDSWITH",
        "是否以…结尾。",
        "Whether a text ends with a part.",
        ('ENDSWITH("a.pdf", ".pdf")', "TRUE"),
        texts.ends_with,
        sql_text.ends_with,
    ),
)
for _name, _zh, _en, _example, _python, _sql in _PREDICATES:
    _define(
        _name,
        f"{_zh}区分大小写。",
        f"{_en} Case matters.",
        (_example,),
        (_TEXT, _PART),
        BOOLEAN,
        _python,
        _sql,
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
    fails=lambda args: len(args) > 3 or not _short(args[2]),
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
