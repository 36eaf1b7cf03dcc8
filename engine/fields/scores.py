"""Numbers that are set by pointing: stars, and how far something has come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from engine.fields.base import APP_ZONE, InvalidValue, Value
from engine.fields.decimals import read_decimal
from engine.fields.folding import fold
from engine.fields.numbers import NumberType, PercentType
from metadata.findings import Finding
from metadata.model import Field

ICONS = ("star", "heart", "thumb", "flag")
MOST = 10
_HALF = Decimal("0.5")


class RatingType(NumberType):
    """From nothing to ``max`` icons (5 unless said otherwise), halves too with ``half``. Stored with one decimal."""

    name = "rating"
    label = {"zh-CN": "评分", "en": "Rating"}
    default_scale = 1
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "max": {"type": "integer", "minimum": 1, "maximum": MOST},
            "half": {"type": "boolean"},
            "icon": {"enum": list(ICONS)},
        },
    }

    def top(self, f: Field) -> int:
        """Return the best mark."""
        return int(f.options.get("max", 5))

    def within(self, f: Field, value: Decimal) -> Decimal:
        if not 0 <= value <= self.top(f):
            raise InvalidValue("F208", value=f"{value:f}"[:24], max=self.top(f))
        step = _HALF if f.options.get("half") else Decimal(1)
        if value % step:
            raise InvalidValue("F209" if f.options.get("half") else "F210", value=f"{value:f}"[:24])
        return self.exact(f, value)

    def parse(self, f: Field, text: str, locale: str, zone: ZoneInfo = APP_ZONE) -> Value:
        value = read_decimal(fold(text).removesuffix("★").removesuffix("分"))
        return None if value is None else self.within(f, value)

    def format(self, f: Field, value: Value, locale: str, zone: ZoneInfo = APP_ZONE) -> str:
        return "" if value is None else f"{value:f}".removesuffix(".0")

    def check_options(self, f: Field) -> Sequence[Finding]:
        return ()


class ProgressType(PercentType):
    """From nothing to all, kept as a share like a percentage: 35 % is 0.35. ``step`` is in points."""

    name = "progress"
    label = {"zh-CN": "进度", "en": "Progress"}
    default_scale = 0
    options_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "step": {"type": "integer", "minimum": 1, "maximum": 50},
            "look": {"enum": ["slider", "bar", "ring"]},
        },
    }

    def step(self, f: Field) -> int:
        """Return the points between two values that may be set."""
        return int(f.options.get("step", 1))

    def within(self, f: Field, value: Decimal) -> Decimal:
        if not 0 <= value <= 1:
            raise InvalidValue("F211", value=f"{value.scaleb(2):f}"[:24])
        fitted = self.exact(f, value)
        points = int(fitted.scaleb(2))
        if points % self.step(f) and points != 100:
            raise InvalidValue("F212", value=points, step=self.step(f))
        return fitted

    def check_options(self, f: Field) -> Sequence[Finding]:
        return ()
