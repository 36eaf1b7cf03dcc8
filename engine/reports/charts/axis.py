"""Charts on two axes: bar and line, with one or more measures, or one measure split by a colour dimension."""

from __future__ import annotations

from typing import Any

from engine.reports.charts.base import Chart, ChartData, Role
from engine.reports.format import plain
from engine.reports.spec import Dim

_TICKS = {"year": "%Y", "quarter": "%Y-%m", "month": "%Y-%m", "week": "%Y-%m-%d", "day": "%m-%d"}


def _axis(dim: Dim) -> dict[str, Any]:
    if dim.grain in _TICKS:
        axis: dict[str, Any] = {"type": "date", "tickformat": _TICKS[dim.grain]}
        if dim.grain in ("month", "quarter", "year"):
            axis["dtick"] = {"month": "M1", "quarter": "M3", "year": "M12"}[dim.grain]
        return axis
    return {"type": "category"}


def _traces(data: ChartData, kind: dict[str, Any]) -> list[dict[str, Any]]:
    x = data.dim("x")
    timed = x.grain in _TICKS
    measures = data.measures("y")
    color = data.spec.dim(data.spec.encode.get("color"))

    def place(row: dict[str, Any]) -> Any:
        return plain(row[x.id]) if timed and row[x.id] is not None else data.text(x.id, row[x.id])

    if color is None:
        return [
            kind
            | {
                "name": data.names[m.id],
                "x": [place(row) for row in data.rows],
                "y": data.series(m),
                "customdata": list(range(len(data.rows))),
                "text": data.texts(m),
                "hovertemplate": "%{x}<br>%{text}<extra></extra>",
                "textposition": "none" if kind["type"] == "bar" else "top center",
            }
            for m in measures
        ]
    measure, traces = measures[0], []
    for value in dict.fromkeys(row[color.id] for row in data.rows):
        picked = [(i, row) for i, row in enumerate(data.rows) if row[color.id] == value]
        traces.append(
            kind
            | {
                "name": data.text(color.id, value),
                "x": [place(row) for _, row in picked],
                "y": [plain(row.get(measure.id)) for _, row in picked],
                "customdata": [i for i, _ in picked],
                "text": [data.figure(measure, row.get(measure.id)) for _, row in picked],
                "hovertemplate": "%{x}<br>%{text}<extra>%{fullData.name}</extra>",
                "textposition": "none" if kind["type"] == "bar" else "top center",
            }
        )
    return traces


def _bar(data: ChartData) -> dict[str, Any]:
    mode = data.spec.style.get("mode", "group")
    return {
        "data": _traces(data, {"type": "bar"}),
        "layout": {"xaxis": _axis(data.dim("x")), "barmode": "stack" if mode in ("stack", "percent") else "group"}
        | ({"barnorm": "percent"} if mode == "percent" else {}),
    }


def _line(data: ChartData) -> dict[str, Any]:
    return {
        "data": _traces(data, {"type": "scatter", "mode": "lines+markers"}),
        "layout": {"xaxis": _axis(data.dim("x"))},
    }


_ROLES = (
    Role(name="x", kind="dim", need={"zh-CN": "一个横轴维度", "en": "one dimension for the axis"}),
    Role(name="y", kind="measure", most=8, need={"zh-CN": "1 到 8 个度量", "en": "one to eight measures"}),
    Role(name="color", kind="dim", least=0, need={"zh-CN": "最多一个颜色维度", "en": "at most one colour dimension"}),
)

BAR = Chart(name="bar", label={"zh-CN": "柱状图", "en": "Bar chart"}, roles=_ROLES, build=_bar)
LINE = Chart(name="line", label={"zh-CN": "折线图", "en": "Line chart"}, roles=_ROLES, build=_line)
