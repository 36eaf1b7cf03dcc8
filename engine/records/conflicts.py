"""Two people, one record: what to show the one who saves second."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from engine.problems import Conflict
from engine.records.access import Access
from engine.records.drafts import Draft
from engine.records.history import values_at
from engine.records.rights import READ


def conflict(access: Access, connection: Connection, draft: Draft, rev: int) -> Conflict:
    """Return the conflict of a draft that started from ``rev``.

    ``fields`` holds, in JSON form, the fields its sender changes that somebody else changed since; only those the
    sender may read. When it is empty the two changes do not touch and the sender may simply send again.
    """
    rights = access.rights(draft.model.id)
    base = values_at(connection, draft.model, draft.id, rev)
    fields: dict[str, Any] = {}
    for field_id in sorted(draft.sent):
        f = draft.model.by_id[field_id]
        if rights.read_level(field_id, draft.bits) < READ:
            continue
        if f.storage == "children":
            fields[f.key] = {"mine": None, "theirs": None, "base": None}
        elif field_id in draft.changed and field_id in base:
            to_json = f.type.to_json
            fields[f.key] = {
                "mine": to_json(f.field, draft.new[field_id]),
                "theirs": to_json(f.field, draft.old.get(field_id)),
                "base": base[field_id],
            }
    return Conflict(fields=fields, rev=draft.rev - 1)
