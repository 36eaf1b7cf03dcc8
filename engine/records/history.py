"""The story of a record, as far as its reader may see the fields in it."""

from __future__ import annotations

from typing import Any, Final

import orjson
from sqlalchemy import Connection, select

from engine.problems import Forbidden, NotFound
from engine.records.access import Access
from engine.records.audit import BESIDE, audit_event
from engine.records.catalog import EntityModel
from engine.records.rights import READ
from engine.records.spec import HistoryEntry
from engine.records.stored import stored_bits

LIMIT: Final = 1_000
"""Writes that are shown, the newest ones."""


def history(access: Access, connection: Connection, model: EntityModel, record_id: str) -> list[HistoryEntry]:
    """Return the writes of a record, newest first. Raises NotFound or Forbidden."""
    rights = access.rights(model.id)
    bits = stored_bits(access, connection, model, record_id)
    if bits is None:
        raise NotFound(what=model.entity.label)
    if not bits & rights.rows["history"]:
        raise Forbidden(what={"zh-CN": "查看历史", "en": "see the history"})
    columns = audit_event.c
    wanted = (
        select(
            columns.id,
            columns.at,
            columns.action,
            columns.rev,
            columns.actor_kind,
            columns.actor_id,
            columns.on_behalf_of,
            columns.changes,
        )
        .where(columns.record_id == record_id, columns.entity_id == model.id, columns.result == "ok")
        .where(columns.action.not_in(BESIDE))
        .order_by(columns.id.desc())
        .limit(LIMIT)
    )
    found: list[HistoryEntry] = []
    for row in reversed(connection.execute(wanted).all()):
        every: dict[str, Any] = orjson.loads(row.changes)
        shown = {}
        for field_id, (before, after) in every.items():
            f = model.by_id.get(field_id)
            if f is not None and rights.read_level(field_id, bits) >= READ:
                shown[f.key] = (before, after)
        if every and not shown:
            continue  # only what this reader may not see
        found.append(
            HistoryEntry(
                id=len(found) + 1,  # the number of the log row would tell how much is written elsewhere
                at=row.at,
                action=row.action,
                rev=row.rev or 0,
                actor_kind=row.actor_kind,
                actor=row.actor_id,
                on_behalf_of=row.on_behalf_of,
                changes=shown,
            )
        )
    found.reverse()
    return found


def values_at(connection: Connection, model: EntityModel, record_id: str, rev: int) -> dict[str, Any]:
    """Return, in JSON form, what fields changed after ``rev`` held at ``rev``; for showing a conflict."""
    columns = audit_event.c
    later = (
        select(columns.changes)
        .where(columns.record_id == record_id, columns.entity_id == model.id, columns.rev > rev)
        .order_by(columns.id)
    )
    found: dict[str, Any] = {}
    for changes in connection.execute(later).scalars():
        for field_id, (before, _) in orjson.loads(changes).items():
            found.setdefault(field_id, before)
    return found
