"""An application as one person may know it: entities, fields, forms, views, menu. What they may not read is absent.

Ids become keys where people and programs meet them; labels stay language maps, so the answer serves both languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.actor import Actor
from engine.fields.base import FIELD_TYPES
from engine.fields.choices import choices_of
from engine.forms.layout import form_layout
from engine.records.queries import shown_options
from engine.records.spec import EntityAccess, QuerySpec
from engine.records.store import RecordStore
from metadata.model import Entity, Field, Flow, MenuItem, View
from metadata.snapshot import Snapshot
from runtime.describe_rules import RulesDescription
from runtime.view_shape import Askable, Readable, shown_settings, stored_settings

_SYSTEM_PREFIX = "sys_"
_COLUMNS = 8


class Description:
    """Builds the answer of ``GET /apps/{app}`` for one actor."""

    def __init__(self, store: RecordStore, actor: Actor):
        self._store, self._actor = store, actor
        self._snapshot: Snapshot = store.snapshot
        self._access: dict[str, EntityAccess] = {
            entity.id: access
            for entity in self._snapshot.entities
            if "read" in (access := store.access(actor, entity.id)).actions
        }
        self._rules = RulesDescription(store, self._access)

    def app(self) -> dict[str, Any]:
        app = self._snapshot.app
        dashboards = [d for d in app.dashboards if self._may_see_dashboard(d.id)]
        return {
            "id": app.id,
            "key": app.key,
            "name": app.name,
            "icon": app.icon,
            "version": self._snapshot.version,
            "menu": self._menu(app.menu, {d.id for d in dashboards}),
            "entities": [self.entity(e) for e in self._snapshot.entities if e.id in self._access],
            "dashboards": [{"id": d.id, "key": d.key, "label": d.label} for d in dashboards],
            "flows": [self._flow(flow) for flow in app.flows if flow.entity in self._access],
        }

    def entity(self, entity: Entity) -> dict[str, Any]:
        access = self._access[entity.id]
        parent = self._snapshot.parent(entity)
        form = self._snapshot.default_form(entity)
        ruled = self._rules.form(entity, form)
        layout = form_layout(self._snapshot, entity, form, self._readable, ruled["conditions"])
        rules = self._rules.entity(entity)
        return {
            "id": entity.id,
            "key": entity.key,
            "label": entity.label,
            "icon": entity.icon,
            "title": self._key(entity, self._snapshot.title_field(entity).id),
            "parent": parent.key if parent else None,
            "actions": sorted(access.actions),
            "fields": [self._field(f, access) for f in self._fields(entity)],
            "form": {**layout, "steps": ruled["steps"]} if ruled["steps"] else layout,
            **({"rules": rules} if rules is not None else {}),
            "views": self.views(entity),
            "sort": [self._sort(entity, s.field, s.dir) for s in entity.sort if self._readable(entity, s.field)],
        }

    def _fields(self, entity: Entity) -> list[Field]:
        return [f for f in self._snapshot.all_fields(entity) if self._readable(entity, f.id)]

    def _readable(self, entity: Entity, field_id: str) -> bool:
        access = self._access.get(entity.id)
        if access is None or field_id not in self._snapshot.fields(entity):
            return False
        f = self._snapshot.field_of(entity, field_id)
        return access.levels.get(f.key, "hidden") != "hidden"

    def _field(self, f: Field, access: EntityAccess) -> dict[str, Any]:
        kind = FIELD_TYPES.find(f.type)
        described = {
            "id": f.id,
            "key": f.key,
            "type": f.type,
            "label": f.label,
            "help": f.help,
            "required": f.required and f.default_expr is None,  # left blank, it is worked out
            "level": access.levels[f.key],
            "options": self._options(f),
            "operators": [],
            "aggregates": [],
            "sortable": False,
            "groupable": False,
            "schema": {},
        }
        if f.id.startswith(_SYSTEM_PREFIX):
            described["system"] = True
        if f.default is not None:
            described["default"] = f.default
        if kind is None:  # a type this install does not have: shown as unavailable, never as an error
            return {**described, "available": False}
        masked = access.levels[f.key] == "masked"
        return {
            **described,
            "operators": [] if masked else list(kind.operators(f)),
            "aggregates": [] if masked else list(kind.aggregates(f)),
            "sortable": not masked and kind.storage in ("columns", "computed"),
            "groupable": not masked and kind.groupable(f),
            "schema": kind.value_schema(f),
        }

    def _options(self, f: Field) -> dict[str, Any]:
        if f.type == "query":
            model = self._store.catalog.entity(self._snapshot.entity_of(f.id).id)
            return shown_options(self._store.access_of(self._actor), model.id, model.by_id[f.id])
        options = dict(f.options)
        target = options.get("entity")
        if isinstance(target, str) and self._snapshot.has_entity(target):
            options["entity"] = self._snapshot.entity(target).key
        if options.pop("words", None):
            options["options"] = choices_of(f)
        for computed in ("expr", "filter"):  # how a value is computed may tell of fields one may not see
            options.pop(computed, None)
        return options

    def _key(self, entity: Entity, field_id: str) -> str:
        return self._snapshot.field_of(entity, field_id).key if self._readable(entity, field_id) else ""

    def views(self, entity: Entity) -> list[dict[str, Any]]:
        """The views of the application the person may ask for; at least one, so that there is always a list."""
        shown = [self._view(entity, view) for view in self._snapshot.views(entity) if self._askable(entity, view)]
        return shown or [self._every_record(entity)]

    def _askable(self, entity: Entity, view: View) -> bool:
        """A condition on a field one may not read tells something of its values, so such a view is not shown."""
        spec = QuerySpec(entity=entity.id, fields=("id",), filter=view.filter)
        return view.filter is None or self._store.askable(self._actor, spec)

    def _every_record(self, entity: Entity) -> dict[str, Any]:
        columns = [f.key for f in self._snapshot.own_fields(entity) if self._readable(entity, f.id)][:_COLUMNS]
        label = {"zh-CN": "全部", "en": "All"}
        settings = shown_settings({"columns": columns, "card": columns[:3]}, lambda _: True, lambda _: True)
        shown = {"id": "viw_auto", "label": label, "scope": "app", "kind": "table", "default": True, "editable": False}
        return {**shown, **settings}

    def _view(self, entity: Entity, view: View) -> dict[str, Any]:
        settings = stored_settings(self._snapshot, entity, view)
        return {
            "id": view.id,
            "label": view.label,
            "scope": "app",
            "kind": view.kind,
            "default": view.default,
            "editable": False,
            **shown_settings(settings, self.readable(entity), self.condition(entity)),
        }

    def readable(self, entity: Entity) -> Readable:
        """Return what says whether a path begins with a field that shows."""
        return lambda path: self._readable(entity, path.split(".")[0])

    def condition(self, entity: Entity) -> Askable:
        """Return what says whether the person may ask with a condition."""
        return lambda tree: self._store.askable(self._actor, QuerySpec(entity=entity.id, fields=("id",), marks=(tree,)))

    def _sort(self, entity: Entity, field_id: str, direction: str) -> dict[str, str]:
        return {"field": self._key(entity, field_id), "dir": direction}

    def _flow(self, flow: Flow) -> dict[str, Any]:
        return {
            "id": flow.id,
            "key": flow.key,
            "label": flow.label,
            "entity": self._snapshot.entity(flow.entity).key,
        }

    def dashboard_filter(self, item: Mapping[str, Any]) -> dict[str, Any] | None:
        """A filter of a dashboard, or None when the person may not read its field."""
        entity = self._snapshot.entity(str(item["entity"]))
        if not self._readable(entity, str(item["field"])):
            return None
        f = self._snapshot.field_of(entity, str(item["field"]))
        shown = {**item, "entity": entity.key, "field": f.key, "label": item.get("label") or f.label}
        if "options" in f.options:
            shown["options"] = f.options["options"]
        return shown

    def _may_see_dashboard(self, dashboard_id: str) -> bool:
        return any(dashboard_id in role.dashboards for role in self._snapshot.app.roles if role.id in self._actor.roles)

    def _menu(self, items: tuple[MenuItem, ...], dashboards: set[str]) -> list[dict[str, Any]]:
        return [entry for item in items if (entry := self._menu_item(item, dashboards))]

    def _menu_item(self, item: MenuItem, dashboards: set[str]) -> dict[str, Any] | None:
        entry: dict[str, Any] = {"id": item.id, "kind": item.kind, "label": item.label, "icon": item.icon}
        if item.kind == "folder":
            entry["items"] = self._menu(item.items, dashboards)
            return entry if entry["items"] else None
        if item.kind == "dashboard":
            if item.target not in dashboards:
                return None
            dashboard = self._snapshot.dashboard(item.target)
            return {**entry, "dashboard": dashboard.key, "label": item.label or dashboard.label}
        return self._menu_view(entry, item)

    def _menu_view(self, entry: dict[str, Any], item: MenuItem) -> dict[str, Any] | None:
        if self._snapshot.has_entity(item.target):
            entity, view_id = self._snapshot.entity(item.target), ""
        else:
            view = self._snapshot.view(item.target)
            entity, view_id = self._snapshot.entity(view.entity), view.id
            if not self._askable(entity, view):
                return None
        if entity.id not in self._access:
            return None
        return {
            **entry,
            "entity": entity.key,
            "view": view_id,
            "icon": item.icon or entity.icon,
            "label": item.label or entity.label,
        }


def describe_app(store: RecordStore, actor: Actor) -> Mapping[str, Any]:
    """Return the application as the actor may know it."""
    return Description(store, actor).app()
