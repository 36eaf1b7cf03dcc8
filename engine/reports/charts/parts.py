"""Charts of parts: pie, funnel, leaderboard, and the plain table."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.reports.charts.base import Chart, ChartData, Role
from engine.reports.format import format_figure, plain
from engine.reports.numbers import ratio

_LABEL = Role(name="label", kind="dim", need={"zh-CN": "一个维度", "en": "one dimension"})
_VALUE = Role(name="value", kind="measure", need={"zh-CN": "一个度量", "en": "one measure"})


def _pie(data: ChartData) -> dict[str, Any]:
    dim, measure = data.dim("label"), data.measures("value")[0]
    return {
        "data": [
            {
                "type": "pie",
                "labels": [data.text(dim.id, row[dim.id]) for row in data.rows],
                "values": data.series(measure),
                "text": data.texts(measure),
                "textinfo": "percent",
                "hovertemplate": "%{label}<br>%{text} · %{percent}<extra></extra>",
                "hole": data.spec.style.get("hole", 0.6),
                "sort": False,
                "customdata": list(range(len(data.rows))),
            }
        ],
        "layout": {},
    }


def reached(rows: list[dict[str, Any]], measure: str) -> list[dict[str, Any]]:
    """Credit every stage with the records that are in it or further on (reports specification 4.5 b)."""
    total: Decimal | int = 0
    out = []
    for row in reversed(rows):
        total = (row[measure] or 0) + total
        out.append(row | {measure: total})
    return out[::-1]


def _funnel(data: ChartData) -> dict[str, Any]:
    dim, measure = data.dim("stage"), data.measures("value")[0]
    values = [row[measure.id] or 0 for row in data.rows]
    words = []
    for i, value in enumerate(values):
        step = format_figure(
            ratio(value, values[i - 1]) if i else None, {"style": "percent", "decimals": 1}, data.locale
        )
        words.append(data.figure(measure, value) if i == 0 else f"{data.figure(measure, value)} · {step}")
    return {
        "data": [
            {
                "type": "funnel",
                "y": [data.text(dim.id, row[dim.id]) for row in data.rows],
                "x": [plain(value) for value in values],
                "text": words,
                "texttemplate": "%{text}",
                "hovertemplate": "%{y}<br>%{text}<extra></extra>",
                "customdata": list(range(len(data.rows))),
            }
        ],
        "layout": {},
    }


def _leaderboard(data: ChartData) -> dict[str, Any]:
    dim, measure = data.dim("label"), data.measures("value")[0]
    top = max((row[measure.id] or 0 for row in data.rows), default=0)
    return {
        "items": [
            {
                "rank": place,
                "label": data.text(dim.id, row[dim.id]),
                "text": data.figure(measure, row[measure.id]),
                "part": plain(ratio(row[measure.id], top)) or 0,
                "index": place - 1,
            }
            for place, row in enumerate(data.rows, start=1)
        ]
    }


PIE = Chart(name="pie", label={"zh-CN": "饼图", "en": "Pie chart"}, roles=(_LABEL, _VALUE), build=_pie)
FUNNEL = Chart(
    name="funnel",
    label={"zh-CN": "漏斗图", "en": "Funnel"},
    roles=(Role(name="stage", kind="dim", need={"zh-CN": "一个阶段维度", "en": "one stage dimension"}), _VALUE),
    build=_funnel,
)
LEADERBOARD = Chart(
    name="leaderboard", label={"zh-CN": "排行榜", "en": "Leaderboard"}, roles=(_LABEL, _VALUE), value=_leaderboard
)
TABLE = Chart(name="table", label={"zh-CN": "汇总表", "en": "Summary table"}, roles=(), value=lambda data: {})
