"""What a person keeps at hand (favourites) and has opened (visits). Personal: no question leads to another's.

A record is unread for a person who opened it before when it changed since, or somebody else commented on it. That
is one row a person and record, and two look-ups a page of a list. Whatever may no longer be read is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from sqlalchemy import Connection, delete, func, select

import engine.records.around.messages  # noqa: F401  (registers the texts)
from engine.actor import Actor
from engine.clock import instant_text
from engine.jobs.table import insert_new
from engine.records.around.tables import comment, favourite, visit
from engine.records.links import chunks
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused

Kind = Literal["record", "view", "dashboard"]
MAX_FAVOURITES: Final = 500
RECENT: Final = 30


def keep(connection: Connection, actor: Actor, kind: Kind, app_id: str, entity_id: str, target_id: str) -> None:
    """Make something a favourite; a second time changes nothing. Raises Refused when there are too many."""
    mine = select(func.count()).where(favourite.c.user_id == actor.id)
    if (connection.execute(mine).scalar() or 0) >= MAX_FAVOURITES:
        raise Refused([Finding("R411", "", {"limit": MAX_FAVOURITES})])
    row = {"user_id": actor.id, "kind": kind, "target_id": target_id, "app_id": app_id, "entity_id": entity_id}
    insert_new(connection, favourite, {**row, "at": instant_text()})


def drop(connection: Connection, actor: Actor, kind: Kind, target_id: str) -> None:
    """Make something no favourite any more."""
    this = (favourite.c.user_id == actor.id, favourite.c.kind == kind, favourite.c.target_id == target_id)
    connection.execute(delete(favourite).where(*this))


def kept(connection: Connection, actor: Actor) -> list[dict[str, str]]:
    """Return the favourites of a person, latest first: ``{"kind", "app_id", "entity_id", "target_id", "at"}``."""
    columns = (favourite.c.kind, favourite.c.app_id, favourite.c.entity_id, favourite.c.target_id, favourite.c.at)
    statement = select(*columns).where(favourite.c.user_id == actor.id).order_by(favourite.c.at.desc())
    return [dict(row._mapping) for row in connection.execute(statement)]


def visited(store: RecordStore, actor: Actor, entity: str, record_id: str) -> dict[str, Any]:
    """Note that a person sees a record as it is now; return ``{"since", "unread"}``: the visit before, and whether
    anything happened since. Raises NotFound for one that may not be read."""
    record = store.get(actor, entity, record_id, fields=("id",))
    connection = store.connection
    mine = (visit.c.user_id == actor.id, visit.c.record_id == record_id)
    before = connection.execute(select(visit.c.at).where(*mine)).scalar() or ""
    unread = record_id in marks_of(connection, actor, {record_id: record.rev})["unread"]
    row = {"user_id": actor.id, "record_id": record_id, "app_id": store.snapshot.app.id, "entity_id": record.entity}
    seen = {"rev": record.rev, "at": instant_text(store.now)}
    if not insert_new(connection, visit, {**row, **seen}):
        connection.execute(visit.update().where(*mine).values(**seen))
    return {"since": before, "unread": unread}


def recent(connection: Connection, actor: Actor, limit: int = RECENT) -> list[dict[str, str]]:
    """Return the records a person opened last: ``{"app_id", "entity_id", "target_id", "at"}``."""
    columns = (visit.c.app_id, visit.c.entity_id, visit.c.record_id.label("target_id"), visit.c.at)
    statement = select(*columns).where(visit.c.user_id == actor.id).order_by(visit.c.at.desc()).limit(limit)
    return [dict(row._mapping) for row in connection.execute(statement)]


def marks_of(connection: Connection, actor: Actor, records: Mapping[str, int]) -> dict[str, list[str]]:
    """Return which of some records (``{id: revision shown}``) are unread and which are favourites of a person."""
    unread: list[str] = []
    starred: list[str] = []
    for part in chunks(sorted(records)):
        seen = select(visit.c.record_id, visit.c.rev, visit.c.at).where(
            visit.c.user_id == actor.id, visit.c.record_id.in_(part)
        )
        opened = {row.record_id: row for row in connection.execute(seen)}
        spoken = _last_words(connection, actor, list(opened))
        unread += [one for one, row in opened.items() if records[one] > row.rev or spoken.get(one, "") > row.at]
        mine = select(favourite.c.target_id).where(
            favourite.c.user_id == actor.id, favourite.c.kind == "record", favourite.c.target_id.in_(part)
        )
        starred += connection.execute(mine).scalars()
    return {"unread": unread, "favourite": starred}


def _last_words(connection: Connection, actor: Actor, ids: Sequence[str]) -> dict[str, str]:
    """When somebody else last commented on each of some records."""
    if not ids:
        return {}
    statement = (
        select(comment.c.record_id, func.max(comment.c.created_at).label("at"))
        .where(comment.c.record_id.in_(list(ids)), comment.c.author_id != actor.id)
        .group_by(comment.c.record_id)
    )
    return {row.record_id: row.at for row in connection.execute(statement)}
