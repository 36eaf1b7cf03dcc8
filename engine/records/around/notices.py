"""In-app notices: what a person is told, by comments, flows and whatever else has to say something.

Kept as words and references and put into sentences for the reader, so a title, or the words of a comment, show only
to somebody who may see the record now.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, update

import engine.records.around.messages  # noqa: F401  (registers the texts)
from engine.actor import Actor
from engine.clock import instant_text, parse_instant
from engine.jobs.table import insert_new
from engine.people import actor_for
from engine.records.around.tables import comment, notice
from engine.records.around.words import plain
from engine.records.labels import user_names
from engine.records.workspace import Workspace
from metadata.findings import in_language, message
from metadata.ids import new_record_id

_NAME: Final = re.compile(r"\{(\w+)\}")

Words = Mapping[str, Any]
"""``title`` and ``body`` (language maps) or ``code`` (a message); ``flow`` and ``node`` labels; ``by`` a user id;
``comment`` the id of a comment whose words are the body."""


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
    names = user_names(connection, (row.words.get("by", "") for row in rows))
    said = _comments(connection, [row for row in rows if (row.app_id, row.entity_id, row.record_id) in titles])
    return [
        _sentence(row, keys.get((row.app_id, row.entity_id), ("", "")), titles, names, said, actor.locale)
        for row in rows
    ]


def _comments(connection: Connection, rows: Sequence[Row[Any]]) -> dict[str, str]:
    """Words of the comments that notices about readable records speak of."""
    ids = [row.words["comment"] for row in rows if row.words.get("comment")]
    if not ids:
        return {}
    found = connection.execute(select(comment.c.id, comment.c.text).where(comment.c.id.in_(ids))).all()
    return plain(connection, {row.id: row.text for row in found})


def _sentence(
    row: Any,
    keys: tuple[str, str],
    titles: Mapping[tuple[str, str, str], str],
    names: Mapping[str, str],
    said: Mapping[str, str],
    locale: str,
) -> dict[str, Any]:
    words: Words = row.words
    by = names.get(words.get("by", ""), "")
    title = titles.get((row.app_id, row.entity_id, row.record_id), "")
    facts = {
        "title": title or "…",
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
        "title": title,
        "body": _filled(words.get("body", ""), locale, facts) or said.get(words.get("comment", ""), ""),
        "at": parse_instant(row.created_at),
        "read": row.read,
        "app": keys[0],
        "entity": keys[1],
        "record_id": row.record_id,
        "comment": words.get("comment", ""),
    }


def _filled(text: Any, locale: str, facts: Mapping[str, str]) -> str:
    """Return a text with facts for the names in it; what a fact itself says in braces stays as it is."""
    return _NAME.sub(lambda name: facts.get(name[1], name[0]), in_language(text, locale))
