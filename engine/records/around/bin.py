"""The recycle bin: what lies in it of an application, and taking records away for good.

Who may delete a record sees it in the bin and may bring it back. Rows of a sub-table that went with their record are
not listed: they come back with it. Taking away for good is for people with the duty to look after data; it takes
rows, files, comments and marks along and cannot be undone. The audit log stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select, update

import engine.records.around.messages  # noqa: F401  (registers the texts)
from engine.actor import Actor
from engine.clock import instant_text
from engine.problems import Forbidden, NotFound
from engine.records import audit, search
from engine.records.access import Access
from engine.records.around.handover import handed
from engine.records.around.tables import comment, favourite, notice, visit
from engine.records.catalog import Catalog, EntityModel
from engine.records.files import file_table
from engine.records.labels import titles, user_names
from engine.records.links import chunks
from engine.records.locks import lock_in_bin
from engine.records.searching import search_condition
from engine.records.secured import Secured
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused

DUTY: Final = "data_admin"
MAX_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """A record in the bin."""

    id: str
    title: str
    at: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What goes with records that are taken away for good."""

    records: int
    rows: int
    files: int
    comments: int


def counts(store: RecordStore, actor: Actor) -> dict[str, int]:
    """Return how many records lie in the bin, by entity id; only where the actor may delete."""
    access = store.access_of(actor)
    found = {}
    for entity in store.snapshot.entities:
        rights = access.rights(entity.id)
        if rights.allows("read") and rights.allows("delete"):
            alias, conditions = _in_bin(access, store.catalog.entity(entity.id), "")
            statement = select(func.count()).select_from(alias.source).where(*conditions)
            found[entity.id] = int(store.connection.execute(statement, access.binds).scalar() or 0)
    return found


def deleted(
    store: RecordStore, actor: Actor, entity: str, *, text: str = "", offset: int = 0, limit: int = 50
) -> tuple[list[Deleted], dict[str, str], bool]:
    """Return records in the bin, last deleted first, the names of who deleted them, and whether there are more.

    Raises NotFound for an entity whose bin the actor may not see.
    """
    access, model = _bin_of(store, actor, entity)
    alias, conditions = _in_bin(access, model, text)
    table = model.table
    statement: Select[Any] = (
        select(table.c.id, table.c.deleted_at, table.c.deleted_by)
        .join(alias.source, alias.id == table.c.id)
        .where(*conditions)
        .order_by(table.c.deleted_at.desc(), table.c.id.desc())
        .limit(limit + 1)
        .offset(offset)
    )
    rows = store.connection.execute(statement, access.binds).all()
    shown = rows[:limit]
    names = titles(access, store.connection, model.id, [row.id for row in shown], trashed=True)
    people = user_names(store.connection, [row.deleted_by or "" for row in shown])
    found = [
        Deleted(id=row.id, title=names.get(row.id, row.id), at=_instant(row.deleted_at), by=row.deleted_by or "")
        for row in shown
    ]
    return found, people, len(rows) > limit


def loss(store: RecordStore, actor: Actor, entity: str, ids: Sequence[str]) -> Loss:
    """Return what purging would take away. Raises NotFound, Forbidden or Refused."""
    access, model = _purger(store, actor, entity, ids)
    every = _with_rows(store, access, model, ids)
    flat = [one for group in every.values() for one in group]
    return Loss(
        records=len(every[model.id]),
        rows=len(flat) - len(every[model.id]),
        files=_count(store.connection, file_table.c.record_id, flat),
        comments=_count(store.connection, comment.c.record_id, flat),
    )


def purge(store: RecordStore, actor: Actor, entity: str, ids: Sequence[str]) -> list[str]:
    """Take records in the bin away for good; return the ids of the files whose bytes go once this is committed.

    Raises NotFound, Forbidden (without the duty) or Refused.
    """
    access, model = _purger(store, actor, entity, ids)
    lock_in_bin(store.connection, model, ids)
    every = _with_rows(store, access, model, ids)
    connection, catalog = store.connection, store.catalog
    app_id = store.snapshot.app.id
    for entity_id, group in every.items():
        _forget_links(connection, catalog, entity_id, group)
        one = catalog.entity(entity_id)
        for part in chunks(group):
            among = one.table.c.id.in_(part)
            rids = list(connection.execute(select(one.table.c.rid).where(among)).scalars())
            search.remove(connection, catalog.tables, entity_id, rids)
            connection.execute(delete(one.table).where(among))
    flat = [one for group in every.values() for one in group]
    gone: list[str] = []
    for part in chunks(flat):
        gone += connection.execute(select(file_table.c.id).where(file_table.c.record_id.in_(part))).scalars()
        for column in (
            file_table.c.record_id,
            comment.c.record_id,
            visit.c.record_id,
            notice.c.record_id,
            favourite.c.target_id,
            handed.c.record_id,
        ):
            connection.execute(delete(column.table).where(column.in_(part)))
    at = audit.stamp(store.now)
    rows = [
        audit.row(actor, "purge", at=at, app_id=app_id, entity_id=entity_id, record_id=one)
        for entity_id, group in every.items()
        for one in group
    ]
    audit.add(connection, rows)
    return gone


