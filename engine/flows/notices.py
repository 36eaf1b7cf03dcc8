"""In-app notices: what a person is told. Kept as words and references, put into sentences for the reader, so a title
shows only what that reader may see now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from engine.actor import Actor
from engine.clock import instant_text, parse_instant
from engine.flows.directory import Directory
from engine.flows.tables import notice
from engine.jobs.table import insert_new
from engine.people import actor_for
from engine.records.workspace import Workspace
from metadata.findings import in_language, message
from metadata.ids import new_record_id

Words = Mapping[str, Any]
"""``title`` and ``body`` (language maps) or ``code`` (a message); ``flow`` and ``node`` labels; ``by`` a user id."""


def tell(
    connection: Connection,
    *,
    key: str,
    users: Iterable[str],
    kind: str,
    app_id: str,
    entity_id: str,
    record_id: str,
    words: Words,
) -> None:
    """Write one notice a person; a second call with the same key adds nothing."""
    for user in dict.fromkeys(users):
        row = {
            "id": new_record_id(),
            "key": key,
            "user_id": user,
            "kind": kind,
            "app_id": app_id,
            "entity_id": entity_id,
            "record_id": record_id,
            "words": dict(words),
            "created_at": instant_text(),
            "read": False,
        }
        insert_new(connection, notice, row)


def listed(workspace: Workspace, connection: Connection, actor: Actor, limit: int, cursor: str) -> dict[str, Any]:
    """Return a person's notices, newest first, as sentences in the person's language."""
    query = select(notice).where(notice.c.user_id == actor.id)
    if cursor:
        query = query.where(notice.c.id < cursor)
    rows = connection.execute(query.order_by(notice.c.id.desc()).limit(limit + 1)).all()
    unread = select(func.count()).where(notice.c.user_id == actor.id, notice.c.read.is_(False))
    shown = rows[:limit]
    return {
        "notices": _sentences(workspace, connection, actor, shown),
        "next_cursor": shown[-1].id if len(rows) > limit else "",
        "unread": connection.execute(unread).scalar_one(),
    }


def mark_read(connection: Connection, actor: Actor, ids: Sequence[str] | None) -> None:
    """Mark notices of the actor read: the named ones, or all."""
    change = update(notice).where(notice.c.user_id == actor.id, notice.c.read.is_(False))
    if ids is not None:
        change = change.where(notice.c.id.in_(list(ids)))
    connection.execute(change.values(read=True))


def _sentences(
    workspace: Workspace, connection: Connection, actor: Actor, rows: Sequence[Row[Any]]
) -> list[dict[str, Any]]:
    titles: dict[tuple[str, str, str], str] = {}
    wanted: dict[tuple[str, str], set[str]] = {}
    keys: dict[tuple[str, str], tuple[str, str]] = {}
    for row in rows:
        wanted.setdefault((row.app_id, row.entity_id), set()).add(row.record_id)
    for (app_id, entity_id), ids in wanted.items():
        try:
            store = workspace.store(connection, app_id)
            entity = store.snapshot.entity(entity_id)
        except KeyError:
            continue
        reader = actor_for(connection, actor.id, app_id)
        keys[app_id, entity_id] = (store.snapshot.app.key, entity.key)
        for record_id, title in store.titles(reader, entity_id, ids).items():
            titles[app_id, entity_id, record_id] = title
    names = Directory(connection, "").names(row.words.get("by", "") for row in rows)
    return [
        _sentence(row, keys.get((row.app_id, row.entity_id), ("", "")), titles, names, actor.locale) for row in rows
    ]


def _sentence(
    row: Any,
    keys: tuple[str, str],
    titles: Mapping[tuple[str, str, str], str],
    names: Mapping[str, str],
    locale: str,
) -> dict[str, Any]:
    words: Words = row.words
    by = names.get(words.get("by", ""), "")
    facts = {
        "title": titles.get((row.app_id, row.entity_id, row.record_id), "…"),
        "flow": in_language(words.get("flow", ""), locale),
        "node": in_language(words.get("node", ""), locale),
        "initiator": by,
        "actor": by,
    }
    text = message(words["code"], locale, facts) if "code" in words else _filled(words["title"], locale, facts)
    return {
        "id": row.id,
        "kind": row.kind,
        "text": text,
        "body": _filled(words.get("body", ""), locale, facts),
        "at": parse_instant(row.created_at),
        "read": row.read,
        "app": keys[0],
        "entity": keys[1],
        "record_id": row.record_id,
    }


def _filled(text: Any, locale: str, facts: Mapping[str, str]) -> str:
    filled = in_language(text, locale)
    for name, value in facts.items():
        filled = filled.replace("{" + name + "}", value)
    return filled
