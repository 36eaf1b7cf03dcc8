"""What the page of a public form is told: the fields that are asked for, how it looks, and nothing of the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.actor import Actor
from engine.fields.base import FIELD_TYPES, InvalidValue
from engine.forms.layout import form_layout
from engine.forms.public_links import Link
from engine.forms.public_principal import Allowed, asked_for
from engine.records.spec import EntityAccess
from engine.records.store import RecordStore
from metadata.findings import in_language
from metadata.model import Entity, Form
from metadata.snapshot import Snapshot
from runtime.describe import Description

Json = dict[str, Any]


class LinkDescription(Description):
    """An application as one link may know it: the entity it fills in, the rows of its sub-tables."""

    def __init__(self, store: RecordStore, actor: Actor, link: Link, now: Allowed):
        super().__init__(store, actor)
        self._link, self._now = link, now
        self._access = {}
        for entity_id, ids in now.fields.items():
            mine = asked_for(link, now) if entity_id == link.entity_id else ids
            levels = {store.snapshot.field_of(entity_id, one).key: "write" for one in mine}
            self._access[entity_id] = EntityAccess(entity=entity_id, actions=("create",), levels=levels)

    def form(self) -> Form:
        """The form visitors see: the one the maker chose, else the default one."""
        snapshot, wanted = self._snapshot, self._link.settings.form
        forms = [form for form in snapshot.app.forms if form.id == wanted]
        return forms[0] if forms else snapshot.default_form(self._link.entity_id)

    def views(self, entity: Entity) -> list[Json]:
        """A link has no lists."""
        return []

    def described(self) -> Json:
        """Return the application with the entities of the form, as ``GET /apps/{app}`` tells it to members."""
        snapshot: Snapshot = self._snapshot
        app = snapshot.app
        entities = []
        for entity_id in self._now.fields:
            entity = snapshot.entity(entity_id)
            made = self.entity(entity)
            if entity_id == self._link.entity_id:
                made["form"] = self._laid_out(entity)
            entities.append(made)
        known = {"id": app.id, "key": app.key, "name": app.name, "icon": app.icon, "version": snapshot.version}
        return {**known, "menu": [], "entities": entities, "dashboards": [], "flows": []}

    def _laid_out(self, entity: Entity) -> Json:
        layout = form_layout(self._snapshot, entity, self.form(), self._readable)
        mode = self._link.settings.mode or layout["mode"]
        placed = {part["field"] for part in _fields(layout["items"])}
        keys = [self._snapshot.field_of(entity, one).key for one in asked_for(self._link, self._now)]
        extra = [
            {"id": f"lay_more_{number}", "kind": "field", "field": key, "width": 12}
            for number, key in enumerate(keys)
            if key not in placed
        ]
        return {**layout, "mode": mode, "items": [*layout["items"], *extra], "related": []}


def _fields(items: list[Json]) -> list[Json]:
    found = []
    for part in items:
        found += [part] if part["kind"] == "field" else _fields(part.get("items", []))
    return found


def look(link: Link, entity: Entity, language: str, company: str) -> Json:
    """Return how the page looks and what it says around the form."""
    settings = link.settings
    return {
        "title": in_language(settings.title, language) or in_language(entity.label, language),
        "intro": in_language(settings.intro, language),
        "accent": settings.accent,
        "logo": settings.logo,
        "company": company,
    }


def prefilled(
    store: RecordStore, link: Link, now: Allowed, query: Mapping[str, Any], locked: Mapping[str, Any], language: str
) -> Json:
    """Return values by key that the form starts with: those of the address, where the link takes them, read as text."""
    model = store.catalog.entity(link.entity_id)
    values: Json = {}
    for field_id in asked_for(link, now):
        f = model.by_id[field_id]
        how = link.settings.prefill.get(field_id)
        if field_id in locked:
            values[f.key] = locked[field_id]
        elif how is not None and how.mode == "open" and isinstance(query.get(f.key), str):
            try:
                told = FIELD_TYPES.get(f.field.type).parse(f.field, str(query[f.key])[:2_000], language)
            except InvalidValue:
                continue  # what an address got wrong the visitor simply fills in
            values[f.key] = f.type.to_json(f.field, told)
    return values
