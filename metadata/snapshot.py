"""One version of an application, indexed for reading; never changed after it is made.

Every question accepts an id or a key. What is in the trash does not exist here (``app`` still has it, for the planner).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from metadata.model import (
    SYSTEM_FIELDS,
    SYSTEM_PARENT,
    App,
    Dashboard,
    Entity,
    Field,
    Flow,
    Form,
    FormItem,
    Role,
    View,
)

_D = TypeVar("_D", Entity, Flow, Dashboard, Role)

SUBTABLE = "subtable"
"""Type of the field that holds the rows of a child entity."""

_AUTO_COLUMNS = 8
_AUTO_CARD = 3
_LONG_TYPES = frozenset({"textarea", SUBTABLE, "file"})


class Snapshot:
    """Read-only index over one :class:`App`. Unknown names raise ``KeyError``."""

    def __init__(self, app: App, version: int):
        self.app = app
        self.version = version
        self.entities: tuple[Entity, ...] = tuple(entity for entity in app.entities if not entity.trashed)
        self._entities = _index(self.entities)
        self._own: dict[str, tuple[Field, ...]] = {}
        self._all: dict[str, tuple[Field, ...]] = {}
        self._fields: dict[str, Mapping[str, Field]] = {}
        self._field: dict[str, tuple[Field, Entity | None]] = {f.id: (f, None) for f in SYSTEM_FIELDS}
        self._field[SYSTEM_PARENT.id] = (SYSTEM_PARENT, None)
        for entity in self.entities:
            self._add(entity)
        self._flows = _index(app.flows)
        self._dashboards = _index(app.dashboards)
        self._roles = _index(app.roles)

    def _add(self, entity: Entity) -> None:
        own = tuple(f for f in entity.fields if not f.trashed)
        every = own + SYSTEM_FIELDS
        parent = self._entities.get(entity.parent) if entity.parent else None
        if parent is not None:
            every += (replace(SYSTEM_PARENT, label=parent.label, options={"entity": parent.id}),)
        self._own[entity.id] = own
        self._all[entity.id] = every
        self._fields[entity.id] = MappingProxyType({name: f for f in every for name in (f.id, f.key)})
        self._field.update({f.id: (f, entity) for f in own})

    # -- entities and fields ------------------------------------------------------------------------------------

    def entity(self, name: str) -> Entity:
        """Return an entity by id or key."""
        return self._entities[name]

    def has_entity(self, name: str) -> bool:
        return name in self._entities

    def field(self, field_id: str) -> Field:
        """Return a field by id, whatever its entity; system fields too."""
        return self._field[field_id][0]

    def entity_of(self, field_id: str) -> Entity:
        """Return the entity that defines a field. Raises ``KeyError`` for a system field: every entity has it."""
        entity = self._field[field_id][1]
        if entity is None:
            raise KeyError(field_id)
        return entity

    def fields(self, entity: Entity | str) -> Mapping[str, Field]:
        """Return ``{key: field}`` and ``{id: field}`` in one mapping, system fields (and ``parent``) included."""
        return self._fields[self._id(entity)]

    def own_fields(self, entity: Entity | str) -> tuple[Field, ...]:
        """Return the fields the designer made, in order."""
        return self._own[self._id(entity)]

    def all_fields(self, entity: Entity | str) -> tuple[Field, ...]:
        """Return own fields, then system fields, each once."""
        return self._all[self._id(entity)]

    def field_of(self, entity: Entity | str, name: str) -> Field:
        """Return a field of an entity by key or id."""
        return self._fields[self._id(entity)][name]

    def title_field(self, entity: Entity | str) -> Field:
        """Return the field that names a record: the declared one, else the first own field, else ``id``."""
        entity = self._entity(entity)
        chosen = self._fields[entity.id].get(entity.title)
        return chosen or (self._own[entity.id] or SYSTEM_FIELDS)[0]

    def path(self, entity: Entity | str, path: str) -> tuple[Field, ...]:
        """Resolve a dotted path of keys or ids over link fields (``account.region``) to its fields."""
        current: Entity | None = self._entity(entity)
        result: list[Field] = []
        for name in path.split("."):
            if current is None:
                raise KeyError(path)
            result.append(self.field_of(current, name))
            current = self._entities.get(str(result[-1].options.get("entity", "")))
        return tuple(result)

    # -- relations ----------------------------------------------------------------------------------------------

    def children(self, entity: Entity | str) -> tuple[tuple[Field, Entity], ...]:
        """Return the sub-table fields of an entity, each with the entity of its rows."""
        return tuple(
            (f, self._entities[target])
            for f in self.own_fields(entity)
            if f.type == SUBTABLE and (target := str(f.options.get("entity", ""))) in self._entities
        )

    def parent(self, entity: Entity | str) -> Entity | None:
        """Return the entity whose rows these are, or None."""
        return self._entities.get(self._entity(entity).parent or " ")

    def links_to(self, entity: Entity | str) -> tuple[tuple[Entity, Field], ...]:
        """Return every link field (not sub-table) that points to an entity, with the entity that has it."""
        return self._links.get(self._id(entity), ())

    @cached_property
    def _links(self) -> dict[str, tuple[tuple[Entity, Field], ...]]:
        found: dict[str, list[tuple[Entity, Field]]] = {}
        for entity in self.entities:
            for f in self._own[entity.id]:
                target = f.options.get("entity")
                if isinstance(target, str) and f.type != SUBTABLE:
                    found.setdefault(target, []).append((entity, f))
        return {target: tuple(links) for target, links in found.items()}

    def option(self, option_id: str) -> Mapping[str, Any]:
        """Return a choice option (``id``, ``label``, ``color`` ...) by id."""
        return self._options[option_id]

    @cached_property
    def _options(self) -> dict[str, Mapping[str, Any]]:
        return {
            option["id"]: option
            for own in self._own.values()
            for f in own
            for option in f.options.get("options", ())
            if isinstance(option, Mapping) and "id" in option
        }

    # -- how it is shown ----------------------------------------------------------------------------------------

    def default_form(self, entity: Entity | str) -> Form:
        """Return the default form; an entity without any gets one with all its fields."""
        entity = self._entity(entity)
        forms = [form for form in self.app.forms if form.entity == entity.id]
        chosen = next((form for form in forms if form.default), forms[0] if forms else None)
        if chosen is not None:
            return chosen
        items = tuple(
            FormItem(id=f"lay_auto_{number}", field=f.id, width=12 if f.type in _LONG_TYPES else 6)
            for number, f in enumerate(self._own[entity.id])
        )
        return Form(id="frm_auto", entity=entity.id, label=entity.label, items=items, default=True)

    def form(self, form_id: str) -> Form:
        """Return a form by id."""
        return next((form for form in self.app.forms if form.id == form_id), None) or _missing(form_id)

    def views(self, entity: Entity | str) -> tuple[View, ...]:
        """Return the saved views of an entity, the default one first; never empty."""
        entity = self._entity(entity)
        views = sorted((v for v in self.app.views if v.entity == entity.id), key=lambda view: not view.default)
        if views:
            return tuple(views)
        shown = tuple(f.id for f in self._own[entity.id] if f.type not in _LONG_TYPES)[:_AUTO_COLUMNS]
        label = {"zh-CN": "全部", "en": "All"}
        auto = View(
            id="viw_auto",
            entity=entity.id,
            label=label,
            columns=shown or (SYSTEM_FIELDS[0].id,),
            card=shown[:_AUTO_CARD],
            sort=entity.sort,
            default=True,
        )
        return (auto,)

    def view(self, view_id: str) -> View:
        """Return a view by id."""
        return next((view for view in self.app.views if view.id == view_id), None) or _missing(view_id)

    # -- what it does -------------------------------------------------------------------------------------------

    def flow(self, name: str) -> Flow:
        """Return a flow by id or key."""
        return self._flows[name]

    def flows_on(self, entity: Entity | str) -> tuple[Flow, ...]:
        """Return the flows whose records are of an entity."""
        entity_id = self._id(entity)
        return tuple(flow for flow in self.app.flows if flow.entity == entity_id)

    def dashboard(self, name: str) -> Dashboard:
        """Return a dashboard by id or key."""
        return self._dashboards[name]

    def role(self, name: str) -> Role:
        """Return a role by id or key."""
        return self._roles[name]

    def _id(self, entity: Entity | str) -> str:
        return entity.id if isinstance(entity, Entity) else self._entities[entity].id

    def _entity(self, entity: Entity | str) -> Entity:
        return entity if isinstance(entity, Entity) else self._entities[entity]


def _index(definitions: Iterable[_D]) -> dict[str, _D]:
    return {name: one for one in definitions for name in (one.id, one.key)}


def _missing(name: str) -> Any:
    raise KeyError(name)
