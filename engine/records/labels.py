"""Names for the ids in an answer: people by name, records by the title their reader may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, select

from engine import org
from engine.expr.types import DEPARTMENT_ENTITY
from engine.records.access import Access, remembered
from engine.records.catalog import FieldModel
from engine.records.formulas import volatile
from engine.records.links import chunks
from engine.records.rows import Reader
from engine.records.spec import Record
from metadata.findings import in_language

USERS: Final = "user"
DEPARTMENTS: Final = DEPARTMENT_ENTITY
"""Headings of the names of people and of departments in an answer; others are keys of entities."""

_NAMES: Final[Select[Any]] = select(org.user.c.id, org.user.c.name).where(
    org.user.c.id.in_(bindparam("ids", expanding=True))
)


def user_names(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Return ``{user id: name}`` of those that exist."""
    found: dict[str, str] = {}
    for part in chunks(sorted(set(ids))):
        found.update((row[0], row[1]) for row in connection.execute(_NAMES, {"ids": list(part)}))
    return found


def department_names(connection: Connection, ids: Iterable[str], locale: str) -> dict[str, str]:
    """Return ``{department id: name}`` of those that exist."""
    table = org.department
    found: dict[str, str] = {}
    for part in chunks(sorted(set(ids))):
        rows = connection.execute(select(table.c.id, table.c.name).where(table.c.id.in_(part)))
        found.update((one, in_language(name, locale)) for one, name in rows)
    return found


def titles(
    access: Access,
    connection: Connection,
    entity_id: str,
    ids: Iterable[str],
    locale: str = "",
    *,
    trashed: bool = False,
) -> dict[str, str]:
    """Return ``{record id: title}`` of the records that may be read; where the title is hidden it is the id.

    ``trashed`` asks for records in the recycle bin, of those who may delete them.
    """
    title = access.catalog.entity(entity_id).title
    clocked = volatile(access.catalog, title) is not None
    alias = access.alias(entity_id, action="delete" if trashed else "read", trashed=trashed, clocked=clocked)
    rights = alias.rights
    if not rights.allows("read"):
        return {}
    wanted = sorted(set(ids))
    f = alias.model.title

    def make() -> tuple[Reader, Any]:
        reader = Reader(alias, [access.paths(alias).visible(f.key, "")] if alias.field(f.id) and f.columns else [])
        return reader, select(*reader.columns).where(alias.id.in_(bindparam("ids", expanding=True)))

    reader, statement = remembered(access.shelf(entity_id), ("titles", access.roles, entity_id, trashed), make)
    found: dict[str, str] = {}
    for part in chunks(wanted):
        for row in connection.execute(statement, {**access.binds, "ids": list(part)}):
            record = reader.record(row)
            found[record.id] = _title(record, f, locale or access.actor.locale) or record.id
    return found


def _title(record: Record, f: FieldModel, locale: str) -> str:
    value = record.values.get(f.key)
    if value is None or f.key in record.masked:
        return value or ""
    return f.type.format(f.field, value, locale)


def page_labels(
    access: Access, connection: Connection, reader: Reader, records: Sequence[Record]
) -> dict[str, Mapping[str, str]]:
    """Return the names of every person and record that the records mention."""
    people: set[str] = set()
    linked: dict[str, set[str]] = {}
    shown = [(one.key, one.field) for one in reader.shown] + [(one.path, one.field) for one in reader.later]
    for key, f in shown:
        collect(f, (r.values.get(key) for r in records if key not in r.masked), people, linked, access)
    return named(access, connection, people, linked)


def named(
    access: Access, connection: Connection, people: set[str], linked: Mapping[str, set[str]]
) -> dict[str, Mapping[str, str]]:
    """Return the names of what :func:`collect` gathered, under their headings."""
    found: dict[str, Mapping[str, str]] = {}
    if people:
        found[USERS] = user_names(connection, people)
    for entity_id, ids in linked.items():
        if entity_id == DEPARTMENT_ENTITY:
            found[DEPARTMENTS] = department_names(connection, ids, access.actor.locale)
        elif ids:
            found[access.catalog.entity(entity_id).entity.key] = titles(access, connection, entity_id, ids)
    return found


def collect(
    f: FieldModel, values: Iterable[Any], people: set[str], linked: dict[str, set[str]], access: Access
) -> None:
    """Add the ids that values of a field hold to ``people`` or, by entity id, to ``linked`` (departments too)."""
    if f.storage == "children":
        for rows in values:
            for row in rows or ():
                model = access.catalog.entity(f.target)
                for key, value in row.values.items():
                    below = model.by_key.get(key)
                    if below is not None and key not in row.masked:
                        collect(below, (value,), people, linked, access)
        return
    target = people if f.people else None
    if f.holds == "departments":
        target = linked.setdefault(DEPARTMENT_ENTITY, set())
    if target is None:
        if not f.target or not access.catalog.has(f.target):
            return
        target = linked.setdefault(f.target, set())
    for value in values:
        if isinstance(value, tuple):
            target.update(value)
        elif value is not None:
            target.add(value)
