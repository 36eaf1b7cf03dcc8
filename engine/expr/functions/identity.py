"""Chinese identity card numbers: 18 digits with a check character, or the 15 digits of before 1999."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Numeric,
    Text,
    and_,
    case,
    cast,
    extract,
    false,
    func,
    literal,
    null,
    or_,
    select,
    true,
)

from engine.deferred import deferred
from engine.expr import sql_dates
from engine.expr.functions.base import Binder, Column, Function, Param, entries
from engine.expr.syntax import Invoke
from engine.expr.tree import Node
from engine.expr.types import BOOLEAN, DATE, NUMBER, TEXT
from engine.expr.values import VALUE, Fault

numdb: Any = deferred("stdnum.numdb")  # the table of regions takes a tenth of a second to read

_ID = Param("id", "text")
_LONG = re.compile(r"[1-9][0-9]{16}[0-9X]")
_SHORT = re.compile(r"[1-9][0-9]{14}")
_WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))
_CHECKS = "10X98765432"
_SEXES = ("女", "男")

_define = entries("chinese", blank="text")


@dataclass(frozen=True, slots=True)
class Card:
    """What a valid number says."""

    region: str
    born: date
    order: int


def read_card(text: str, *, short: bool) -> Card | None:
    """Read a number; None when it is not valid. ``short`` also takes 15 digits."""
    number = text.strip().upper()
    if _LONG.fullmatch(number):
        total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
        if _CHECKS[total % 11] != number[-1]:
            return None
    elif short and _SHORT.fullmatch(number):
        number = f"{number[:6]}19{number[6:]}"
    else:
        return None
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None
    return Card(number[:6], born, int(number[14:17]))


def card_valid(text: str, short: bool = False) -> bool:
    """IDCARDVALID."""
    return read_card(text, short=short) is not None


def _card(text: str) -> Card | None:
    """Return the card of a text, None for blank. Raises VALUE for a number that is not valid."""
    if not text.strip():
        return None
    card = read_card(text, short=True)
    if card is None:
        raise Fault(VALUE)
    return card


def birthday(text: str) -> date | None:
    """IDCARDBIRTHDAY. Raises VALUE."""
    card = _card(text)
    return card.born if card else None


def sex(text: str) -> str:
    """IDCARDSEX: 男 or 女. Raises VALUE."""
    card = _card(text)
    return _SEXES[card.order % 2] if card else ""


def region(text: str) -> str:
    """IDCARDREGION: province and county as they were called in the year of birth. Raises VALUE."""
    card = _card(text)
    if card is None:
        return ""
    found: dict[str, str] = {}
    for _, part in numdb.get("cn/loc").info(card.region):
        found.update(part)
    if "province" not in found:
        raise Fault(VALUE)
    county = _called(found.get("county", ""), card.born.year)
    return found["province"] if county == found["province"] else found["province"] + county


def _called(names: str, year: int) -> str:
    """Return the name of a county in a year from ``[1980-1996]A,[1996-]B``; else the latest."""
    called = ""
    for name in names.split(",") if names else ():
        span, bracket, plain = name.removeprefix("[").partition("]")
        if not bracket:
            return name
        start, _, end = span.partition("-")
        if (not start or year >= int(start)) and (not end or year <= int(end)):
            return plain
        called = called or plain
    return called


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def _digit(number: Column, at: int) -> Column:
    """Return a digit without a cast that could fail."""
    return func.ascii(func.substr(number, at, 1)) - 48


def _in_card(text: Column, ask: Callable[[Column, Column, Column], Column], *, short: Column | bool) -> Column:
    """Ask something of the number (with 17 digits at least), whether it is valid, and its date of birth."""
    cleaned = func.upper(func.btrim(text, " \t\r\n\f\v"), type_=Text())
    clean = select(cleaned.label("sent")).correlate_except(None).subquery()
    sent = clean.c.sent
    old = short if isinstance(short, ColumnElement) else true() if short else false()
    long_form, short_form = sent.op("~")(f"^{_LONG.pattern}$"), and_(sent.op("~")(f"^{_SHORT.pattern}$"), old)
    written = func.substr(sent, 1, 6).concat("19").concat(func.substr(sent, 7))
    row = select(
        case((short_form, written), else_=sent).label("number"),
        case((long_form, True), else_=False).label("whole"),
        case((or_(long_form, short_form), True), else_=False).label("formed"),
    )
    read = row.select_from(clean).correlate_except(clean).subquery()
    number = read.c.number
    total: Any = 0
    for at, weight in enumerate(_WEIGHTS, 1):
        total = total + _digit(number, at) * weight
    check = func.substr(literal(_CHECKS, Text()), func.mod(total, 11) + 1, 1)
    year, month, day = (
        sum((_digit(number, start + at) * 10 ** (length - at - 1) for at in range(length)), start=literal(0))
        for start, length in ((7, 4), (11, 2), (13, 2))
    )
    born = sql_dates.make_date(cast(year, Numeric), cast(month, Numeric), cast(day, Numeric))
    real = and_(year > 0, extract("month", born) == month, extract("day", born) == day)
    checked = or_(~read.c.whole, check == func.substr(number, 18, 1))
    valid = func.coalesce(and_(read.c.formed, checked, real), False)
    return select(ask(number, valid, born)).select_from(read).correlate_except(read).scalar_subquery()


def _valid_sql(text: Column, short: Column | bool = False) -> Column:
    found = _in_card(text, lambda number, valid, born: valid, short=short)
    blank = or_(text.is_(None), short.is_(None)) if isinstance(short, ColumnElement) else text.is_(None)
    return case((blank, null()), else_=found)


def _birthday_sql(text: Column) -> Column:
    return _in_card(text, lambda number, valid, born: case((valid, born), else_=null()), short=True)


def _sex_sql(text: Column) -> Column:
    def ask(number: Column, valid: Column, born: Column) -> Column:
        name = case((func.mod(_digit(number, 17), 2) == 1, _SEXES[1]), else_=_SEXES[0])
        return case((valid, name), else_=null())

    return _in_card(text, ask, short=True)


def _unreadable(text: Column) -> Column:
    """An error: a text that is not blank and no valid number."""
    return and_(func.btrim(text, " \t\r\n\f\v") != "", ~_valid_sql(text, True))


_define(
    "IDCARDVALID",
    "身份证号码是否有效：18 位、校验位正确、出生日期真实；第二个参数为 TRUE 时也接受 15 位旧号码。",
    "Whether an identity card number is valid: 18 characters, the right check character, a real date of birth; with "
    "TRUE as the second argument also an old one of 15 digits.",
    (
        ('IDCARDVALID("11010519491231002X")', "TRUE"),
        ('IDCARDVALID("110105194912310021")', "FALSE"),
        ('IDCARDVALID("130503670401001", TRUE)', "TRUE"),
    ),
    (_ID, Param("old", "boolean", optional=True)),
    BOOLEAN,
    card_valid,
    _valid_sql,
)
_define(
    "IDCARDBIRTHDAY",
    "身份证号码（18 或 15 位）中的出生日期；号码无效是错误。",
    "The date of birth in an identity card number of 18 or 15 digits; a number that is not valid is an error.",
    (('IDCARDBIRTHDAY("11010519491231002X")', "1949-12-31"), ('IDCARDBIRTHDAY("1")', "#VALUE!")),
    (_ID,),
    DATE,
    birthday,
    _birthday_sql,
    guard=_unreadable,
    errors=("VALUE",),
    adjust=lambda facts, args: replace(facts, nullable=True),
)
_define(
    "IDCARDSEX",
    "身份证号码中的性别：男或女；号码无效是错误。",
    "The sex in an identity card number: 男 or 女; a number that is not valid is an error.",
    (('IDCARDSEX("11010519491231002X")', "女"), ('IDCARDSEX("130503670401001")', "男")),
    (_ID,),
    TEXT,
    sex,
    _sex_sql,
    guard=_unreadable,
    errors=("VALUE",),
)


def _bind_age(binder: Binder, function: Function, call: Invoke) -> Node:
    span = (call.start, call.end)
    born = binder.call("IDCARDBIRTHDAY", [binder.bind_argument(call.args[0], _ID, function.name)], span)
    on = Param("on", "moment")
    until = binder.bind_argument(call.args[1], on, function.name) if len(call.args) > 1 else None
    until = until if until is not None else binder.call("TODAY", [], span)
    return binder.call("DATEDIF", [born, until, binder.word("y", span)], span)


_define(
    "IDCARDAGE",
    "按身份证号码计算的周岁（到今天，或到第二个日期）。",
    "Full years since the date of birth in an identity card number, until today or a second date.",
    (('IDCARDAGE("11010519491231002X", DATE(2024, 12, 30))', "74"),),
    (_ID, Param("on", "moment", optional=True)),
    NUMBER,
    bind=_bind_age,
    sql="core",
)
_define(
    "IDCARDREGION",
    "身份证号码中的省份与区县（按出生年份的名称）；号码无效或地区不存在是错误。",
    "Province and county in an identity card number, as they were called in the year of birth; a number that is not "
    "valid, or a region that never was, is an error.",
    (('IDCARDREGION("11010519491231002X")', "北京市朝阳区"),),
    (_ID,),
    TEXT,
    region,
    "regions are known to the application",
    browser="regions are known to the server",
    errors=("VALUE",),
)
