"""Saved views: those of the application, those people share, and one's own.

A shared view holds only what a person typed; whoever opens it sees the rows and fields of their own rights, and a
column or condition they may not read is left out of the answer. Everybody has an order and a first view of their own;
which shared view opens for those who chose none is the designer's say. Favourite views are kept with all favourites.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from flask import Response
from sqlalchemy import Row, and_, delete, insert, or_, select, update

from engine.actor import Actor
from engine.clock import instant_text
from engine.forms.views.check import check_view
from engine.problems import Forbidden, NotFound
from engine.records.groups import MAX_LEVELS, TOTALS
from engine.records.spec import QuerySpec, SortSpec, Within
from engine.records.store import RecordStore
from metadata.findings import Refused
from metadata.ids import new_record_id
from metadata.model import Entity
from runtime import jsonio, query, tables
from runtime.access import Routes
from runtime.api.windows import group_of, is_group
from runtime.context import reading, writing
from runtime.describe import Description
from runtime.jsonio import answer
from runtime.view_shape import FREEZE, SETTINGS, shown_settings

routes = Routes("views", "/api/v1/apps/<app>/<entity>/views")

_KEYS = ("label", "kind", "shared", "default", *SETTINGS)
_CHOICES = ("default", "order")
_BUILDER = "builder"
_MAX_LABEL = 60
_MAX_BODY = 32 * 1024
_MAX_VIEWS = 200
_MAX_ID = 64
_MAX_FREEZE = 10
_MAX_OPTIONS = 50


def _entity(store: RecordStore, actor: Actor, name: str) -> Entity:
    if not store.snapshot.has_entity(name) or "read" not in store.access(actor, name).actions:
        raise NotFound(what=name)
    return store.snapshot.entity(name)


def _mine_or_shared(actor: Actor, entity: Entity) -> Any:
    table = tables.view
    return and_(table.c.entity_id == entity.id, or_(table.c.owner_id == actor.id, table.c.shared))


@routes.route("", who="member")
def list_views(app: str, entity: str) -> Response:
    query.arguments()
    store, actor = reading(app)
    found = _entity(store, actor, entity)
    views = Description(store, actor).views(found)
    statement = select(tables.view).where(_mine_or_shared(actor, found)).order_by(tables.view.c.created_at)
    views += [
        _json(row, actor, store, found)
        for row in store.connection.execute(statement)
        if _askable(row, actor, store, found)
    ]
    return answer({"views": views, "choice": _choice(store, actor, found)})


@routes.route("/choice", methods=("PUT",), who="member")
def choose(app: str, entity: str) -> Response:
    """Keep the order of views and the one to open with."""
    body = jsonio.body(allowed=_CHOICES)
    if len(_texts(body, "order")) > 2 * _MAX_VIEWS or any(len(one) > _MAX_ID for one in body.get("order") or ()):
        raise query.bad("order", "视图列表", "a list of views")
    if not isinstance(body.get("default", ""), str) or len(body.get("default", "")) > _MAX_ID:
        raise query.bad("default", "视图", "a view")
    with writing(app) as (store, actor):
        found = _entity(store, actor, entity)
        kept = {**_choice(store, actor, found), **body}
        table = tables.view_choice
        mine = and_(table.c.user_id == actor.id, table.c.entity_id == found.id)
        store.connection.execute(delete(table).where(mine))
        store.connection.execute(insert(table).values(user_id=actor.id, entity_id=found.id, body=_dump(kept)))
    return answer({"choice": kept})


def _choice(store: RecordStore, actor: Actor, entity: Entity) -> dict[str, Any]:
    table = tables.view_choice
    statement = select(table.c.body).where(table.c.user_id == actor.id, table.c.entity_id == entity.id)
    found = store.connection.execute(statement).scalar()
    kept = orjson.loads(found) if found else {}
    return {"default": kept.get("default", ""), "order": kept.get("order", [])}


@routes.route("", methods=("POST",), who="member")
def create_view(app: str, entity: str) -> Response:
    body = jsonio.body(allowed=_KEYS, required=("label",))
    with writing(app) as (store, actor):
        found = _entity(store, actor, entity)
        kept = _checked(store, actor, found, body)
        mine = select(tables.view.c.id).where(tables.view.c.owner_id == actor.id, tables.view.c.entity_id == found.id)
        if len(store.connection.execute(mine).all()) >= _MAX_VIEWS:
            raise query.bad("label", f"每人最多 {_MAX_VIEWS} 个视图", f"at most {_MAX_VIEWS} views a person")
        view_id = new_record_id()
        row = {"id": view_id, "app_id": store.snapshot.app.id, "entity_id": found.id, "owner_id": actor.id}
        store.connection.execute(
            insert(tables.view).values(
                **row,
                shared=body.get("shared", False),
                name=kept.pop("label"),
                body=_dump(kept),
                created_at=instant_text(),
            )
        )
        shown = _json(_row(store, view_id), actor, store, found)
    return answer({"view": shown}, 201)


@routes.route("/<view_id>", methods=("PATCH",), who="member")
def change_view(app: str, entity: str, view_id: str) -> Response:
    body = jsonio.body(allowed=_KEYS)
    with writing(app) as (store, actor):
        found = _entity(store, actor, entity)
        row = _own(store, actor, found, view_id)
        merged = {"label": row.name, "shared": row.shared, **orjson.loads(row.body), **body}
        kept = _checked(store, actor, found, merged)
        changes = {"name": kept.pop("label"), "shared": merged["shared"], "body": _dump(kept)}
        store.connection.execute(update(tables.view).where(tables.view.c.id == view_id).values(**changes))
        shown = _json(_row(store, view_id), actor, store, found)
    return answer({"view": shown})


@routes.route("/<view_id>", methods=("DELETE",), who="member")
def delete_view(app: str, entity: str, view_id: str) -> Response:
    query.arguments()
    with writing(app) as (store, actor):
        _own(store, actor, _entity(store, actor, entity), view_id)
        store.connection.execute(delete(tables.view).where(tables.view.c.id == view_id))
    return answer({})


def _row(store: RecordStore, view_id: str) -> Row[Any]:
    return store.connection.execute(select(tables.view).where(tables.view.c.id == view_id)).one()


def _own(store: RecordStore, actor: Actor, entity: Entity, view_id: str) -> Row[Any]:
    statement = select(tables.view).where(tables.view.c.id == view_id, _mine_or_shared(actor, entity))
    row = store.connection.execute(statement).first()
    if row is None:
        raise NotFound(what=view_id)
    if row.owner_id != actor.id and _BUILDER not in actor.duties:
        raise Forbidden(what={"zh-CN": "修改他人的视图", "en": "change a view of someone else"})
    return row


def _checked(store: RecordStore, actor: Actor, entity: Entity, body: Mapping[str, Any]) -> dict[str, Any]:
    """Check a view by binding the question with it: what the person cannot query, they cannot save."""
    label, shared, default = body["label"], body.get("shared", False), body.get("default", False)
    if not isinstance(label, str) or not label.strip() or len(label) > _MAX_LABEL:
        raise query.bad("label", f"1 到 {_MAX_LABEL} 个字符", f"1 to {_MAX_LABEL} characters")
    if not isinstance(shared, bool) or not isinstance(default, bool):
        raise query.bad("shared", "true 或 false", "true or false")
    if default and not (shared and _BUILDER in actor.duties):
        raise Forbidden(what={"zh-CN": "为所有人设定默认视图", "en": "choose the view everybody begins with"})
    kept: dict[str, Any] = {"label": label.strip(), "default": default, "kind": str(body.get("kind", "table"))[:40]}
    kept |= _settings(body)
    findings = list(check_view(store.snapshot, entity, kept["kind"], kept["parts"], kept["options"], saved=True))
    if findings:
        raise Refused(findings)
    paths = [*kept["columns"], *kept["card"], *kept["quick"], *kept["totals"], *kept["parts"].values()]
    paths += [one["field"] for one in kept["colors"] if one.get("field")]
    spec = QuerySpec(
        entity=entity.id,
        fields=tuple(dict.fromkeys(paths)),
        filter=kept["filter"],
        sort=tuple(SortSpec(path=one["field"], descending=one["dir"] == "desc") for one in kept["sort"]),
        within=tuple(Within(group=group_of(one), value=None) for one in kept["group"]),
        marks=tuple(one["filter"] for one in kept["colors"]),
    )
    store.check(actor, spec)
    if len(_dump(kept)) > _MAX_BODY:
        raise query.bad("filter", f"最多 {_MAX_BODY} 字节", f"at most {_MAX_BODY} bytes")
    return kept


def _settings(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a view, each of its kind; what they name is checked by asking with them."""
    sort, group, colors = (
        _list(body, "sort", _is_sort),
        _list(body, "group", is_group),
        _list(body, "colors", _is_colour),
    )
    if len(group) > MAX_LEVELS:
        raise query.bad("group", f"最多 {MAX_LEVELS} 级", f"at most {MAX_LEVELS} levels")
    freeze = body.get("freeze", FREEZE)
    if not isinstance(freeze, int) or isinstance(freeze, bool) or not 0 <= freeze <= _MAX_FREEZE:
        raise query.bad("freeze", f"0 到 {_MAX_FREEZE} 的整数", f"a whole number from 0 to {_MAX_FREEZE}")
    totals, parts, options = (_mapping(body, name) for name in ("totals", "parts", "options"))
    if not all(one in TOTALS for one in totals.values()):
        raise query.bad("totals", "字段到汇总方式", "totals by field")
    if not all(isinstance(one, str) for one in parts.values()):
        raise query.bad("parts", "角色到字段", "fields by part")
    return {
        "columns": _texts(body, "columns"),
        "card": _texts(body, "card"),
        "filter": body.get("filter"),
        "sort": sort,
        "group": group,
        "totals": totals,
        "colors": colors,
        "quick": _texts(body, "quick"),
        "freeze": freeze,
        "parts": parts,
        "options": options,
    }


