"""Comments on records: whoever may read a record may read and write them.

Only people who may read the record can be mentioned; whoever names somebody else is told so. The author may edit a
comment for some minutes and remove it at any time: its words go, its place in the conversation stays. Every step is
in the audit log. Comments need no rights of their own, so they go into the trash and come back with the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, exists, insert, select, update

import engine.records.around.messages  # noqa: F401  (registers the texts)
from engine import org
from engine.actor import Actor
from engine.clock import instant_text, parse_instant
from engine.people import actor_for
from engine.problems import Forbidden, NotFound
from engine.records import audit, files
from engine.records.around.colleagues import find_people
from engine.records.around.notices import tell
from engine.records.around.tables import comment
from engine.records.around.words import mentioned, people_in
from engine.records.labels import user_names
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused
from metadata.ids import new_record_id

MAX_TEXT: Final = 10_000
MAX_FILES: Final = 20
MAX_MENTIONS: Final = 50
EDITABLE: Final = timedelta(minutes=15)
FIELD: Final = "sys_comments"
"""What the files of comments name as their field."""


def listed(
    store: RecordStore, actor: Actor, entity: str, record_id: str, *, before: str = "", limit: int = 50
) -> dict[str, Any]:
    """Return ``{"comments": [...], "next_cursor", "labels"}``, newest first. Raises NotFound."""
    entity_id = _readable(store, actor, entity, record_id)
    statement = select(comment).where(comment.c.record_id == record_id, comment.c.entity_id == entity_id)
    if before:
        statement = statement.where(comment.c.id < before)
    rows = store.connection.execute(statement.order_by(comment.c.id.desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    return {
        **_shown(store, actor, shown),
        "next_cursor": shown[-1].id if len(rows) > limit else "",
    }


def add(
    store: RecordStore,
    actor: Actor,
    entity: str,
    record_id: str,
    text: str,
    *,
    reply_to: str = "",
    attached: Sequence[str] = (),
) -> dict[str, Any]:
    """Write a comment and tell whoever it names or answers. Raises NotFound or Refused."""
    entity_id = _living(store, actor, entity, record_id)
    text = _checked(text, attached)
    answered = _answered(store, entity_id, record_id, reply_to) if reply_to else None
    named = _mentionable(store, actor, entity_id, record_id, mentioned(text))
    app_id = store.snapshot.app.id
    if files.unusable(store.connection, actor, attached, FIELD, record_id):
        raise Refused([Finding("R407", "/files")])
    comment_id = new_record_id()
    row: dict[str, Any] = {
        "id": comment_id,
        "app_id": app_id,
        "entity_id": entity_id,
        "record_id": record_id,
        "reply_to": reply_to,
        "author_id": actor.id,
        "text": text,
        "files": list(attached),
        "created_at": instant_text(store.now),
    }
    store.connection.execute(insert(comment).values(**row))
    files.attach(store.connection, attached, app_id=app_id, entity_id=entity_id, field_id=FIELD, record_id=record_id)
    _log(store, actor, "comment", comment_id, entity_id, record_id)
    _tell(store, actor, row, "mention", "R451", named)
    if answered is not None and answered.author_id not in named and _reads(store, answered.author_id, row):
        _tell(store, actor, row, "reply", "R452", [answered.author_id])
    return one(store, actor, entity_id, record_id, comment_id)


def edit(store: RecordStore, actor: Actor, entity: str, record_id: str, comment_id: str, text: str) -> dict[str, Any]:
    """Change the words of one's own comment, for some minutes. Raises NotFound, Forbidden or Refused."""
    entity_id = _living(store, actor, entity, record_id)
    row = _own(store, actor, entity_id, record_id, comment_id)
    if store.now - parse_instant(row.created_at) > EDITABLE:
        raise Refused([Finding("R405", "/text", {"minutes": int(EDITABLE.total_seconds() // 60)})])
    text = _checked(text, row.files)
    named = _mentionable(store, actor, entity_id, record_id, mentioned(text))
    if text != row.text:
        change = update(comment).where(comment.c.id == comment_id)
        store.connection.execute(change.values(text=text, edited_at=instant_text(store.now)))
        _log(store, actor, "comment_edit", comment_id, entity_id, record_id, before=row.text)
        _tell(store, actor, row._asdict(), "mention", "R451", named)
    return one(store, actor, entity_id, record_id, comment_id)


def remove(store: RecordStore, actor: Actor, entity: str, record_id: str, comment_id: str) -> dict[str, Any]:
    """Take the words and files of one's own comment away; that there was one stays. Raises NotFound or Forbidden."""
    entity_id = _living(store, actor, entity, record_id)
    row = _own(store, actor, entity_id, record_id, comment_id)
    change = update(comment).where(comment.c.id == comment_id)
    store.connection.execute(change.values(text="", files=[], removed_at=instant_text(store.now)))
    _log(store, actor, "comment_remove", comment_id, entity_id, record_id, before=row.text)
    return one(store, actor, entity_id, record_id, comment_id)


def one(store: RecordStore, actor: Actor, entity_id: str, record_id: str, comment_id: str) -> dict[str, Any]:
    """Return ``{"comments": [the one], "labels"}``. Raises NotFound."""
    return _shown(store, actor, [_row(store, entity_id, record_id, comment_id)])


def candidates(
    store: RecordStore, actor: Actor, entity: str, record_id: str, text: str, *, limit: int = 8
) -> list[dict[str, Any]]:
    """Return people to mention: ``{"id", "name", "username", "readable"}``; those who may read the record first.

    Raises NotFound for a record the actor may not read.
    """
    entity_id = _readable(store, actor, entity, record_id)
    found = []
    for person in find_people(store.connection, text, limit=3 * limit):
        readable = _may_read(store, person.id, entity_id, record_id)
        found.append({"id": person.id, "name": person.name, "username": person.username, "readable": readable})
    found.sort(key=lambda person: not person["readable"])
    return found[:limit]


def holds(store: RecordStore, actor: Actor, file: files.StoredFile) -> bool:
    """Say whether a file is part of a comment the actor may read now."""
    if not store.snapshot.has_entity(file.entity_id):
        return False
    if not store.record_actions(actor, file.entity_id, file.record_id):
        return False
    rows = store.connection.execute(select(comment.c.files).where(comment.c.record_id == file.record_id))
    return any(file.id in attached for attached in rows.scalars())


def _shown(store: RecordStore, actor: Actor, rows: Sequence[Row[Any]]) -> dict[str, Any]:
    described = files.describe(store.connection, (one for row in rows for one in row.files))
    answered = {row.reply_to for row in rows if row.reply_to}
    quoted = _quoted(store.connection, answered)
    ids = {row.author_id for row in rows} | people_in(row.text for row in rows)
    ids |= {author for author, _ in quoted.values()} | people_in(text for _, text in quoted.values())
    return {
        "comments": [
            {
                "id": row.id,
                "author": row.author_id,
                "at": row.created_at,
                "text": row.text,
                "edited": bool(row.edited_at),
                "removed": bool(row.removed_at),
                "reply_to": _quote(row.reply_to, quoted),
                "files": files.to_json(described, row.files),
                "mine": row.author_id == actor.id and not row.removed_at,
                "editable": row.author_id == actor.id
                and not row.removed_at
                and store.now - parse_instant(row.created_at) <= EDITABLE,
            }
            for row in rows
        ],
        "labels": {"user": user_names(store.connection, ids)},
    }


def _quoted(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    wanted = select(comment.c.id, comment.c.author_id, comment.c.text).where(comment.c.id.in_(list(ids)))
    return {row.id: (row.author_id, row.text) for row in connection.execute(wanted)}


def _quote(comment_id: str, quoted: dict[str, tuple[str, str]]) -> dict[str, str] | None:
    if comment_id not in quoted:
        return None
    author, text = quoted[comment_id]
    return {"id": comment_id, "author": author, "text": text[:120]}


def _checked(text: str, attached: Sequence[str]) -> str:
    text = text.replace("\r\n", "\n").strip()
    if not text and not attached:
        raise Refused([Finding("R401", "/text")])
    if len(text) > MAX_TEXT:
        raise Refused([Finding("R402", "/text", {"found": len(text), "limit": MAX_TEXT})])
    if len(attached) > MAX_FILES:
        raise Refused([Finding("R408", "/files", {"found": len(attached), "limit": MAX_FILES})])
    return text


def _mentionable(store: RecordStore, actor: Actor, entity_id: str, record_id: str, ids: Sequence[str]) -> list[str]:
    """Return the people to tell. Raises Refused when one does not exist or may not read the record."""
    if len(ids) > MAX_MENTIONS:
        raise Refused([Finding("R402", "/text", {"found": len(ids), "limit": MAX_MENTIONS})])
    active = select(org.user.c.id).where(org.user.c.id.in_(list(ids)), org.user.c.active)
    known = set(store.connection.execute(active).scalars())
    if known != set(ids):
        raise Refused([Finding("R404", "/text")])
    barred = [one for one in ids if not _may_read(store, one, entity_id, record_id)]
    if barred:
        names = user_names(store.connection, barred)
        raise Refused([Finding("R403", "/text", {"names": ", ".join(names[one] for one in barred)})])
    return [one for one in ids if one != actor.id]


def _may_read(store: RecordStore, user_id: str, entity_id: str, record_id: str) -> bool:
    reader = actor_for(store.connection, user_id, store.snapshot.app.id)
    return bool(store.record_actions(reader, entity_id, record_id))


def _reads(store: RecordStore, user_id: str, row: dict[str, Any]) -> bool:
    gone = ~exists(select(org.user.c.id).where(org.user.c.id == user_id, org.user.c.active))
    if store.connection.execute(select(gone)).scalar():
        return False
    return user_id != row["author_id"] and _may_read(store, user_id, row["entity_id"], row["record_id"])


def _tell(store: RecordStore, actor: Actor, row: dict[str, Any], kind: str, code: str, users: Sequence[str]) -> None:
    tell(
        store.connection,
        key=f"comment:{row['id']}",
        users=users,
        kind=kind,
        app_id=row["app_id"],
        entity_id=row["entity_id"],
        record_id=row["record_id"],
        words={"code": code, "by": actor.id, "comment": row["id"]},
    )


def _answered(store: RecordStore, entity_id: str, record_id: str, comment_id: str) -> Row[Any]:
    try:
        row = _row(store, entity_id, record_id, comment_id)
    except NotFound:
        raise Refused([Finding("R406", "/reply_to")]) from None
    if row.removed_at:
        raise Refused([Finding("R406", "/reply_to")])
    return row


def _own(store: RecordStore, actor: Actor, entity_id: str, record_id: str, comment_id: str) -> Row[Any]:
    row = _row(store, entity_id, record_id, comment_id)
    if row.removed_at:
        raise NotFound(what=comment_id)
    if row.author_id != actor.id:
        raise Forbidden(what={"zh-CN": "修改他人的评论", "en": "change a comment of someone else"})
    return row


def _row(store: RecordStore, entity_id: str, record_id: str, comment_id: str) -> Row[Any]:
    this = (comment.c.id == comment_id, comment.c.record_id == record_id, comment.c.entity_id == entity_id)
    row = store.connection.execute(select(comment).where(*this)).first()
    if row is None:
        raise NotFound(what=comment_id[:40])
    return row


def _readable(store: RecordStore, actor: Actor, entity: str, record_id: str) -> str:
    """Return the entity's id if the actor may read the record, in the trash too. Raises NotFound."""
    if not store.record_actions(actor, entity, record_id):
        raise NotFound(what=entity[:100])
    return store.snapshot.entity(entity).id


def _living(store: RecordStore, actor: Actor, entity: str, record_id: str) -> str:
    """Return the entity's id if the actor may read the record and it is not in the trash. Raises NotFound."""
    return store.get(actor, entity, record_id, fields=("id",)).entity


def _log(
    store: RecordStore, actor: Actor, action: str, comment_id: str, entity_id: str, record_id: str, **more: str
) -> None:
    audit.record_event(
        store.connection,
        actor,
        action,
        store.now,
        app_id=store.snapshot.app.id,
        entity_id=entity_id,
        record_id=record_id,
        detail={"comment": comment_id, **more},
    )
