"""JSON from outside: strict, exact, shallow."""

from __future__ import annotations

from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metadata.findings import Refused
from runtime.jsonio import MAX_DEPTH, dump, parse


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"{", "H103"),
        (b"[NaN]", "H103"),
        (b'"\\ud800"', "H103"),
        (b"\xff", "H103"),
        (b"", "H103"),
        (b"[1e400]", "H103"),
        (b"[" * 2000 + b"]" * 2000, "H103"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "H104"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "H104"),
        (b'{"a":1,"a":2}', "H105"),
        (b'[{"x":{"b":1,"b":1}}]', "H105"),
        (b'{"a":1,"\\u0061":2}', "H105"),
        (b"[18446744073709551616]", "H106"),
        (b"[-9223372036854775808]", "H106"),
        (b"[" + b"9" * 60 + b"]", "H106"),
    ],
)
def test_refuses(raw: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(raw)
    assert refused.value.findings[0].code == code


def test_numbers_keep_every_digit() -> None:
    assert parse(b"[0.1, 123456789012345.67, 1e2, 9007199254740993]") == [
        Decimal("0.1"),
        Decimal("123456789012345.67"),
        Decimal("1e2"),
        9007199254740993,
    ]


def test_nesting_to_the_limit_is_fine() -> None:
    assert parse(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)


def test_decimals_leave_as_plain_text() -> None:
    assert dump({"a": Decimal("1E+3"), "b": frozenset({"y", "x"})}) == b'{"a":"1000","b":["x","y"]}'


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(json_values)
def test_reads_what_it_writes(value: object) -> None:
    assert parse(dump(value)) == value


@given(st.binary(max_size=200))
def test_never_anything_but_a_value_or_a_refusal(raw: bytes) -> None:
    try:
        parsed = parse(raw)
    except Refused:
        return
    assert orjson.loads(raw) is not None or parsed is None
