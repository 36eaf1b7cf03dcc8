"""Telephone numbers in one canonical spelling, the one people in China would write.

mobile        13800138000
landline      010-12345678, with an extension 010-12345678-801
400/800       4008001234
short code    95588, 12345, 110
elsewhere     +16502530000, with an extension +16502530000-801
"""

from __future__ import annotations

import re
from functools import lru_cache

import phonenumbers

from engine.fields.folding import fold

_HOME = "CN"
_MOBILE = re.compile(r"1[3-9]\d{9}")
_CANONICAL_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_SERVICE = re.compile(r"[48]00\d{7}")
_SHORT = re.compile(r"9[56]\d{3,4}|1[012]\d{1,3}")
_EXTENSION = re.compile(r"(?:转|轉|分机号?|ext(?:ension)?\.?|extn\.?|x|#)[\s:]*(\d{1,6})$")
_DASH_EXTENSION = re.compile(r"^(.*\d{7,8})\s*-\s*(\d{1,6})$")
_NOISE = re.compile(r"[\s()\-.·—–‐_/]+")
_DASHES = str.maketrans({"—": "-", "–": "-", "‐": "-", "－": "-", "―": "-", "−": "-"})
_AREA = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))(\d*)")
_UNSPLIT = re.compile(r"1[3-9]|[48]00")
_ABROAD = re.compile(r"(\+\d+)(?:-(\d{1,6}))?")
_HOME_PREFIX = re.compile(r"^86[\s-]+(?=0?\d{2,3}[\s-])")
_LOCAL = re.compile(r"[2-8]\d{6,7}")


class NoAreaCode(ValueError):
    """A landline number without its area code."""


def canonical(text: str) -> str:
    """Return the canonical spelling. Raises :class:`NoAreaCode` or ``ValueError``."""
    return text if _CANONICAL_MOBILE.fullmatch(text) else _canonical(text)


@lru_cache(maxsize=8192)
def _canonical(text: str) -> str:
    plain = fold(text).translate(_DASHES).strip().removeprefix("tel:").strip()
    if _MOBILE.fullmatch(plain):
        return plain
    main, extension = _split_extension(_HOME_PREFIX.sub("+86", plain))
    digits = _NOISE.sub("", main)
    if not re.fullmatch(r"\+?\d{3,20}", digits):
        raise ValueError(text)
    digits = _at_home(digits)
    if not extension and (_MOBILE.fullmatch(digits) or _SHORT.fullmatch(digits)):
        return digits
    if _SERVICE.fullmatch(digits) or _MOBILE.fullmatch(digits):
        return _with(digits, extension)
    if _LOCAL.fullmatch(digits):
        raise NoAreaCode(text)
    return _with(_numbered(digits, text), extension)


def pretty(number: str, locale: str) -> str:
    """Return a canonical number grouped for reading; :func:`canonical` reads it back."""
    abroad = _ABROAD.fullmatch(number)
    if abroad:
        parsed = phonenumbers.parse(abroad[1], None)
        shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
        return shown + _extension(abroad[2], locale)
    head, _, rest = number.partition("-")
    if _MOBILE.fullmatch(head):
        return f"{head[:3]} {head[3:7]} {head[7:]}" + _extension(rest, locale)
    if _SERVICE.fullmatch(head):
        return f"{head[:3]}-{head[3:6]}-{head[6:]}" + _extension(rest, locale)
    local, _, extension = rest.partition("-")
    return f"{head}-{local}" + _extension(extension, locale) if local else head


def part(text: str) -> str:
    """Return a piece of a number as it would stand in a canonical one (for filters and search)."""
    plain = fold(text).translate(_DASHES).strip()
    digits = _NOISE.sub("", plain)
    if not re.fullmatch(r"\+?\d+", digits):
        return plain
    if digits.startswith(("+86", "0086")):
        digits = digits.removeprefix("+86").removeprefix("0086")
        if not _UNSPLIT.match(digits) and not digits.startswith("0"):
            digits = "0" + digits
    landline = _AREA.fullmatch(digits)
    if landline and (len(digits) >= 9 or digits != plain):
        return f"{landline[1]}-{landline[2]}" if landline[2] else landline[1]
    if _UNSPLIT.match(digits) or digits.startswith("+") or "-" not in plain:
        return digits
    return plain


def spellings(number: str) -> tuple[str, ...]:
    """Return a canonical number in every unbroken spelling :func:`part` may be asked for."""
    if number.startswith("+"):
        return (number,)
    digits = number.replace("-", "")
    return (number, digits, "86" + digits.removeprefix("0"))


def _split_extension(text: str) -> tuple[str, str]:
    found = _EXTENSION.search(text)
    if found:
        return text[: found.start()].rstrip(" ,;-"), found[1]
    found = _DASH_EXTENSION.match(text)
    if found and not _MOBILE.fullmatch(_at_home(_NOISE.sub("", text))) and _complete(found[1]):
        return found[1], found[2]
    return text, ""


def _complete(text: str) -> bool:
    """Say whether a text is already a whole number, so that what follows its last dash is an extension."""
    digits = _at_home(_NOISE.sub("", text))
    if _MOBILE.fullmatch(digits) or _SERVICE.fullmatch(digits) or _LOCAL.fullmatch(digits):
        return True
    try:
        _numbered(digits, text)
    except ValueError:
        return False
    return True


def _at_home(digits: str) -> str:
    """Drop the country code of home, however it was dialled."""
    for prefix in ("+86", "0086", "86"):
        rest = digits.removeprefix(prefix)
        if rest != digits and (prefix != "86" or _MOBILE.fullmatch(rest)):
            rest = rest.removeprefix("0")
            if _MOBILE.fullmatch(rest) or _SERVICE.fullmatch(rest) or (prefix == "+86" and _SHORT.fullmatch(rest)):
                return rest
            return "0" + rest
    if digits.startswith("01") and _MOBILE.fullmatch(digits[1:]):  # a mobile dialled with the trunk prefix
        return digits[1:]
    return "+" + digits[2:] if digits.startswith("00") else digits


def _numbered(digits: str, text: str) -> str:
    try:
        number = phonenumbers.parse(digits, _HOME)
    except phonenumbers.NumberParseException as error:
        raise ValueError(text) from error
    if not phonenumbers.is_valid_number(number):
        raise ValueError(text)
    national = phonenumbers.national_significant_number(number)
    if number.country_code != 86:
        return f"+{number.country_code}{national}"
    area = phonenumbers.length_of_geographical_area_code(number)
    if not digits.startswith("0") or not area:
        raise ValueError(text)
    return f"0{national[:area]}-{national[area:]}"


def _with(number: str, extension: str) -> str:
    return f"{number}-{extension}" if extension else number


def _extension(extension: str | None, locale: str) -> str:
    if not extension:
        return ""
    return f" 转 {extension}" if locale.startswith("zh") else f" ext. {extension}"
