"""Number card: one figure, and how it moved against an earlier period."""

from __future__ import annotations

from typing import Any

from engine.reports.charts.base import Chart, ChartData, Role
from engine.reports.format import format_figure, plain


def _value(data: ChartData) -> dict[str, Any]:
    measure = data.measures("value")[0]
    row = data.rows[0] if data.rows else {}
    card: dict[str, Any] = {"number": plain(row.get(measure.id)), "text": data.figure(measure, row.get(measure.id))}
    compare = data.spec.encode.get("compare")
    if compare:
        rate, base = row.get(f"{compare}.rate"), row.get(f"{compare}.value")
        card["compare"] = {
            "rate": plain(rate),
            "text": format_figure(rate, {"style": "percent", "decimals": 1}, data.locale),
            "base": data.figure(measure, base),
            "label": data.names.get(f"{compare}.rate", ""),
        }
    return card


CHART = Chart(
    name="kpi",
    label={"zh-CN": "指标卡", "en": "Number card"},
    roles=(Role(name="value", kind="measure", need={"zh-CN": "一个度量", "en": "one measure"}),),
    value=_value,
)
