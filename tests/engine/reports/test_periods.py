"""The traps of calendar comparison: leap days, month ends, ISO week 53."""

from __future__ import annotations

from datetime import date

import pytest

from engine.reports.periods import periods, shift, shift_period, start_of


@pytest.mark.parametrize(
    ("day", "by", "expected"),
    [
        (date(2024, 2, 29), {"year": 1}, date(2023, 2, 28)),
        (date(2024, 3, 31), {"month": 1}, date(2024, 2, 29)),
        (date(2023, 3, 31), {"month": 1}, date(2023, 2, 28)),
        (date(2024, 5, 31), {"quarter": 1}, date(2024, 2, 29)),
        (date(2024, 1, 1), {"day": 1}, date(2023, 12, 31)),
    ],
)
def test_shift_moves_in_calendar_units(day: date, by: dict[str, int], expected: date) -> None:
    assert shift(day, by) == expected


def test_week_53_is_compared_with_the_last_week_of_a_shorter_year() -> None:
    week_53 = date.fromisocalendar(2020, 53, 1)
    assert shift_period(week_53, "week", {"year": 1}) == date.fromisocalendar(2019, 52, 1)
    assert shift_period(date.fromisocalendar(2021, 8, 1), "week", {"year": 1}) == date.fromisocalendar(2020, 8, 1)


def test_periods_cover_the_range_from_the_start_of_the_first() -> None:
    assert list(periods(date(2024, 1, 31), date(2024, 3, 1), "month")) == [date(2024, 1, 1), date(2024, 2, 1)]
    assert start_of(date(2024, 12, 30), "week") == date(2024, 12, 30)
    assert start_of(date(2024, 8, 15), "quarter") == date(2024, 7, 1)
