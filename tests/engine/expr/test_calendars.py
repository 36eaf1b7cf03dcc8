"""Working days, weeks and reading dates against the plain definition."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.expr.functions.calendars import read_date, week_number
from engine.expr.functions.workdays import net_workdays, workday
from engine.expr.moments import difference, shift_months
from engine.expr.values import Fault

DATES = st.dates(date(1990, 1, 1), date(2060, 12, 31))
HOLIDAYS = st.lists(st.dates(date(2019, 12, 1), date(2020, 3, 1)), max_size=8)
NEAR = st.dates(date(2019, 11, 1), date(2020, 4, 1))


def is_worked(day: date, holidays: list[date]) -> bool:
    return day.isoweekday() < 6 and day not in holidays


@given(start=NEAR, end=NEAR, holidays=HOLIDAYS)
def test_networkdays_counts_the_days(start: date, end: date, holidays: list[date]) -> None:
    low, high = min(start, end), max(start, end)
    days = [low + timedelta(days=at) for at in range((high - low).days + 1)]
    count = sum(is_worked(day, holidays) for day in days)
    assert net_workdays(start, end, holidays) == (count if start <= end else -count)


@given(start=NEAR, number=st.integers(-80, 80), holidays=HOLIDAYS)
def test_workday_walks_the_days(start: date, number: int, holidays: list[date]) -> None:
    day, left = start, abs(number)
    while left:
        day += timedelta(days=1 if number > 0 else -1)
        left -= is_worked(day, holidays)
    assert workday(start, Decimal(number), holidays) == day


def test_workday_is_quick_and_bounded() -> None:
    assert workday(date(2024, 1, 1), Decimal(1_000_000)) is not None
    with pytest.raises(Fault):
        workday(date(2024, 1, 1), Decimal(3_000_000))


@given(day=DATES)
def test_weeks(day: date) -> None:
    assert week_number(day, Decimal(21)) == day.isocalendar().week
    assert week_number(day) == int(day.strftime("%U")) + (date(day.year, 1, 1).isoweekday() != 7)
    assert week_number(day, Decimal(2)) == int(day.strftime("%W")) + (date(day.year, 1, 1).isoweekday() != 1)


@given(start=DATES, months=st.integers(0, 400))
def test_whole_months_are_counted_back(start: date, months: int) -> None:
    end = shift_months(start, Decimal(months))
    counted = difference(start, end, "M")
    assert counted in (months, months - 1)
    if end.day == start.day:
        assert counted == months


@pytest.mark.parametrize("text", ["2024-2-30", "2024-13-1", "30.9.2024", "２０２４-1-1", "2024-1-1 08:00", "x"])
def test_dates_that_cannot_be_read(text: str) -> None:
    with pytest.raises(Fault):
        read_date(text)


def test_dates_that_can_be_read() -> None:
    assert read_date("2024年9月30日") == read_date(" 2024/9/30 ") == read_date("2024-09-30") == date(2024, 9, 30)
    assert read_date("") is None
