"""An application laid out for checking: definitions by id, with the place of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from metadata.codec import to_json
from metadata.findings import LANGUAGES, Finding, Severity
from metadata.model import SYSTEM_FIELDS, SYSTEM_PARENT, App, Entity, Field, Json, Text
from metadata.places import named, where
from metadata.refs import defined, split_path

PERSON_TYPES = frozenset({"user", "users"})
TO_MANY_TYPES = frozenset({"subtable", "link_many"})


class Scope:
    """Lookups the checks share. Duplicate ids keep their first owner; ``names`` reports them."""

    def __init__(self, app: App):
        self.app = app
        self.data: dict[str, Json] = to_json(app)
        self.entities: dict[str, Entity] = {}
        self.fields: dict[str, tuple[Field, Entity]] = {}
        for entity in app.entities:
            self.entities.setdefault(entity.id, entity)
            for field in entity.fields:
                self.fields.setdefault(field.id, (field, entity))
        self.system = {field.id: field for field in SYSTEM_FIELDS}

    @cached_property
    def ids(self) -> Mapping[str, tuple[str | int, ...]]:
        """Place of the first definition of each id."""
        places: dict[str, tuple[str | int, ...]] = {}
        for identifier, path in defined(self.data):
            places.setdefault(identifier, path)
        return places

    @cached_property
    def parts(self) -> Mapping[str, frozenset[str]]:
        """Ids of the parts of all forms, by entity."""
        found: dict[str, set[str]] = {}
        for form in self.app.forms:
            found.setdefault(form.entity, set()).update(item.id for item in form.walk())
        return {entity: frozenset(ids) for entity, ids in found.items()}

    @cached_property
    def trashed(self) -> frozenset[str]:
        """Ids that live references must not name: trashed entities and fields, and what only serves them."""
        app = self.app
        gone = {entity.id for entity in app.entities if entity.trashed}
        ids = {f.id for e in app.entities for f in e.fields if e.trashed or f.trashed}
        ids |= {form.id for form in app.forms if form.entity in gone}
        ids |= {view.id for view in app.views if view.entity in gone}
        ids |= {page.id for page in app.prints if page.entity in gone}
        ids |= {flow.id for flow in app.flows if flow.entity in gone}
        ids |= {grant.id for role in app.roles for grant in role.grants if grant.entity in gone}
        inside = {
            name for name, path in self.ids.items() for place in self._places(gone | ids) if path[: len(place)] == place
        }
        return frozenset(gone | ids | inside)

    def _places(self, identifiers: Iterable[str]) -> list[tuple[str | int, ...]]:
        return [self.ids[identifier] for identifier in identifiers if identifier in self.ids]

    def finding(self, code: str, place: str, severity: Severity = "error", **params: Any) -> Finding:
        """Make a finding whose message starts with the place in words."""
        return Finding(code, place, {"where": where(self.data, place), **params}, severity)

    def name(self, identifier: str) -> Text:
        """Return what people call a definition; an unknown id is its own name."""
        path = self.ids.get(identifier)
        if path is None:
            return dict.fromkeys(LANGUAGES, identifier)
        current: Any = self.data
        for step in path:
            current = current[step]
        kind = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
        return named(current, kind)

    def field(self, entity: Entity, identifier: str) -> Field | None:
        """Return a live or trashed field of an entity by id, system fields included."""
        if identifier == SYSTEM_PARENT.id:
            return SYSTEM_PARENT if entity.parent else None
        if identifier in self.system:
            return self.system[identifier]
        found = self.fields.get(identifier)
        return found[0] if found and found[1].id == entity.id else None

    def target(self, entity: Entity, field: Field) -> Entity | None:
        """Return the entity a link field points to."""
        identifier = entity.parent if field is SYSTEM_PARENT else field.options.get("entity")
        return self.entities.get(identifier) if isinstance(identifier, str) else None

    def path(self, entity: Entity, path: str, place: str) -> Iterator[Finding]:
        """Yield what is wrong with a dotted path of field ids that starts at an entity."""
        current: Entity | None = entity
        steps = split_path(path) or (path,)
        for position, step in enumerate(steps):
            if current is None:
                yield self.finding("M122", place, path=path, stop=self.name(steps[position - 1]))
                return
            field = self.field(current, step)
            if field is None:
                if step in self.ids or step in self.system or step == SYSTEM_PARENT.id:  # else M103 says so
                    yield self.finding("M104", place, target=self.name(step), entity=self.name(current.id))
                return
            current = None if field.type in TO_MANY_TYPES else self.target(current, field)
