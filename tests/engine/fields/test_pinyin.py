"""The shipped order of Han characters, made again from the readings of pypinyin (run this module to rewrite it)."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from pypinyin import Style, pinyin
from pypinyin.pinyin_dict import pinyin_dict

from engine.fields import pinyin as product
from engine.fields.pinyin import pinyin_key

ORDER = Path(product.__file__).parent / "pinyin_order.txt"


def made_order() -> str:
    """Characters of the basic plane by syllable, ü after u, then tone, then code point."""

    def place(code: int) -> tuple[str, int, str, int]:
        reading = pinyin(chr(code), style=Style.TONE3, v_to_u=True)[0][0]
        letters = "".join(c for c in unicodedata.normalize("NFC", reading) if not c.isdigit())
        tone = next((c for c in reading if c.isdigit()), "5")
        return letters.replace("ü", "u"), int("ü" in letters), tone, code

    codes = [code for code in pinyin_dict if code == 0x3007 or 0x3400 <= code <= 0x9FFF]
    return "".join(chr(code) for code in sorted(codes, key=place))


def test_shipped_order_is_the_made_one() -> None:
    assert ORDER.read_text(encoding="utf-8") == made_order()


def test_people_sort_as_in_a_telephone_book() -> None:
    names = [
        "张伟",
        "李娜",
        "王芳",
        "刘洋",
        "陈静",
        "Bob",
        "alice",
        "100号",
        "赵敏",
        "吕布",
        "卢俊",
        "栾平",
        "阿里",
        "鑫源",
    ]
    assert sorted(names, key=pinyin_key) == [
        "100号", "alice", "Bob", "阿里", "陈静", "李娜", "刘洋", "卢俊", "吕布", "栾平", "王芳", "鑫源", "张伟", "赵敏",
    ]  # fmt: skip


def test_key_is_no_longer_than_text_and_legal() -> None:
    text = "".join(chr(code) for code in range(0x3400, 0xA000))
    for start in range(0, len(text), 64):
        key = pinyin_key(text[start : start + 64])
        assert len(key) <= 64
        key.encode("utf-8")


if __name__ == "__main__":
    ORDER.write_text(made_order(), encoding="utf-8")
