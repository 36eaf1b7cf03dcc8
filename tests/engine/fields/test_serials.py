"""Serial numbers read back what was written."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields.serials import SerialType, read_serial, render_serial, serial_period
from metadata.model import Field

PATTERNS = (
    ("HT-{date:%Y%m}-{seq:4}", "month"),
    ("{seq:1}", "never"),
    ("{date:%y}.{date:%m}.{date:%d}({seq:6})", "day"),
    ("合同{date:%Y}年第{seq:3}号", "year"),
    ("{date:%Y%m%d%Y}+{seq:12}", "never"),
)


def serial(pattern: str, reset: str) -> Field:
    return Field(id="fld_n", key="n", type="serial", label={"en": "n"}, options={"pattern": pattern, "reset": reset})


@given(
    st.sampled_from(PATTERNS),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(1, 10**15),
)
def test_a_number_tells_its_period_and_counter(kind: tuple[str, str], day: date, counter: int) -> None:
    f = serial(*kind)
    assert not SerialType().check_options(f)
    assert read_serial(f, render_serial(f, day, counter)) == (serial_period(f, day), counter)


@pytest.mark.parametrize("text", ["", "HT-202611-", "ht-202611-0001", "HT-202611-001", "HT-202611-" + "9" * 19, "F-1"])
def test_a_number_of_another_kind_tells_nothing(text: str) -> None:
    assert read_serial(serial(*PATTERNS[0]), text) is None
