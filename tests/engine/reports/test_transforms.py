"""Transforms: the plain-Python and the pandas form give the same rows, whatever the data."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.reports.frame import to_frame, to_rows
from engine.reports.periods import periods
from engine.reports.transforms import TRANSFORMS

months = st.sampled_from(list(periods(date(2024, 1, 1), date(2025, 1, 1), "month")))
figures = st.none() | st.decimals(min_value=-(10**6), max_value=10**6, places=2, allow_nan=False)
groups = st.none() | st.sampled_from(["华东", "华南", "opt_a"])


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    keys = draw(st.lists(st.tuples(months, groups), max_size=20, unique=True))
    return [
        {"d1": day, "d2": group, "m1": draw(figures)} for day, group in sorted(keys, key=lambda k: (k[0], k[1] or ""))
    ]


OPTIONS: dict[str, dict[str, Any]] = {
    "share": {"of": "m1", "within": ["d1"], "into": "c"},
    "running": {"of": "m1", "reset": ["d2"], "into": "c"},
    "rank": {"of": "m1", "into": "c"},
    "compare": {"of": "m1", "keys": ["d1", "d2"], "base": {(date(2024, 3, 1), "华东"): Decimal("12.5")}, "into": "c"},
    "fill": {
        "dim": "d1",
        "keys": ["d2"],
        "grain": "month",
        "start": date(2024, 1, 1),
        "end": date(2025, 1, 1),
        "zero": ["m1"],
        "columns": ["d1", "d2", "m1"],
    },
}


def _normal(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{k: None if v is None else Decimal(v) if isinstance(v, int) else v for k, v in row.items()} for row in rows]


def test_every_transform_is_covered() -> None:
    assert set(OPTIONS) == set(TRANSFORMS.names())


@pytest.mark.parametrize("name", sorted(OPTIONS))
@given(rows=tables())
@settings(max_examples=60, deadline=None)
def test_pandas_agrees_with_plain_python(name: str, rows: list[dict[str, Any]]) -> None:
    transform, options = TRANSFORMS.get(name), OPTIONS[name]
    plain = transform.rows(rows, options)
    frame = to_rows(transform.frame(to_frame(rows, ["d1", "d2", "m1"]), options))
    assert _normal(frame) == _normal(plain)
    for column in transform.columns(options):
        assert all(column in row for row in plain)


@given(rows=tables())
@settings(max_examples=50, deadline=None)
def test_a_frame_gives_back_what_it_was_given(rows: list[dict[str, Any]]) -> None:
    assert to_rows(to_frame(rows, ["d1", "d2", "m1"])) == rows


@given(rows=tables())
@settings(max_examples=50, deadline=None)
def test_filled_periods_are_complete_and_keep_every_row(rows: list[dict[str, Any]]) -> None:
    filled = TRANSFORMS.get("fill").rows(rows, OPTIONS["fill"])
    assert all(row in filled for row in rows)
    for group in {row["d2"] for row in rows}:
        assert [r["d1"] for r in filled if r["d2"] == group] == list(
            periods(date(2024, 1, 1), date(2025, 1, 1), "month")
        )


def test_money_sums_to_the_cent_in_pandas() -> None:
    rows = [{"m": Decimal("0.01")} for _ in range(100_000)]
    assert to_frame(rows, ["m"])["m"].sum() == Decimal("1000.00")
