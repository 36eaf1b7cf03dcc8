"""The rows of a widget between query and chart, and their pandas form.

Rows are dicts by column id. Small results stay plain Python (pandas costs milliseconds on tiny tables); above
:data:`PANDAS_CELLS` the same transforms run on a DataFrame. Decimals travel as Arrow decimals, so a sum of money is
exact to the cent; nullable integers and dates stay what they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa

Row = dict[str, Any]

PANDAS_CELLS = 5_000
DECIMAL = pd.ArrowDtype(pa.decimal128(38, 12))


def cells(rows: Sequence[Mapping[str, Any]]) -> int:
    """Size of a result in cells."""
    return len(rows) * len(rows[0]) if rows else 0


def to_frame(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """Rows to a DataFrame of Arrow-backed columns; an all-blank column counts as decimal."""
    return pd.DataFrame(
        {name: pd.Series([row.get(name) for row in rows], dtype=_dtype(rows, name)) for name in columns}
    )


def to_rows(frame: pd.DataFrame) -> list[Row]:
    """A DataFrame back to rows of plain Python values; missing values are None."""
    names = list(frame.columns)
    columns = [
        [None if value is pd.NA or value is None else _plain(value) for value in frame[name].array] for name in names
    ]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def values(series: Any) -> list[Any]:
    """The plain Python values of a column; missing ones are None."""
    return [None if value is None or value is pd.NA or value is pd.NaT else _plain(value) for value in series.array]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value.normalize() + Decimal(0) if value == value.to_integral_value() else value
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value.item() if hasattr(value, "item") else value


def _dtype(rows: Sequence[Mapping[str, Any]], name: str) -> pd.ArrowDtype:
    known = [row[name] for row in rows if row.get(name) is not None]
    sample = next((value for value in known if isinstance(value, Decimal)), known[0] if known else None)
    if sample is None:
        return DECIMAL  # all blank: any type will do, and a measure must stay summable
    if isinstance(sample, bool):
        kind: Any = pa.bool_()
    elif isinstance(sample, Decimal):
        return DECIMAL
    elif isinstance(sample, int):
        kind = pa.int64()
    elif isinstance(sample, datetime):
        kind = pa.timestamp("us", tz="UTC")
    elif isinstance(sample, date):
        kind = pa.date32()
    else:
        kind = pa.string()
    return pd.ArrowDtype(kind)
