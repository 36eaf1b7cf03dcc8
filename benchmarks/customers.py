"""The customers that the benchmarks write: eleven columns, a note of some three hundred characters."""

from __future__ import annotations

import random
from typing import Any

STAGES = ("contact", "offer", "won", "lost")
REGIONS = ("east", "south", "north")
SOURCES = ("web", "fair", "friend")
NOTE = "客户对交付周期和售后响应很关心，希望先做试点再扩大范围。" * 11


def customer(dice: random.Random, number: int) -> dict[str, Any]:
    """One customer as plain values, the amount in cents; every side gets the same."""
    return {
        "name": f"{dice.choice('华东海天安信宏远')}{dice.choice('达通利科创')}{number}有限公司",
        "stage": dice.choice(STAGES),
        "region": dice.choice(REGIONS),
        "source": dice.choice(SOURCES),
        "phone": f"1{dice.randrange(3_000_000_000, 9_999_999_999)}",
        "amount": dice.randrange(1_000_00, 5_000_000_00),
        "signed_on": f"20{dice.randrange(20, 26)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}",
        "next_on": f"2026-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}",
        "visits": dice.randrange(0, 60),
        "note": NOTE,
    }


def as_sent(values: dict[str, Any]) -> dict[str, Any]:
    """The same values as our API takes them."""
    shown = {key: value for key, value in values.items() if key != "amount"}
    for key in ("stage", "region", "source"):
        shown[key] = f"opt_{key}_{values[key]}"
    return {**shown, "amount": f"{values['amount'] / 100:.2f}"}
