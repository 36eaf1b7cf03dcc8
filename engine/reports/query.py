"""A widget's questions to the record store: measures to components, date ranges, the earlier period, the rest.

Everything is asked through ``RecordStore.aggregate``, so rows and fields the viewer may not read do not exist here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from engine.actor import Actor
from engine.fields.relative import resolve
from engine.records.spec import AggregateSpec, Filter, GroupSpec, MeasureSpec
from engine.records.store import RecordStore
from engine.reports.formula import figures
from engine.reports.frame import Row
from engine.reports.periods import shift
from engine.reports.spec import PERIOD_GRAINS, Dim, Measure, WidgetSpec
from metadata.findings import Finding, Refused

GROUP_LIMIT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DateRange:
    """The date condition of a dataset: which field, from which day to before which."""

    path: str
    start: date
    end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Who asks what, today. ``filter`` is the dataset's and the dashboard's together."""

    store: RecordStore
    actor: Actor
    spec: WidgetSpec
    filter: Filter
    today: date

    def rows(self, dims: Sequence[Dim], measures: Sequence[Measure], extra: Filter = None) -> list[Row]:
        """Grouped figures; expressions over parts are worked out per row. Raises :class:`Refused` past the limit."""
        answer = self.store.aggregate(
            self.actor,
            AggregateSpec(
                entity=self.spec.entity,
                groups=tuple(GroupSpec(id=d.id, path=d.field, grain=d.grain) for d in dims),
                measures=tuple(component for m in measures for component in components(m)),
                filter=both(self.filter, extra),
                limit=GROUP_LIMIT + 1,
            ),
        )
        if len(answer) > GROUP_LIMIT:
            raise Refused([Finding("W109", params={"limit": GROUP_LIMIT})])
        return finish(answer, dims, measures)

    def date_range(self, path: str = "") -> DateRange | None:
        """The first date condition every row must meet, on ``path`` if one is named."""
        return next((r for r in _ranges(self.filter, self.today) if path in ("", r.path)), None)

    def earlier(
        self, dims: Sequence[Dim], measure: Measure, by: Mapping[str, int], same_days: bool
    ) -> tuple[list[Row], Dim | None]:
        """The same figures one shift earlier. Raises :class:`Refused` when the widget has no date to shift.

        A period that has not ended yet is compared with the same days of the earlier one (``same_days``), so that
        1-20 November meets 1-20 October and not the whole of it.
        """
        timed = next((d for d in dims if d.grain in PERIOD_GRAINS), None)
        found = self.date_range(timed.field if timed else "")
        if found is None:
            raise Refused([Finding("W107")])
        end = min(found.end, self.today + timedelta(days=1)) if same_days else found.end
        window = {"from": shift(found.start, by).isoformat(), "to": shift(end - timedelta(days=1), by).isoformat()}
        moved = Question(
            store=self.store,
            actor=self.actor,
            spec=self.spec,
            filter=replace_range(self.filter, found.path, ["within", found.path, window]),
            today=self.today,
        )
        return moved.rows(dims, [measure]), timed


def components(measure: Measure) -> list[MeasureSpec]:
    """What to ask the store for: the measure itself, or the parts of its expression."""
    if not measure.expr:
        return [MeasureSpec(id=measure.id, aggregate=measure.agg, path=measure.field, where=measure.where)]
    return [
        MeasureSpec(id=f"{measure.id}.{name}", aggregate=part.agg, path=part.field, where=part.where)
        for name, part in measure.parts.items()
    ]


def finish(answer: Sequence[Mapping[str, Any]], dims: Sequence[Dim], measures: Sequence[Measure]) -> list[Row]:
    """Rows of the store as rows of the widget."""
    plain = [*(d.id for d in dims), *(m.id for m in measures if not m.expr)]
    rows: list[Row] = [{name: row[name] for name in plain} for row in answer]
    for m in measures:
        if m.expr:
            parts = [{name: row[f"{m.id}.{name}"] for name in m.parts} for row in answer]
            for row, figure in zip(rows, figures(m.expr, tuple(m.parts), parts), strict=True):
                row[m.id] = figure
    return rows


def both(first: Filter, second: Filter) -> Filter:
    """Two filters that must both hold."""
    if first and second:
        return ["and", first, second]
    return first or second


def _ranges(tree: Filter, today: date) -> list[DateRange]:
    if not tree:
        return []
    if tree[0] == "and":
        return [found for part in tree[1:] for found in _ranges(part, today)]
    if tree[0] != "within":
        return []
    start, end = resolve(tree[2], today)
    return [DateRange(path=tree[1], start=start, end=end)]


def replace_range(tree: Filter, path: str, new: Filter) -> Filter:
    """The tree with every required date condition on ``path`` replaced."""
    if tree and tree[0] == "and":
        return ["and", *(replace_range(part, path, new) for part in tree[1:])]
    return new if tree and tree[0] == "within" and tree[1] == path else tree


def rest_filter(dim: Dim, kept: Sequence[Any]) -> Filter:
    """Rows whose group is none of ``kept``: what "others" is worked out from, never added up from shown cells."""
    known = [value for value in kept if value is not None]
    parts: list[Filter] = [["not", ["in", dim.field, known]]] if known else []
    if None in kept:
        parts.append(["not_blank", dim.field])
    return ["and", *parts] if len(parts) > 1 else parts[0] if parts else None
