"""How the rows of a list stand together: nested groups with counts and totals, in the order people expect.

The database groups once, by all levels; what can be put together from there (counts, sums, smallest, largest) is, and
only how many *different* values there are is asked for each level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from engine.fields.pinyin import pinyin_key
from engine.records.access import Access
from engine.records.aggregate import aggregate
from engine.records.catalog import EntityModel, FieldModel
from engine.records.labels import DEPARTMENTS, USERS, collect, named
from engine.records.spec import AggregateSpec, Group, Grouping, GroupingSpec, GroupSpec, MeasureSpec, Total
from engine.records.within import grouped_field
from metadata.findings import Finding, Refused

MAX_LEVELS: Final = 3
MAX_SHOWN: Final = 2_000
MAX_TOTALS: Final = 12
_AVERAGE: Final = Decimal(1).scaleb(-12)
_COUNT: Final = "n"

TOTALS: Final = ("count", "sum", "avg", "min", "max", "distinct", "filled", "blank")

Key = tuple[Any, ...]
Cells = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A measure the database works out, and how two groups of it become one."""

    measure: MeasureSpec
    joined: Callable[[Any, Any], Any]


def grouped(access: Access, connection: Connection, model: EntityModel, spec: GroupingSpec) -> Grouping:
    """Return the groups of a list. Raises :class:`Refused` for what may not be asked, or too many groups."""
    if len(spec.groups) > MAX_LEVELS or len(spec.totals) > MAX_TOTALS:
        what = "groups" if len(spec.groups) > MAX_LEVELS else "totals"
        high = MAX_LEVELS if what == "groups" else MAX_TOTALS
        raise Refused([Finding("R208", f"/{what}", {"what": what, "low": 0, "high": high})])
    if not access.rights(model.id).allows("read"):
        return Grouping(groups=(), count=0, totals={})
    return _Grouping(access, connection, model, spec).run()


