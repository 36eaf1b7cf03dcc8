"""Addresses are read by the table of regions, the one the browser gets."""

from __future__ import annotations

import pytest

from engine.fields.address import AddressType
from engine.fields.base import InvalidValue
from engine.fields.regions import regions
from metadata.model import Field

ADDRESS = AddressType()


def field(**options: object) -> Field:
    return Field(id="fld_a", key="a", type="address", label={"en": "Address"}, options=options)


@pytest.mark.parametrize(
    ("text", "code", "rest"),
    [
        ("浙江省杭州市西湖区文三路90号", "330106", "文三路90号"),
        ("北京市海淀区中关村", "110108", "中关村"),
        ("上海浦东新区张江", "310115", "张江"),
        ("浙江 杭州 西湖区 文三路", "330106", "文三路"),
        ("杭州市西湖区龙井路", "330106", "龙井路"),
        ("浙江省 杭州路1号", "330000", "杭州路1号"),
        ("广东省东莞市长安镇", "441900", "长安镇"),
        ("海南省万宁市人民路", "469006", "人民路"),
        ("新疆维吾尔自治区石河子市", "659001", ""),
        ("香港特别行政区中西区", "810101", ""),
        ("10 Downing Street", "", "10 Downing Street"),
    ],
)
def test_a_text_is_read_from_its_province_down(text: str, code: str, rest: str) -> None:
    assert regions().read(text) == (code, rest)


def test_every_region_is_read_back_from_its_names() -> None:
    found = regions()
    assert len(found.provinces) == 34
    for code in found.all:
        read, rest = found.read("".join(found.names(code)))
        assert rest == "" and found.names(read) == found.names(code)


def test_the_depth_a_field_asks_for() -> None:
    assert ADDRESS.accept(field(level="city"), {"code": "330100", "detail": "x"}) == "浙江省杭州市 x"
    assert ADDRESS.accept(field(), {"code": "441900"}) == "广东省东莞市"  # nothing to choose below
    with pytest.raises(InvalidValue) as refused:
        ADDRESS.accept(field(), {"code": "330100"})
    assert refused.value.code == "F512"
    with pytest.raises(InvalidValue):
        ADDRESS.accept(field(), {"code": "999999"})


def test_the_answer_names_every_level() -> None:
    value = ADDRESS.accept(field(), {"code": "330106", "detail": " 文三路  90 号 "})
    assert ADDRESS.to_json(field(), value) == {
        "code": "330106",
        "codes": ["330000", "330100", "330106"],
        "names": ["浙江省", "杭州市", "西湖区"],
        "detail": "文三路 90 号",
        "text": "浙江省杭州市西湖区 文三路 90 号",
    }
