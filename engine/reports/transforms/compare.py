"""Set each figure beside the one of an earlier period (环比, 同比): value, difference, rate.

The earlier figures come in ``base`` as ``{key: figure}``, already aligned by the pipeline; this step only joins.
"""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from engine.reports.frame import Row, values
from engine.reports.numbers import Number, growth
from engine.reports.transforms.base import Options, Transform

# of: measure; keys: columns that identify a row; base: {tuple of keys: earlier figure}; into: prefix of the columns.


def _difference(now: Number | None, base: Number | None) -> Decimal | None:
    return None if now is None or base is None else Decimal(now) - Decimal(base)


def _rows(rows: list[Row], options: Options) -> list[Row]:
    of, into, base = options["of"], options["into"], options["base"]
    out = []
    for row in rows:
        earlier = base.get(tuple(row[key] for key in options["keys"]))
        out.append(
            row
            | {
                f"{into}.value": earlier,
                f"{into}.diff": _difference(row[of], earlier),
                f"{into}.rate": growth(row[of], earlier),
            }
        )
    return out


def _frame(frame: pd.DataFrame, options: Options) -> pd.DataFrame:
    of, into, base = options["of"], options["into"], options["base"]
    columns = [values(frame[key]) for key in options["keys"]]
    keys = list(zip(*columns, strict=True)) if columns else [()] * len(frame)
    earlier = [base.get(key) for key in keys]
    now = values(frame[of])
    return frame.assign(
        **{
            f"{into}.value": pd.array(earlier, dtype=object),
            f"{into}.diff": pd.array([_difference(n, b) for n, b in zip(now, earlier, strict=True)], dtype=object),
            f"{into}.rate": pd.array([growth(n, b) for n, b in zip(now, earlier, strict=True)], dtype=object),
        }
    )


TRANSFORM = Transform(
    name="compare",
    options_schema={"type": "object", "required": ["of", "keys", "base", "into"]},
    rows=_rows,
    frame=_frame,
    columns=lambda options: tuple(f"{options['into']}.{part}" for part in ("value", "diff", "rate")),
)
