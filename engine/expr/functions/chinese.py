"""Amounts and numbers in Chinese, phone numbers, credit codes, pinyin."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, Text, and_, case, cast, func, literal, null, select

from engine.deferred import deferred
from engine.expr import numbers, texts
from engine.expr.functions.base import Column, Param, entries
from engine.expr.numbers import CONTEXT
from engine.expr.types import BOOLEAN, TEXT
from engine.expr.values import NUM, Fault

phonenumbers: Any = deferred("phonenumbers")
pypinyin: Any = deferred("pypinyin")  # its dictionaries take 50 MB

_define = entries("chinese")
_text = entries("chinese", blank="text")
_TEXT = Param("text", "text")
_NUMBER = Param("number", "number")
_LIMIT = Decimal(10) ** 16
_WRITTEN = "Chinese numerals are written by the application"

# -- numerals ---------------------------------------------------------------------------------------------------------

_CAPITAL = ("零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟"))
_PLAIN = ("零一二三四五六七八九", ("", "十", "百", "千"))
_SPOKEN_DIGITS = "〇一二三四五六七八九"
Numerals = tuple[str, tuple[str, ...]]


def _group(number: int, numerals: Numerals) -> str:
    """Write 0 to 9999; zeros inside are one 零, zeros at the end nothing."""
    digits, units = numerals
    written, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            written += (digits[0] if gap and written else "") + digits[digit] + units[place]
            gap = False
        else:
            gap = True
    return written


def whole_numeral(number: int, numerals: Numerals) -> str:
    """Write a whole number below 10 ** 16; zero is 零."""
    if number >= 10**8:
        high, low = divmod(number, 10**8)
        return _joined(whole_numeral(high, numerals) + "亿", low, 10**7, numerals)
    if number >= 10**4:
        high, low = divmod(number, 10**4)
        return _joined(_group(high, numerals) + "万", low, 10**3, numerals)
    return _group(number, numerals) or numerals[0][0]


def _joined(head: str, low: int, leading: int, numerals: Numerals) -> str:
    """Append what is below; a zero between is said once."""
    if not low:
        return head
    return head + (numerals[0][0] if low < leading else "") + whole_numeral(low, numerals)


def rmb_capital(amount: Decimal, whole_jiao: bool = False) -> str:
    """RMBCAP: an amount in capital numerals, rounded to fen, half away from zero. Raises NUM from 10 ** 16 on."""
    rounded = numbers.round_half(amount, Decimal(2))
    if rounded.copy_abs() >= _LIMIT:
        raise Fault(NUM)
    cents = int(CONTEXT.scaleb(rounded.copy_abs(), Decimal(2)))
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    digits = _CAPITAL[0]
    written = whole_numeral(yuan, _CAPITAL) + "元" if yuan or not cents else ""
    if not jiao and not fen:
        return ("负" if rounded < 0 and cents else "") + written + "整"
    if jiao:
        written += digits[jiao] + "角"
    elif written:
        written += digits[0]
    if fen:
        written += digits[fen] + "分"
    elif whole_jiao:
        written += "整"
    return ("负" if rounded < 0 else "") + written


def chinese_number(number: Decimal, style: str = "plain") -> str:
    """CNNUM: a number in Chinese numerals. Raises NUM from 10 ** 16 on."""
    whole, _, decimals = numbers.plain(number.copy_abs()).partition(".")
    if number.copy_abs() >= _LIMIT:
        raise Fault(NUM)
    sign = "负" if number < 0 else ""
    if style == "digits":
        written = "".join(_SPOKEN_DIGITS[int(digit)] for digit in whole)
        return sign + written + ("点" + "".join(_SPOKEN_DIGITS[int(d)] for d in decimals) if decimals else "")
    numerals = _CAPITAL if style == "capital" else _PLAIN
    written = whole_numeral(int(whole), numerals)
    if numerals is _PLAIN and written.startswith("一十"):
        written = written[1:]
    return sign + written + ("点" + "".join(numerals[0][int(digit)] for digit in decimals) if decimals else "")


_define(
    "RMBCAP",
    "金额大写，四舍五入到分；到元为止以“整”结尾，第二个参数为 TRUE 时到角为止也写“整”。绝对值须小于 1 亿亿。",
    "An amount in capital Chinese numerals, rounded to fen. It ends in 整 after 元, with TRUE as the second argument "
    "also after 角. The amount must be below 10 to the 16th.",
    (
        ("RMBCAP(1234.5)", "壹仟贰佰叁拾肆元伍角"),
        ("RMBCAP(100010.07)", "壹拾万零壹拾元零柒分"),
        ("RMBCAP(0.5, TRUE)", "伍角整"),
        ("RMBCAP(-300000000)", "负叁亿元整"),
        ("RMBCAP(0)", "零元整"),
        ("RMBCAP(1e16)", "#NUM!"),
    ),
    (_NUMBER, Param("whole_jiao", "boolean", optional=True)),
    TEXT,
    rmb_capital,
    _WRITTEN,
    errors=("NUM",),
    aliases=("UPPERMONEY",),
)
_define(
    "CNNUM",
    "数字的中文写法：plain（默认）一百二十三，capital 壹佰贰拾叁，digits 一二三。",
    "A number in Chinese numerals: plain 一百二十三, capital 壹佰贰拾叁, or digits 一二三.",
    (
        ("CNNUM(2024)", "二千零二十四"),
        ("CNNUM(15.08)", "十五点零八"),
        ('CNNUM(2024, "digits")', "二〇二四"),
        ('CNNUM(100200, "capital")', "壹拾万零贰佰"),
    ),
    (_NUMBER, Param("style", "text", optional=True, words=("plain", "capital", "digits"))),
    TEXT,
    chinese_number,
    _WRITTEN,
    errors=("NUM",),
)


# -- phone numbers and credit codes -----------------------------------------------------------------------------------

_MOBILE = re.compile(r"(?:\+?86)?1[3-9]\d{9}", re.A)
_LONGEST_PHONE = 40
_CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE = re.compile(f"[{_CODE_LETTERS}]{{2}}[0-9]{{6}}[{_CODE_LETTERS}]{{10}}")
_CODE_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))


def phone_valid(text: str, kind: str = "any") -> bool:
    """PHONEVALID: a number that exists by the numbering plan; without a country code it is a Chinese one."""
    plain = re.sub(r"[\s\-()]+", "", text)
    if kind != "landline" and _MOBILE.fullmatch(plain):
        return True
    if not plain or len(plain) > _LONGEST_PHONE:
        return False
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return False
    if not phonenumbers.is_valid_number(number):
        return False
    mobile = phonenumbers.number_type(number) in (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    )
    return kind == "any" or mobile is (kind == "mobile")


def credit_code_valid(text: str) -> bool:
    """USCCVALID: 18 characters with the check character of GB 32100."""
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        return False
    total = sum(_CODE_LETTERS.index(one) * weight for one, weight in zip(code, _CODE_WEIGHTS, strict=False))
    return _CODE_LETTERS[-total % 31] == code[-1]


def _credit_code_sql(text: Column) -> Column:
    cleaned = func.upper(func.btrim(text, " \t\r\n\f\v"), type_=Text())
    row = select(cleaned.label("code")).correlate_except(None).subquery()
    code = row.c.code
    letters = literal(_CODE_LETTERS, Text())
    place = [func.strpos(letters, func.substr(code, at, 1)) - 1 for at in range(1, 19)]
    total: Any = place[0]
    for one, weight in zip(place[1:17], _CODE_WEIGHTS[1:], strict=True):
        total = total + one * weight
    form = code.op("~")(f"^{_CODE.pattern}$")
    right = cast((31 - func.mod(cast(total, Integer), 31)) % 31, Integer) == place[17]
    found = select(case((code.is_(None), null()), (and_(form, right), True), else_=False)).select_from(row)
    return found.correlate_except(row).scalar_subquery()


_text(
    "PHONEVALID",
    "电话号码是否有效；不写国家代码按中国号码判断。第二个参数限定 mobile（手机）或 landline（座机）。",
    "Whether a telephone number is valid; one without a country code is Chinese. The second argument asks for a mobile "
    "or a landline.",
    (
        ('PHONEVALID("13800138000")', "TRUE"),
        ('PHONEVALID("010-12345678", "mobile")', "FALSE"),
        ('PHONEVALID("12345")', "FALSE"),
    ),
    (_TEXT, Param("kind", "text", optional=True, words=("any", "mobile", "landline"))),
    BOOLEAN,
    phone_valid,
    "numbering plans are known to the application",
)
_text(
    "USCCVALID",
    "统一社会信用代码（18 位）是否有效。",
    "Whether a unified social credit code (18 characters) is valid.",
    (('USCCVALID("91110000600037341L")', "TRUE"), ('USCCVALID("91110000600037341M")', "FALSE")),
    (_TEXT,),
    BOOLEAN,
    credit_code_valid,
    _credit_code_sql,
)


# -- pinyin -----------------------------------------------------------------------------------------------------------


def _runs(text: str) -> list[str]:
    """Return the syllables of Chinese characters and, as they are, the runs of others."""
    return [one for one in pypinyin.lazy_pinyin(text) if one.strip()]


def pinyin(text: str, separator: str = " ") -> str:
    """PINYIN without tones; phrases decide between the readings of a character. Raises LIMIT."""
    return texts.bounded(separator.join(one.strip() for one in _runs(text)))


def pinyin_initials(text: str) -> str:
    """PINYININITIALS: the first letter of every syllable; other characters as they are."""
    letters = pypinyin.lazy_pinyin(text, style=pypinyin.Style.FIRST_LETTER)
    return "".join(one for one in letters if not one.isspace())


_SOUNDS = "sounds are known to the application"
_text(
    "PINYIN",
    "拼音（无声调），音节之间默认用空格；非汉字原样保留。多音字按词组判断。",
    "The sound of Chinese characters without tones, with a space between (or the text given); other characters stay.",
    (('PINYIN("重庆")', "chong qing"), ('PINYIN("张三", "")', "zhangsan")),
    (_TEXT, Param("separator", "text", optional=True)),
    TEXT,
    pinyin,
    _SOUNDS,
    browser="sounds are known to the server",
    errors=("LIMIT",),
)
_text(
    "PINYININITIALS",
    "拼音首字母。",
    "The first letters of the sounds of Chinese characters.",
    (('PINYININITIALS("重庆银行")', "cqyh"), ('PINYININITIALS("A公司")', "Ags")),
    (_TEXT,),
    TEXT,
    pinyin_initials,
    _SOUNDS,
    browser="sounds are known to the server",
)
