"""What the log keeps of a write: every changed field, before and after."""

from __future__ import annotations

from typing import Any

from engine.records import audit
from engine.records.access import Access
from engine.records.drafts import Draft


def audit_row(access: Access, draft: Draft, at: str, action: str = "") -> dict[str, Any]:
    """Return the log row of a draft: every changed field, old and new, by id."""
    changes: dict[str, Any] = {}
    old, new, changed = draft.old, draft.new, draft.changed
    for f in draft.model.logged:
        field_id = f.id
        if field_id in changed:
            before, after = old.get(field_id), new.get(field_id)
            changes[field_id] = [
                None if before is None else f.type.to_json(f.field, before),
                None if after is None else f.type.to_json(f.field, after),
            ]
    return audit.row(
        access.actor,
        action or draft.kind,
        at=at,
        app_id=access.catalog.snapshot.app.id,
        entity_id=draft.model.id,
        record_id=draft.id,
        rev=draft.rev,
        changes=changes,
    )
