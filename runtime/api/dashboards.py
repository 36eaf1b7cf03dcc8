"""Dashboards: the definition, and the figures for one viewer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response

from engine.actor import Actor
from engine.deferred import deferred
from engine.problems import NotFound
from engine.records.store import RecordStore
from metadata.codec import to_json
from metadata.model import Dashboard
from runtime import jsonio, query
from runtime.access import Routes
from runtime.context import reading
from runtime.describe import Description
from runtime.jsonio import answer

routes = Routes("dashboards", "/api/v1/apps/<app>/dashboards")

reports: Any = deferred("engine.reports.dashboard")  # pandas comes with the first dashboard, not with the start


def _dashboard(store: RecordStore, actor: Actor, key: str) -> Dashboard:
    try:
        found = store.snapshot.dashboard(key)
    except KeyError:
        raise NotFound(what=key) from None
    if not any(found.id in role.dashboards for role in store.snapshot.app.roles if role.id in actor.roles):
        raise NotFound(what=key)
    return found


def _entity_key(store: RecordStore, dataset: Mapping[str, Any]) -> str:
    """Key of the entity a widget counts, for going on from a figure to its records."""
    name = str(dataset.get("entity", ""))
    return store.snapshot.entity(name).key if store.snapshot.has_entity(name) else ""


@routes.route("/<key>", who="member")
def dashboard(app: str, key: str) -> Response:
    query.arguments()
    store, actor = reading(app)
    found = _dashboard(store, actor, key)
    description = Description(store, actor)
    filters = [shown for item in found.filters if (shown := description.dashboard_filter(item))]
    widgets = [
        {"id": w.id, "type": w.type, "label": w.label, "style": w.style, "entity": _entity_key(store, w.dataset)}
        for w in found.widgets
    ]
    body = {"id": found.id, "key": found.key, "label": found.label, "widgets": widgets, "filters": filters}
    return answer({**body, "grid": [to_json(cell) for cell in found.grid]})


@routes.route("/<key>/data", methods=("POST",), who="member", limit="240/minute")
def dashboard_data(app: str, key: str) -> Response:
    body = jsonio.body(allowed=("filters",))
    filters = body.get("filters") or {}
    if not isinstance(filters, dict):
        raise query.bad("filters", "JSON 对象", "a JSON object")
    store, actor = reading(app)
    found = _dashboard(store, actor, key)
    return answer(reports.dashboard_data(store, actor, found, filters))
