"""Text functions in PostgreSQL. Arguments are never NULL texts (blank came as ''); errors give NULL."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import BindParameter, Integer, Numeric, Text, and_, case, cast, func, literal, literal_column, null, or_

from engine.expr import limits
from engine.expr.functions.base import Column
from engine.expr.sql_numbers import ONE, clamp, constant, keep12, numeric, whole
from engine.expr.sql_unicode import unicode_lower, unicode_upper
from engine.expr.texts import NUMBER_PATTERN

_EMPTY = literal_column("''", Text)
_MOST = limits.TEXT
_SHORT = 100
_NUMBER = NUMBER_PATTERN.replace("(", "(?:").replace("^", "^(?=[+-]?[.]?[0-9])")


def length(text: Column) -> Column:
    return numeric(cast(func.length(text), Numeric))


def upper(text: Column) -> Column:
    return unicode_upper(text)


def lower(text: Column) -> Column:
    return unicode_lower(text)


def count(number: Column, most: int = _MOST) -> Column:
    """Return a number of characters as an integer; NULL for a negative one."""
    return cast(case((number < 0, null()), (number > most, most), else_=func.trunc(number)), Integer)


def position(number: Column) -> Column:
    """Return a position as an integer; NULL for one before the text."""
    return cast(case((number < 1, null()), (number > _MOST, _MOST + 1), else_=func.trunc(number)), Integer)


def left(text: Column, number: Column = ONE) -> Column:
    return func.left(text, count(number), type_=Text)


def right(text: Column, number: Column = ONE) -> Column:
    return func.right(text, count(number), type_=Text)


def mid(text: Column, start: Column, number: Column) -> Column:
    return func.substr(text, position(start), count(number), type_=Text)


def left_fails(text: Column, number: Column = ONE) -> Column:
    return number < 0


def mid_fails(text: Column, start: Column, number: Column) -> Column:
    return or_(start < 1, number < 0)


def find(part: Column, text: Column, start: Column = ONE) -> Column:
    if start is ONE:
        return numeric(cast(func.nullif(func.strpos(text, part), 0), Numeric))
    at = case((and_(start >= 1, start < func.length(text) + 2), whole(start, 1, _MOST)), else_=null())
    found = func.nullif(func.strpos(func.substr(text, at), part), 0)
    return numeric(cast(found + at - 1, Numeric))


def contains(text: Column, part: Column) -> Column:
    return func.strpos(text, part) > 0


def starts_with(text: Column, part: Column) -> Column:
    return func.starts_with(text, part)


def ends_with(text: Column, part: Column) -> Column:
    return func.right(text, func.length(part), type_=Text) == part


def substitute(text: Column, old: Column, new: Column, occurrence: Column | None = None) -> Column:
    if occurrence is None:
        replaced = func.replace(text, old, new, type_=Text)
        return replaced if _is_short(new) else case((_grown(text, old, new) <= _MOST, replaced), else_=null())
    which = cast(case((occurrence < 1, null()), (occurrence > _MOST, _MOST), else_=func.trunc(occurrence)), Integer)
    literally = literal("***=", Text).concat(old)
    inserted = func.replace(new, "\\", "\\\\")
    once = func.regexp_replace(text, literally, inserted, 1, which, "")
    return case((old == _EMPTY, case((which.is_not(None), text), else_=null())), else_=once)


def substitute_fails(text: Column, old: Column, new: Column, occurrence: Column | None = None) -> Column:
    if occurrence is not None:
        return occurrence < 1
    return literal_column("false") if _is_short(new) else _grown(text, old, new) > _MOST


def _is_short(new: Column) -> bool:
    """Say whether a text is written out and cannot make another one grow beyond measure."""
    return isinstance(new, BindParameter) and isinstance(new.value, str) and len(new.value) <= _SHORT


def _grown(text: Column, old: Column, new: Column) -> Column:
    """Return the length a text has after every occurrence is replaced."""
    size = func.nullif(func.length(old), 0)
    times = (func.length(text) - func.length(func.replace(text, old, ""))) / size
    return func.coalesce(func.length(text) + times * (func.length(new) - size), 0)


def trim(text: Column) -> Column:
    return func.regexp_replace(func.btrim(text), " +", " ", "g", type_=Text)


def trim_ends(text: Column) -> Column:
    return func.btrim(text, type_=Text)


def concat(*parts: Column) -> Column:
    joined = parts[0]
    for part in parts[1:]:
        joined = joined.concat(part)
    return joined


def concat_fails(*parts: Column) -> Column:
    """Say whether texts together are longer than a text may be."""
    return func.length(concat(*parts)) > limits.TEXT


def value(text: Column) -> Column:
    """Read a number: what does not match the pattern is NULL before it is cast, so no cast can fail."""
    found = func.substring(func.btrim(text), _NUMBER)
    number = cast(func.replace(func.replace(found, ",", ""), "%", ""), Numeric)
    factor = case((func.right(func.btrim(text), 1) == "%", constant(Decimal("0.01"))), else_=ONE)
    return clamp(keep12(number * factor))


def value_fails(text: Column) -> Column:
    return and_(func.btrim(text) != _EMPTY, value(text).is_(None))
