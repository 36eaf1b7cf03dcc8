"""What a person keeps at hand: favourites and the records opened last, with the names they have now.

Whatever the person may not see any more (a role taken away, a record in the bin, a view no longer shared) is left
out, and comes back by itself when it may be seen again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, or_, select

from engine.actor import Actor
from engine.problems import NotFound
from engine.records.around import marks
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from runtime import tables
from runtime.describe import Description

Item = Mapping[str, str]
Json = dict[str, Any]


def at_hand(
    workspace: Workspace, connection: Connection, actor_in: Callable[[str], Actor], apps: Iterable[str]
) -> Json:
    """Return ``{"favourites": [...], "recent": [...]}``; each ``{"kind", "app", "entity", "id", "title", "at"}``."""
    who = actor_in("")
    starred = marks.kept(connection, who)
    opened = [{**one, "kind": "record"} for one in marks.recent(connection, who)]
    names: dict[tuple[str, str], Json] = {}
    for app_id in apps:
        mine = [one for one in (*starred, *opened) if one["app_id"] == app_id]
        if mine:
            try:
                store = workspace.store(connection, app_id)
            except KeyError:
                continue
            names.update(_named(store, actor_in(app_id), mine))
    return {"favourites": _shown(starred, names), "recent": _shown(opened, names)}


def keep(store: RecordStore, actor: Actor, kind: marks.Kind, entity: str, target: str) -> None:
    """Make something a favourite. Raises NotFound for what the person may not see."""
    entity_id = store.snapshot.entity(entity).id if store.snapshot.has_entity(entity) else ""
    target = _target(store, kind, target)
    item = {"kind": kind, "app_id": store.snapshot.app.id, "entity_id": entity_id, "target_id": target}
    if (kind, target) not in _named(store, actor, [item]):
        raise NotFound(what=target)
    marks.keep(store.connection, actor, kind, item["app_id"], entity_id, target)


def drop(store: RecordStore, actor: Actor, kind: marks.Kind, target: str) -> None:
    """Make something no favourite any more."""
    marks.drop(store.connection, actor, kind, _target(store, kind, target))


def _target(store: RecordStore, kind: marks.Kind, target: str) -> str:
    """Dashboards are known by their keys outside; what is kept is the id."""
    boards = {one.key: one.id for one in store.snapshot.app.dashboards} if kind == "dashboard" else {}
    return boards.get(target, target)


def _shown(items: Iterable[Item], names: Mapping[tuple[str, str], Json]) -> list[Json]:
    found = []
    for one in items:
        name = names.get((one["kind"], one["target_id"]))
        if name is not None:
            found.append({"kind": one["kind"], "id": one["target_id"], "at": one["at"], **name})
    return found


def _named(store: RecordStore, actor: Actor, items: Iterable[Item]) -> dict[tuple[str, str], Json]:
    """Names of those of some items of one application that the person may see."""
    described = Description(store, actor)
    found: dict[tuple[str, str], Json] = {}
    wanted: dict[str, dict[str, set[str]]] = {}
    for one in items:
        wanted.setdefault(one["kind"], {}).setdefault(one["entity_id"], set()).add(one["target_id"])
    app = store.snapshot.app.key
    for entity_id, ids in wanted.get("record", {}).items():
        if store.snapshot.has_entity(entity_id):
            entity = store.snapshot.entity(entity_id)
            for record_id, title in store.titles(actor, entity_id, ids).items():
                found["record", record_id] = {"app": app, "entity": entity.key, "title": title, "icon": entity.icon}
    for entity_id, ids in wanted.get("view", {}).items():
        if store.snapshot.has_entity(entity_id) and "read" in store.access(actor, entity_id).actions:
            entity = store.snapshot.entity(entity_id)
            labels = {view["id"]: view["label"] for view in described.views(entity)}
            labels |= _saved(store.connection, actor, entity_id, ids)
            for view_id in ids & labels.keys():
                title = labels[view_id]
                found["view", view_id] = {"app": app, "entity": entity.key, "title": title, "icon": entity.icon}
    dashboards = {ids for every in wanted.get("dashboard", {}).values() for ids in every}
    if dashboards:
        for board in described.app()["dashboards"]:
            if board["id"] in dashboards:
                name = {"app": app, "entity": "", "title": board["label"], "icon": "", "key": board["key"]}
                found["dashboard", board["id"]] = name
    return found


def _saved(connection: Connection, actor: Actor, entity_id: str, ids: Iterable[str]) -> dict[str, str]:
    table = tables.view
    statement = select(table.c.id, table.c.name).where(
        table.c.id.in_(list(ids)), table.c.entity_id == entity_id, or_(table.c.owner_id == actor.id, table.c.shared)
    )
    return {row.id: row.name for row in connection.execute(statement)}
