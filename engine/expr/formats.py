"""TEXT with a format: number pictures (``#,##0.00``, ``0.0%``) and date pictures (``yyyy-mm-dd hh:mm``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from engine.expr.numbers import CONTEXT

_PICTURE = re.compile(r'"([^"]*)"|\\(.)|([0#,.%]+)|(.)', re.S)
_DATE_PICTURE = re.compile(r'"([^"]*)"|\\(.)|(y+|Y+|m+|M+|d+|D+|h+|H+|s+|S+)|(.)', re.S)
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NumberPicture:
    """A number format, read: literal text around, least and most digits, grouping, and percent."""

    before: str
    after: str
    least_whole: int
    least: int
    most: int
    grouped: bool
    percent: int
    has_digits: bool


@lru_cache(maxsize=256)
def number_picture(picture: str) -> NumberPicture:
    """Read a number format. Text that is no placeholder is shown as it is."""
    before, after, digits = "", "", ""
    percent = 0
    for quoted, escaped, placeholders, other in _PICTURE.findall(picture):
        if placeholders:
            body = placeholders.rstrip("%")
            percent += placeholders.count("%")
            if body and not digits:
                digits = body.replace("%", "")
            after += "%" * placeholders.count("%")
            continue
        text = quoted or escaped or other
        if digits:
            after += text
        else:
            before += text
    whole, _, decimals = digits.partition(".")
    return NumberPicture(
        before=before,
        after=after,
        least_whole=whole.count("0"),
        least=decimals.count("0"),
        most=len(decimals.replace(",", "")),
        grouped="," in whole,
        percent=percent,
        has_digits=bool(digits),
    )


def format_number(number: Decimal, picture: str) -> str:
    """Write a number in a format; the sign stands before everything else."""
    read = number_picture(picture)
    if not read.has_digits:
        return read.before + read.after
    shown = CONTEXT.scaleb(number, Decimal(2 * read.percent))
    rounded = shown.quantize(Decimal(1).scaleb(-read.most), ROUND_HALF_UP, CONTEXT)
    whole, _, decimals = format(rounded.copy_abs(), "f").partition(".")
    decimals = decimals.rstrip("0").ljust(read.least, "0")
    whole = whole.lstrip("0").rjust(read.least_whole, "0")
    if read.grouped and whole:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", ",", whole)
    sign = "-" if rounded < 0 else ""
    point = "." if read.least or decimals else ""
    return f"{sign}{read.before}{whole}{point}{decimals}{read.after}"


def format_date(moment: date, picture: str) -> str:
    """Write a date or a local time in a format. ``m`` means minutes after ``h`` or before ``s``, else months."""
    clock = moment if isinstance(moment, datetime) else datetime(moment.year, moment.month, moment.day)
    tokens = _DATE_PICTURE.findall(picture)
    names = [letters[:1] for _, _, letters, _ in tokens]
    out = []
    last = ""
    for at, (quoted, escaped, letters, other) in enumerate(tokens):
        if not letters:
            out.append(quoted or escaped or other)
            continue
        following = next((name for name in names[at + 1 :] if name), "")
        minutes = letters[0] == "m" and (last in ("h", "H") or following in ("s", "S"))
        out.append(_date_part(clock, letters, minutes))
        last = letters[0]
    return "".join(out)


def _date_part(clock: datetime, letters: str, minutes: bool) -> str:
    kind, width = letters[0].lower(), len(letters)
    if kind == "y":
        return f"{clock.year:04d}" if width > 2 else f"{clock.year % 100:02d}"
    if kind == "m" and not minutes:
        if width >= 3:
            return _MONTHS[clock.month - 1] if width > 3 else _MONTHS[clock.month - 1][:3]
        return str(clock.month).zfill(min(width, 2))
    if kind == "d":
        if width >= 3:
            return _WEEKDAYS[clock.weekday()] if width > 3 else _WEEKDAYS[clock.weekday()][:3]
        return str(clock.day).zfill(min(width, 2))
    value = {"h": clock.hour, "m": clock.minute, "s": clock.second}[kind]
    return str(value).zfill(min(width, 2))
