"""Every ordered pair of field types: a value converts, or its text is kept; and changing the type back restores it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.records.convert import Conversion, Place
from tests.contracts.field_values import FIELDS, Case

STORED = [case for case in FIELDS if case.type.storage in ("columns", "links")]


def place(case: Case) -> Place:
    """Where values of a field would be, without a table."""
    made = Place.__new__(Place)
    made.field, made.type, made.columns, made.links = case.field, case.type, [], None
    return made


def carried(
    source: Case, target: Case, before: Any, there: Any, refused: bool
) -> tuple[Any, str | None, dict[str, int]]:
    conversion = Conversion(place(source), place(target))
    made, text = conversion.value(before, there, refused)
    report = conversion.report
    counts = {name: getattr(report, name) for name in ("kept", "lossy", "refused", "restored")}
    assert len(report.samples) == counts["lossy"] + counts["refused"]
    return made, text, counts


@pytest.mark.parametrize("target", STORED, ids=str)
def test_a_value_converts_or_is_kept_and_comes_back(target: Case) -> None:
    blank = target.type.blank(target.field)

    @settings(max_examples=3, deadline=None)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        for source in STORED:
            before = data.draw(source.values)
            empty = before == source.type.blank(source.field)
            made, text, counts = carried(source, target, before, blank, False)
            if empty:
                assert (made, text, sum(counts.values())) == (blank, None, 0)
                continue
            assert sum(counts.values()) == 1, "every value is counted once"
            assert (text is not None) == (counts["refused"] == 1)
            if text is None:
                assert target.type.accept(target.field, made) == made
            else:
                assert made == blank, "what does not fit leaves nothing behind"
                assert text, "the original is kept in words"
            back, lost, _ = carried(target, source, made, before, text is not None)
            if text is None and not target.type.discloses:
                if source.type.discloses:  # one sealed before is sealed anew
                    assert lost, "a secret gives nothing back, and says so"
            elif made != blank or text is not None:
                assert lost is None
                assert back == before, f"{source} to {target} and back"

    law()
