"""Add the periods nobody had a record in, over the range of the filter and not only of the data."""

from __future__ import annotations

from engine.reports.frame import Row
from engine.reports.periods import periods
from engine.reports.transforms.base import Options, Transform, by_rows

# dim: column of the period; grain; start, end: dates, end exclusive; keys: other dimensions; zero: measures that
# become 0 (sums and counts), all others become blank.


def _missing(rows: list[Row], options: Options) -> list[Row]:
    dim, keys = options["dim"], list(options.get("keys", ()))
    zero = dict.fromkeys(options.get("zero", ()), 0)
    have = {(row[dim], *(row[key] for key in keys)) for row in rows}
    groups = list(dict.fromkeys(tuple(row[key] for key in keys) for row in rows)) or ([()] if not keys else [])
    blank: Row = dict.fromkeys(options["columns"])
    return [
        blank | zero | {dim: period} | dict(zip(keys, group, strict=True))
        for period in periods(options["start"], options["end"], options["grain"])
        for group in groups
        if (period, *group) not in have
    ]


def _rows(rows: list[Row], options: Options) -> list[Row]:
    dim = options["dim"]
    return sorted([*rows, *_missing(rows, options)], key=lambda row: (row[dim] is None, row[dim] or options["start"]))


TRANSFORM = Transform(
    name="fill",
    options_schema={"type": "object", "required": ["dim", "grain", "start", "end", "columns"]},
    rows=_rows,
    frame=by_rows(_rows),
    columns=lambda options: (),
)