def _list(body: Mapping[str, Any], name: str, fits: Callable[[Any], bool]) -> list[Any]:
    given = body.get(name) or []
    if not isinstance(given, list) or len(given) > _MAX_OPTIONS or not all(fits(one) for one in given):
        shape = {"sort": "{field, dir}", "group": "{field, grain?, desc?}", "colors": "{filter, color, field?}"}[name]
        raise query.bad(name, f"{shape} 列表", f"a list of {shape}")
    return given


def _mapping(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    given = body.get(name) or {}
    if not isinstance(given, dict) or len(given) > _MAX_OPTIONS:
        raise query.bad(name, "对象", "an object")
    return given


def _texts(body: Mapping[str, Any], name: str) -> list[str]:
    given = body.get(name) or []
    if not isinstance(given, list) or not all(isinstance(one, str) for one in given):
        raise query.bad(name, "字段列表", "a list of fields")
    return given


def _is_sort(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and set(one) == {"field", "dir"}
        and isinstance(one["field"], str)
        and one["dir"] in ("asc", "desc")
    )


def _is_colour(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and {"filter", "color"} <= set(one) <= {"filter", "color", "field"}
        and all(isinstance(one.get(name, ""), str) and len(one.get(name, "")) <= 200 for name in ("color", "field"))
    )


def _dump(kept: Mapping[str, Any]) -> str:
    return jsonio.dump(kept).decode()


def _askable(row: Row[Any], actor: Actor, store: RecordStore, entity: Entity) -> bool:
    """Whether a view somebody else made asks only for what this person may know."""
    tree = orjson.loads(row.body).get("filter")
    return tree is None or store.askable(actor, QuerySpec(entity=entity.id, fields=("id",), filter=tree))


def _json(row: Row[Any], actor: Actor, store: RecordStore, entity: Entity) -> dict[str, Any]:
    body = orjson.loads(row.body)
    described = Description(store, actor)
    return {
        "id": row.id,
        "label": row.name,
        "scope": "shared" if row.shared else "mine",
        "kind": body.get("kind", "table"),
        "default": row.shared and body.get("default", False),
        "editable": row.owner_id == actor.id or _BUILDER in actor.duties,
        **shown_settings(body, described.readable(entity), described.condition(entity)),
    }
