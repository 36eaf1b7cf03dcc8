"""The records of one group of a grouping, as a condition.

It holds for exactly the rows the grouping counted: the same secured columns compared with the value the group has.
Periods become ranges of the plain column, which an index can serve.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, or_

from engine.fields.base import FieldType, InvalidValue
from engine.fields.computed import FormulaType
from engine.fields.dates import DatetimeType, DateType
from engine.fields.operands import Asking, instants
from engine.records.catalog import FieldModel
from engine.records.grains import DATE_GRAINS
from engine.records.paths import Paths, Reached
from engine.records.spec import GroupSpec, Within
from metadata.findings import Finding, Refused

PERIODS: Final = ("year", "quarter", "month", "week", "day")


def value_type(f: FieldModel) -> FieldType:
    """Return the type the values of a field have: of a formula, that of its result."""
    return f.type.result(f.field) if isinstance(f.type, FormulaType) else f.type


def grouped_field(paths: Paths, group: GroupSpec, place: str) -> Reached:
    """Return the field rows stand together by. Raises :class:`Refused` for one that is not readable, holds many values
    (a row would stand in several groups) or has no such period."""
    reached = paths.readable(group.path, place)
    f = reached.field
    if not reached.columns or not f.type.groupable(f.field) or f.type.blank(f.field) == ():
        raise Refused([Finding("R212", place, {"label": f.field.label})])
    dated = isinstance(value_type(f), DateType | DatetimeType)
    if group.grain is not None and not (dated and group.grain in PERIODS and group.grain in DATE_GRAINS):
        raise Refused([Finding("R213", place, {"label": f.field.label, "grain": str(group.grain)[:40]})])
    return reached


def within_condition(paths: Paths, asking: Asking, one: Within, place: str) -> ColumnElement[bool]:
    """Return the condition of one group. Raises :class:`Refused` for a value no group can have."""
    reached = grouped_field(paths, one.group, place)
    f, columns = reached.field, reached.columns or ()
    if one.value is None:
        return and_(*(column.is_(None) for column in columns))
    if one.group.grain is not None:
        return _in_period(f, columns[0], one, asking, place)
    kind = value_type(f)
    value = _typed(f, kind, one.value, place)
    if value == kind.blank(f.field):
        return or_(columns[0].is_(None), columns[0] == kind.to_db(f.field, value)[0])
    stored = kind.to_db(f.field, value)
    return and_(*(_is(column, part) for column, part in zip(columns, stored, strict=True)))


def _is(column: ColumnElement[Any], value: Any) -> ColumnElement[bool]:
    same: ColumnElement[bool] = column.is_(None) if value is None else column == value
    return same


def _typed(f: FieldModel, kind: FieldType, raw: Any, place: str) -> Any:
    try:
        return kind.accept(f.field, raw)
    except InvalidValue as error:
        # An option or a person that is no more still has its rows, so its group can be opened.
        if isinstance(raw, str) and len(f.columns) == 1 and len(raw) <= 200 and "\x00" not in raw:
            return raw
        raise Refused([error.at(place)]) from error


def _in_period(
    f: FieldModel, column: ColumnElement[Any], one: Within, asking: Asking, place: str
) -> ColumnElement[bool]:
    try:
        start = one.value if isinstance(one.value, date) else date.fromisoformat(str(one.value))
        end = _NEXT[str(one.group.grain)](start)
    except (ValueError, OverflowError) as error:
        raise Refused([Finding("R219", place, {"value": str(one.value)[:40]})]) from error
    if isinstance(value_type(f), DateType) and not isinstance(value_type(f), DatetimeType):
        return and_(column >= start, column < end)
    span = instants(start, end, asking.zone)
    return and_(column >= span.start, column < span.end)


def _months(count: int) -> Callable[[date], date]:
    def after(start: date) -> date:
        month = start.month - 1 + count
        return start.replace(year=start.year + month // 12, month=month % 12 + 1)

    return after


_NEXT: Final[dict[str, Callable[[date], date]]] = {
    "year": _months(12),
    "quarter": _months(3),
    "month": _months(1),
    "week": lambda start: start + timedelta(days=7),
    "day": lambda start: start + timedelta(days=1),
}
