"""Records as pickers offer them: a title and one more line."""

from __future__ import annotations

from engine.actor import Actor
from engine.problems import NotFound
from engine.records import present
from engine.records.spec import Record
from engine.records.store import RecordStore


def title_fields(store: RecordStore, actor: Actor, entity: str) -> tuple[str, tuple[str, ...]]:
    """Return the field that names a record, as far as the actor may read it, and one more that tells namesakes apart.

    Raises :class:`NotFound` for an unknown entity.
    """
    try:
        found = store.snapshot.entity(entity)
    except KeyError:
        raise NotFound(what=entity) from None
    levels = store.access(actor, entity).levels
    readable = [f for f in store.snapshot.own_fields(found) if levels.get(f.key, "hidden") in ("read", "write")]
    title = store.snapshot.title_field(found)
    if levels.get(title.key, "hidden") not in ("read", "write"):
        return "id", ()
    plain = [f.key for f in readable if f.id != title.id and f.type in ("text", "phone", "email")]
    return title.key, tuple(plain[:1])


def titled(record: Record, store: RecordStore, title: str, sub: tuple[str, ...]) -> dict[str, str]:
    """Return a record as a picker offers it."""
    texts = [present.value_text(record, store, key) for key in (title, *sub)]
    return {"id": record.id, "title": texts[0] or record.id, "sub": texts[1] if sub else ""}
