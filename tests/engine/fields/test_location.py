"""Distances: the map of the filter against the great circle, and the range a field allows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import engine.fields.builtin  # noqa: F401 - registers the sentences
from engine.fields.base import InvalidValue
from engine.fields.location import EARTH, Circle, LocationType, distance
from metadata.model import Field

PLACE = LocationType()


def field(**options: object) -> Field:
    return Field(id="fld_p", key="p", type="location", label={"en": "Place"}, options=options)


@settings(max_examples=100, deadline=None)
@given(
    lat=st.integers(-70_000_000, 70_000_000),
    lng=st.integers(-180_000_000, 180_000_000),
    north=st.integers(-3_000_000, 3_000_000),
    east=st.integers(-3_000_000, 3_000_000),
)
def test_near_is_the_great_circle_to_a_thousandth(lat: int, lng: int, north: int, east: int) -> None:
    other = (lat + north, (lng + east + 180_000_000) % 360_000_000 - 180_000_000)
    away = distance((lat / 1e6, lng / 1e6), (other[0] / 1e6, other[1] / 1e6))
    value = f"{other[0] / 1e6:.6f},{other[1] / 1e6:.6f}"
    assert not PLACE.matches(field(), value, "near", Circle(lat, lng, away * 0.995 - 1)) or away < 2
    assert PLACE.matches(field(), value, "near", Circle(lat, lng, away * 1.005 + 1))


def test_a_quarter_of_the_equator() -> None:
    assert distance((0, 0), (0, 90)) == pytest.approx(EARTH * 3.141592653589793 / 2)


def test_a_place_out_of_range_is_refused() -> None:
    office = {"lat": 30.2741, "lng": 120.1551, "m": 500, "label": "总部"}
    assert PLACE.accept(field(range=office), {"lat": 30.2745, "lng": 120.156}) == "30.274500,120.156000"
    with pytest.raises(InvalidValue) as refused:
        PLACE.accept(field(range=office), {"lat": 30.29, "lng": 120.16})
    assert refused.value.code == "F514"
    assert "总部" in refused.value.at("/p").text("zh-CN")
