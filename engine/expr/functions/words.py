"""More functions over text: parts, padding, case, single characters, patterns."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, Numeric, Text, and_, case, cast, func, literal_column, null, or_

from engine.expr import limits, sql_text, texts
from engine.expr.formats import format_number
from engine.expr.functions.base import Binder, Column, Function, Param, entries
from engine.expr.numbers import round_half
from engine.expr.sql_numbers import ONE, numeric
from engine.expr.syntax import Invoke
from engine.expr.tree import Node
from engine.expr.types import BOOLEAN, NUMBER, TEXT, ListType, Type
from engine.expr.values import LIMIT, NA, VALUE, Fault, Value

_TEXT = Param("text", "text")
_LONGEST_REPEAT = 32_767


_entry = entries("text", blank="text")


def _define(
    name: str,
    zh: str,
    en: str,
    examples: tuple[tuple[str, str], ...],
    params: tuple[Param, ...],
    python: Callable[..., Value],
    postgresql: Callable[..., Column] | str,
    result: Type = TEXT,
    **more: Any,
) -> None:
    _entry(name, zh, en, examples, params, result, python, postgresql, **more)


# -- pieces ---------------------------------------------------------------------------------------------------------


def split(text: str, delimiter: str) -> list[str | None]:
    """SPLIT at every delimiter; no piece for blank. Raises VALUE for a blank delimiter, LIMIT."""
    if not delimiter:
        raise Fault(VALUE)
    pieces = text.split(delimiter, limits.LIST_ITEMS) if text else []
    if len(pieces) > limits.LIST_ITEMS:
        raise Fault(LIMIT)
    return [piece or None for piece in pieces]


def piece(text: str, delimiter: str, at: Decimal) -> str:
    """SPLIT with a position, from 1; blank when there are fewer pieces. Raises VALUE."""
    if not delimiter or int(at) < 1:
        raise Fault(VALUE)
    pieces = text.split(delimiter)
    return pieces[int(at) - 1] if int(at) <= len(pieces) else ""


def _no_piece(text: Column, delimiter: Column, at: Column) -> Column:
    return or_(delimiter == "", func.trunc(at) < 1)


def _piece_sql(text: Column, delimiter: Column, at: Column) -> Column:
    place = cast(func.least(func.greatest(func.trunc(at), 1), limits.TEXT), Integer)
    return case((_no_piece(text, delimiter, at), null()), else_=func.split_part(text, delimiter, place))


def _bind_split(binder: Binder, function: Function, call: Invoke) -> Node:
    args = [binder.bind_argument(arg, function.params[at], function.name) for at, arg in enumerate(call.args)]
    return binder.call("SPLIT" if len(args) == 2 else "PIECE", args, (call.start, call.end))


_PIECES = (_TEXT, Param("delimiter", "text"), Param("position", "number", optional=True))
_define(
    "SPLIT",
    "按分隔符拆成列表；给出第三个参数时只取第几段（从 1 起）。",
    "The pieces between delimiters as a list, or with a third argument the piece at a position, from 1.",
    (('SPLIT("a-b-c", "-")', "a, b, c"), ('SPLIT("a-b-c", "-", 2)', "b"), ('SPLIT("a", "")', "#VALUE!")),
    _PIECES,
    split,
    "lists are made by the application; the form with a position is computed by the database",
    result=ListType(TEXT),
    bind=_bind_split,
    errors=("VALUE", "LIMIT"),
)
_define(
    "PIECE",
    "按分隔符拆分后的第几段。",
    "The piece between delimiters at a position.",
    (),
    _PIECES,
    piece,
    _piece_sql,
    guard=_no_piece,
    errors=("VALUE",),
    hidden=True,
)


# -- parts ---------------------------------------------------------------------------------------------------------


def replace_part(text: str, start: Decimal, number: Decimal, new: str) -> str:
    """REPLACE characters from a position. Raises VALUE."""
    at, taken = texts.position(start), texts.count(number)
    return texts.bounded(text[:at] + new + text[at + taken :])


def _sql_replace(text: Column, start: Column, number: Column, new: Column) -> Column:
    before = sql_text.left(text, start - 1)
    return before.concat(new).concat(func.substr(text, sql_text.position(start + func.trunc(number))))


def before_part(text: str, part: str) -> str:
    """TEXTBEFORE. Raises NA when the part is not there."""
    found, mark, _ = text.partition(part) if part else ("", " ", "")
    if not mark:
        raise Fault(NA)
    return found


def after_part(text: str, part: str) -> str:
    """TEXTAFTER. Raises NA when the part is not there."""
    _, mark, found = text.partition(part) if part else ("", " ", text)
    if not mark:
        raise Fault(NA)
    return found


def _found(text: Column, part: Column) -> Column:
    return func.nullif(func.strpos(text, part), 0)


def _missing(text: Column, part: Column) -> Column:
    return func.strpos(text, part) == 0


_define(
    "REPLACE",
    "从某个位置起，把若干个字符换成另一段文本。",
    "Replaces characters from a position.",
    (('REPLACE("abcdefgh", 3, 2, "*")', "ab*efgh"), ('REPLACE("foo", 0, 1, "x")', "#VALUE!")),
    (_TEXT, Param("start", "number"), Param("count", "number"), Param("new", "text")),
    replace_part,
    _sql_replace,
    errors=("VALUE", "LIMIT"),
    guard=lambda text, start, number, new: or_(start < 1, number < 0),
    extra={"guards_value": True},
)
_define(
    "TEXTBEFORE",
    "某段文本之前的部分；没有则出错。",
    "The text before a part; an error when it is not there.",
    (('TEXTBEFORE("a@b.c", "@")', "a"), ('TEXTBEFORE("abc", "@")', "#NA!")),
    (_TEXT, Param("part", "text")),
    before_part,
    lambda text, part: func.left(text, _found(text, part) - 1, type_=Text),
    errors=("NA",),
    guard=_missing,
)
_define(
    "TEXTAFTER",
    "某段文本之后的部分；没有则出错。",
    "The text after a part; an error when it is not there.",
    (('TEXTAFTER("a@b.c", "@")', "b.c"),),
    (_TEXT, Param("part", "text")),
    after_part,
    lambda text, part: func.substr(text, _found(text, part) + func.length(part), type_=Text),
    errors=("NA",),
    guard=_missing,
)
_define(
    "SEARCH",
    "某段文本首次出现的位置，不区分大小写；找不到是错误。",
    "The position of a part in any case; not found is an error.",
    (('SEARCH("MARGIN", "Profit Margin")', "8"),),
    (Param("part", "text"), _TEXT, Param("start", "number", optional=True)),
    lambda part, text, start=Decimal(1): texts.find(part.lower(), text.lower(), start),
    lambda part, text, start=ONE: sql_text.find(sql_text.lower(part), sql_text.lower(text), start),
    NUMBER,
    errors=("VALUE",),
    numbers=lambda args: (0, Decimal(limits.TEXT)),
)


# -- repeating, padding, turning -----------------------------------------------------------------------------------


def repeat(text: str, number: Decimal) -> str:
    """REPT. Raises VALUE for a negative count, LIMIT for more than 32,767 characters."""
    times = texts.count(number)
    if len(text) * times > _LONGEST_REPEAT:
        raise Fault(LIMIT)
    return text * times


def _sql_repeat(text: Column, number: Column) -> Column:
    most = case((func.length(text) * func.trunc(number) <= _LONGEST_REPEAT, number), else_=null())
    return func.repeat(text, sql_text.count(most), type_=Text)


def _repeat_fails(text: Column, number: Column) -> Column:
    return or_(number < 0, func.length(text) * func.trunc(number) > _LONGEST_REPEAT)


def _pad(text: str, number: Decimal, filler: str, left: bool) -> str:
    missing = min(texts.count(number), _LONGEST_REPEAT) - len(text)
    if missing <= 0 or not filler:
        return text
    padding = (filler * (missing // len(filler) + 1))[:missing]
    return padding + text if left else text + padding


def _sql_pad(left: bool) -> Callable[..., Column]:
    def build(text: Column, number: Column, filler: Column | None = None) -> Column:
        wanted = sql_text.count(number, _LONGEST_REPEAT)
        length = case((wanted < func.length(text), func.length(text)), else_=wanted)
        fill = literal_column("' '") if filler is None else filler
        padded = (func.lpad if left else func.rpad)(text, length, fill, type_=Text)
        return case((number < 0, null()), else_=padded)

    return build


_COUNT = Param("count", "number")
_define(
    "REPT",
    "重复若干次（最多 32,767 个字符）。",
    "A text repeated, at most 32,767 characters.",
    (('REPT("ab", 3)', "ababab"), ('REPT("-", -1)', "#VALUE!"), ('REPT("ab", 99999)', "#LIMIT!")),
    (_TEXT, _COUNT),
    repeat,
    _sql_repeat,
    errors=("VALUE", "LIMIT"),
    guard=_repeat_fails,
)
for _name, _left, _zh, _en, _example in (
    ("LPAD", True, "在左边补足到指定长度。", "Fills up on the left to a length.", ('LPAD("7", 3, "0")', "007")),
    ("RPAD", False, "在右边补足到指定长度。", "Fills up on the right to a length.", ('RPAD("7", 3, "ab")', "7ab")),
):
    _define(
        _name,
        _zh,
        _en,
        (_example,),
        (_TEXT, Param("length", "number"), Param("filler", "text", optional=True)),
        lambda text, number, filler=" ", left=_left: _pad(text, number, filler, left),
        _sql_pad(_left),
        errors=("VALUE",),
        guard=lambda text, number, filler=None: number < 0,
    )
_define(
    "REVERSE",
    "文字倒序。",
    "The characters in reverse order.",
    (('REVERSE("abc")', "cba"),),
    (_TEXT,),
    lambda text: text[::-1],
    lambda text: func.reverse(text, type_=Text),
)

_CONTROL = "[\x01-\x1f]"
_define(
    "CLEAN",
    "去掉换行等控制字符。",
    "Drops line breaks and other control characters.",
    (('CLEAN("a\tb")', "ab"),),
    (_TEXT,),
    lambda text: re.sub(_CONTROL, "", text),
    lambda text: func.regexp_replace(text, _CONTROL, "", "g", type_=Text),
)
_define(
    "PROPER",
    "每个词首字母大写。",
    "The first letter of every word in upper case.",
    (('PROPER("john o\'neil 2-way")', "John O'Neil 2-Way"),),
    (_TEXT,),
    lambda text: re.sub(r"[^\W\d_]+", lambda word: word[0][:1].upper() + word[0][1:].lower(), text),
    "the database finds words by other rules",
)


# -- comparing -----------------------------------------------------------------------------------------------------

_define(
    "EXACT",
    "两段文本是否完全相同（区分大小写）。",
    "Whether two texts are the same, case included.",
    (('EXACT("A", "a")', "FALSE"), ('EXACT("", NULL)', "TRUE")),
    (_TEXT, Param("other", "text")),
    lambda left, right: left == right,
    lambda left, right: left == right,
    BOOLEAN,
)
_define(
    "SAMETEXT",
    "两段文本是否相同（不区分大小写）。",
    "Whether two texts are the same in any case.",
    (('SAMETEXT("ABC", "abc")', "TRUE"),),
    (_TEXT, Param("other", "text")),
    lambda left, right: left.lower() == right.lower(),
    lambda left, right: sql_text.lower(left) == sql_text.lower(right),
    BOOLEAN,
)


# -- characters and numbers ----------------------------------------------------------------------------------------


def character(number: Decimal) -> str:
    """CHAR of a code point. Raises VALUE for a number that is none."""
    code = int(number) if number.copy_abs() < 2_000_000 else 0
    if not 0 < code < 0x110000 or 0xD800 <= code < 0xE000:
        raise Fault(VALUE)
    return chr(code)


def _sql_character(number: Column) -> Column:
    code = func.trunc(number)
    inside = and_(number >= 1, number < 0x110000, or_(number < 0xD800, number >= 0xE000))
    return func.chr(sql_text.count(case((inside, code), else_=null()), 0x110000), type_=Text)


def code_point(text: str) -> Decimal | None:
    """CODE of the first character; blank for blank."""
    return Decimal(ord(text[0])) if text else None


_define(
    "CHAR",
    "编码对应的字符（Unicode）。",
    "The character of a Unicode code point.",
    (("CHAR(65)", "A"), ("CHAR(20013)", "中"), ("CHAR(0)", "#VALUE!")),
    (Param("number", "number"),),
    character,
    _sql_character,
    aliases=("UNICHAR",),
    errors=("VALUE",),
    guard=lambda number: _sql_character(number).is_(None),
)
_define(
    "CODE",
    "第一个字符的编码（Unicode）。",
    "The Unicode code point of the first character.",
    (('CODE("A")', "65"), ('CODE("中国")', "20013")),
    (_TEXT,),
    code_point,
    lambda text: numeric(cast(func.nullif(func.ascii(text), 0), Numeric)),
    NUMBER,
    aliases=("UNICODE",),
    adjust=lambda facts, args: replace(facts, nullable=True),
)


def fixed(number: Decimal, digits: Decimal = Decimal(2), plain: bool = False) -> str:
    """FIXED: a number with so many decimals, with thousands separators unless told."""
    rounded = round_half(number, digits)
    decimals = max(0, min(12, int(digits)))
    picture = ("0" if plain else "#,##0") + ("." + "0" * decimals if decimals else "")
    return format_number(rounded, picture)


def _bind_fixed(binder: Binder, function: Function, call: Invoke) -> Node:
    args = [binder.bind_argument(arg, function.param(at), "FIXED") for at, arg in enumerate(call.args)]
    if len(args) > 1:
        two = binder.number(2, args[1].span)
        args[1] = binder.call("COALESCE", [args[1], two], args[1].span)
    return binder.call("FIXED", args, (call.start, call.end))


_define(
    "FIXED",
    "按小数位写成文本，带千位分隔符（第三个参数为真则不带）。",
    "A number as text with so many decimals and thousands separators (none when the third argument is true).",
    (("FIXED(1234.567)", "1,234.57"), ("FIXED(-1234.567, -1, TRUE)", "-1230")),
    (Param("number", "number"), Param("digits", "number", optional=True), Param("plain", "boolean", optional=True)),
    fixed,
    "the database writes formats by rules of its own",
    bind=_bind_fixed,
    errors=("NUM",),
)
