"""A form as one person may see it: a tree of readable fields and layout elements, and the related lists below it.

Pure: the caller says which fields are readable. A layout element left without anything in it disappears, and so does
a related list whose link field is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from metadata.model import Entity, Form, FormItem
from metadata.snapshot import Snapshot

Readable = Callable[[Entity, str], bool]
"""Whether a field (by id) of an entity may be read."""

NO_CONDITIONS: Mapping[str, Any] = {}
_HOLDERS = frozenset({"section", "columns", "tabs", "tab", "page"})


def form_layout(
    snapshot: Snapshot, entity: Entity, form: Form, readable: Readable, conditions: Mapping[str, Any] = NO_CONDITIONS
) -> dict[str, Any]:
    """Return ``{"id", "mode", "items": [part], "related": [...]}``.

    A part is ``{"id", "kind": "field", "field": key, "width"}`` or ``{"id", "kind", "width", "label", "text",
    "config", "items": [part]}``, with its condition as ``when`` where ``conditions`` has one for its id.
    """
    return {
        "id": form.id,
        "mode": form.mode,
        "items": [part for item in form.items if (part := _part(snapshot, entity, item, readable, conditions))],
        "related": [_related(snapshot, field_id) for field_id in form.related if _shows(snapshot, field_id, readable)],
    }


def _part(
    snapshot: Snapshot, entity: Entity, item: FormItem, readable: Readable, conditions: Mapping[str, Any]
) -> dict[str, Any] | None:
    when = {"when": conditions[item.id]} if item.id in conditions else {}
    if item.kind == "field":
        if not readable(entity, item.field):
            return None
        key = snapshot.field_of(entity, item.field).key
        return {"id": item.id, "kind": "field", "field": key, "width": item.width, **when}
    inside = [part for one in item.items if (part := _part(snapshot, entity, one, readable, conditions))]
    if item.kind in _HOLDERS and not inside:
        return None
    shown = {"id": item.id, "kind": item.kind, "width": item.width, "label": item.label}
    return {**shown, "text": item.text, "config": dict(item.config), **when, "items": inside}


def _shows(snapshot: Snapshot, field_id: str, readable: Readable) -> bool:
    return readable(snapshot.entity_of(field_id), field_id)


def _related(snapshot: Snapshot, field_id: str) -> dict[str, Any]:
    """A list of records that point here: the entity they are of, and the link field that points."""
    owner = snapshot.entity_of(field_id)
    return {"entity": owner.key, "field": snapshot.field(field_id).key, "label": owner.label}
