"""The secured alias: the only source of rows and columns for everything that shows records to somebody.

A derived table with just the rows an actor may reach and the columns the actor may read there. What may not be read
does not exist on it, so it cannot be selected, filtered, sorted, grouped or searched. Where two grants show different
fields in different rows, the column is a CASE over their ranges and ``bits`` tells which ranges a row lies in.

An alias depends on version, entity, action and roles only; the actor is a parameter. It is built once and its
identity is its cache key, so that SQLAlchemy does not walk through it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    exists,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.sql.selectable import Subquery

from engine.expr.values import Env
from engine.records.catalog import Catalog, EntityModel, FieldModel
from engine.records.formulas import volatile
from engine.records.pushdown import volatile_columns
from engine.records.ranges import one_range, rows_condition
from engine.records.rights import EntityPolicy
from metadata.ids import parse

BITS = "p_bits"
RID = "p_rid"
POS = "p_pos"
ID = "p_id"
PARENT = "p_parent"
EXTRA = "p_extra"
"""Columns of an alias that are no fields: no name leads to them and no answer shows them."""


RightsOf = Callable[[str], EntityPolicy]
"""Rights of the actor by entity id."""


class _Source(Subquery):
    """A derived table that stands for itself in cache keys, like a table does."""

    inherit_cache = True

    def _gen_cache_key(self, anon_map: Any, bindparams: Any) -> tuple[Any, ...]:
        return (self,)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Secured:
    """What an actor may read of an entity, as a FROM element.

    ``columns`` has every field that is readable in some row (for links and sub-tables the id they hang on), ``masks``
    the masked text of fields that are masked in some row, ``extra`` why computed fields are blank (None without any).
    ``bits`` is None unless levels differ between rows. The parameters of the actor are ``Access.binds``.
    """

    model: EntityModel
    rights: EntityPolicy
    source: FromClause
    name: str
    columns: Mapping[str, tuple[ColumnElement[Any], ...]]
    masks: Mapping[str, ColumnElement[str]]
    bits: ColumnElement[int] | None
    rid: ColumnElement[int]
    id: ColumnElement[str]
    parent: ColumnElement[str] | None
    pos: ColumnElement[int] | None
    extra: ColumnElement[Any] | None

    def field(self, name: str) -> FieldModel | None:
        """Return a field by key or id if anything of it shows, masked or not; None looks like "no such field"."""
        f = self.model.find(name)
        return f if f is not None and (self.readable(f) or f.id in self.rights.masked) else None

    def readable(self, f: FieldModel) -> bool:
        """Say whether the field is readable in some row."""
        return f.id in self.rights.readable


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which alias: ``action`` narrows rows to those it reaches, ``trashed`` turns to the recycle bin.

    Without ``clocked`` it has no formulas that are computed when they are read: who asks only which rows there are
    does not pay for them.
    """

    action: str = "read"
    trashed: bool = False
    name: str = "s0"
    clocked: bool = True


def build(catalog: Catalog, rights_of: RightsOf, entity_id: str, wanted: Wanted, env: Env) -> Secured:
    """Build an alias. ``env`` fills in expressions that ask for the person or the clock."""
    model = catalog.entity(entity_id)
    rights = rights_of(entity_id)
    table = model.table
    tests = _Tests(catalog, model, table, rights, env)
    chosen: dict[str, ColumnElement[Any]] = {RID: table.c.rid, ID: table.c.id}
    if model.is_child:
        chosen |= {POS: table.c.pos, PARENT: table.c.parent_id}
    if model.computes:
        chosen[EXTRA] = table.c.extra
    columns: dict[str, list[str]] = {}
    masks: dict[str, str] = {}
    for f in model:
        conjuncts = rights.readable.get(f.id)
        if not wanted.clocked and volatile(catalog, f) is not None:
            continue
        if conjuncts is not None:
            names = columns.setdefault(f.id, [])
            if f.storage in ("links", "children"):  # they hang on the record id, blank where they may not be read
                name = f"k_{parse(f.id)[1]}" if conjuncts else "id"
                chosen[name] = tests.guarded(table.c.id, conjuncts)
                names.append(name)
            for column, source in zip(f.columns, _sources(catalog, model, table, f, env), strict=True):
                chosen[column.name] = tests.guarded(source, conjuncts)
                names.append(column.name)
        if f.columns and f.id in rights.masked:
            name = f"m_{f.columns[0].name}"
            chosen[name] = tests.masked(f, conjuncts)
            masks[f.id] = name
    if rights.varies:
        chosen[BITS] = tests.bits(rights.level_bits)
    statement = select(*(column.label(name) for name, column in chosen.items()))
    statement = statement.where(*_conditions(catalog, rights_of, model, table, rights, wanted, env))
    alias: FromClause = _Source._construct(statement, name=wanted.name)
    return Secured(
        model=model,
        rights=rights,
        source=alias,
        name=wanted.name,
        columns={f: tuple(alias.c[name] for name in names) for f, names in columns.items()},
        masks={f: alias.c[name] for f, name in masks.items()},
        bits=alias.c[BITS] if rights.varies else None,
        rid=alias.c[RID],
        id=alias.c[ID],
        parent=alias.c[PARENT] if model.is_child else None,
        pos=alias.c[POS] if model.is_child else None,
        extra=alias.c[EXTRA] if model.computes else None,
    )


