"""Part of the whole: a group's figure over the total of all groups (or of all groups alike in ``within``)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

import pandas as pd

from engine.reports.frame import Row, values
from engine.reports.numbers import ratio
from engine.reports.transforms.base import Options, Transform

# of: measure; within: dimension ids the total is taken inside; into: name of the new column.


def _rows(rows: list[Row], options: Options) -> list[Row]:
    of, within, into = options["of"], options.get("within", ()), options["into"]
    totals: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    for row in rows:
        totals[tuple(row[key] for key in within)] += row[of] or 0
    return [row | {into: ratio(row[of], totals[tuple(row[key] for key in within)])} for row in rows]


def _frame(frame: pd.DataFrame, options: Options) -> pd.DataFrame:
    of, within, into = options["of"], list(options.get("within", ())), options["into"]
    totals = (
        values(frame.groupby(within, dropna=False)[of].transform("sum")) if within else [frame[of].sum()] * len(frame)
    )
    shares = [ratio(part, total) for part, total in zip(values(frame[of]), totals, strict=True)]
    return frame.assign(**{into: pd.array(shares, dtype=object)})


TRANSFORM = Transform(
    name="share",
    options_schema={"type": "object", "required": ["of", "into"]},
    rows=_rows,
    frame=_frame,
    columns=lambda options: (options["into"],),
)
