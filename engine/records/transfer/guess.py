"""What the columns of a table hold: a type for each, with the share of values that agree.

A type is guessed by the parser of the type itself, so a guess is never better or worse than the import that follows.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from engine.deferred import deferred
from engine.fields.base import FIELD_TYPES, InvalidValue
from metadata.ids import new_id
from metadata.model import Field

pypinyin: Any = deferred("pypinyin")  # its dictionaries take 50 MB; only an import with Chinese headings needs them

SAMPLE = 2_000
ENOUGH = 0.95
MAX_OPTIONS = 30
MAX_SCALE = 9
BLANK_WORDS = frozenset({"NA", "N/A", "#N/A", "NULL", "null", "None", "nan", "NaN", "-", "--"})

_MONEY = re.compile(r"[¥￥$€£]|元$|CNY|RMB|USD", re.IGNORECASE)
_MONEY_NAME = re.compile(r"金额|单价|价格|成本|利润|收入|费用|sales|amount|price|profit|revenue|cost", re.IGNORECASE)
_CODE_NAME = re.compile(r"编号|编码|代码|邮编|单号|\bid\b|code|postal|zip|\bno\b", re.IGNORECASE)
_PERCENT = re.compile(r"%$|％$")
_LEADING_ZERO = re.compile(r"^0\d+$")
_YES_NO = frozenset({"true", "false", "是", "否", "yes", "no", "y", "n", "√", "×"})
_ORDER = ("switch", "date", "datetime", "percent", "number", "email", "phone")


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnGuess:
    """``confidence`` is the share (0..1) of non-blank sample values that parse as ``type``."""

    name: str
    key: str
    type: str
    confidence: float
    options: Mapping[str, Any] = field(default_factory=dict)
    samples: tuple[str, ...] = ()
    blanks: int = 0
    distinct: int = 0


def guess_columns(
    names: Sequence[str], walk: Callable[[], Iterable[Sequence[str]]], locale: str
) -> tuple[ColumnGuess, ...]:
    """Guess every column. Types come from the first :data:`SAMPLE` rows; a second walk over all rows completes the
    options of choices and the decimals of numbers, so that the last row fits as well as the first."""
    columns: list[list[str]] = [[] for _ in names]
    for row in islice(walk(), SAMPLE):
        for column, cell in zip(columns, row, strict=False):
            column.append(cell)
    keys: list[str] = []
    for name in names:
        keys.append(column_key(name, keys))
    guesses = [_guess(name, key, cells, locale) for name, key, cells in zip(names, keys, columns, strict=True)]
    return _complete(guesses, walk)


def _complete(guesses: list[ColumnGuess], walk: Callable[[], Iterable[Sequence[str]]]) -> tuple[ColumnGuess, ...]:
    choice = {i: set[str]() for i, g in enumerate(guesses) if g.type == "select"}
    scaled = {i: 0 for i, g in enumerate(guesses) if g.type in ("number", "currency")}
    if choice or scaled:
        for row in walk():
            for i, seen in choice.items():
                if len(seen) <= MAX_OPTIONS:
                    seen.add(row[i])
            for i in scaled:
                scaled[i] = max(scaled[i], _decimals(row[i]))
    for i, seen in choice.items():
        labels = sorted(seen - BLANK_WORDS - {""})
        kind, options = ("text", {}) if len(labels) > MAX_OPTIONS else ("select", {"options": choices(labels)})
        guesses[i] = replace(guesses[i], type=kind, options=options)
    for i, scale in scaled.items():
        least = 2 if guesses[i].type == "currency" else 0
        guesses[i] = replace(guesses[i], options={**guesses[i].options, "scale": min(max(scale, least), MAX_SCALE)})
    return tuple(guesses)


def _decimals(cell: str) -> int:
    whole, point, part = cell.rstrip("%％").partition(".")
    return (
        len(part.rstrip("0")) if point and part.isdigit() and whole.lstrip("+-¥￥$ ").replace(",", "").isdigit() else 0
    )


def column_key(name: str, taken: Sequence[str]) -> str:
    """A field key for a heading: ASCII words, Chinese by pinyin, unique among ``taken``."""
    text = unicodedata.normalize("NFKC", name)
    text = " ".join(pypinyin.lazy_pinyin(text)) if not text.isascii() else text
    key = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:32].strip("_") or "column"
    key = f"c_{key}" if key[0].isdigit() or key in _RESERVED else key
    base, n = key, 2
    while key in taken:
        key, n = f"{base}_{n}", n + 1
    return key


_RESERVED = frozenset(
    {"id", "rev", "owner", "parent", "created_at", "created_by", "updated_at", "updated_by", "flow_state"}
    | {"and", "or", "not", "in", "true", "false", "null", "it", "old", "user", "app", "param"}
)


def _guess(name: str, key: str, cells: Sequence[str], locale: str) -> ColumnGuess:
    present = [cell for cell in cells if cell]
    values = [cell for cell in present if cell not in BLANK_WORDS]
    counts = Counter(values)
    kind, confidence, options = _best(name, values, counts, locale)
    return ColumnGuess(
        name=name,
        key=key,
        type=kind,
        confidence=round(confidence, 3),
        options=options,
        samples=tuple(value for value, _ in counts.most_common(5)),
        blanks=len(cells) - len(values),
        distinct=len(counts),
    )


def _best(name: str, values: Sequence[str], counts: Counter[str], locale: str) -> tuple[str, float, dict[str, Any]]:
    if not values:
        return "text", 0.0, {}
    coded = bool(_CODE_NAME.search(name)) or any(_LEADING_ZERO.match(v) for v in values)
    for kind in _ORDER:
        if kind == "number" and coded and not any("." in v for v in values):
            continue
        if kind == "percent" and not any(_PERCENT.search(v) for v in values):
            continue
        if kind == "switch" and not all(v.lower() in _YES_NO for v in counts):
            continue
        if kind == "phone" and len(counts) * 2 < len(values):
            continue
        share = _share(kind, counts, locale)
        if share >= ENOUGH:
            return _refine(kind, name, values, share)
    if len(counts) <= MAX_OPTIONS and len(values) >= 5 * len(counts) and max(map(len, counts)) <= 40:
        return "select", 1.0, {}
    if max(map(len, counts)) > 200 or any("\n" in v for v in counts):
        return "textarea", 1.0, {}
    return "text", 1.0, {}


def _share(kind: str, counts: Counter[str], locale: str) -> float:
    """Share of values the type's own parser takes; stops as soon as the share cannot be reached."""
    field_type, probe = (
        FIELD_TYPES.get(kind),
        Field(id="fld_probe", key="probe", type=kind, label={}, options=_probe_options(kind)),
    )
    total, bad = sum(counts.values()), 0
    for value, count in counts.items():
        try:
            field_type.parse(probe, value, locale)
        except InvalidValue:
            bad += count
            if bad > total * (1 - ENOUGH):
                return 0.0
    return (total - bad) / total


def _probe_options(kind: str) -> dict[str, Any]:
    return {"scale": 6} if kind in ("number", "percent") else {}


def _refine(kind: str, name: str, values: Sequence[str], share: float) -> tuple[str, float, dict[str, Any]]:
    if kind not in ("number", "percent"):
        return kind, share, {}
    decimals = max(map(_decimals, values), default=0)
    if kind == "percent":
        return kind, share, {"scale": min(decimals, 4)}
    if any(_MONEY.search(v) for v in values) or (_MONEY_NAME.search(name) and decimals):
        return "currency", share, {"scale": max(2, min(decimals, MAX_SCALE)), "currency": "CNY"}
    return "number", share, {"scale": min(decimals, MAX_SCALE)}


def choices(labels: Iterable[str]) -> list[dict[str, Any]]:
    """Options of a choice field, one a label; colours rotate so that neighbours differ."""
    tones = ("info", "teal", "violet", "ok", "warn", "bad", "neutral")
    return [
        {"id": new_id("opt"), "label": {"zh-CN": label, "en": label}, "color": tones[i % len(tones)]}
        for i, label in enumerate(labels)
    ]
