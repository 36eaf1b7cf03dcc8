"""The contract of a transform: options in, rows in, rows out, and the columns it adds known without data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from engine.reports.frame import PANDAS_CELLS, Row, cells, to_frame, to_rows

Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform:
    """``rows`` and ``frame`` are the same function on the two forms; ``columns`` names what is added."""

    name: str
    options_schema: Mapping[str, Any]
    rows: Callable[[list[Row], Options], list[Row]]
    frame: Callable[[pd.DataFrame, Options], pd.DataFrame]
    columns: Callable[[Options], Sequence[str]]


def apply(transform: Transform, rows: list[Row], options: Options) -> list[Row]:
    """Run a transform in the form that suits the size."""
    if cells(rows) <= PANDAS_CELLS:
        return transform.rows(rows, options)
    return to_rows(transform.frame(to_frame(rows, list(rows[0])), options))


def by_rows(rows: Callable[[list[Row], Options], list[Row]]) -> Callable[[pd.DataFrame, Options], pd.DataFrame]:
    """The pandas form of a step that pandas cannot do better: Arrow has no cumulative sum of decimals, and a filled
    column may change its type."""

    def frame(table: pd.DataFrame, options: Options) -> pd.DataFrame:
        done = rows(to_rows(table), options)
        return to_frame(done, list(done[0]) if done else [*table.columns])

    return frame
