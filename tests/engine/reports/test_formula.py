"""Figures worked out from parts are the same row by row and column by column."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.reports.formula import COLUMNS_FROM, figures
from metadata.findings import Refused


def test_a_ratio_of_parts() -> None:
    rows = [{"won": 3, "all": 7}, {"won": None, "all": 7}, {"won": 1, "all": 0}, {"won": Decimal("0.5"), "all": 2}]
    assert figures("won / all", ("won", "all"), rows) == [Decimal("0.428571428571"), None, None, Decimal("0.25")]


def test_many_rows_give_what_each_gives() -> None:
    rows = [{"won": at % 7 or None, "all": at % 5} for at in range(COLUMNS_FROM + 1)]
    source, names = "ROUND(won / all * 100, 2)", ("won", "all")
    assert figures(source, names, rows) == [figures(source, names, [row])[0] for row in rows]


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(Refused):
        figures('won & "x"', ("won",), [{"won": 1}])
