"""One search over everything a person may read: records of every entity of every application, best first.

Each entity is asked its own quick search (text, pinyin, initials) through the secured alias, so what may not be read
neither matches nor moves anything; the order inside an entity is worked out on what came back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from sqlalchemy import Connection

from engine.actor import Actor
from engine.records.catalog import FieldModel
from engine.records.searching import searched
from engine.records.spec import QuerySpec, Record, SortSpec
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from metadata.model import Entity

FETCH: Final = 40
"""Records of an entity, the newest that match, among which the best are chosen."""
_BEFORE: Final = 16
_LENGTH: Final = 80

Json = dict[str, Any]


def find(
    workspace: Workspace,
    connection: Connection,
    actor_in: Callable[[str], Actor],
    apps: Iterable[str],
    text: str,
    *,
    limit: int = 5,
) -> list[Json]:
    """Return groups, best first: ``{"app", "app_name", "entity", "label", "icon", "hits", "more"}``.

    A hit is ``{"id", "title", "ranges", "field"?}``: ``ranges`` are the places of the words in the title, ``field``
    (``{"key", "label", "text", "ranges"}``) is where else a word was found. Raises Refused for a text too long.
    """
    words = text.split()
    if not words:
        return []
    groups: list[tuple[float, Json]] = []
    for app_id in apps:
        try:
            store = workspace.store(connection, app_id)
        except KeyError:
            continue
        actor = actor_in(app_id)
        for entity in store.snapshot.entities:
            found = _in_entity(store, actor, entity, text, words, limit)
            if found is not None:
                groups.append(found)
    groups.sort(key=lambda group: -group[0])
    return [group for _, group in groups]


def _in_entity(
    store: RecordStore, actor: Actor, entity: Entity, text: str, words: list[str], limit: int
) -> tuple[float, Json] | None:
    access = store.access_of(actor)
    model = store.catalog.entity(entity.id)
    rights = access.rights(entity.id)
    if not rights.allows("read"):
        return None
    fields = [f for f in searched(store.catalog, model) if f.id in rights.readable]
    if not fields:
        return None
    title = model.title if model.title.id in rights.readable and model.title.columns else None
    shown = tuple(dict.fromkeys(f.key for f in (*((title,) if title else ()), *fields)))
    spec = QuerySpec(
        entity=entity.id, fields=shown, search=text, sort=(SortSpec(path="id", descending=True),), limit=FETCH
    )
    page = store.list(actor, spec, labels=False)
    if not page.records:
        return None
    ranked = [_hit(record, title, fields, words, actor.locale) for record in page.records]
    ranked.sort(key=lambda hit: -hit[0])  # stable: among equals the newest stays first
    app = store.snapshot.app
    group = {
        "app": app.key,
        "app_name": app.name,
        "entity": entity.key,
        "label": entity.label,
        "icon": entity.icon,
        "hits": [hit for _, hit in ranked[:limit]],
        "more": len(ranked) > limit or bool(page.next_cursor),
    }
    return ranked[0][0], group


def _hit(
    record: Record, title: FieldModel | None, fields: Iterable[FieldModel], words: list[str], locale: str
) -> tuple[float, Json]:
    name = _text(record, title, locale) if title else ""
    ranges = _places(name, words)
    hit: Json = {"id": record.id, "title": name or record.id, "ranges": ranges}
    whole = " ".join(words).lower()
    if name.lower() == whole:
        return 5.0, hit
    if name.lower().startswith(whole):
        return 4.0, hit
    if len(ranges) >= len(words):
        return 3.0, hit
    for f in fields:
        if f is title:
            continue
        content = _text(record, f, locale)
        places = _places(content, words)
        if places:
            hit["field"] = {"key": f.key, "label": f.field.label, **_excerpt(content, places)}
            return 1.0, hit
    return 2.0, hit  # by its sound, or written in another way


def _text(record: Record, f: FieldModel, locale: str) -> str:
    value = record.values.get(f.key)
    if value is None or f.key in record.masked:
        return ""
    return f.type.format(f.field, value, locale)


def _places(content: str, words: list[str]) -> list[list[int]]:
    """Where the words stand: ``[[start, end], ...]``; only where small letters are as long as capitals."""
    small = content.lower()
    if len(small) != len(content):
        return []
    found = [[at, at + len(word)] for word in words if (at := small.find(word.lower())) >= 0]
    return sorted(found)


def _excerpt(content: str, places: list[list[int]]) -> Json:
    """The part of a text around the first place, on one line."""
    start = max(0, places[0][0] - _BEFORE)
    head = "…" if start else ""
    part = content[start : start + _LENGTH].replace("\n", " ")
    shift = len(head) - start
    inside = [[low + shift, high + shift] for low, high in places if high <= start + _LENGTH]
    return {"text": head + part + ("…" if start + _LENGTH < len(content) else ""), "ranges": inside}
