"""What the log keeps of a write: every changed field, before and after."""

from __future__ import annotations

from typing import Any, Final

from engine.records import audit
from engine.records.access import Access
from engine.records.drafts import Draft

_UNLOGGED: Final = frozenset(
    {"sys_id", "sys_rev", "sys_created_at", "sys_created_by", "sys_updated_at", "sys_updated_by"}
)


def audit_row(access: Access, draft: Draft, at: str, action: str = "") -> dict[str, Any]:
    """Return the log row of a draft: every changed field, old and new, by id."""
    changes: dict[str, Any] = {}
    for field_id, f in draft.model.by_id.items():
        if field_id not in draft.changed or field_id in _UNLOGGED:
            continue
        to_json = f.type.to_json
        old = draft.old.get(field_id)
        changes[field_id] = [
            None if old is None else to_json(f.field, old),
            None if (new := draft.new.get(field_id)) is None else to_json(f.field, new),
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
