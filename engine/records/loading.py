"""Reads of the product itself, for computing and checking: whole rows by id, without any actor.

Nothing from here is shown to anybody: formulas, rules, defaults and the audit log need values their user may not see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from engine import org
from engine.expr.types import DEPARTMENT_ENTITY, USER_ENTITY
from engine.records.catalog import Catalog, EntityModel
from engine.records.links import chunks, links_of
from engine.records.rows import converter

Values = dict[str, Any]
_PEOPLE_ENTITIES: Final = frozenset({USER_ENTITY, DEPARTMENT_ENTITY})


class RowTyper:
    """Turns physical columns of an entity into canonical values by field id."""

    def __init__(self, model: EntityModel, names: Sequence[str]):
        place = {name: i for i, name in enumerate(names)}
        self._direct = tuple((f.id, place[f.columns[0].name]) for f in model if f.columns and converter(f) is None)
        self._typed = tuple(
            (f.id, convert, tuple(place[column.name] for column in f.columns))
            for f in model
            if f.columns and (convert := converter(f)) is not None
        )

    def values(self, row: Sequence[Any]) -> Values:
        found = {field_id: row[i] for field_id, i in self._direct}
        for field_id, convert, places in self._typed:
            found[field_id] = convert([row[i] for i in places])
        return found


def typer_of(catalog: Catalog, model: EntityModel) -> RowTyper:
    """Return the typer of whole rows of an entity."""
    key = ("typer", model.id)
    found = catalog.kept.get(key)
    if found is None:
        found = catalog.kept[key] = RowTyper(model, [column.name for column in model.table.c])
    return found


class Loader:
    """Whole rows by entity and id, each read once. Used for one write and then dropped."""

    def __init__(self, connection: Connection, catalog: Catalog):
        self.connection, self._catalog = connection, catalog
        self._written: dict[str, dict[str, Values]] = {}
        self._rows: dict[tuple[str, str], Values | None] = {}
        self._children: dict[tuple[str, str], list[Values]] = {}
        self._links: dict[tuple[str, str], tuple[str, ...]] = {}

    def know(self, entity_id: str, record_id: str, values: Values) -> None:
        """Take the values of a record as they are being written."""
        self._rows[entity_id, record_id] = values
        self._written.setdefault(entity_id, {})[record_id] = values

    def written(self, entity_id: str) -> Mapping[str, Values]:
        """Return the records of an entity that are being written, by id."""
        return self._written.get(entity_id, {})

    def rows(self, entity_id: str, ids: Iterable[str]) -> dict[str, Values]:
        """Return the live rows among ``ids``; a trashed or missing one is not there."""
        wanted = [one for one in dict.fromkeys(ids) if one is not None]
        missing = [one for one in wanted if (entity_id, one) not in self._rows]
        if missing:
            self._fetch(entity_id, missing)
        return {one: row for one in wanted if (row := self._rows.get((entity_id, one))) is not None}

    def _fetch(self, entity_id: str, ids: Sequence[str]) -> None:
        self._rows.update({(entity_id, one): None for one in ids})
        if entity_id in _PEOPLE_ENTITIES:
            for one, values in _people(self.connection, entity_id, ids).items():
                self._rows[entity_id, one] = values
            return
        if not self._catalog.has(entity_id):
            return
        model = self._catalog.entity(entity_id)
        typer = typer_of(self._catalog, model)
        table = model.table
        for part in chunks(ids):
            live = select(table).where(table.c.id.in_(part), table.c.deleted_at.is_(None))
            for row in self.connection.execute(live):
                values = typer.values(row)
                self._rows[entity_id, values["sys_id"]] = values

    def children(self, entity_id: str, parents: Sequence[str]) -> dict[str, list[Values]]:
        """Return the live rows of a child entity by parent, in order."""
        missing = [one for one in parents if (entity_id, one) not in self._children]
        if missing:
            self._children.update({(entity_id, one): [] for one in missing})
            model = self._catalog.entity(entity_id)
            typer = typer_of(self._catalog, model)
            table = model.table
            for part in chunks(missing):
                live = select(table).where(table.c.parent_id.in_(part), table.c.deleted_at.is_(None))
                for row in self.connection.execute(live.order_by(table.c.parent_id, table.c.pos, table.c.id)):
                    values = typer.values(row)
                    self._children[entity_id, values["sys_parent"]].append(values)
        return {one: self._children[entity_id, one] for one in parents}

    def know_children(self, entity_id: str, parent: str, rows: list[Values]) -> None:
        """Take the rows of a sub-table as they are being written."""
        self._children[entity_id, parent] = rows

    def forget_children(self, entity_id: str, parent: str) -> None:
        """Read the rows of a sub-table from the database again."""
        self._children.pop((entity_id, parent), None)

    def links(self, field_id: str, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the links of a field by record."""
        missing = [one for one in ids if (field_id, one) not in self._links]
        if missing:
            table = self._catalog.tables.links(self._catalog.snapshot.field(field_id))
            found = links_of(self.connection, table, missing)
            self._links.update({(field_id, one): found.get(one, ()) for one in missing})
        return {one: self._links[field_id, one] for one in ids}


def _people(connection: Connection, entity_id: str, ids: Sequence[str]) -> dict[str, Values]:
    """People and departments with the fields the expression language knows."""
    found: dict[str, Values] = {}
    if entity_id == USER_ENTITY:
        main = select(org.membership.c.department_id).where(
            org.membership.c.user_id == org.user.c.id, org.membership.c.main.is_(True)
        )
        wanted = select(
            org.user.c.id,
            org.user.c.name,
            org.user.c.email,
            org.user.c.phone,
            org.user.c.active,
            org.user.c.manager_id,
            main.limit(1).scalar_subquery(),
        )
        names = ("sys_id", "usr_name", "usr_email", "usr_phone", "usr_active", "usr_manager", "usr_department")
        for part in chunks(ids):
            for row in connection.execute(wanted.where(org.user.c.id.in_(part))):
                found[row[0]] = dict(zip(names, row, strict=True))
        return found
    table = org.department
    columns = select(table.c.id, table.c.name, table.c.parent_id, table.c.head_id)
    for part in chunks(ids):
        for one, name, parent, head in connection.execute(columns.where(table.c.id.in_(part))):
            found[one] = {"sys_id": one, "dep_name": _name(name), "dep_parent": parent, "dep_head": head}
    return found


def _name(name: Mapping[str, str]) -> str:
    return name.get("zh-CN") or next(iter(name.values()), "")
