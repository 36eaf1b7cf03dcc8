"""After any sequence of edits every stored formula is what computing all of them again would give."""

from __future__ import annotations

import random

import pytest
from derive_world import Edits, app, wrong_values
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import workspace

from engine.database import Database
from engine.records.store import RecordStore

STEPS = 12


class Undo(Exception):
    """Takes everything back, so that the next example finds an empty application."""


def run(store: RecordStore, seed: int, steps: int) -> None:
    edits = Edits(store, random.Random(seed))
    for number in range(steps):
        done = edits.step()
        wrong = wrong_values(store)
        assert not wrong, (seed, number, done, wrong)


def law(db: Database, examples: int, steps: int) -> None:
    space = workspace(db, app())

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(seed=st.integers(0, 2**32))
    def check(seed: int) -> None:
        with pytest.raises(Undo), space.write("test") as store:
            run(store, seed, steps)
            raise Undo

    check()


def test_incremental_is_full(db: Database) -> None:
    law(db, 12, STEPS)


@pytest.mark.long
def test_incremental_is_full_long(db: Database) -> None:
    law(db, 100, 40)