def _sources(
    catalog: Catalog, model: EntityModel, table: FromClause, f: FieldModel, env: Env
) -> Sequence[ColumnElement[Any]]:
    """Physical columns of a field, or what takes their place: a volatile formula is computed when it is read."""
    computed = volatile_columns(catalog, model, table, f, env)
    return computed if computed is not None else tuple(table.c[column.name] for column in f.columns)


def _conditions(
    catalog: Catalog,
    rights_of: RightsOf,
    model: EntityModel,
    table: FromClause,
    rights: EntityPolicy,
    wanted: Wanted,
    env: Env,
) -> list[ColumnElement[bool]]:
    deleted = table.c.deleted_at
    conditions: list[ColumnElement[bool]] = [deleted.is_not(None) if wanted.trashed else deleted.is_(None)]
    masks = {rights.rows["read"], rights.rows.get(wanted.action, 0)}
    conditions += [rows_condition(catalog, model, table, rights, mask, env) for mask in sorted(masks)]
    if model.is_child and rights.allows("read"):
        conditions.append(_parent_readable(catalog, rights_of, model, table, wanted, env))
    return conditions


def _parent_readable(
    catalog: Catalog, rights_of: RightsOf, model: EntityModel, table: FromClause, wanted: Wanted, env: Env
) -> ColumnElement[bool]:
    """The rows of a child follow the record they belong to; the trash takes both together."""
    parent = catalog.entity(model.entity.parent)
    parent_rights = rights_of(parent.id)
    if parent_rights.everywhere("read") and not parent.is_child:
        return true()
    above = parent.table.alias(f"{wanted.name}_{parent.table.name}")
    inside: list[ColumnElement[bool]] = [
        rows_condition(catalog, parent, above, parent_rights, parent_rights.rows["read"], env)
    ]
    if parent.is_child:
        inside.append(_parent_readable(catalog, rights_of, parent, above, wanted, env))
    return exists(select(literal(1)).where(above.c.id == table.c.parent_id, *inside).correlate(table))


class _Tests:
    """Conditions of the ranges of one entity, each built once."""

    def __init__(self, catalog: Catalog, model: EntityModel, table: FromClause, rights: EntityPolicy, env: Env):
        self.catalog, self.model, self.table, self.rights, self.env = catalog, model, table, rights, env
        self._conditions: dict[int, ColumnElement[bool]] = {}

    def one(self, number: int) -> ColumnElement[bool]:
        found = self._conditions.get(number)
        if found is None:
            found = one_range(self.catalog, self.model, self.table, self.rights.ranges[number], self.env)
            self._conditions[number] = found
        return found

    def any_of(self, mask: int) -> ColumnElement[bool]:
        if mask & self.rights.whole:
            return true()
        return or_(*(self.one(number) for number in range(len(self.rights.ranges)) if mask >> number & 1))

    def guarded(self, column: ColumnElement[Any], conjuncts: tuple[int, ...]) -> ColumnElement[Any]:
        """The column where it is readable, blank elsewhere."""
        if not conjuncts:
            return column
        return case((and_(*(self.any_of(mask) for mask in conjuncts)), column), else_=null())

    def masked(self, f: FieldModel, conjuncts: tuple[int, ...] | None) -> ColumnElement[str]:
        """The masked text where the field is masked and no more, blank elsewhere."""
        columns = [self.table.c[column.name] for column in f.columns]
        text = f.type.mask(f.field, columns, self.catalog.dialect)
        whens: list[tuple[ColumnElement[bool], Any]] = []
        if conjuncts:
            whens.append((and_(*(self.any_of(mask) for mask in conjuncts)), null()))
        if self.rights.always_masked(f.id):
            return case(*whens, else_=text) if whens else text
        return case(*whens, (self.any_of(self.rights.masked[f.id]), text), else_=null())

    def bits(self, mask: int) -> ColumnElement[int]:
        """A number with one bit for each range of ``mask`` the row lies in."""
        total: ColumnElement[int] = literal_column("0", BigInteger())
        for number in range(len(self.rights.ranges)):
            if mask >> number & 1:
                one = literal_column(str(1 << number), BigInteger())
                if self.rights.whole >> number & 1:
                    total = total + one
                else:
                    total = total + case((self.one(number), one), else_=literal_column("0", BigInteger()))
        return total


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Insight:
    """The whole row for the write path, with what the actor may do with it; never shown to anybody.

    ``seen`` is 1 where the row may be read, ``bits`` the ranges it lies in. ``asked`` keeps what was made of it.
    """

    statement: Select[Any]
    columns: tuple[str, ...]
    asked: dict[Any, Select[Any]] = field(default_factory=dict)


SEEN = "p_seen"


def insight(catalog: Catalog, rights_of: RightsOf, entity_id: str, env: Env, *, trashed: bool = False) -> Insight:
    """Build the select of the write path: every physical column, ``seen`` and ``bits``; add the WHERE yourself."""
    model = catalog.entity(entity_id)
    rights = rights_of(entity_id)
    table = model.table
    tests = _Tests(catalog, model, table, rights, env)
    every = (1 << len(rights.ranges)) - 1
    seen = _conditions(catalog, rights_of, model, table, rights, Wanted(trashed=trashed), env)
    columns = tuple(table.c)
    statement = select(
        *columns,
        case((and_(*seen), literal_column("1")), else_=literal_column("0")).label(SEEN),
        tests.bits(every).label(BITS),
    )
    return Insight(statement=statement, columns=tuple(column.name for column in columns))
