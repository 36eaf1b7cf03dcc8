"""Dates and instants over columns: days and microseconds as whole numbers.

The clock of the application zone comes from the same tables Python reads: one look-up for each day of the data, and
one for each instant of a day on which the clocks change.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from engine.expr.moments import FIRST, LAST
from engine.expr.to_pandas.columns import (
    Array,
    Column,
    RowByRow,
    constant,
    failing,
    first_error,
    flags,
    np,
    pa,
    pc,
    whole,
)
from engine.expr.to_pandas.kernels import Vectoriser, kernel
from engine.expr.to_pandas.numbers import divide, rounded
from engine.expr.tree import Call, Const
from engine.expr.types import NUMBER

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()
_DAY = 86_400_000_000
_MICROSECOND = timedelta(microseconds=1)
_FARTHEST = Decimal(10) ** 8
_MOST = 10_000_000


def _days(column: Column) -> Array:
    """Return dates as days since 1970."""
    return pc.cast(pc.cast(column.arrow, pa.int32()), pa.int64())


@kernel("YEAR", "MONTH", "DAY", "QUARTER")
def _part(to: Vectoriser, node: Call) -> Column:
    column = to.column(node.args[0])
    part: Array = getattr(pc, node.name.lower())(column.arrow)
    return whole(part, _MOST, column.errors)


@kernel("WEEKDAY")
def _weekday(to: Vectoriser, node: Call) -> Column:
    kind = Decimal(1)
    if len(node.args) > 1:
        if not isinstance(node.args[1], Const) or node.args[1].value is None:
            raise RowByRow
        kind = node.args[1].value
    code = int(kind)
    first = {1: 7, 2: 1, 3: 1, **{number: number - 10 for number in range(11, 18)}}.get(code)
    if first is None:
        raise RowByRow
    column = to.column(node.args[0])
    since = _array(column, to.rows)
    weekday = (np.asarray(pc.fill_null(pc.cast(since, pa.int32()), 0)) + 3) % 7 + 1
    shown = (weekday - first) % 7 + (code != 3)
    return whole(pa.array(shown, pa.int64(), mask=flags(pc.is_null(since), to.rows)), 7, column.errors)


def _array(column: Column, rows: int) -> Array:
    return pa.repeat(column.values, rows) if isinstance(column.values, pa.Scalar) else column.arrow


@kernel("DAYS")
def _days_between(to: Vectoriser, node: Call) -> Column:
    end, start = to.column(node.args[0]), to.column(node.args[1])
    return whole(pc.subtract(_days(end), _days(start)), _MOST, first_error(end.errors, start.errors))


@kernel("DATE+")
def _later_day(to: Vectoriser, node: Call) -> Column:
    day, amount = to.column(node.args[0]), to.argument(node.args[1])
    far = pc.greater(pc.abs(amount.arrow), pa.scalar(_FARTHEST, pa.decimal256(76, amount.scale)))
    steps = rounded(failing(amount, flags(far, to.rows), "NUM"), 0, "towards_zero")
    moved = pc.add(_days(day), pc.cast(steps.arrow, pa.int64()))
    outside = pc.or_(pc.less(moved, FIRST - _EPOCH_DAY), pc.greater(moved, LAST - _EPOCH_DAY))
    errors = first_error(day.errors, amount.errors, None if steps.errors is amount.errors else _where(steps, day, to))
    made = failing(Column(moved, errors), flags(outside, to.rows), "NUM")
    return Column(pc.cast(pc.cast(made.arrow, pa.int32()), pa.date32()), made.errors)


def _where(steps: Column, day: Column, to: Vectoriser) -> Any:
    """Errors of a shift count only where there is a date to shift."""
    present = flags(pc.is_valid(day.arrow), to.rows)
    return np.where(present, steps.errors, np.int8(0))


@kernel("DATEDIF")
def _difference(to: Vectoriser, node: Call) -> Column:
    unit = node.args[2]
    word = unit.value.upper() if isinstance(unit, Const) and unit.value else ""
    if word not in ("D", "M", "Y", "YM"):
        raise RowByRow
    start, end = to.column(node.args[0]), to.column(node.args[1])
    one, two = start.arrow, end.arrow
    if word == "D":
        found = pc.subtract(_days(end), _days(start))
    else:
        years = pc.subtract(pc.year(two), pc.year(one))
        found = pc.add(pc.multiply(years, 12), pc.subtract(pc.month(two), pc.month(one)))
        found = pc.subtract(found, pc.cast(pc.less(pc.day(two), pc.day(one)), pa.int64()))
        if word != "M":
            whole_years = pc.divide(found, 12)
            found = whole_years if word == "Y" else pc.subtract(found, pc.multiply(whole_years, 12))
    reversed_ = flags(pc.less(two, one), to.rows)
    return failing(whole(found, _MOST, first_error(start.errors, end.errors)), reversed_, "NUM")


# -- instants ------------------------------------------------------------------------------------------------------


@kernel("LOCALDATE")
def _local_date(to: Vectoriser, node: Call) -> Column:
    column = to.column(node.args[0])
    local, blank = _local(column, to)
    days = np.floor_divide(local, _DAY).astype(np.int32)
    return Column(pc.cast(pa.array(days, mask=blank), pa.date32()), column.errors)


_CLOCK = {"HOUR": (3_600_000_000, 24), "MINUTE": (60_000_000, 60), "SECOND": (1_000_000, 60)}


@kernel(*_CLOCK)
def _clock(to: Vectoriser, node: Call) -> Column:
    column = to.column(node.args[0])
    local, blank = _local(column, to)
    unit, most = _CLOCK[node.name]
    part = np.floor_divide(local, unit) % most
    return whole(pa.array(part, pa.int64(), mask=blank), most, column.errors)


def _local(column: Column, to: Vectoriser) -> tuple[Any, Any]:
    """Return the wall clock of instants in microseconds, and which are blank."""
    instants = _array(column, to.rows)
    blank = flags(pc.is_null(instants), to.rows)
    utc = np.asarray(pc.fill_null(pc.cast(instants, pa.int64()), 0))
    days, which = np.unique(np.floor_divide(utc, _DAY), return_inverse=True)
    zone = to.env.zone
    first = np.array([_offset(int(day) * _DAY, zone) for day in days], dtype=np.int64)
    last = np.array([_offset(int(day) * _DAY + _DAY - 1, zone) for day in days], dtype=np.int64)
    offsets = first[which]
    changing = np.nonzero((first != last)[which])[0]
    offsets[changing] = [_offset(int(instant), zone) for instant in utc[changing]]
    return utc + offsets, blank


def _offset(instant: int, zone: ZoneInfo) -> int:
    """Return how far the clock of a zone is ahead. Raises :class:`RowByRow` at the ends of time."""
    try:
        ahead = (_EPOCH + instant * _MICROSECOND).astimezone(zone).utcoffset()
    except OverflowError as error:
        raise RowByRow from error
    return (ahead or timedelta()) // _MICROSECOND


@kernel("TIME-TIME")
def _time_between(to: Vectoriser, node: Call) -> Column:
    end, start = to.column(node.args[0]), to.column(node.args[1])
    return Column(pc.subtract(end.arrow, start.arrow), first_error(end.errors, start.errors))


@kernel("TOTALHOURS")
def _hours(to: Vectoriser, node: Call) -> Column:
    column = to.column(node.args[0])
    units = whole(pc.cast(column.arrow, pa.int64()), 2**63, column.errors)
    return divide(units, constant(Decimal(3_600_000_000), NUMBER, to.rows), to.rows)
