"""Whatever is typed, nothing breaks: see :mod:`tests.engine.expr.fuzz`."""

from __future__ import annotations

import secrets
import time

import pytest

from tests.engine.expr.fuzz import Fuzzer, run

SOURCES, MINUTES = 1_500, 10


def test_no_source_breaks_anything() -> None:
    found: list[str] = []
    run(Fuzzer(1), lambda done: done < SOURCES, found.append)
    assert not found, "\n".join(found)


@pytest.mark.long
@pytest.mark.timeout(MINUTES * 60 + 300)
def test_no_source_breaks_anything_for_minutes() -> None:
    seed, end = secrets.randbits(32), time.monotonic() + MINUTES * 60
    found: list[str] = [f"seed {seed}"]
    run(Fuzzer(seed), lambda _: time.monotonic() < end, found.append)
    assert len(found) == 1, "\n".join(found)
