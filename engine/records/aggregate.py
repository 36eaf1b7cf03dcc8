"""Grouped totals over secured rows: sums are exact, nothing overflows, a hidden field is an unknown field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, FromClause, Select, Text, case, func, literal_column, select, true
from sqlalchemy.sql.expression import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from engine.fields.dates import DatetimeType, DateType
from engine.fields.numbers import NumberType
from engine.records.access import Access
from engine.records.catalog import EntityModel, FieldModel
from engine.records.conditions import filter_expression
from engine.records.filters import FilterBinder
from engine.records.grains import DATE_GRAINS, INSTANT_GRAINS, grained, prepare, value_of
from engine.records.paths import Paths, Reached
from engine.records.query import conditions
from engine.records.spec import AggregateSpec, GroupSpec, MeasureSpec
from engine.records.within import value_type
from metadata.findings import Finding, Refused

MAX_GROUPS: Final = 6
MAX_MEASURES: Final = 30
MAX_ROWS: Final = 50_000
_PART: Final = 10**9
_AVERAGE: Final = Decimal(1).scaleb(-12)

Take = Callable[[Sequence[Any]], Any]


@dataclass(slots=True, kw_only=True)
class _Output:
    """One column of the answer: SQL columns it needs and how to read them."""

    id: str
    columns: list[ColumnElement[Any]]
    take: Take


def aggregate(access: Access, connection: Connection, model: EntityModel, spec: AggregateSpec) -> list[dict[str, Any]]:
    """Answer a question for totals; rows come in order of the group keys. Raises :class:`Refused`."""
    _check(spec)
    if not access.rights(model.id).allows("read"):
        return []
    return _Totals(access, model, spec).run(connection)


def _check(spec: AggregateSpec) -> None:
    for what, value, low, high in (
        ("groups", len(spec.groups), 0, MAX_GROUPS),
        ("measures", len(spec.measures), 0, MAX_MEASURES),
        ("limit", spec.limit, 1, MAX_ROWS),
    ):
        if not low <= value <= high:
            raise Refused([Finding("R208", f"/{what}", {"what": what, "low": low, "high": high})])
    seen: set[str] = set()
    places = [(f"/groups/{i}/id", group.id) for i, group in enumerate(spec.groups)]
    places += [(f"/measures/{i}/id", measure.id) for i, measure in enumerate(spec.measures)]
    for place, name in places:
        if name in seen:
            raise Refused([Finding("R214", place, {"id": name[:100]})])
        seen.add(name)


class _Totals:
    """Two levels: an inner select of group keys and measured values, an outer one that groups by their names.

    So no expression is written twice (PostgreSQL would not see that two with parameters are the same), and SQLite
    cannot be led to walk an index of the group key and fetch each row from elsewhere.
    """

    def __init__(self, access: Access, model: EntityModel, spec: AggregateSpec):
        self.access, self.spec = access, spec
        self.dialect = access.catalog.dialect
        self.zone = access.asking.zone
        self.alias = access.alias(model.id)
        self.paths: Paths = access.paths(self.alias)
        self.binder = FilterBinder(access.catalog, self.paths, access.asking, filter_expression(access))
        self.inner: dict[str, ColumnElement[Any]] = {}
        self.source: FromClause = self.alias.source

    def run(self, connection: Connection) -> list[dict[str, Any]]:
        prepare(connection)
        where, rest = conditions(self.access, self.paths, self.spec.filter, self.spec.search)
        if rest is not None:
            raise Refused([Finding("R215", "/filter", {"why": rest.why})])
        groups = [self._group(i, one) for i, one in enumerate(self.spec.groups)]
        measures = [self._measure(i, one) for i, one in enumerate(self.spec.measures)]
        if not self.inner:
            self.inner["one"] = literal_column("1")
        inner = select(*(column.label(name) for name, column in self.inner.items()))
        rows = inner.select_from(self.source).where(*where).subquery("t")
        keys = [rows.c[name] for group in groups for name in group.names]
        outputs = [*(group.output(rows) for group in groups), *(measure(rows) for measure in measures)]
        statement: Select[Any] = select(*(column for output in outputs for column in output.columns))
        if not outputs:
            return []
        if not measures or keys:
            statement = statement.group_by(*keys)
        ordered = [key.asc().nulls_first() for key in keys]
        found = connection.execute(statement.order_by(*ordered).limit(self.spec.limit), self.access.binds)
        return [_row(outputs, row) for row in found]

    # -- groups -------------------------------------------------------------------------------------------------

    def _group(self, number: int, spec: GroupSpec) -> _Group:
        place = f"/groups/{number}"
        reached = self.paths.readable(spec.path, f"{place}/path")
        f = reached.field
        if not f.type.groupable(f.field) and f.storage != "links":
            raise Refused([Finding("R212", place, {"label": f.field.label})])
        if spec.grain is not None:
            return self._period(number, spec, reached, place)
        if f.storage == "links" or _is_list(f):
            column = self._exploded(number, reached, place)
            return self._plain_group(number, spec, [column], lambda values: values[0])
        from_db = f.type.from_db
        columns = list(reached.columns or ())
        if f.type.blank(f.field) is False:  # not filled in and "no" are one group
            columns = list(f.type.sort_columns(f.field, columns, self.dialect))
        return self._plain_group(number, spec, columns, lambda values: from_db(f.field, values))

    def _plain_group(self, number: int, spec: GroupSpec, columns: Sequence[ColumnElement[Any]], take: Take) -> _Group:
        names = []
        for i, column in enumerate(columns):
            name = f"g{number}_{i}"
            self.inner[name] = _unindexed(column) if self.dialect == "sqlite" else column
            names.append(name)
        return _Group(id=spec.id, names=tuple(names), take=take)

    def _period(self, number: int, spec: GroupSpec, reached: Reached, place: str) -> _Group:
        grain = spec.grain
        kind = value_type(reached.field)
        instant = isinstance(kind, DatetimeType)
        known = INSTANT_GRAINS if instant else DATE_GRAINS if isinstance(kind, DateType) else ()
        if grain is None or grain not in known or not reached.columns:
            raise Refused([Finding("R213", place, {"label": reached.field.field.label, "grain": str(grain)[:40]})])
        column = grained(reached.columns[0], grain, instant=instant, dialect=self.dialect, zone=self.zone)
        zone = self.zone
        return self._plain_group(number, spec, [column], lambda values: value_of(values[0], grain, zone))

    def _exploded(self, number: int, reached: Reached, place: str) -> ColumnElement[Any]:
        """One row for each value of a field that holds many; a record without any counts under blank."""
        if not reached.direct or not reached.columns:
            raise Refused([Finding("R212", place, {"label": reached.field.field.label})])
        f = reached.field
        if f.storage == "links":
            links = self.access.catalog.tables.links(f.field).alias(f"x{number}")
            self.source = self.source.outerjoin(links, links.c.left_id == reached.columns[0])
            return links.c.right_id
        column = reached.columns[0]
        if self.dialect == "sqlite":
            each: FromClause = func.json_each(column, type_=Text()).table_valued("value", name=f"x{number}")
        else:
            each = func.jsonb_array_elements_text(column).table_valued("value", name=f"x{number}").lateral()
        self.source = self.source.outerjoin(each, true())
        return each.c.value

    # -- measures -----------------------------------------------------------------------------------------------

    def _measure(self, number: int, spec: MeasureSpec) -> Callable[[FromClause], _Output]:
        place = f"/measures/{number}"
        condition = None
        if spec.where is not None and spec.where != []:
            condition = self.binder.bind(spec.where, f"{place}/where")
        if not spec.path:
            if spec.aggregate != "count":
                raise Refused([Finding("R201", f"{place}/path", {"name": ""})])
            one: ColumnElement[Any] = literal_column("1")
            return self._counted(number, spec, one if condition is None else case((condition, one)))
        reached = self.paths.readable(spec.path, f"{place}/path")
        f = reached.field
        known = f.type.aggregates(f.field)
        if not f.columns or spec.aggregate not in (*known, "count"):
            params = {"label": f.field.label, "aggregate": str(spec.aggregate)[:40], "known": ", ".join(known)}
            raise Refused([Finding("R211", place, params)])
        column = (reached.columns or ())[0]
        if condition is not None:
            column = case((condition, column))
        if spec.aggregate == "count":
            return self._counted(number, spec, column)
        name = f"m{number}"
        self.inner[name] = column
        if spec.aggregate == "distinct":
            return lambda rows: _Output(id=spec.id, columns=[func.count(rows.c[name].distinct())], take=_first_int)
        if spec.aggregate in ("min", "max"):
            extreme = func.min if spec.aggregate == "min" else func.max
            from_db = value_type(f).from_db
            return lambda rows: _Output(
                id=spec.id,
                columns=[extreme(rows.c[name], type_=column.type)],
                take=lambda values: from_db(f.field, values) if values[0] is not None else None,
            )
        return self._summed(spec, f, name)

    def _counted(self, number: int, spec: MeasureSpec, column: ColumnElement[Any]) -> Callable[[FromClause], _Output]:
        name = f"m{number}"
        self.inner[name] = column
        return lambda rows: _Output(id=spec.id, columns=[func.count(rows.c[name])], take=_first_int)

    def _summed(self, spec: MeasureSpec, f: FieldModel, name: str) -> Callable[[FromClause], _Output]:
        """Sums of scaled integers. SQLite's SUM stops at 64 bits with an error, so it adds two halves."""
        kind = value_type(f)
        scale = kind.scale(f.field) if isinstance(kind, NumberType) else 0
        average = spec.aggregate == "avg"

        def output(rows: FromClause) -> _Output:
            column = rows.c[name]
            if self.dialect == "sqlite":
                sums = [
                    func.sum(column.op("/")(literal_column(str(_PART)))),
                    func.sum(column % literal_column(str(_PART))),
                ]
            else:
                sums = [func.sum(column)]
            return _Output(id=spec.id, columns=[*sums, func.count(column)], take=take)

        def take(values: Sequence[Any]) -> Any:
            *parts, count = values
            if not count:
                return None
            whole = int(parts[0]) * _PART + int(parts[1]) if len(parts) == 2 else int(parts[0])
            total = Decimal(whole).scaleb(-scale)
            return (total / count).quantize(_AVERAGE, rounding=ROUND_HALF_UP) if average else total

        return output


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    id: str
    names: tuple[str, ...]
    take: Take

    def output(self, rows: FromClause) -> _Output:
        return _Output(id=self.id, columns=[rows.c[name] for name in self.names], take=self.take)


def _row(outputs: Sequence[_Output], row: Sequence[Any]) -> dict[str, Any]:
    found = {}
    at = 0
    for output in outputs:
        width = len(output.columns)
        found[output.id] = output.take(row[at : at + width])
        at += width
    return found


def _first_int(values: Sequence[Any]) -> int:
    return int(values[0] or 0)


def _is_list(f: FieldModel) -> bool:
    return bool(f.type.blank(f.field) == ())


def _unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Unary plus: the value as it is, but no reason for SQLite to walk an index."""
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type)
