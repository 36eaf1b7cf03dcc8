"""The contract of a chart: which roles it takes, and rows to a plotly figure as a plain dict.

Figures are dicts, not ``plotly.graph_objects`` (620 times dearer to make); tests pass every one through
``go.Figure``. Colours, fonts and themes are the browser's; a chart says only what is data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.reports.format import format_figure, plain
from engine.reports.frame import Row
from engine.reports.spec import Dim, Measure, WidgetSpec
from metadata.findings import Finding, in_language
from metadata.model import Text

Json = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A place a dimension or measure can take. ``least``/``most`` count how many it accepts."""

    name: str
    kind: str  # "dim" or "measure"
    least: int = 1
    most: int = 1
    need: Text = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartData:
    """What a chart draws from. ``text`` and ``color`` give the words and colour token of a group's value."""

    spec: WidgetSpec
    rows: Sequence[Row]
    locale: str
    text: Callable[[str, Any], str]
    color: Callable[[str, Any], str]
    names: Mapping[str, str]  # column id -> heading in the locale

    def dim(self, role: str) -> Dim:
        found = self.spec.dim(self.spec.encode.get(role))
        assert found is not None  # checked by check_encoding before anything is drawn
        return found

    def measures(self, role: str) -> list[Measure]:
        wanted = self.spec.encode.get(role, ())
        ids = [wanted] if isinstance(wanted, str) else list(wanted)
        return [m for m in (self.spec.measure(i) for i in ids) if m is not None]

    def figure(self, measure: Measure, value: Any) -> str:
        """A figure in words, as the measure's format says."""
        return format_figure(value, measure.format, self.locale)

    def series(self, measure: Measure) -> list[Json]:
        return [plain(row.get(measure.id)) for row in self.rows]

    def texts(self, measure: Measure) -> list[str]:
        return [self.figure(measure, row.get(measure.id)) for row in self.rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """``build`` returns a figure dict; ``value`` (for cards) returns a JSON value instead."""

    name: str
    label: Text
    roles: tuple[Role, ...]
    build: Callable[[ChartData], dict[str, Json]] | None = None
    value: Callable[[ChartData], dict[str, Json]] | None = None


def check_encoding(chart: Chart, spec: WidgetSpec, place: str) -> list[Finding]:
    """Findings for roles that are missing, overfull or name no column of the right kind."""
    findings = []
    known = {r.name for r in chart.roles} | {"compare"}
    for name in spec.encode:
        if name not in known:
            findings.append(Finding("W103", f"{place}/encode/{name}", {"key": name, "known": ", ".join(sorted(known))}))
    for role in chart.roles:
        given = spec.encode.get(role.name, ())
        ids = [given] if isinstance(given, str) else list(given)
        if not role.least <= len(ids) <= role.most:
            findings.append(Finding("W105", f"{place}/encode/{role.name}", {"type": spec.type, "need": role.need}))
        for identifier in ids:
            column = spec.dim(identifier) if role.kind == "dim" else spec.measure(identifier)
            if column is None:
                findings.append(Finding("W104", f"{place}/encode/{role.name}", {"role": role.name, "id": identifier}))
    return findings


def data_table(data: ChartData) -> dict[str, Json]:
    """The same figures as a table for readers without graphics, in words."""
    columns = [*(("dim", d.id) for d in data.spec.dims), *(("measure", m.id) for m in data.spec.measures)]
    measures = {m.id: m for m in data.spec.measures}
    extra = [
        name
        for name in (data.rows[0] if data.rows else {})
        if name not in dict(columns).values() and name in data.names
    ]
    heads = [
        {"id": i, "label": data.names.get(i, i), "align": "start" if kind == "dim" else "end"} for kind, i in columns
    ]
    heads += [{"id": i, "label": data.names[i], "align": "end"} for i in extra]
    body = [
        [
            *(data.text(i, row[i]) if kind == "dim" else data.figure(measures[i], row.get(i)) for kind, i in columns),
            *(
                format_figure(row.get(i), {"style": "percent"} if i.endswith("rate") else {}, data.locale)
                for i in extra
            ),
        ]
        for row in data.rows
    ]
    return {"columns": heads, "rows": body}


def heading(label: Text, fallback: str, locale: str) -> str:
    """A column heading: its own label, else the field's."""
    return in_language(label, locale) or fallback
