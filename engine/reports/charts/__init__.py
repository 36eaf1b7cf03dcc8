"""The charts this install can draw. A new one is a module and a line here; a plug-in registers the same way."""

from __future__ import annotations

from engine.registry import Registry
from engine.reports.charts import axis, kpi, parts
from engine.reports.charts.base import Chart, ChartData, check_encoding, data_table

CHARTS: Registry[Chart] = Registry("chart")

for _chart in (kpi.CHART, axis.BAR, axis.LINE, parts.PIE, parts.FUNNEL, parts.LEADERBOARD, parts.TABLE):
    CHARTS.register(_chart)

__all__ = ["CHARTS", "Chart", "ChartData", "check_encoding", "data_table"]
