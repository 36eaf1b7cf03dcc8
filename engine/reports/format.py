"""Figures in words: separators, decimals, units (万, 亿) and currency signs. Rounded half up, only when shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

_UNITS = {
    "zh-CN": {"万": (4, "万"), "亿": (8, "亿"), "K": (3, "千"), "M": (6, "百万")},
    "en": {"万": (3, "K"), "亿": (6, "M"), "K": (3, "K"), "M": (6, "M")},
}
_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$"}
_BLANK = "—"


def plain(value: Any) -> Any:
    """A value for a figure: numbers as JSON numbers, dates as ISO text, blank as None."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date | datetime) else value


def format_figure(value: Any, style: Mapping[str, Any], locale: str) -> str:
    """``style`` is ``{"style": number|currency|percent, "unit", "decimals", "currency"}``; blank shows as a dash."""
    if value is None:
        return _BLANK
    if not isinstance(value, int | Decimal):
        return str(plain(value))
    number, suffix = Decimal(value), ""
    kind = style.get("style", "number")
    if kind == "percent":
        number, suffix = number * 100, "%"
    elif style.get("unit"):
        power, suffix = _UNITS["zh-CN" if locale.startswith("zh") else "en"].get(style["unit"], (0, str(style["unit"])))
        number = number.scaleb(-power)
    decimals = style.get("decimals")
    if decimals is None:
        decimals = 1 if kind == "percent" else 0 if number == number.to_integral_value() else 2
    rounded = number.quantize(Decimal(1).scaleb(-int(decimals)), ROUND_HALF_UP)
    sign = "-" if rounded < 0 else ""
    currency = _SIGNS.get(style.get("currency", "CNY"), style.get("currency", "")) if kind == "currency" else ""
    return f"{sign}{currency}{abs(rounded):,}{suffix}"
