"""The Chinese functions against tables of known answers and laws."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.expr.functions.chinese import chinese_number, credit_code_valid, phone_valid, rmb_capital
from engine.expr.functions.identity import birthday, card_valid, region, sex
from engine.expr.values import Fault

AMOUNTS = {
    "0": "零元整",
    "0.004": "零元整",
    "-0.004": "零元整",
    "0.05": "伍分",
    "0.50": "伍角",
    "1": "壹元整",
    "1.05": "壹元零伍分",
    "1.005": "壹元零壹分",
    "10.10": "壹拾元壹角",
    "16409.02": "壹万陆仟肆佰零玖元零贰分",
    "107000.53": "壹拾万柒仟元伍角叁分",
    "6007.14": "陆仟零柒元壹角肆分",
    "100000": "壹拾万元整",
    "10010000": "壹仟零壹万元整",
    "100000001": "壹亿零壹元整",
    "1000010000": "壹拾亿零壹万元整",
    "100100000000": "壹仟零壹亿元整",
    "1000000000000": "壹万亿元整",
    "9999999999999999.99": "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分",
    "-1409.50": "负壹仟肆佰零玖元伍角",
}


@pytest.mark.parametrize(("amount", "written"), AMOUNTS.items())
def test_amounts_in_capitals(amount: str, written: str) -> None:
    assert rmb_capital(Decimal(amount)) == written


def test_an_amount_too_large_is_an_error() -> None:
    for amount in ("1e16", "9999999999999999.995", "-1e17"):
        with pytest.raises(Fault):
            rmb_capital(Decimal(amount))


_VALUES = {"零": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def read_back(text: str) -> int:
    """The number a plain numeral means, by the usual reading."""
    for unit, size in (("亿", 10**8), ("万", 10**4)):
        if unit in text:
            high, _, low = text.rpartition(unit)
            return read_back(high) * size + (read_back(low) if low else 0)
    total, digit = 0, 0
    for character in "一" + text if text.startswith("十") else text:
        if character in _UNITS:
            total, digit = total + digit * _UNITS[character], 0
        else:
            digit = _VALUES[character]
    return total + digit


@given(number=st.integers(0, 10**16 - 1))
def test_a_numeral_reads_back(number: int) -> None:
    written = chinese_number(Decimal(number))
    assert read_back(written) == number
    assert "零零" not in written
    assert number == 0 or not written.endswith("零")


@given(
    born=st.dates(date(1800, 1, 1), date(2100, 12, 31)), order=st.integers(0, 999), place=st.integers(110000, 659999)
)
def test_identity_cards(born: date, order: int, place: int) -> None:
    head = f"{place}{born.year:04d}{born:%m%d}{order:03d}"
    valid = [check for check in "0123456789X" if card_valid(head + check)]
    assert len(valid) == 1, "one check character fits"
    number = f" {head}{valid[0].lower()} "
    assert birthday(number) == born
    assert sex(number) == ("男" if order % 2 else "女")


@pytest.mark.parametrize("number", ["", "11010519490230002X", "1101051949123100", "０10105194912310021", "x" * 18])
def test_no_identity_cards(number: str) -> None:
    assert not card_valid(number, True)


def test_regions_are_called_as_in_the_year_of_birth() -> None:
    assert region("11010519491231002X") == "北京市朝阳区"
    assert region("") == ""
    with pytest.raises(Fault):
        region("110105194912310021")


@given(head=st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9), middle=st.integers(0, 999_999))
def test_credit_codes(head: str, middle: int) -> None:
    body = f"91{middle:06d}{head}"
    valid = [check for check in "0123456789ABCDEFGHJKLMNPQRTUWXY" if credit_code_valid(body + check)]
    assert len(valid) == 1
    assert not credit_code_valid(body.replace("9", "I", 1) + valid[0])


@pytest.mark.parametrize(
    ("number", "mobile", "landline"),
    [
        ("13800138000", True, False),
        ("+86 138 0013 8000", True, False),
        ("19912345678", True, False),
        ("010-65551234", False, True),
        ("+1 650-253-0000", True, False),
        ("12345", False, False),
        ("", False, False),
        ("9" * 200, False, False),
    ],
)
def test_phones(number: str, mobile: bool, landline: bool) -> None:
    assert phone_valid(number, "mobile") is mobile
    assert phone_valid(number, "landline") is landline
    assert phone_valid(number) is (mobile or landline)


def test_heavy_packages_wait_until_they_are_needed() -> None:
    heavy = ("pypinyin", "phonenumbers", "chinese_calendar", "stdnum")
    code = f"import sys, engine.expr.compile, engine.calendars; print([m for m in {heavy!r} if m in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"
