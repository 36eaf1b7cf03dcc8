"""Saved views: those of the application, those people share, and one's own.

A shared view holds only what a person typed; whoever opens it sees the rows and fields of their own rights, and a
column or condition they may not read is left out of the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response
from sqlalchemy import Row, and_, delete, insert, or_, select, update

from engine.actor import Actor
from engine.clock import instant_text
from engine.problems import Forbidden, NotFound
from engine.records.spec import QuerySpec, SortSpec
from engine.records.store import RecordStore
from metadata.ids import new_record_id
from metadata.model import Entity
from runtime import jsonio, query, tables
from runtime.access import Routes
from runtime.context import reading, writing
from runtime.describe import Description
from runtime.jsonio import answer

routes = Routes("views", "/api/v1/apps/<app>/<entity>/views")

_KEYS = ("label", "columns", "card", "filter", "sort", "shared", "default", "kind")
_MAX_LABEL = 60
_MAX_BODY = 32 * 1024
_MAX_VIEWS = 200


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
    return answer({"views": views})


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
                **row, shared=bool(body.get("shared", False)), name=kept.pop("label"), body=_dump(kept),
                created_at=instant_text(),
            )
        )  # fmt: skip
        shown = _json(_row(store, view_id), actor, store, found)
    return answer({"view": shown}, 201)


@routes.route("/<view_id>", methods=("PATCH",), who="member")
def change_view(app: str, entity: str, view_id: str) -> Response:
    body = jsonio.body(allowed=_KEYS)
    with writing(app) as (store, actor):
        found = _entity(store, actor, entity)
        row = _own(store, actor, found, view_id)
        kept = _checked(store, actor, found, {"label": row.name, **orjson.loads(row.body), **body})
        changes = {"name": kept.pop("label"), "shared": bool(body.get("shared", row.shared)), "body": _dump(kept)}
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
    if row.owner_id != actor.id:
        raise Forbidden(what={"zh-CN": "修改他人的视图", "en": "change a view of someone else"})
    return row


def _checked(store: RecordStore, actor: Actor, entity: Entity, body: Mapping[str, Any]) -> dict[str, Any]:
    """Check a view by asking for a page with it: what the person cannot query, they cannot save."""
    label = body["label"]
    if not isinstance(label, str) or not label.strip() or len(label) > _MAX_LABEL:
        raise query.bad("label", f"1 到 {_MAX_LABEL} 个字符", f"1 to {_MAX_LABEL} characters")
    columns, card = _texts(body, "columns"), _texts(body, "card")
    sort = body.get("sort") or []
    if not isinstance(sort, list) or not all(_is_sort(one) for one in sort):
        raise query.bad("sort", "[{field, dir}] 列表", "a list of {field, dir}")
    spec = QuerySpec(
        entity=entity.id,
        fields=tuple(dict.fromkeys((*columns, *card))),
        filter=body.get("filter"),
        sort=tuple(SortSpec(path=one["field"], descending=one["dir"] == "desc") for one in sort),
        limit=1,
    )
    store.list(actor, spec)
    kept = {"label": label.strip(), "columns": columns, "card": card, "filter": body.get("filter"), "sort": sort}
    kept |= {"default": bool(body.get("default", False)), "kind": str(body.get("kind", "table"))[:16]}
    if len(_dump(kept)) > _MAX_BODY:
        raise query.bad("filter", f"最多 {_MAX_BODY} 字节", f"at most {_MAX_BODY} bytes")
    return kept


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


def _dump(kept: Mapping[str, Any]) -> str:
    return jsonio.dump(kept).decode()


def _askable(row: Row[Any], actor: Actor, store: RecordStore, entity: Entity) -> bool:
    """Whether a view somebody else made asks only for what this person may know."""
    tree = orjson.loads(row.body).get("filter")
    return tree is None or store.askable(actor, QuerySpec(entity=entity.id, fields=("id",), filter=tree))


def _json(row: Row[Any], actor: Actor, store: RecordStore, entity: Entity) -> dict[str, Any]:
    body = orjson.loads(row.body)
    levels = store.access(actor, entity.id).levels
    fields = store.snapshot.fields(entity)

    def readable(path: str) -> bool:
        first = path.split(".")[0]
        return first in fields and levels.get(fields[first].key, "hidden") != "hidden"

    tree = body.get("filter")
    return {
        "id": row.id,
        "label": row.name,
        "scope": "shared" if row.shared else "mine",
        "kind": body.get("kind", "table"),
        "columns": [path for path in body["columns"] if readable(path)],
        "card": [path for path in body["card"] if readable(path)],
        "filter": tree,
        "sort": [one for one in body["sort"] if readable(one["field"])],
        "default": body.get("default", False),
        "editable": row.owner_id == actor.id,
    }
