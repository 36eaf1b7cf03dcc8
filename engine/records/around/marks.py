"""What a person keeps at hand (favourites) and has opened (visits). Personal: no question leads to another's.

What "unread" means stands in :mod:`engine.records.around.marked`: one row a person and record opened, one a person and
entity. Whatever may no longer be read is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, delete, func, select

import engine.records.around.messages  # noqa: F401  (registers the texts)
from engine.actor import Actor
from engine.clock import instant_text
from engine.jobs.table import insert_new
from engine.records.around.tables import favourite, read_through, visit
from engine.records.spec import QuerySpec
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused

Kind = Literal["record", "view", "dashboard"]
MAX_FAVOURITES: Final = 500
RECENT: Final = 30
PAGE: Final = 200
"""Records one asks about at a time."""


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
    unread = record_id in marks_of(store, actor, entity, [record_id])["unread"]
    look(connection, actor, record.entity)
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


def marks_of(store: RecordStore, actor: Actor, entity: str, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return which of some records (at most :data:`PAGE`) are unread and which are favourites of a person.

    They are the filters ``["mine", …]`` over these records, so a list and its filter never disagree.
    """

    def held(mark: str) -> list[str]:
        both = ["and", ["in", "id", list(ids)], ["mine", mark]]
        spec = QuerySpec(entity=entity, fields=("id",), filter=both, limit=PAGE)
        return [record.id for record in store.list(actor, spec, labels=False).records]

    return {"unread": held("@unread"), "favourite": held("@favourite")} if ids else {"unread": [], "favourite": []}


def looked(connection: Connection, actor: Actor, entity_id: str) -> bool:
    """Say whether a person ever looked at the records of an entity."""
    return connection.execute(select(read_through.c.at).where(*_mine(actor, entity_id))).first() is not None


def look(connection: Connection, actor: Actor, entity_id: str) -> None:
    """Note a first look: what arrives from now on is news. A later look changes nothing."""
    insert_new(connection, read_through, {"user_id": actor.id, "entity_id": entity_id, "at": instant_text()})


def read_all(connection: Connection, actor: Actor, entity_id: str, since: str = "") -> str:
    """Call everything of an entity read, or everything up to ``since`` again as it was (the way back).

    Returns the moment that held before. What one opened stays noted, so the way back is exact.
    """
    look(connection, actor, entity_id)
    before = connection.execute(select(read_through.c.at).where(*_mine(actor, entity_id))).scalar_one()
    at = min(since, before) if since else instant_text()
    connection.execute(read_through.update().where(*_mine(actor, entity_id)).values(at=at))
    return str(before)


def _mine(actor: Actor, entity_id: str) -> tuple[ColumnElement[bool], ...]:
    return (read_through.c.user_id == actor.id, read_through.c.entity_id == entity_id)
