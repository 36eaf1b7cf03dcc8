"""Opening a secret on purpose: only for who may read the field of this record, and noted in the log."""

from __future__ import annotations

from engine.actor import Actor
from engine.fields.base import InvalidValue
from engine.fields.secrets import SecretType
from engine.problems import Forbidden, NotFound
from engine.records import audit
from engine.records.store import RecordStore
from metadata.findings import Refused

REVEAL = "reveal"
"""Action of the log; its detail names the field, never the text."""


def reveal(store: RecordStore, actor: Actor, entity: str, record_id: str, name: str) -> str:
    """Return the text of a secret. Needs a transaction that writes.

    Raises NotFound (no such record or secret), Refused (a hidden field, or no key that opens it), Forbidden (the field
    shows only masked).
    """
    model = store.catalog.entity(store.snapshot.entity(entity).id)
    f = model.find(name)
    if f is None or not isinstance(f.type, SecretType):
        raise NotFound(what=model.entity.label)
    record = store.get(actor, entity, record_id, fields=(f.key,))
    if f.key in record.masked or f.key not in record.values:
        raise Forbidden()
    try:
        text = f.type.reveal(f.field, record.values[f.key])
    except InvalidValue as error:
        raise Refused([error.at(f"/{f.key}")]) from error
    audit.record_event(
        store.connection,
        actor,
        REVEAL,
        store.now,
        app_id=store.snapshot.app.id,
        entity_id=model.id,
        record_id=record_id,
        detail={"field": f.id},
    )
    return text
