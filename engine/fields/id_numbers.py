"""Numbers of identity papers and of companies, checked by the rules of who issues them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, ClassVar, Final

from sqlalchemy import ColumnElement, Text, case, func, literal

from engine.deferred import deferred
from engine.fields.base import HIDDEN, InvalidValue, Value, masked
from engine.fields.folding import fold
from engine.fields.texts import PART_OPERATORS, TextType
from metadata.findings import Finding
from metadata.model import Field

resident_card: Any = deferred("stdnum.cn.ric")  # its table of regions takes a tenth of a second to read
company_code: Any = deferred("stdnum.cn.uscc")
check_digits: Any = deferred("stdnum.iso7064.mod_11_2")

_JOINTS = re.compile(r"[\s\-‐-―_.·()]+")
_LONG = re.compile(r"\d{17}[\dX]")
_PASSPORT = re.compile(r"(?:[DEGPSHK]\d{8}|E[A-HJ-NP-Z]\d{7}|[DPS]E\d{7}|MA\d{7}|1[45]\d{7})")
_FOREIGN = re.compile(r"(?=.*\d)[A-Z0-9]{6,12}")
_HK_MACAU = re.compile(r"[HM]\d{8}(?:\d{2})?")
_TAIWAN = re.compile(r"(?:\d{8}|\d{10}[A-Z]?)")
_OLD_PERMANENT = re.compile(r"[A-Z]{3}\d{12}")
_SHOWN: Final = 12
"""Numbers of this length and more keep three characters at the start and four at the end when they are masked."""


def _resident(number: str) -> bool:
    return bool(resident_card.is_valid(number))


def _checked(number: str) -> bool:
    """18 characters with a real date of birth and the check character of the resident card."""
    if not _LONG.fullmatch(number) or not check_digits.is_valid(number):
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return True


def _residence(number: str) -> bool:
    return number[:6] in ("810000", "820000", "830000") and _checked(number)


def _permanent(number: str) -> bool:
    return bool(_OLD_PERMANENT.fullmatch(number)) or (number[:1] == "9" and _checked(number))


def _company(number: str) -> bool:
    return bool(company_code.is_valid(number))


KINDS: Final[Mapping[str, tuple[Mapping[str, str], Callable[[str], bool]]]] = {
    "resident": ({"zh-CN": "居民身份证", "en": "resident identity card"}, _resident),
    "uscc": ({"zh-CN": "统一社会信用代码", "en": "unified social credit code"}, _company),
    "passport": ({"zh-CN": "中国护照", "en": "Chinese passport"}, lambda number: bool(_PASSPORT.fullmatch(number))),
    "foreign_passport": (
        {"zh-CN": "外国护照", "en": "foreign passport"},
        lambda number: bool(_FOREIGN.fullmatch(number)),
    ),
    "hk_macau": (
        {"zh-CN": "港澳居民来往内地通行证", "en": "mainland travel permit for Hong Kong and Macau"},
        lambda number: bool(_HK_MACAU.fullmatch(number)),
    ),
    "taiwan": (
        {"zh-CN": "台湾居民来往大陆通行证", "en": "mainland travel permit for Taiwan"},
        lambda number: bool(_TAIWAN.fullmatch(number)),
    ),
    "residence": (
        {"zh-CN": "港澳台居民居住证", "en": "residence permit for Hong Kong, Macau and Taiwan"},
        _residence,
    ),
    "permanent": ({"zh-CN": "外国人永久居留身份证", "en": "foreign permanent resident card"}, _permanent),
}
"""Kinds by name, with their label and their test."""


class IdNumberType(TextType):
    """The number of a paper of one of the allowed kinds: upper case, without blanks and hyphens.

    Option ``kinds`` says which papers are taken; without it, resident cards. Its level ``masked`` shows the first
    three and the last four characters of a long number, of a short one the first and the last two.
    """

    name = "id_number"
    label = {"zh-CN": "证件号", "en": "ID number"}
    default_length = 20
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "kinds": {
                "type": "array",
                "minItems": 1,
                "maxItems": len(KINDS),
                "uniqueItems": True,
                "items": {"enum": list(KINDS)},
            },
            "search": {"type": "boolean"},
        },
    }

    def kinds(self, f: Field) -> Sequence[str]:
        """Return the kinds of papers the field takes."""
        return tuple(f.options.get("kinds") or ("resident",))

    def storage_tag(self, f: Field) -> str:
        return "idnumber"

    def accept(self, f: Field, raw: Any) -> Value:
        if isinstance(raw, str):
            raw = _JOINTS.sub("", fold(raw)).upper()
        text = super().accept(f, raw)
        if text is None:
            return None
        if not any(KINDS[kind][1](text) for kind in self.kinds(f)):
            raise InvalidValue("F112", kinds=self._named(f))
        return text

    def accept_one_operand(self, f: Field, operator: str, raw: Any) -> Any:
        text = super().accept_one_operand(f, operator, raw)
        plain = _JOINTS.sub("", fold(text)).upper()
        if not plain:
            raise InvalidValue("F805", operator=operator)
        return plain if operator in PART_OPERATORS else self.accept(f, plain)

    def check_options(self, f: Field) -> Sequence[Finding]:
        return ()

    def needs_key_column(self, f: Field, normalise: str) -> bool:
        return False

    def mask(self, f: Field, columns: Sequence[ColumnElement[Any]], dialect: str) -> ColumnElement[str]:
        column = columns[0]
        size = func.length(column)
        long_form = func.substr(column, 1, 3) + "****" + func.substr(column, size - 3)
        short_form = func.substr(column, 1, 1) + "****" + func.substr(column, size - 1)
        shown = case((size >= _SHOWN, long_form), (size >= 6, short_form), else_=literal(HIDDEN, Text))
        return masked(column.is_not(None), shown)

    def _named(self, f: Field) -> dict[str, str]:
        labels = [KINDS[kind][0] for kind in self.kinds(f)]
        return {
            "zh-CN": "、".join(one["zh-CN"] for one in labels),
            "en": " or ".join(one["en"] for one in labels),
        }