class _Grouping:
    def __init__(self, access: Access, connection: Connection, model: EntityModel, spec: GroupingSpec):
        self.access, self.connection, self.model, self.spec = access, connection, model, spec
        self.paths = paths = access.paths(access.alias(model.id))
        self.groups = tuple(replace(one, id=f"g{level}") for level, one in enumerate(spec.groups))
        self.fields = [grouped_field(paths, one, f"/groups/{i}").field for i, one in enumerate(spec.groups)]
        self.parts: dict[str, _Part] = {_COUNT: _part(_COUNT, "count", "", _added)}
        for number, (path, total) in enumerate(spec.totals.items()):
            self._plan(number, path, total)

    def _plan(self, number: int, path: str, total: Total) -> None:
        match total:
            case "count" | "distinct":
                self.paths.readable(path, f"/totals/{path}")
            case "avg":
                self.parts[f"s{number}"] = _part(f"s{number}", "sum", path, _added)
                self.parts[f"f{number}"] = _part(f"f{number}", "count", path, _added)
            case "filled" | "blank":
                self.parts[f"f{number}"] = _part(f"f{number}", "count", path, _added)
            case "sum":
                self.parts[f"s{number}"] = _part(f"s{number}", "sum", path, _added)
            case "min":
                self.parts[f"s{number}"] = _part(f"s{number}", "min", path, partial(_chosen, min))
            case "max":
                self.parts[f"s{number}"] = _part(f"s{number}", "max", path, partial(_chosen, max))
            case _:
                params = {"label": path, "aggregate": str(total)[:40], "known": ", ".join(TOTALS)}
                raise Refused([Finding("R211", f"/totals/{path}", params)])

    def run(self) -> Grouping:
        leaves = self._ask(self.groups, [part.measure for part in self.parts.values()])
        if len(leaves) > MAX_SHOWN:
            raise Refused([Finding("R218", "/groups", {"limit": MAX_SHOWN})])
        levels = [self._joined(leaves, level) for level in range(len(self.groups) + 1)]
        distinct = [self._distinct(level) for level in range(len(self.groups) + 1)]
        labels = self._labels(leaves)
        shown = []
        for key in self._in_order(levels, labels):
            level = len(key)
            cells = levels[level][key]
            shown.append(Group(values=key, count=cells[_COUNT], totals=self._totals(cells, distinct[level].get(key))))
        whole = levels[0].get((), {_COUNT: 0})
        return Grouping(
            groups=tuple(shown),
            count=whole[_COUNT],
            totals=self._totals(whole, distinct[0].get(())),
            labels=labels,
        )

    def _ask(self, groups: Sequence[GroupSpec], measures: Sequence[MeasureSpec]) -> dict[Key, Cells]:
        spec = AggregateSpec(
            entity=self.spec.entity,
            groups=tuple(groups),
            measures=tuple(measures),
            filter=self.spec.filter,
            search=self.spec.search,
            limit=MAX_SHOWN + 1,
        )
        rows = aggregate(self.access, self.connection, self.model, spec)
        return {tuple(row[one.id] for one in groups): row for row in rows}

    def _joined(self, leaves: Mapping[Key, Cells], level: int) -> dict[Key, Cells]:
        found: dict[Key, Cells] = {}
        for key, cells in leaves.items():
            into = found.setdefault(key[:level], {})
            for name, part in self.parts.items():
                into[name] = part.joined(into[name], cells[name]) if name in into else cells[name]
        return found

    def _distinct(self, level: int) -> dict[Key, Cells]:
        measures = [
            MeasureSpec(id=f"d{number}", aggregate="distinct", path=path)
            for number, (path, total) in enumerate(self.spec.totals.items())
            if total == "distinct"
        ]
        return self._ask(self.groups[:level], measures) if measures else {}

    def _totals(self, cells: Cells, distinct: Cells | None) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for number, (path, total) in enumerate(self.spec.totals.items()):
            match total:
                case "count":
                    found[path] = cells[_COUNT]
                case "distinct":
                    found[path] = (distinct or {}).get(f"d{number}", 0)
                case "filled":
                    found[path] = cells.get(f"f{number}", 0)
                case "blank":
                    found[path] = cells[_COUNT] - cells.get(f"f{number}", 0)
                case "avg":
                    found[path] = _average(cells.get(f"s{number}"), cells.get(f"f{number}", 0))
                case _:
                    found[path] = cells.get(f"s{number}")
        return found

    # -- order --------------------------------------------------------------------------------------------------

    def _labels(self, leaves: Mapping[Key, Cells]) -> dict[str, Mapping[str, str]]:
        people: set[str] = set()
        linked: dict[str, set[str]] = {}
        for level, f in enumerate(self.fields):
            collect(f, (key[level] for key in leaves), people, linked, self.access)
        return named(self.access, self.connection, people, linked)

    def _in_order(self, levels: Sequence[Mapping[Key, Cells]], labels: Mapping[str, Mapping[str, str]]) -> list[Key]:
        """Every group before those inside it; blank is smallest, as in the order of rows."""
        places = []
        for level, (group, f) in enumerate(zip(self.groups, self.fields, strict=True)):
            order = _order(f, labels, self.access)
            values = {key[level] for key in levels[level + 1]}
            ranked = sorted((one for one in values if one is not None), key=order)
            ranked = [*([None] if None in values else []), *ranked]
            places.append(
                {value: place for place, value in enumerate(reversed(ranked) if group.descending else ranked)}
            )

        def place(key: Key) -> tuple[int, ...]:
            return tuple(places[level][value] for level, value in enumerate(key))

        return sorted((key for level in levels[1:] for key in level), key=place)


def _part(name: str, aggregate: Any, path: str, joined: Callable[[Any, Any], Any]) -> _Part:
    return _Part(measure=MeasureSpec(id=name, aggregate=aggregate, path=path), joined=joined)


def _added(a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else a + b


def _chosen(pick: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    return b if a is None else a if b is None else pick(a, b)


def _average(total: Decimal | None, count: int) -> Decimal | None:
    return None if total is None or not count else (total / count).quantize(_AVERAGE, rounding=ROUND_HALF_UP)


def _order(f: FieldModel, labels: Mapping[str, Mapping[str, str]], access: Access) -> Callable[[Any], Any]:
    """Order of the values of a field as headings: options as designed, people and records by name."""
    options = f.field.options.get("options")
    if isinstance(options, list | tuple):
        places = {option["id"]: place for place, option in enumerate(options)}
        return lambda value: (places.get(value, len(places)), value)
    headings = {"people": USERS, "departments": DEPARTMENTS}
    names = labels.get(headings.get(f.holds) or _target_key(f, access))
    if names is not None:
        return lambda value: (pinyin_key(names.get(value, value)), value)
    if f.field.options.get("sort") == "pinyin":
        return lambda value: (pinyin_key(value), value)
    return lambda value: value


def _target_key(f: FieldModel, access: Access) -> str:
    return access.catalog.entity(f.target).entity.key if f.target and access.catalog.has(f.target) else ""
