"""One widget from definition to figure, in the fixed order of the report specification (3.3).

permission and filters (in the store) > group > top-N and others > fill > calculations > sort > limit > words > chart
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.actor import Actor
from engine.records.spec import Filter
from engine.records.store import RecordStore
from engine.reports.charts import CHARTS, ChartData, check_encoding, data_table
from engine.reports.charts.parts import reached
from engine.reports.frame import Row
from engine.reports.labels import Labels
from engine.reports.periods import shift_period
from engine.reports.query import Question, both, rest_filter
from engine.reports.spec import PERIOD_GRAINS, Calc, Dim, WidgetSpec
from engine.reports.transforms import TRANSFORMS, apply
from metadata.findings import Finding, Refused

OTHERS = "__others__"
"""Key of the group that stands for all groups past the top-N."""


def run_widget(store: RecordStore, actor: Actor, spec: WidgetSpec, extra_filter: Filter = None) -> dict[str, Any]:
    """Answer one widget for one viewer. Raises :class:`Refused` when the widget cannot be answered.

    The result holds ``type``, ``label``, ``table`` (figures in words), ``drill`` (one filter per row) and ``figure``
    (plotly dict) or ``value`` (card, list).
    """
    chart = CHARTS.find(spec.type)
    if chart is None:
        raise Refused([Finding("W101", "/type", {"type": spec.type})])
    findings = check_encoding(chart, spec, "")
    if findings:
        raise Refused(findings)
    if "read" not in store.access(actor, spec.entity).actions:
        raise Refused([Finding("W108")])
    question = Question(
        store=store, actor=actor, spec=spec, filter=both(spec.filter, extra_filter), today=store.surroundings.today()
    )
    labels = Labels(store, actor, spec)
    rows = _shape(question, labels, question.rows(spec.dims, spec.measures))
    rows = rows[: spec.limit]
    data = ChartData(
        spec=spec,
        rows=rows,
        locale=actor.locale,
        text=labels.text,
        color=labels.color,
        names=labels.names(),
    )
    labels.prepare(rows)
    answer: dict[str, Any] = {"type": spec.type, "label": dict(spec.label), "table": data_table(data)}
    if chart.build:
        answer["figure"] = chart.build(data)
        colors = [[labels.color(d.id, row[d.id]) for row in rows] for d in spec.dims]
        answer["colors"] = dict(zip([d.id for d in spec.dims], colors, strict=True))
    if chart.value:
        answer["value"] = chart.value(data)
    answer["drill"] = [_drill(question, row) for row in rows]
    return answer


def _shape(question: Question, labels: Labels, rows: list[Row]) -> list[Row]:
    spec = question.spec
    for dim in spec.dims:
        if dim.top:
            rows = _top(question, dim, rows)
    rows = _order(spec, labels, rows)
    for dim in spec.dims:
        if dim.fill:
            rows = _fill(question, dim, rows)
    if spec.type == "funnel":
        rows = _stages(spec, labels, rows)
    for calc in spec.calc:
        rows = _calculate(question, calc, rows)
    for column, descending in reversed(spec.sort):
        rows = sorted(rows, key=lambda row: row.get(column) or 0, reverse=descending)
        rows = sorted(rows, key=lambda row: row.get(column) is None)
    return rows


def _top(question: Question, dim: Dim, rows: list[Row]) -> list[Row]:
    """Keep the largest groups of ``dim``; with ``others``, one more group worked out from the remaining records."""
    assert dim.top is not None
    others_of = [d for d in question.spec.dims if d.id != dim.id]
    ranking = rows if not others_of else question.rows([dim], question.spec.measures)
    by = dim.top.by
    best = sorted((r for r in ranking if r[by] is not None), key=lambda r: r[by], reverse=True)
    kept = [row[dim.id] for row in best[: dim.top.n]]
    shown = [row for row in rows if row[dim.id] in kept]
    if dim.top.others and len(ranking) > len(kept):
        rest = question.rows(others_of, question.spec.measures, rest_filter(dim, kept))
        shown += [row | {dim.id: OTHERS} for row in rest if any(row[m.id] for m in question.spec.measures)]
    return shown


def _order(spec: WidgetSpec, labels: Labels, rows: list[Row]) -> list[Row]:
    """Order by dimension: periods by time, choices by their own order, others as asked."""
    for dim in reversed(spec.dims):
        key = labels.order(dim)
        rows = sorted(rows, key=lambda row: key(row[dim.id]), reverse=dim.order == "desc")
        rows = sorted(rows, key=lambda row: (row[dim.id] == OTHERS, row[dim.id] is None))
    return rows


def _fill(question: Question, dim: Dim, rows: list[Row]) -> list[Row]:
    found = question.date_range(dim.field)
    if dim.grain not in PERIOD_GRAINS or found is None:
        return rows
    spec = question.spec
    options = {
        "dim": dim.id,
        "keys": [d.id for d in spec.dims if d.id != dim.id],
        "grain": dim.grain,
        "start": found.start,
        "end": min(found.end, _after(question)),
        "zero": [m.id for m in spec.measures if m.additive] if dim.fill == "zero" else [],
        "columns": [*(d.id for d in spec.dims), *(m.id for m in spec.measures)],
    }
    return apply(TRANSFORMS.get("fill"), rows, options)


def _after(question: Question) -> Any:
    """The future is not filled with zeros."""
    return question.today.fromordinal(question.today.toordinal() + 1)


def _stages(spec: WidgetSpec, labels: Labels, rows: list[Row]) -> list[Row]:
    """Funnel rows: every stage in option order, lost ones beside and not inside, later stages credited to earlier."""
    dim = spec.dims[0]
    left_out = set(spec.style.get("exclude", ()))
    have = {row[dim.id]: row for row in rows}
    blank: Row = {m.id: 0 for m in spec.measures}
    wanted = labels.options(dim) or [row[dim.id] for row in rows]
    rows = [have.get(value, blank | {dim.id: value}) for value in wanted if value not in left_out]
    if spec.style.get("mode", "reached") == "reached":
        for measure in spec.measures:
            if measure.additive:
                rows = reached(rows, measure.id)
    return rows


def _calculate(question: Question, calc: Calc, rows: list[Row]) -> list[Row]:
    transform = TRANSFORMS.find(calc.op)
    if transform is None:
        raise Refused(
            [
                Finding(
                    "W106",
                    f"/calc/{calc.id}/op",
                    {"value": calc.op, "key": "op", "known": ", ".join(TRANSFORMS.names())},
                )
            ]
        )
    options: dict[str, Any] = {**calc.options, "of": calc.of, "into": calc.id}
    if calc.op == "compare":
        options |= _base(question, calc)
    return apply(transform, rows, options) if rows else rows


def _base(question: Question, calc: Calc) -> Mapping[str, Any]:
    """Earlier figures keyed like the present rows: each present key is shifted back and looked up."""
    spec = question.spec
    by = calc.options.get("shift", {"year": 1})
    measure = spec.measure(calc.of)
    assert measure is not None
    earlier, timed = question.earlier(spec.dims, measure, by, calc.options.get("align", "same_days") == "same_days")
    keys = [d.id for d in spec.dims]
    past = {tuple(row[key] for key in keys): row[measure.id] for row in earlier}
    if timed is None:
        return {"keys": keys, "base": past}
    at = keys.index(timed.id)
    assert timed.grain is not None
    base = {}
    for row in question.rows(spec.dims, [measure]):
        key = tuple(row[k] for k in keys)
        if key[at] is not None:
            base[key] = past.get((*key[:at], shift_period(key[at], timed.grain, by), *key[at + 1 :]))
    return {"keys": keys, "base": base}


def _drill(question: Question, row: Row) -> Filter:
    """The filter that lists the records behind a row, or None where no single one does."""
    parts: list[Filter] = [question.filter] if question.filter else []
    for dim in question.spec.dims:
        value = row[dim.id]
        if value == OTHERS or (dim.grain and dim.grain not in PERIOD_GRAINS):
            return None
        if value is None:
            parts.append(["blank", dim.field])
        elif dim.grain:
            last = shift_period(value, dim.grain, {dim.grain: -1})
            parts.append(
                [
                    "within",
                    dim.field,
                    {"from": value.isoformat(), "to": last.fromordinal(last.toordinal() - 1).isoformat()},
                ]
            )
        else:
            parts.append(["=", dim.field, value])
    return ["and", *parts] if len(parts) > 1 else parts[0] if parts else ["and"]
