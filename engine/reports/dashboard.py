"""All widgets of a dashboard in one answer. A broken widget says so; the others go on."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from engine.actor import Actor
from engine.problems import Forbidden, NotFound
from engine.records.spec import Filter
from engine.records.store import RecordStore
from engine.reports.pipeline import run_widget
from engine.reports.query import both
from engine.reports.spec import WidgetSpec, parse_widget
from metadata.findings import Refused
from metadata.model import Dashboard

log = logging.getLogger("dougong.reports")


def dashboard_data(
    store: RecordStore, actor: Actor, dashboard: Dashboard, filters: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Answer every widget for one viewer: ``{"widgets": {id: result or {"error": {...}}}}``.

    ``filters`` maps ids of the dashboard's filters to operands. Raises :class:`Refused` for an unknown filter id.
    """
    chosen = dict(filters or {})
    return {"widgets": {w.id: _answer(store, actor, dashboard, w, chosen) for w in dashboard.widgets}}


def _answer(
    store: RecordStore, actor: Actor, dashboard: Dashboard, widget: Any, chosen: Mapping[str, Any]
) -> dict[str, Any]:
    try:
        spec = parse_widget(widget)
        return run_widget(store, actor, spec, _filter(store, dashboard, spec, chosen))
    except Refused as refused:
        findings = [{"code": f.code, "place": f.place, "text": f.text(actor.locale)} for f in refused.findings]
        log.info("widget refused", extra={"widget": widget.id, "codes": [f["code"] for f in findings]})
        return {"type": widget.type, "label": dict(widget.label), "error": {"findings": findings}}
    except (Forbidden, NotFound) as problem:
        text = {"code": problem.code, "place": "", "text": problem.text(actor.locale)}
        return {"type": widget.type, "label": dict(widget.label), "error": {"findings": [text]}}


def _filter(store: RecordStore, dashboard: Dashboard, spec: WidgetSpec, chosen: Mapping[str, Any]) -> Filter:
    """The dashboard filters that bind to this widget: those on its entity that hold a value."""
    tree: Filter = None
    entity = store.snapshot.entity(spec.entity)
    for item in dashboard.filters:
        value = chosen.get(item["id"], item.get("default"))
        if value in (None, "", [], {}) or store.snapshot.entity(item["entity"]).id != entity.id:
            continue
        operator = {"daterange": "within", "select": "in", "user": "in"}[item["control"]]
        tree = both(tree, [operator, item["field"], value])
    return tree
