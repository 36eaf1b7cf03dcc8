"""Words, colours and order for the values of a widget's groups, for one viewer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.actor import Actor
from engine.fields.base import FIELD_TYPES
from engine.fields.choices import choices_of
from engine.records.store import RecordStore
from engine.reports.charts.base import heading
from engine.reports.format import plain
from engine.reports.frame import Row
from engine.reports.spec import Dim, WidgetSpec
from metadata.findings import Finding, Refused, in_language
from metadata.model import Field

OTHERS_TEXT = {"zh-CN": "其他", "en": "Others"}
BLANK_TEXT = {"zh-CN": "（空）", "en": "(blank)"}
_COUNT = {"zh-CN": "记录数", "en": "Records"}
_CALC = {
    "value": {"zh-CN": "对比期", "en": "Earlier period"},
    "diff": {"zh-CN": "增减", "en": "Change"},
}
_RATE = {
    "year": {"zh-CN": "同比", "en": "vs. last year"},
    "quarter": {"zh-CN": "季度环比", "en": "vs. last quarter"},
    "month": {"zh-CN": "环比", "en": "vs. last month"},
    "week": {"zh-CN": "周环比", "en": "vs. last week"},
    "day": {"zh-CN": "日环比", "en": "vs. the day before"},
}
_WEEKDAYS = {
    "zh-CN": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


class Labels:
    """Resolve ids to words. Titles of linked records come through the store, so only readable ones appear."""

    def __init__(self, store: RecordStore, actor: Actor, spec: WidgetSpec):
        self.store, self.actor, self.spec = store, actor, spec
        self.locale = actor.locale
        self._fields = {d.id: self._field(d.field) for d in spec.dims}
        self._titles: dict[str, dict[str, str]] = {}

    def _field(self, path: str) -> Field:
        snapshot = self.store.snapshot
        entity = snapshot.entity(self.spec.entity)
        found: Field | None = None
        for name in path.split("."):
            found = snapshot.fields(entity).get(name)
            if found is None:
                raise Refused([Finding("W102", params={"field": path})])
            target = FIELD_TYPES.get(found.type).target(found) if found.type in FIELD_TYPES else ""
            if target:
                entity = snapshot.entity(target)
        assert found is not None
        return found

    def prepare(self, rows: Sequence[Row]) -> None:
        """Fetch the names of people and the titles of linked records that the rows show."""
        for dim in self.spec.dims:
            f = self._fields[dim.id]
            ids = sorted({row[dim.id] for row in rows if isinstance(row[dim.id], str)})
            holds = FIELD_TYPES.get(f.type).holds if f.type in FIELD_TYPES else ""
            if holds == "people":
                self._titles[dim.id] = self.store.user_names(ids)
            elif holds == "departments":
                self._titles[dim.id] = self.store.department_names(ids, self.locale)
            elif f.type in FIELD_TYPES and (target := FIELD_TYPES.get(f.type).target(f)):
                self._titles[dim.id] = dict(self.store.titles(self.actor, target, ids))

    def text(self, dim_id: str, value: Any) -> str:
        """The words for a group's value."""
        dim, f = self.spec.dim(dim_id), self._fields[dim_id]
        assert dim is not None
        if value is None:
            return in_language(BLANK_TEXT, self.locale)
        if value == "__others__":
            return in_language(OTHERS_TEXT, self.locale)
        if dim_id in self._titles:
            return self._titles[dim_id].get(value, "•••")
        for option in choices_of(f):
            if option["id"] == value:
                return in_language(option["label"], self.locale)
        if dim.grain:
            return self._period(dim, value)
        return FIELD_TYPES.get(f.type).format(f, value, self.locale)

    def _period(self, dim: Dim, value: Any) -> str:
        language = "zh-CN" if self.locale.startswith("zh") else "en"
        if dim.grain == "weekday":
            return _WEEKDAYS[language][value - 1]
        if dim.grain == "month_of_year":
            return f"{value}月" if language == "zh-CN" else f"{value:02d}"
        if dim.grain == "year":
            return f"{value.year}"
        if dim.grain == "quarter":
            return f"{value.year} Q{(value.month + 2) // 3}"
        if dim.grain == "month":
            return f"{value:%Y-%m}"
        return str(plain(value))

    def color(self, dim_id: str, value: Any) -> str:
        """Colour token of a choice, empty when it has none."""
        options = choices_of(self._fields[dim_id])
        return next((str(o.get("color", "")) for o in options if o["id"] == value), "")

    def options(self, dim: Dim) -> list[str]:
        """Ids of all choices in their own order; empty for other types."""
        return [o["id"] for o in choices_of(self._fields[dim.id])]

    def order(self, dim: Dim) -> Callable[[Any], Any]:
        """Sort key of a dimension's values: choices in option order, anything else by value."""
        options = {value: place for place, value in enumerate(self.options(dim))}
        if options:
            return lambda value: options.get(value, len(options))
        return lambda value: (
            ("", "") if value is None else (str(type(value)), str(value) if isinstance(value, str) else value)
        )

    def names(self) -> dict[str, str]:
        """Column headings by column id, calculations included."""
        names = {
            d.id: heading(d.label, in_language(self._fields[d.id].label, self.locale), self.locale)
            for d in self.spec.dims
        }
        for m in self.spec.measures:
            fallback = in_language(self._field(m.field).label if m.field else _COUNT, self.locale)
            names[m.id] = heading(m.label, fallback, self.locale)
        for c in self.spec.calc:
            if c.op == "compare":
                names |= {f"{c.id}.{part}": in_language(text, self.locale) for part, text in _CALC.items()}
                unit = next(iter(c.options.get("shift", {"year": 1})))
                names[f"{c.id}.rate"] = in_language(_RATE[unit], self.locale)
        return names
