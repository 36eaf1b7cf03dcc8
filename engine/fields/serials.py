"""Serial numbers: fields the product fills in once, when a record is made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, ClassVar

from engine.fields.base import ColumnSpec, Value
from engine.fields.texts import TextType
from metadata.findings import Finding
from metadata.model import Field

_PIECE = re.compile(r"\{(date|seq):([^{}]*)\}")
_DATE_CODES = re.compile(r"(?:%[Yymd]|[^%])*")
_DIGITS = {"Y": 4, "y": 2, "m": 2, "d": 2}
_MOST_DIGITS = 18
"""A longer counter in a number that was brought along is no counter."""


class SerialType(TextType):
    """A running number such as ``HT-202611-0001``, given once when a record is made.

    ``{date:%Y%m}`` is the day of creation, ``{seq:4}`` the counter padded to four digits; ``reset`` starts the
    counter again every year, month or day. ``gapless`` counts in the transaction of the record, ``fast`` does not wait.
    """

    name = "serial"
    label = {"zh-CN": "流水号", "en": "Serial number"}
    writable = False
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "required": ["pattern"],
        "additionalProperties": False,
        "properties": {
            "pattern": {"type": "string", "minLength": 1, "maxLength": 80},
            "reset": {"enum": ["never", "year", "month", "day"]},
            "mode": {"enum": ["gapless", "fast"]},
            "search": {"type": "boolean"},
        },
    }

    def value_schema(self, f: Field) -> dict[str, Any]:
        return {"type": ["string", "null"], "maxLength": self.max_length(f), "readOnly": True}

    def columns(self, f: Field) -> tuple[ColumnSpec, ...]:
        return (ColumnSpec("text"),)

    def to_db(self, f: Field, value: Value) -> tuple[Any, ...]:
        return (value,)

    def accept(self, f: Field, raw: Any) -> Value:
        """Type a number; the pattern is not asked for, since imported records bring their own."""
        return _PLAIN_TEXT.accept(_ANY, raw)

    def check_options(self, f: Field) -> Sequence[Finding]:
        pattern = str(f.options.get("pattern", ""))
        reason = _wrong(pattern, str(f.options.get("reset", "never")))
        return (Finding("F905", "/options/pattern", {"pattern": pattern, "reason": reason}),) if reason else ()

    def groupable(self, f: Field) -> bool:
        return False

    def needs_key_column(self, f: Field, normalise: str) -> bool:
        return False


_PLAIN_TEXT = TextType()
_ANY = Field(id="fld_any", key="any", type="text", label={"en": "any"})


def render_serial(f: Field, day: date, sequence: int) -> str:
    """Return the number for a day and a counter; a counter too long for its width is written in full."""

    def piece(found: re.Match[str]) -> str:
        kind, how = found.groups()
        return day.strftime(how) if kind == "date" else str(sequence).zfill(int(how or 0))

    return _PIECE.sub(piece, str(f.options["pattern"]))


def serial_period(f: Field, day: date) -> str:
    """Return the name of the period a counter runs in (empty: for ever)."""
    return {"never": "", "year": f"{day:%Y}", "month": f"{day:%Y%m}", "day": f"{day:%Y%m%d}"}[
        str(f.options.get("reset", "never"))
    ]


def read_serial(f: Field, text: str) -> tuple[str, int] | None:
    """Return the period and the counter of a number written by the pattern; None for one of another kind."""
    found = _reader(str(f.options["pattern"])).fullmatch(text)
    if found is None or len(found["seq"]) > _MOST_DIGITS:
        return None
    sequence = int(found["seq"])
    year = found["Y"] if "Y" in found.re.groupindex else f"20{found['y']}" if "y" in found.re.groupindex else ""
    month, day = (found[code] if code in found.re.groupindex else "" for code in "md")
    period = {"never": "", "year": year, "month": year + month, "day": year + month + day}
    return period[str(f.options.get("reset", "never"))], sequence


@lru_cache(maxsize=256)
def _reader(pattern: str) -> re.Pattern[str]:
    """The pattern turned round. A date code that stands twice is read where it stands first."""
    parts: list[str] = []
    seen: set[str] = set()
    at = 0
    for piece in _PIECE.finditer(pattern):
        parts.append(re.escape(pattern[at : piece.start()]))
        kind, how = piece.groups()
        parts.append(_date_reader(how, seen) if kind == "date" else f"(?P<seq>[0-9]{{{int(how or 1)},}})")
        at = piece.end()
    return re.compile("".join([*parts, re.escape(pattern[at:])]))


def _date_reader(codes: str, seen: set[str]) -> str:
    parts: list[str] = []
    for text, code in re.findall(r"([^%]*)(?:%([Yymd]))?", codes):
        parts.append(re.escape(text))
        if code:
            digits = f"[0-9]{{{_DIGITS[code]}}}"
            parts.append(digits if code in seen else f"(?P<{code}>{digits})")
            seen.add(code)
    return "".join(parts)


def _wrong(pattern: str, reset: str) -> Mapping[str, str] | None:
    """Say what is wrong with a pattern; None when nothing is."""
    pieces = _PIECE.findall(pattern)
    counters = [how for kind, how in pieces if kind == "seq"]
    codes = "".join(how for kind, how in pieces if kind == "date")
    if len(counters) != 1:
        return {"zh-CN": "必须有且只有一个 {seq:位数}", "en": "it needs exactly one {seq:width}"}
    if not re.fullmatch(r"[1-9]|1[0-2]|", counters[0]):
        return {"zh-CN": "位数必须是 1 到 12", "en": "the width must be 1 to 12"}
    if "{" in _PIECE.sub("", pattern) or "}" in _PIECE.sub("", pattern):
        return {"zh-CN": "花括号中只能是 date 或 seq", "en": "only date and seq may stand in braces"}
    if not _DATE_CODES.fullmatch(codes):
        return {"zh-CN": "日期只能用 %Y %y %m %d", "en": "a date may use %Y %y %m %d only"}
    needed = {"never": (), "year": ("Yy",), "month": ("Yy", "m"), "day": ("Yy", "m", "d")}[reset]
    if not all(any(f"%{code}" in codes for code in group) for group in needed):
        return {
            "zh-CN": "编号会重复：按周期重新计数时，日期必须写到该周期",
            "en": "numbers would repeat: a counter that restarts needs the date down to that period",
        }
    return None
