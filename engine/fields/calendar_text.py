"""Reading and writing of dates and times as people do, in Chinese and in English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from engine.fields.folding import fold

_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?([Zz]|[+-]\d{2}:?\d{2})")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january",
            "feb february",
            "mar march",
            "apr april",
            "may",
            "jun june",
            "jul july",
            "aug august",
            "sep sept september",
            "oct october",
            "nov november",
            "dec december",
        ),
        1,
    )
    for name in names.split()
}
_NAME = r"(?P<name>[a-z]{3,9})\.?"
_DAY = r"(?P<d>\d{1,2})(?:st|nd|rd|th)?"
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})\s*([-/.年])\s*(?P<m>\d{1,2})\s*(?:\2|月)\s*(?P<d>\d{1,2})(?:\s*[日号])?")
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")
_DAY_NAME = re.compile(rf"{_DAY}[\s-]+{_NAME}[\s,-]+(?P<y>\d{{4}})")
_NAME_DAY = re.compile(rf"{_NAME}\s+{_DAY}\s*,?\s+(?P<y>\d{{4}})")
_YEAR_LAST = re.compile(r"(?P<a>\d{1,2})([-/.])(?P<b>\d{1,2})\2(?P<y>\d{4})")
_TIME = re.compile(
    r"(?P<before>上午|下午|中午|晚上|凌晨|早上|am|pm)?\s*"
    r"(?P<h>\d{1,2})\s*(?:[:时点]\s*(?:(?P<mi>\d{1,2})\s*(?:[:分]\s*(?:(?P<s>\d{1,2})(?:\.(?P<f>\d{1,6})\d*)?\s*秒?)?)?)?)"
    r"\s*(?P<after>am|pm|a\.m\.|p\.m\.)?\s*(?P<zone>z|utc|[+-]\d{2}:?\d{2})?"
)
_AFTERNOON = frozenset({"下午", "晚上", "中午", "pm", "p.m."})
_MORNING = frozenset({"上午", "凌晨", "早上", "am", "a.m."})
_WEEKDAY = re.compile(r"\s*\(?(?:星期|周|礼拜)[一二三四五六日天]\)?\s*|^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and what else the text said."""

    date: date
    time: time | None = None
    offset: timezone | None = None


def read_iso_date(text: str) -> date | None:
    """Read ``2026-11-21`` and nothing else."""
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_instant(text: str) -> datetime | None:
    """Read an ISO instant with its offset and nothing else."""
    if not _INSTANT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError:
        return None


def read_moment(text: str, locale: str) -> Moment | None:
    """Read a date with or without a time; None when it is none.

    With the year last, ``11/21/2026`` is month first (day first only where the first number cannot be a month).
    """
    if len(text) > 80:
        return None
    if day := read_iso_date(text):
        return Moment(day)
    plain = _WEEKDAY.sub(" ", fold(text).strip(), count=1).strip()
    for pattern in (_YEAR_FIRST, _COMPACT, _DAY_NAME, _NAME_DAY, _YEAR_LAST):
        found = pattern.match(plain)
        if found is None:
            continue
        day = _date(found)
        if day is None:
            continue
        rest = plain[found.end() :]
        if not rest.strip():
            return Moment(day)
        clock = _TIME.fullmatch(rest.removeprefix(",").removeprefix("t").strip()) if not rest[0].isdigit() else None
        return _moment(day, clock) if clock else None
    return None


def read_clock(text: str) -> time | None:
    """Read a time of the day: ``16:30``, ``下午3点05分``, ``3:05 PM``. None when it is none, or has a zone."""
    clock = _TIME.fullmatch(fold(text).strip()) if len(text) <= 40 else None
    moment = _moment(date.min, clock) if clock else None
    return moment.time if moment is not None and moment.offset is None else None


def write_moment(value: datetime, zone: ZoneInfo) -> str:
    """Write an instant in a zone: minutes, and what is finer or ambiguous only where there is any."""
    local = value.astimezone(zone)
    text = f"{local.date().isoformat()} {local:%H:%M}"
    if local.second or local.microsecond:
        text += f":{local:%S}"
    if local.microsecond:
        text += f".{local:%f}"
    read_back = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if read_back != value:  # the hour that comes twice when clocks go back
        text += _offset(local)
    return text


def _offset(local: datetime) -> str:
    offset = local.utcoffset() or timedelta()
    minutes = int(offset.total_seconds() // 60)
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _date(found: re.Match[str]) -> date | None:
    parts = found.groupdict()
    year = int(parts["y"])
    if "name" in parts:
        month, day = _MONTHS.get(parts["name"], 0), int(parts["d"])
    elif "a" in parts:
        month, day = int(parts["a"]), int(parts["b"])
        if month > 12:
            month, day = day, month
    else:
        month, day = int(parts["m"]), int(parts["d"])
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _moment(day: date, clock: re.Match[str]) -> Moment | None:
    parts = clock.groupdict()
    hour = int(parts["h"])
    half = parts["before"] or parts["after"]
    if half is None and parts["mi"] is None and not clock[0].strip().endswith(("时", "点")):
        return None
    if half in _AFTERNOON and 1 <= hour < 12:
        hour += 12
    elif half in _MORNING and hour == 12:
        hour = 0
    try:
        at = time(hour, int(parts["mi"] or 0), int(parts["s"] or 0), int((parts["f"] or "").ljust(6, "0")))
    except ValueError:
        return None
    return Moment(day, at, _zone(parts["zone"]))


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text in ("z", "utc"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(sign * timedelta(minutes=minutes)) if minutes < 24 * 60 else None