def _instant(value: Any) -> str:
    """SQLite keeps instants as text, PostgreSQL as instants."""
    return value if isinstance(value, str) else instant_text(value)


def _bin_of(store: RecordStore, actor: Actor, entity: str) -> tuple[Access, EntityModel]:
    access = store.access_of(actor)
    try:
        model = store.catalog.entity(entity)
    except KeyError:
        raise NotFound(what=entity[:100]) from None
    rights = access.rights(model.id)
    if not (rights.allows("read") and rights.allows("delete")):
        raise NotFound(what=model.entity.label)
    return access, model


def _in_bin(access: Access, model: EntityModel, text: str) -> tuple[Secured, list[ColumnElement[bool]]]:
    """The alias of the bin, and what else keeps a record out of the list: its parent lies there too, or the search."""
    alias = access.alias(model.id, action="delete", trashed=True)
    conditions: list[ColumnElement[bool]] = []
    if alias.parent is not None:
        above = access.catalog.entity(model.entity.parent).table
        conditions.append(alias.parent.in_(select(above.c.id).where(above.c.deleted_at.is_(None))))
    if text.strip():
        conditions.append(search_condition(access, access.paths(alias), text))
    return alias, conditions


def _purger(store: RecordStore, actor: Actor, entity: str, ids: Sequence[str]) -> tuple[Access, EntityModel]:
    """Return the bin for somebody who may empty it. Raises NotFound, Forbidden or Refused."""
    access, model = _bin_of(store, actor, entity)
    if DUTY not in actor.duties:
        raise Forbidden(what={"zh-CN": "彻底删除", "en": "delete this for good"})
    if len(ids) > MAX_AT_ONCE:
        raise Refused([Finding("R410", "/ids", {"limit": MAX_AT_ONCE})])
    return access, model


def _with_rows(store: RecordStore, access: Access, model: EntityModel, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return records in the bin by entity id, rows of sub-tables included. Raises NotFound."""
    alias, conditions = _in_bin(access, model, "")
    statement = select(alias.id).where(alias.id.in_(list(ids)), *conditions)
    found = list(store.connection.execute(statement, access.binds).scalars())
    if set(found) != set(ids):
        raise NotFound(what=model.entity.label)
    every = {model.id: sorted(found)}
    waiting = [model]
    while waiting:
        one = waiting.pop()
        for f in one.children:
            below = store.catalog.entity(f.target)
            parents = every[one.id]
            rows: list[str] = []
            for part in chunks(parents):
                rows += store.connection.execute(
                    select(below.table.c.id).where(below.table.c.parent_id.in_(part))
                ).scalars()
            if rows:
                every[below.id] = sorted({*every.get(below.id, ()), *rows})
                waiting.append(below)
    return every


def _forget_links(connection: Connection, catalog: Catalog, entity_id: str, ids: Sequence[str]) -> None:
    """Only records that lie in the bin themselves can still point to these: those links end."""
    for entity, field in catalog.snapshot.links_to(entity_id):
        model = catalog.entity(entity.id)
        f = model.by_id.get(field.id)
        if f is None:
            continue
        for part in chunks(ids):
            if f.storage == "links":
                links = catalog.tables.links(f.field)
                connection.execute(delete(links).where(links.c.right_id.in_(part)))
            else:
                column = f.columns[0]
                connection.execute(update(model.table).where(column.in_(part)).values({column: None}))
    for f in catalog.entity(entity_id).own:
        if f.storage == "links":
            links = catalog.tables.links(f.field)
            for part in chunks(ids):
                connection.execute(delete(links).where(links.c.left_id.in_(part)))


def _count(connection: Connection, column: Any, ids: Sequence[str]) -> int:
    total = 0
    for part in chunks(ids):
        total += int(connection.execute(select(func.count()).where(column.in_(part))).scalar() or 0)
    return total
