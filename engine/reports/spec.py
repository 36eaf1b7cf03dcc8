"""A widget definition as typed values. Parsing refuses unknown keys and dangling ids with a place.

The JSON shape is the report specification's: dataset, dims, measures, calc, encode, sort, limit, style.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any, get_args

import engine.reports.messages  # noqa: F401  (registers the texts)
from engine.records.spec import Aggregate, Filter, Grain
from metadata.findings import Finding, Refused
from metadata.model import Text, Widget

GRAINS: tuple[str, ...] = get_args(Grain)
AGGREGATES: tuple[str, ...] = get_args(Aggregate)
PERIOD_GRAINS = ("year", "quarter", "month", "week", "day")
SHIFT_UNITS = ("year", "quarter", "month", "week", "day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """Keep the ``n`` largest groups by a measure; ``others`` adds one group for the rest, from components."""

    n: int
    by: str
    others: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Dim:
    """A grouping. ``fill`` adds missing periods: zero for sums and counts, null for the rest."""

    id: str
    field: str
    grain: Grain | None = None
    fill: str = ""
    top: Top | None = None
    order: str = ""
    label: Text = attribute(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure: an aggregate of a field, or an expression over ``parts`` (ratio components kept apart)."""

    id: str
    agg: Aggregate = "count"
    field: str = ""
    where: Filter = None
    expr: str = ""
    parts: Mapping[str, Measure] = attribute(default_factory=dict)
    format: Mapping[str, Any] = attribute(default_factory=dict)
    label: Text = attribute(default_factory=dict)

    @property
    def additive(self) -> bool:
        """Whether totals over groups are the sum of the groups."""
        return not self.expr and self.agg in ("sum", "count")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calc:
    """A step after grouping; ``op`` names a transform, ``of`` the measure it works on."""

    id: str
    op: str
    of: str
    options: Mapping[str, Any] = attribute(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WidgetSpec:
    id: str
    type: str
    label: Text
    entity: str
    filter: Filter = None
    dims: tuple[Dim, ...] = ()
    measures: tuple[Measure, ...] = ()
    calc: tuple[Calc, ...] = ()
    encode: Mapping[str, Any] = attribute(default_factory=dict)
    sort: tuple[tuple[str, bool], ...] = ()
    limit: int = 2000
    style: Mapping[str, Any] = attribute(default_factory=dict)

    def dim(self, identifier: Any) -> Dim | None:
        return next((d for d in self.dims if d.id == identifier), None)

    def measure(self, identifier: Any) -> Measure | None:
        return next((m for m in self.measures if m.id == identifier), None)


def parse_widget(widget: Widget, place: str = "") -> WidgetSpec:
    """Type a widget. Raises :class:`metadata.findings.Refused` with every finding."""
    return _Parser(place).widget(widget)


class _Parser:
    def __init__(self, place: str):
        self.place = place
        self.findings: list[Finding] = []

    def widget(self, widget: Widget) -> WidgetSpec:
        dataset = self.known(widget.dataset, "dataset", ("entity", "filter"))
        spec = WidgetSpec(
            id=widget.id,
            type=widget.type,
            label=widget.label,
            entity=str(dataset.get("entity", "")),
            filter=dataset.get("filter"),
            dims=tuple(self.dim(d, f"dims/{i}") for i, d in enumerate(widget.dims)),
            measures=tuple(self.measure(m, f"measures/{i}") for i, m in enumerate(widget.measures)),
            calc=tuple(self.calc(c, f"calc/{i}") for i, c in enumerate(widget.calc)),
            encode=widget.encode,
            sort=tuple((str(s[0]), len(s) > 1 and s[1] == "desc") for s in widget.sort),
            limit=widget.limit,
            style=widget.style,
        )
        names = {d.id for d in spec.dims} | {m.id for m in spec.measures} | {c.id for c in spec.calc}
        for calc in spec.calc:
            if spec.measure(calc.of) is None:
                self.add("W104", f"calc/{calc.id}/of", role="of", id=calc.of)
        for i, (column, _) in enumerate(spec.sort):
            if column.split(".")[0] not in names:
                self.add("W104", f"sort/{i}", role="sort", id=column)
        for d in spec.dims:
            if d.top and spec.measure(d.top.by) is None:
                self.add("W104", f"dims/{d.id}/top/by", role="by", id=d.top.by)
        if self.findings:
            raise Refused(self.findings)
        return spec

    def dim(self, data: Mapping[str, Any], at: str) -> Dim:
        known = self.known(data, at, ("id", "field", "grain", "fill", "top", "sort", "label"))
        top = known.get("top")
        order = known.get("sort") or [""]
        return Dim(
            id=str(known.get("id", "")),
            field=str(known.get("field", "")),
            grain=self.choice(known, "grain", GRAINS, at),
            fill=self.choice(known, "fill", ("zero", "null"), at) or "",
            top=Top(**self.known(top, f"{at}/top", ("n", "by", "others"))) if top else None,
            order=str(order[0] if isinstance(order, list) else order),
            label=known.get("label", {}),
        )

    def measure(self, data: Mapping[str, Any], at: str) -> Measure:
        known = self.known(data, at, ("id", "agg", "field", "if", "expr", "parts", "format", "label"))
        parts = {
            name: self.measure({**part, "id": name}, f"{at}/parts/{name}")
            for name, part in known.get("parts", {}).items()
        }
        return Measure(
            id=str(known.get("id", "")),
            agg=self.choice(known, "agg", AGGREGATES, at) or "count",
            field=str(known.get("field", "")),
            where=known.get("if"),
            expr=str(known.get("expr", "")),
            parts=parts,
            format=known.get("format", {}),
            label=known.get("label", {}),
        )

    def calc(self, data: Mapping[str, Any], at: str) -> Calc:
        options = {key: value for key, value in data.items() if key not in ("id", "op", "of")}
        for unit in options.get("shift", ()):
            self.choice({"shift": unit}, "shift", SHIFT_UNITS, at)
        for key in ("id", "op", "of"):
            if key not in data:
                self.add("W104", f"{at}/{key}", role=key, id="")
        return Calc(id=str(data.get("id", "")), op=str(data.get("op", "")), of=str(data.get("of", "")), options=options)

    def known(self, data: Mapping[str, Any], at: str, keys: Iterable[str]) -> Mapping[str, Any]:
        allowed = tuple(keys)
        for key in data:
            if key not in allowed:
                self.add("W103", f"{at}/{key}", key=key, known=", ".join(allowed))
        return {key: value for key, value in data.items() if key in allowed}

    def choice(self, data: Mapping[str, Any], key: str, allowed: tuple[str, ...], at: str) -> Any:
        value = data.get(key)
        if value is not None and value not in allowed:
            self.add("W106", f"{at}/{key}", value=value, key=key, known=", ".join(allowed))
        return value

    def add(self, code: str, at: str, **params: Any) -> None:
        self.findings.append(Finding(code, f"{self.place}/{at}", params))
