"""Arithmetic of figures: exact, and blank instead of infinite."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_PLACES = Decimal(1).scaleb(-12)

Number = Decimal | int


def ratio(part: Number | None, whole: Number | None) -> Decimal | None:
    """``part / whole`` to 12 decimals, half up; blank when either is blank or the whole is zero."""
    if part is None or not whole:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(_PLACES, ROUND_HALF_UP)


def growth(now: Number | None, base: Number | None) -> Decimal | None:
    """Rate of change; blank for a missing, zero or negative base, where a rate says nothing."""
    if now is None or base is None or base <= 0:
        return None
    return ratio(Decimal(now) - Decimal(base), base)
