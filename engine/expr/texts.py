"""Text functions on plain values. Positions and lengths count code points; a position is 1 for the first."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from engine.expr import limits
from engine.expr.moments import in_zone
from engine.expr.numbers import CONTEXT, keep12, plain, within
from engine.expr.values import LIMIT, NUM, VALUE, Env, Fault, Value

NUMBER_PATTERN = r"^[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)?([.][0-9]*)?([eE][+-]?[0-9]{1,3})?%?$"
_NUMBER = re.compile(NUMBER_PATTERN)
_DIGIT = re.compile(r"^[+-]?[.]?[0-9]")


def count(number: Decimal) -> int:
    """Return how many characters a number means. Raises VALUE for a negative one."""
    if number < 0:
        raise Fault(VALUE)
    return int(number)


def position(number: Decimal) -> int:
    """Return the index for a position from 1. Raises VALUE for one before the text."""
    at = int(number)
    if at < 1:
        raise Fault(VALUE)
    return at - 1


def bounded(text: str) -> str:
    """Return the text. Raises LIMIT when it is longer than a text may be."""
    if len(text) > limits.TEXT:
        raise Fault(LIMIT)
    return text


def length(text: str) -> Decimal:
    return Decimal(len(text))


def left(text: str, number: Decimal = Decimal(1)) -> str:
    return text[: count(number)]


def right(text: str, number: Decimal = Decimal(1)) -> str:
    taken = count(number)
    return text[-taken:] if taken else ""


def mid(text: str, start: Decimal, number: Decimal) -> str:
    at = position(start)
    return text[at : at + count(number)]


def find(part: str, text: str, start: Decimal = Decimal(1)) -> Decimal:
    """Return the position of ``part``. Raises VALUE when it is not there."""
    at = text.find(part, position(start))
    if at < 0:
        raise Fault(VALUE)
    return Decimal(at + 1)


def contains(text: str, part: str) -> bool:
    return part in text


def starts_with(text: str, part: str) -> bool:
    return text.startswith(part)


def ends_with(text: str, part: str) -> bool:
    return text.endswith(part)


def substitute(text: str, old: str, new: str, occurrence: Decimal | None = None) -> str:
    """Replace every occurrence, or only the one counted. Raises VALUE for a count below 1."""
    if occurrence is not None and occurrence < 1:
        raise Fault(VALUE)
    if not old:
        return text
    if occurrence is None:
        if len(text) + text.count(old) * (len(new) - len(old)) > limits.TEXT:
            raise Fault(LIMIT)  # before it is built
        return text.replace(old, new)
    at = -len(old)
    for _ in range(min(int(occurrence), len(text) + 1)):
        at = text.find(old, at + len(old))
        if at < 0:
            return text
    return bounded(text[:at] + new + text[at + len(old) :])


def trim(text: str) -> str:
    """Drop spaces at the ends and all but one between words."""
    return " ".join(word for word in text.split(" ") if word)


def trim_ends(text: str) -> str:
    return text.strip(" ")


def value(text: str) -> Decimal | None:
    """Read a number: sign, thousands separators, exponent, percent. Raises VALUE or NUM; blank for blank text."""
    cleaned = text.strip(" ")
    if not cleaned:
        return None
    if not _NUMBER.fullmatch(cleaned) or not _DIGIT.match(cleaned):
        raise Fault(VALUE)
    percent = cleaned.endswith("%")
    number = CONTEXT.create_decimal(cleaned.rstrip("%").replace(",", ""))
    if number.adjusted() > 30:
        raise Fault(NUM)
    return within(keep12(CONTEXT.scaleb(number, Decimal(-2)) if percent else number))


def to_text(env: Env, item: Value) -> str | None:
    """Return the canonical text of a value: plain decimal, ISO date, TRUE or FALSE."""
    if item is None or isinstance(item, str):
        return item
    if isinstance(item, bool):
        return "TRUE" if item else "FALSE"
    if isinstance(item, Decimal):
        return plain(item)
    if isinstance(item, datetime):
        local = in_zone(item, env.zone)
        return f"{local.year:04d}-{local:%m-%d %H:%M:%S}"
    if isinstance(item, date):
        return item.isoformat()
    if isinstance(item, timedelta):
        return duration_text(item)
    raise TypeError(item)


def duration_text(item: timedelta) -> str:
    """Return a duration as hours, minutes and seconds: ``49:30:00``."""
    seconds = abs(item) // timedelta(seconds=1)
    sign = "-" if item < timedelta(0) and seconds else ""
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def concat(*parts: str) -> str:
    return bounded("".join(parts))
