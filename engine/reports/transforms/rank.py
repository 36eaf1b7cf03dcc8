"""Place in the order of a figure, largest first; equal figures share the better place, blanks have none."""

from __future__ import annotations

from bisect import bisect_left

import pandas as pd

from engine.reports.frame import Row, values
from engine.reports.transforms.base import Options, Transform

# of: measure; into: name of the new column.


def _rows(rows: list[Row], options: Options) -> list[Row]:
    of, into = options["of"], options["into"]
    order = sorted(-row[of] for row in rows if row[of] is not None)
    return [row | {into: None if row[of] is None else bisect_left(order, -row[of]) + 1} for row in rows]


def _frame(frame: pd.DataFrame, options: Options) -> pd.DataFrame:
    of, into = options["of"], options["into"]
    places = values(frame[of].rank(method="min", ascending=False))
    whole = [None if place is None else int(place) for place in places]
    return frame.assign(**{into: pd.array(whole, dtype="Int64")})


TRANSFORM = Transform(
    name="rank",
    options_schema={"type": "object", "required": ["of", "into"]},
    rows=_rows,
    frame=_frame,
    columns=lambda options: (options["into"],),
)
