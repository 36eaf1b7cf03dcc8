"""How many records of other entities point at a record: all numbers of the tabs below it in one question."""

from __future__ import annotations

from engine.actor import Actor
from engine.problems import NotFound
from engine.records.spec import QuerySpec
from engine.records.store import RecordStore


def counts(store: RecordStore, actor: Actor, entity: str, record_id: str) -> dict[str, int]:
    """Return ``{"<entity key>.<field key>": count}`` of every link to the entity that the actor may read.

    Counts stop behind ``COUNT_CAP``. Raises NotFound for a record the actor may not read.
    """
    if not store.record_actions(actor, entity, record_id):
        raise NotFound(what=entity[:100])
    found = {}
    for other, field in store.snapshot.links_to(store.snapshot.entity(entity).id):
        model = store.catalog.entity(other.id)
        f = model.by_id.get(field.id)
        rights = store.access_of(actor).rights(other.id)
        if f is None or not rights.allows("read") or f.id not in rights.readable:
            continue
        points = ["has_any", f.key, [record_id]] if f.storage == "links" else ["=", f.key, record_id]
        spec = QuerySpec(entity=other.id, filter=points, count="capped")
        found[f"{other.key}.{f.key}"] = store.count(actor, spec)
    return found
