"""Columns of values: Arrow arrays in which null is blank, and beside them which rows are errors.

A number column is decimal128 (decimal256 for what an operation needs in between) with the scale of its values;
``top`` is the largest magnitude it can hold, so that precision never grows for nothing. A constant is an Arrow scalar.
What Arrow cannot hold (lists, very long durations) is a plain list of values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from engine.deferred import deferred
from engine.expr.numbers import CONTEXT, INTERMEDIATE, KEPT
from engine.expr.types import Type
from engine.expr.values import ErrorCode, ErrorValue, Value

np = deferred("numpy")
pa = deferred("pyarrow")
pc = deferred("pyarrow.compute")

Array = Any
"""An Arrow array or scalar."""
Mask = Any
"""A numpy array of booleans, one for each row."""

CODES: Final[tuple[ErrorCode | None, ...]] = (None, "DIV0", "NUM", "VALUE", "NA", "LIMIT")
"""Error codes by the number that stands for them in ``Column.errors``; 0 is no error."""
NARROW: Final = 38
WIDE: Final = 76
_TEXTUAL = frozenset({"text", "choice", "record", "null"})


class RowByRow(Exception):
    """This part has no form over whole columns here; it is computed row by row."""


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Values of all rows. ``errors`` numbers the error of each row (None: there are none); its value is null."""

    values: Any
    errors: Any = None
    top: int = 0

    @property
    def arrow(self) -> Array:
        """The values as Arrow holds them. Raises :class:`RowByRow` for a plain list."""
        if isinstance(self.values, list):
            raise RowByRow
        return self.values

    @property
    def scale(self) -> int:
        return int(self.arrow.type.scale)

    def listed(self, rows: int) -> list[Value]:
        """Return the values as the rest of the language wants them, one for each row."""
        if isinstance(self.values, list):
            return self.values
        if isinstance(self.values, pa.Scalar):
            return [self.values.as_py()] * rows
        listed: list[Value] = self.values.to_pylist()
        return listed


# -- types --------------------------------------------------------------------------------------------------------


def number_type(top: int, scale: int) -> Any:
    """Return the narrowest decimal type for magnitudes up to ``top`` (unscaled). Raises :class:`RowByRow`."""
    digits = max(len(str(top)), scale, 1)
    if digits <= NARROW:
        return pa.decimal128(digits, scale)
    if digits <= WIDE:
        return pa.decimal256(digits, scale)
    raise RowByRow


def typed(values: Array, top: int) -> Array:
    """Return the same decimals with the narrowest type that ``top`` allows."""
    wanted = number_type(top, values.type.scale)
    if values.type == wanted:
        return values
    if isinstance(values, pa.Scalar):
        return pa.scalar(values.as_py(), wanted)
    if values.type.bit_width == wanted.bit_width:
        return pa.Array.from_buffers(wanted, len(values), values.buffers(), offset=values.offset)
    return pc.cast(values, wanted)


def measured(values: Array) -> int:
    """Return the largest magnitude among decimals, unscaled."""
    if isinstance(values, pa.Scalar):
        found = [values.as_py()]
    else:
        ends = pc.min_max(values)
        found = [ends["min"].as_py(), ends["max"].as_py()]
    scale = values.type.scale
    return max((abs(int(number.scaleb(scale, CONTEXT))) for number in found if number is not None), default=0)


def number(values: Array, top: int, errors: Any = None) -> Column:
    """Return a column of decimals; one that seems to need more than 38 digits is measured first."""
    if len(str(top)) > NARROW:
        top = min(top, measured(values))
    return Column(typed(values, top), errors, top)


def whole(values: Array, top: int, errors: Any = None) -> Column:
    """Return integers as a column of numbers."""
    return Column(typed(pc.cast(values, pa.decimal128(19, 0)), top), errors, top)


def arrow_type(type_: Type) -> Any:
    """Return how Arrow holds values of a type other than number. Raises :class:`RowByRow`."""
    kind = type_.kind
    if kind in _TEXTUAL:
        return pa.string()
    if kind == "boolean":
        return pa.bool_()
    if kind == "date":
        return pa.date32()
    if kind == "datetime":
        return pa.timestamp("us", tz="UTC")
    if kind == "duration":
        return pa.duration("us")
    raise RowByRow


# -- to and from plain values -------------------------------------------------------------------------------------


def column_of(values: Sequence[Value], type_: Type, scale: int = KEPT, errors: Any = None) -> Column:
    """Return plain values as a column (numbers with at most ``scale`` decimals); else a plain list."""
    if type_.kind == "number":
        try:
            array = pa.array(values, pa.decimal128(NARROW, scale))
        except pa.ArrowInvalid:
            array = pa.array(values, pa.decimal256(WIDE, INTERMEDIATE))
        return number(array, measured(array), errors)
    try:
        return Column(pa.array(values, arrow_type(type_)), errors)
    except (RowByRow, OverflowError):  # a list, or a duration of more than 292,000 years
        return Column(list(values), errors)


def constant(value: Value, type_: Type, rows: int) -> Column:
    """Return one value for all rows; an error is an error in each."""
    if isinstance(value, ErrorValue):
        blank = pa.decimal128(1, 0) if type_.kind == "number" else arrow_type(type_)
        return Column(pa.scalar(None, blank), np.full(rows, CODES.index(value.code), dtype=np.int8))
    if type_.kind != "number":
        return Column(pa.scalar(value, arrow_type(type_)))
    if value is None:
        return Column(pa.scalar(None, pa.decimal128(1, 0)))
    exact = Decimal(value)
    scale = max(0, -int(exact.as_tuple().exponent))
    top = abs(int(exact.scaleb(scale, CONTEXT)))
    return Column(pa.scalar(exact, number_type(top, scale)), None, top)


# -- errors -------------------------------------------------------------------------------------------------------


def first_error(*errors: Any) -> Any:
    """Return the first error of each row, in the order given."""
    found = None
    for one in errors:
        if one is not None:
            found = one if found is None else np.where(found != 0, found, one)
    return found


def flags(values: Array, rows: int) -> Mask:
    """Return booleans as a mask; blank is no."""
    if isinstance(values, pa.Scalar):
        return np.full(rows, values.as_py() is True)
    return pc.fill_null(values, False).to_numpy(zero_copy_only=False)


def failing(column: Column, mask: Mask, code: ErrorCode) -> Column:
    """Return a column in which the rows of a mask are errors."""
    if not mask.any():
        return column
    errors = first_error(column.errors, np.where(mask, np.int8(CODES.index(code)), np.int8(0)))
    blank = pa.scalar(None, column.arrow.type)
    return Column(pc.if_else(pa.array(mask), blank, column.arrow), errors, column.top)


def without_errors(column: Column) -> Column:
    """Return a column whose values are null wherever they are errors."""
    if column.errors is None or not column.errors.any():
        return Column(column.values, None, column.top)
    if isinstance(column.values, list):
        return column
    blank = pa.scalar(None, column.values.type)
    return Column(pc.if_else(pa.array(column.errors != 0), blank, column.values), column.errors, column.top)
