"""Wait for what another thread or process does."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(happens: Callable[[], object], seconds: float = 120) -> None:
    """Wait for something, or fail."""
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
