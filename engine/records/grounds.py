"""Where expressions in SQL find fields: physical tables for the product's own rules, secured aliases for people.

A hop to one record is a scalar subquery on its id, so no row is multiplied and a broken link is blank.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any, Final, Protocol

from sqlalchemy import ColumnElement, FromClause, Text, and_, func, select, true

from engine import org
from engine.expr.sql_values import NotPushable, RowSource
from engine.expr.types import DEPARTMENT_ENTITY, USER_ENTITY
from engine.records.catalog import Catalog, EntityModel, FieldModel
from engine.records.hops import led_to


class Ground(Protocol):
    """Rows of one entity in a FROM clause. ``column`` of a link to many or a sub-table is the id it hangs on."""

    entity: str
    from_: FromClause
    id: ColumnElement[str]

    def column(self, field_id: str) -> ColumnElement[Any]: ...

    def belongs_to(self) -> ColumnElement[Any]: ...

    def live(self) -> Sequence[ColumnElement[bool]]: ...

    def order(self) -> Sequence[ColumnElement[Any]]: ...


def expressible(f: FieldModel) -> FieldModel:
    """Return the field. Raises :class:`NotPushable` when no single column of it is its value."""
    if not f.type.pushable:
        raise NotPushable("its value is more than one column")
    return f


class TableGround:
    """The physical table (or an alias of it), whoever may see its rows."""

    def __init__(self, model: EntityModel, table: FromClause):
        self.entity, self.model, self.from_ = model.id, model, table
        self.id: ColumnElement[str] = table.c.id

    def column(self, field_id: str) -> ColumnElement[Any]:
        f = expressible(self.model.by_id[field_id])
        return self.from_.c[f.columns[0].name] if f.columns else self.id

    def belongs_to(self) -> ColumnElement[Any]:
        return self.from_.c.parent_id

    def live(self) -> Sequence[ColumnElement[bool]]:
        return (self.from_.c.deleted_at.is_(None),)

    def order(self) -> Sequence[ColumnElement[Any]]:
        return (self.from_.c.pos, self.from_.c.id) if self.model.is_child else (self.from_.c.id,)


class PeopleGround:
    """People or departments; everybody may see their names."""

    def __init__(self, entity: str, name: str, dialect: str):
        self.entity, self._dialect = entity, dialect
        table = org.user if entity == USER_ENTITY else org.department
        self.from_: FromClause = table.alias(name)
        self.id: ColumnElement[str] = self.from_.c.id

    def column(self, field_id: str) -> ColumnElement[Any]:
        if field_id == "usr_department":
            seat = org.membership
            main = select(seat.c.department_id).where(seat.c.user_id == self.id, seat.c.main.is_(True))
            return main.correlate(self.from_).limit(1).scalar_subquery()
        if field_id == "dep_name":
            return self._language_map(self.from_.c.name)
        return self.from_.c[_PEOPLE_COLUMNS[field_id]]

    def belongs_to(self) -> ColumnElement[Any]:
        raise NotPushable("people belong to no record")

    def _language_map(self, column: ColumnElement[Any]) -> ColumnElement[str]:
        if self._dialect == "sqlite":
            parts = [func.json_extract(column, f'$."{name}"', type_=Text()) for name in ("zh-CN", "en")]
        else:
            parts = [func.json_extract_path_text(column, name, type_=Text()) for name in ("zh-CN", "en")]
        return func.coalesce(*parts)

    def live(self) -> Sequence[ColumnElement[bool]]:
        return ()

    def order(self) -> Sequence[ColumnElement[Any]]:
        return (self.id,)


_PEOPLE_COLUMNS: Final = {
    "sys_id": "id",
    "usr_name": "name",
    "usr_email": "email",
    "usr_phone": "phone",
    "usr_active": "active",
    "usr_manager": "manager_id",
    "dep_parent": "parent_id",
    "dep_head": "head_id",
}

Open = Callable[[str, str], Ground]
"""``(entity id, alias name)`` to the rows of that entity."""


class GroundResolver:
    """Implements ``SqlResolver`` over grounds; ``names`` keeps aliases of one statement apart."""

    def __init__(self, catalog: Catalog, here: Ground, open_: Open, prefix: str, names: count[int] | None = None):
        self._catalog, self._here, self._open = catalog, here, open_
        self._prefix, self._names = prefix, names or count(1)

    def column(self, path: tuple[str, ...]) -> ColumnElement[Any]:
        """Return the column of a to-one path."""
        ground, owner = self._walk(path[:-1])
        return self._over(ground, owner, ground.column(path[-1]))

    def rows(self, path: tuple[str, ...]) -> RowSource:
        """Return the rows of a to-many path."""
        ground, owner = self._walk(path[:-1])
        hung = self._over(ground, owner, ground.column(path[-1]))
        model = self._catalog.entity(ground.entity) if self._catalog.has(ground.entity) else None
        f = model.by_id.get(path[-1]) if model else None
        if f is None or f.storage not in ("links", "children"):
            raise NotPushable("this list does not come from rows")
        target = self._next(f.target)
        below = GroundResolver(self._catalog, target, self._open, self._prefix, self._names)
        if f.storage == "children":
            on = and_(target.belongs_to() == hung, *target.live())
            return RowSource(target.from_, on, below, target.order())
        links = self._catalog.tables.links(f.field).alias(self._name())
        joined = links.join(target.from_, and_(target.id == links.c.right_id, *target.live()))
        return RowSource(joined, links.c.left_id == hung, below, (links.c.pos,))

    def records(self, entity_id: str) -> RowSource:
        """Return every live record of an entity: all there are, or those that the grounds let somebody see."""
        target = self._next(entity_id)
        below = GroundResolver(self._catalog, target, self._open, self._prefix, self._names)
        return RowSource(target.from_, and_(true(), *target.live()), below, target.order())

    def _walk(self, hops: tuple[str, ...]) -> tuple[Ground, ColumnElement[Any] | None]:
        """Return the ground a chain of to-one hops ends in, and the id of the record there (None: the row itself)."""
        ground, owner = self._here, None
        for hop in hops:
            link = self._over(ground, owner, ground.column(hop))
            ground, owner = self._next(led_to(self._catalog.snapshot, ground.entity, hop)), link
        return ground, owner

    def _over(self, ground: Ground, owner: ColumnElement[Any] | None, column: ColumnElement[Any]) -> ColumnElement[Any]:
        if owner is None:
            return column
        found = select(column).where(ground.id == owner, *ground.live()).correlate_except(ground.from_)
        return found.scalar_subquery()

    def _next(self, entity_id: str) -> Ground:
        if entity_id in (USER_ENTITY, DEPARTMENT_ENTITY):
            return PeopleGround(entity_id, self._name(), self._catalog.dialect)
        if not self._catalog.has(entity_id):
            raise NotPushable("it leads to an entity that is not there")
        return self._open(entity_id, self._name())

    def _name(self) -> str:
        return f"{self._prefix}{next(self._names)}"


def table_resolver(catalog: Catalog, model: EntityModel, table: FromClause, prefix: str) -> GroundResolver:
    """Return a resolver over the physical tables."""

    def opened(entity_id: str, name: str) -> Ground:
        other = catalog.entity(entity_id)
        return TableGround(other, other.table.alias(name))

    return GroundResolver(catalog, TableGround(model, table), opened, prefix)
