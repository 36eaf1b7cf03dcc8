"""Exact decimals: reading what people write, and the 64-bit integers they are stored as."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, InvalidOperation
from typing import Any

from engine.fields.base import InvalidValue, Value
from engine.fields.folding import fold

DIGITS = 18
LIMIT: int = 10**DIGITS
"""Stored integers are strictly between ``-LIMIT`` and ``LIMIT``."""


QUANTA = tuple(Decimal(1).scaleb(-scale) for scale in range(DIGITS + 1))
"""One unit of the last decimal, by scale."""

_WIDE = Context(prec=128)
"""Enough digits for everything that can be written in an input, so that comparing never rounds."""

PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
"""A number written the one way machines write it."""

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_JSON_TEXT = re.compile(r"-?\d+(\.\d+)?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_GROUPED_SPACE = re.compile(r"[+-]?\d{1,3}( \d{3})+(\.\d*)?")
_MAGNITUDES = {
    "千万": 10**7,
    "百万": 10**6,
    "千": 10**3,
    "万": 10**4,
    "萬": 10**4,
    "亿": 10**8,
    "億": 10**8,
    "万亿": 10**12,
}
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "，": ",", "。": ".", "\u00a0": " ", "\u202f": " "})
_SYMBOLS = {
    "CNY": ("¥", "元", "人民币", "rmb", "cny"),
    "USD": ("$", "us$", "usd", "美元"),
    "EUR": ("€", "eur", "欧元"),
    "GBP": ("£", "gbp", "英镑"),
    "JPY": ("¥", "円", "日元", "jpy"),
    "HKD": ("hk$", "hkd", "港元", "港币"),
    "TWD": ("nt$", "twd", "新台币"),
    "KRW": ("₩", "krw", "韩元"),
    "SGD": ("s$", "sgd", "新加坡元"),
    "AUD": ("a$", "aud", "澳元"),
    "CAD": ("c$", "cad", "加元"),
    "INR": ("₹", "inr", "卢比"),
    "RUB": ("₽", "rub", "卢布"),
}


def typed_decimal(raw: Any) -> Decimal | None:
    """Return the decimal of a JSON number, a plain decimal text or a Decimal. Raises :class:`InvalidValue`."""
    if raw is None or raw == "":
        return None
    if isinstance(raw, Decimal):
        value = raw
    elif isinstance(raw, bool):
        raise InvalidValue("F201", value=str(raw).lower())
    elif isinstance(raw, int):
        if abs(raw) >= LIMIT:
            raise InvalidValue("F203", value=f"{str(raw)[:24]}…" if raw.bit_length() < 4096 else "…", digits=DIGITS)
        value = Decimal(raw)
    elif isinstance(raw, float):
        value = Decimal(repr(raw))
    elif isinstance(raw, str) and len(raw) <= 64 and _JSON_TEXT.fullmatch(raw.strip()):
        value = Decimal(raw.strip())
    else:
        raise InvalidValue("F201", value=str(raw)[:64])
    if not value.is_finite():
        raise InvalidValue("F201", value=str(raw))
    return value


def read_decimal(text: str, *, unit: str = "", currency: str = "") -> Decimal | None:
    """Read a number as people write it: grouping, full-width digits, 万 and 亿, percent, a currency, (negative).

    A decimal comma is refused rather than guessed. Raises :class:`InvalidValue`.
    """
    if len(text) > 128:
        raise InvalidValue("F201", value=text[:64])
    if PLAIN_NUMBER.fullmatch(text) and not (unit and text.endswith(fold(unit).strip())):
        return Decimal(text)
    rest = fold(text.translate(_MINUS)).strip()
    if not rest:
        return None
    negative = rest.startswith("(") and rest.endswith(")")
    if negative:
        rest = rest[1:-1].strip()
    if rest[:1] in "+-" and rest[:1]:
        negative, rest = negative ^ (rest[0] == "-"), rest[1:].strip()
    rest = _without_currency(rest, currency, text)
    if unit and rest.endswith(fold(unit).strip()):
        rest = rest.removesuffix(fold(unit).strip()).strip()
    percent = rest.endswith("%")
    rest = rest.removesuffix("%").strip()
    factor = Decimal(1)
    for word in sorted(_MAGNITUDES, key=len, reverse=True):
        if rest.endswith(word):
            factor, rest = Decimal(_MAGNITUDES[word]), rest.removesuffix(word).strip()
            break
    if rest[:1] == "-" and not negative:  # ¥-1,200
        negative, rest = True, rest[1:].strip()
    if _GROUPED.fullmatch(rest):
        rest = rest.replace(",", "")
    elif _GROUPED_SPACE.fullmatch(rest):
        rest = rest.replace(" ", "")
    if not _PLAIN.fullmatch(rest) or rest[:1] in "+-":
        raise InvalidValue("F201", value=text.strip())
    try:
        value = Decimal(rest) * factor
    except InvalidOperation as error:
        raise InvalidValue("F201", value=text.strip()) from error
    value = value.scaleb(-2) if percent else value
    return -value if negative else value


def _without_currency(rest: str, currency: str, text: str) -> str:
    found = ""
    for words in _SYMBOLS.values():
        for word in words:
            if len(word) > len(found) and (rest.startswith(word) or rest.endswith(word)):
                found = word
    if not found:
        code = currency.lower()
        if code and rest.startswith(code):
            return rest.removeprefix(code).strip()
        return rest.removesuffix(code).strip() if code else rest
    if found not in _SYMBOLS.get(currency, ()):
        raise InvalidValue("F206" if currency else "F201", value=text.strip(), currency=currency)
    return (rest.removeprefix(found) if rest.startswith(found) else rest.removesuffix(found)).strip()


def scaled(value: Decimal, scale: int) -> int:
    """Return the stored integer. Raises :class:`InvalidValue` when decimals would be lost or digits do not fit."""
    if value.same_quantum(QUANTA[scale]):  # nothing to lose
        exact = int(value.scaleb(scale, _WIDE))
        if -LIMIT < exact < LIMIT:
            return exact
    if value.adjusted() + scale >= DIGITS and value:
        raise InvalidValue("F203", value=shown(value), digits=DIGITS - scale)
    shifted = value.scaleb(scale, _WIDE)
    whole: int = int(shifted)
    if whole != shifted or shifted.scaleb(-scale, _WIDE) != value:
        raise InvalidValue("F202", value=shown(value), scale=scale)
    return whole


def whole_scaled(value: Decimal, scale: int) -> int | None:
    """Return the stored integer equal to ``value``; None when no stored value can equal it."""
    try:
        return scaled(value, scale)
    except InvalidValue:
        return None


def floor(value: Decimal, scale: int) -> int:
    """Return the largest stored integer not above ``value``, held just outside the stored range."""
    return _edge(value, scale, ROUND_FLOOR)


def ceiling(value: Decimal, scale: int) -> int:
    """Return the smallest stored integer not below ``value``, held just outside the stored range."""
    return _edge(value, scale, ROUND_CEILING)


def _edge(value: Decimal, scale: int, rounding: str) -> int:
    if value.adjusted() + scale > DIGITS:
        return LIMIT if value > 0 else -LIMIT
    whole: int = int(value.scaleb(scale, _WIDE).to_integral_value(rounding, _WIDE))
    return max(-LIMIT, min(LIMIT, whole))


def compare_in_python(value: Value, operator: str, operand: Any) -> bool:
    """Python meaning of the ordering operators over values that compare with one another."""
    if operator in ("blank", "not_blank"):
        return (value is None) == (operator == "blank")
    if operator == "<>":
        return bool(value != operand)
    if operator == "not_in":
        return value is None or value not in operand
    if value is None:
        return False
    match operator:
        case "=":
            return bool(value == operand)
        case "in":
            return bool(value in operand)
        case "between":
            return bool(operand[0] <= value <= operand[1])
        case "<":
            return bool(value < operand)
        case "<=":
            return bool(value <= operand)
        case ">":
            return bool(value > operand)
        case ">=":
            return bool(value >= operand)
    raise ValueError(operator)


def finite(raw: Any) -> bool:
    """Say whether a bound in the options is a number."""
    try:
        return not isinstance(raw, bool) and Decimal(str(raw)).is_finite()
    except InvalidOperation:
        return False


def shown(value: Decimal) -> str:
    """Return a number for a message: plain, or in short form when it is very long."""
    return f"{value:f}" if -20 < value.adjusted() < 30 else f"{value:.6e}"
