"""A form as one person may see it: sections of readable fields, and the related lists below the record.

Pure: the caller says which fields are readable. A section left without fields disappears, and so does a related list
whose link field is hidden.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from metadata.model import Entity, Form
from metadata.snapshot import Snapshot

Readable = Callable[[Entity, str], bool]
"""Whether a field (by id) of an entity may be read."""


def form_layout(snapshot: Snapshot, entity: Entity, form: Form, readable: Readable) -> dict[str, Any]:
    """Return ``{"id", "sections": [{"id", "label", "items": [{"field": key, "width"}]}], "related": [...]}``."""
    sections = [
        {
            "id": section.id,
            "label": section.label,
            "items": [
                {"field": snapshot.field_of(entity, item.field).key, "width": item.width}
                for item in section.items
                if readable(entity, item.field)
            ],
        }
        for section in form.sections
    ]
    return {
        "id": form.id,
        "sections": [section for section in sections if section["items"]],
        "related": [_related(snapshot, field_id) for field_id in form.related if _shows(snapshot, field_id, readable)],
    }


def _shows(snapshot: Snapshot, field_id: str, readable: Readable) -> bool:
    return readable(snapshot.entity_of(field_id), field_id)


def _related(snapshot: Snapshot, field_id: str) -> dict[str, Any]:
    """A list of records that point here: the entity they are of, and the link field that points."""
    owner = snapshot.entity_of(field_id)
    return {"entity": owner.key, "field": snapshot.field(field_id).key, "label": owner.label}
