"""Named points where a test may kill the process, to prove that what comes after is not needed.

``DOUGONG_FAILPOINT=name`` ends the process at the first passage of that point, ``name:3`` at the third, without any
clean-up: exactly what a power cut would leave.
"""

from __future__ import annotations

import os
from collections import Counter

KILLED = 137

_passed: Counter[str] = Counter()


def failpoint(name: str) -> None:
    """Die here when the environment says so; otherwise do nothing."""
    wanted = os.environ.get("DOUGONG_FAILPOINT")
    if not wanted:
        return
    point, _, nth = wanted.partition(":")
    if point == name:
        _passed[name] += 1
        if _passed[name] >= int(nth or 1):
            os._exit(KILLED)
