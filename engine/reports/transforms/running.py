"""Running total along the order of the rows, starting again for each value of ``reset``."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from engine.reports.frame import Row
from engine.reports.transforms.base import Options, Transform, by_rows

# of: measure; reset: dimension ids that start a new total; into: name of the new column.


def _rows(rows: list[Row], options: Options) -> list[Row]:
    of, reset, into = options["of"], options.get("reset", ()), options["into"]
    totals: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    out = []
    for row in rows:
        key = tuple(row[name] for name in reset)
        totals[key] += row[of] or 0
        out.append(row | {into: totals[key]})
    return out


TRANSFORM = Transform(
    name="running",
    options_schema={"type": "object", "required": ["of", "into"]},
    rows=_rows,
    frame=by_rows(_rows),
    columns=lambda options: (options["into"],),
)
