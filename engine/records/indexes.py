"""Which indexes an application needs, read from its definition: nobody tunes a database by hand.

What people do with records is in the definition: the order of lists and views, the equality in their filters, links,
owners, unique rules, the dimensions and measures of dashboards. Each gives one index over live records. Sort indexes
have ``id``, so a page and every page after it is one range, and then the people a record belongs to: somebody who sees
few of the rows passes the others by in the index, without reading them. An index on a choice alone would make totals
slower (it walks the index and fetches every row), so dashboards get indexes that hold their measures too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from engine.fields.choices import SelectType, SwitchType
from engine.fields.columns import Ids
from engine.records import names
from engine.records.tables import LIVE, SYSTEM_COLUMNS, Tables, type_of
from metadata.model import Entity, Field, View, Widget

MAX_VIEW_INDEXES = 6
MAX_WIDGET_INDEXES = 4
MAX_COLUMNS = 7
_EQUALITY = frozenset({"=", "in"})
_ONE_OF = frozenset({"select", "radio", "cascader", "user", "dept", "link_one", "switch"})


@dataclass(frozen=True, slots=True)
class IndexSpec:
    """One index by its content; the name follows from it."""

    table: str
    columns: tuple[str, ...]
    unique: bool = False
    where: str = LIVE
    method: str = "btree"
    reason: str = ""
    field: str = ""

    @property
    def name(self) -> str:
        definition = f"{','.join(self.columns)}|{self.where}|{self.method}"
        return names.index(self.table, definition, unique=self.unique)


class _Columns:
    """Column names of the fields of one entity; only what an index can hold."""

    def __init__(self, tables: Tables, entity: Entity):
        self.tables, self.entity = tables, entity
        self.fields = tables.snapshot.fields(entity)

    def sort(self, name: str) -> tuple[str, ...]:
        """Columns of the sort key of a field, when the database can walk them."""
        found = self._field(name)
        if found is None:
            return ()
        field, columns = found
        if field.id in SYSTEM_COLUMNS:
            return () if field.id == "sys_id" else columns
        field_type = type_of(field)
        if field_type is None or not field_type.sortable(field) or not field_type.indexable(field):
            return ()
        if isinstance(field_type, SelectType | SwitchType):  # sorted by the place of the option, which no index holds
            return ()
        return columns[-1:]

    def value(self, name: str) -> tuple[str, ...]:
        """The column compared with ``=``."""
        found = self._field(name)
        return found[1][:1] if found else ()

    def listed(self, *order: str) -> tuple[str, ...]:
        """Columns of an index for a list in an order."""
        people = [column for name in self.entity.own for column in self.value(name)]
        return tuple(dict.fromkeys((*order, "id", *people)))

    def owned(self, *person: str) -> tuple[str, ...]:
        """Columns of an index for the list of what belongs to somebody."""
        return tuple(dict.fromkeys((*person, *self.default(), "id")))

    def default(self) -> tuple[str, ...]:
        """Columns of the order of lists that ask for no other."""
        return self.sort(self.entity.sort[0].field) if self.entity.sort else ("created_at",)

    def _field(self, name: str) -> tuple[Field, tuple[str, ...]] | None:
        field = self.fields.get(name)
        if field is None:
            return None
        columns = self.tables.columns(field, self.entity)
        if not columns or isinstance(columns[0].type, Ids):
            return None
        return field, tuple(column.name for column in columns)


def wanted_indexes(tables: Tables, entity: Entity) -> tuple[IndexSpec, ...]:
    """Return the indexes of an entity, without those another one makes needless."""
    columns = _Columns(tables, entity)
    specs = [
        *_system(tables, columns),
        *_unique(tables, entity, columns),
        *_fields(tables, entity, columns),
        *_views(tables, entity, columns),
        *_widgets(tables, entity, columns),
    ]
    return _without_prefixes(specs)


def _system(tables: Tables, columns: _Columns) -> Iterator[IndexSpec]:
    table = names.record_table(columns.entity)
    yield IndexSpec(table, columns.owned("owner_id"), reason="own")
    for column in ("created_at", "updated_at"):
        yield IndexSpec(table, columns.listed(column), reason="list")
    if "parent_id" in tables.record(columns.entity).c:
        yield IndexSpec(table, ("parent_id", "pos"), reason="children")
    yield IndexSpec(table, ("deleted_at",), where="deleted_at IS NOT NULL", reason="trash")
    for name in columns.entity.own:
        if name != "sys_owner" and (own := columns.value(name)):
            yield IndexSpec(table, columns.owned(*own), reason="own")


def _unique(tables: Tables, entity: Entity, columns: _Columns) -> Iterator[IndexSpec]:
    table = names.record_table(entity)
    for field in tables.snapshot.own_fields(entity):
        own = tables.columns(field)
        if not own:
            continue
        if field.unique is not None:
            shadow = tables.unique_column(field)
            key = shadow.name if shadow is not None else own[0].name
            scope = tuple(column for name in field.unique.scope for column in columns.value(name))
            yield IndexSpec(table, (key, *scope), unique=True, reason="unique", field=field.id)
        elif field.type == "serial":
            yield IndexSpec(table, (own[0].name,), unique=True, reason="unique", field=field.id)


def _fields(tables: Tables, entity: Entity, columns: _Columns) -> Iterator[IndexSpec]:
    table = names.record_table(entity)
    default = columns.default()
    if entity.sort and default:
        yield IndexSpec(table, columns.listed(*default), reason="order")
    measures = _measures(tables, entity)
    for field in tables.snapshot.own_fields(entity):
        own = tables.columns(field)
        field_type = type_of(field)
        if not own or field_type is None:
            continue
        if isinstance(own[0].type, Ids):
            if field.indexed and tables.dialect == "postgresql":
                yield IndexSpec(table, (own[0].name,), method="gin", reason="indexed", field=field.id)
        elif field.type == "link_one":
            yield IndexSpec(table, (own[0].name, "id"), reason="link", field=field.id)
        elif field.indexed and field.type in _ONE_OF:
            yield IndexSpec(table, (own[0].name, *default, "id", *measures), reason="indexed", field=field.id)
        elif field.indexed:
            yield IndexSpec(table, columns.listed(*columns.sort(field.id)), reason="indexed", field=field.id)


def _measures(tables: Tables, entity: Entity) -> tuple[str, ...]:
    """Columns of the money of an entity: what totals by an indexed choice most likely add up."""
    found = [
        tables.columns(field)[0].name
        for field in tables.snapshot.own_fields(entity)
        if field.type == "currency" and tables.columns(field)
    ]
    return tuple(found[:2])


def _views(tables: Tables, entity: Entity, columns: _Columns) -> Iterator[IndexSpec]:
    table = names.record_table(entity)
    made = 0
    for view in tables.snapshot.app.views:
        if view.entity != entity.id or made >= MAX_VIEW_INDEXES:
            continue
        order = _order(view, entity, columns)
        if order and order != ("created_at",):
            made += 1
            yield IndexSpec(table, columns.listed(*order), reason="view")
        equal = [name for name in _equalities(view.filter) if name not in entity.own]
        key = tuple(column for name in equal[:2] for column in columns.value(name) if column not in order)
        if key:
            made += 1
            yield IndexSpec(table, columns.listed(*key, *order), reason="view")


def _order(view: View, entity: Entity, columns: _Columns) -> tuple[str, ...]:
    sort = view.sort or entity.sort
    return columns.sort(sort[0].field) if sort else ("created_at",)


def _widgets(tables: Tables, entity: Entity, columns: _Columns) -> Iterator[IndexSpec]:
    table = names.record_table(entity)
    made = 0
    for dashboard in tables.snapshot.app.dashboards:
        for widget in dashboard.widgets:
            if widget.dataset.get("entity") != entity.id or made >= MAX_WIDGET_INDEXES:
                continue
            held = tuple(dict.fromkeys((*_covered(widget, columns), "owner_id")))
            if 2 < len(held) <= MAX_COLUMNS:
                made += 1
                yield IndexSpec(table, held, reason="dashboard")


def _covered(widget: Widget, columns: _Columns) -> Iterator[str]:
    """Columns a widget reads: equality first, then what it groups by, then the rest; nothing when one is elsewhere."""
    tree = widget.dataset.get("filter")
    paths = [
        *_equalities(tree),
        *(str(dim.get("field", "")) for dim in widget.dims),
        *_paths(tree),
        *(str(measure["field"]) for measure in widget.measures if measure.get("field")),
        *(path for measure in widget.measures for path in _paths(measure.get("if"))),
    ]
    found = [columns.value(path.split(".")[0]) for path in paths]
    if all(found):
        for column in found:
            yield from column


def _equalities(tree: Any) -> list[str]:
    """Return the fields a filter compares with ``=`` or ``in`` in every row it lets through."""
    if not isinstance(tree, Sequence) or isinstance(tree, str) or not tree:
        return []
    if tree[0] == "and":
        return [name for part in tree[1:] for name in _equalities(part)]
    return [tree[1]] if tree[0] in _EQUALITY and len(tree) == 3 and isinstance(tree[1], str) else []


def _paths(tree: Any) -> list[str]:
    """Return every field a filter names; an expression names what its ``refs`` would, which is not looked into."""
    if not isinstance(tree, Sequence) or isinstance(tree, str) or not tree:
        return []
    if tree[0] in ("and", "or", "not"):
        return [name for part in tree[1:] for name in _paths(part)]
    return [tree[1]] if len(tree) > 1 and isinstance(tree[1], str) and tree[0] != "expr" else []


def _without_prefixes(specs: Iterable[IndexSpec]) -> tuple[IndexSpec, ...]:
    """Drop doubles and indexes whose columns begin another one of the same kind."""
    kept: dict[tuple[Any, ...], IndexSpec] = {}
    for spec in specs:
        if spec.columns:
            kept.setdefault((spec.columns, spec.unique, spec.where, spec.method), spec)
    every = list(kept.values())
    return tuple(spec for spec in every if not any(_serves(other, spec) for other in every))


def _serves(other: IndexSpec, spec: IndexSpec) -> bool:
    """Say whether ``other`` does the work of ``spec``: it begins like it, or holds all a dashboard reads."""
    if spec is other or spec.unique or other.unique or (spec.where, spec.method) != (other.where, other.method):
        return False
    if len(spec.columns) >= len(other.columns):
        return False
    if other.columns[: len(spec.columns)] == spec.columns:
        return True
    first = spec.columns[0] == other.columns[0]
    return spec.reason == other.reason == "dashboard" and first and set(spec.columns) <= set(other.columns)
