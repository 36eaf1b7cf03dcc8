"""What the log keeps of a write: every changed field, before and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from engine.actor import Actor
from engine.records import audit
from engine.records.access import Access
from engine.records.drafts import Draft


def audit_rows(
    access: Access, drafts: Sequence[Draft], at: str, action: str = "", actor: Actor | None = None
) -> list[dict[str, Any]]:
    """Return the log rows of drafts: every changed field, old and new, by id. ``actor`` when it is not the writer."""
    alike: dict[tuple[str, str], dict[str, Any]] = {}
    rows = []
    for draft in drafts:
        key = (draft.model.id, draft.kind)
        same = alike.get(key)
        if same is None:
            app = access.catalog.snapshot.app.id
            same = alike[key] = audit.row(
                actor or access.actor, action or draft.kind, at=at, app_id=app, entity_id=draft.model.id
            )
        text = audit.changes_text(_changes(draft))
        row = {**same, "record_id": draft.id, "rev": draft.rev, "changes": text}
        if draft.notes:
            row["detail"] = orjson.dumps({"rules": [note.kept() for note in draft.notes]}).decode()
        rows.append(row)
    return rows


def _changes(draft: Draft) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    old, new, changed = draft.old, draft.new, draft.changed
    for f in draft.model.logged:
        field_id = f.id
        if field_id in changed:
            before, after = old.get(field_id), new.get(field_id)
            found[field_id] = [
                None if before is None else f.type.to_log(f.field, before),
                None if after is None else f.type.to_log(f.field, after),
            ]
    return found
