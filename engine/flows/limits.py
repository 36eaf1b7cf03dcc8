"""Durations of time limits."""

from __future__ import annotations

from collections.abc import Mapping

_UNITS = {"minutes": 60, "hours": 3_600, "days": 86_400}


def seconds(duration: Mapping[str, int]) -> int:
    """Return the length of ``{"hours": 4}`` or a sum of units, in seconds of wall-clock time."""
    return sum(_UNITS[unit] * count for unit, count in duration.items())
