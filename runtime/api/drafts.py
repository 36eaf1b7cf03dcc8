"""Drafts of records: what a person has typed and not saved, on the way from one device to another.

Nobody but its author ever gets a draft. It is kept 90 days, and judged again by the definition and the rights of the
moment it is asked for.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
from flask import Response
from sqlalchemy import ColumnElement, Row, and_, delete, insert, select

from engine import clock
from engine.actor import Actor
from engine.forms import unsaved
from engine.problems import Forbidden, NotFound
from engine.records.store import RecordStore
from metadata.model import Entity
from runtime import jsonio, query, tables
from runtime.access import Routes
from runtime.context import reading, writing
from runtime.jsonio import answer

routes = Routes("drafts", "/api/v1/apps/<app>/<entity>/drafts")

NEW = "new"
"""Stands where the id of a record stands, for one that is not saved yet."""
KEEP = timedelta(days=90)
MAX_BYTES = 1 << 20
MAX_DRAFTS = 200
_MAX_NAME = 60
_MAX_ID = 64


@routes.route("/<record_id>", who="member")
def get_draft(app: str, entity: str, record_id: str) -> Response:
    """``{"draft": null}`` or what was kept, with ``left``: the values that could not be taken over, and why."""
    form = query.arguments("form").get("form", "")
    store, actor = reading(app)
    found, levels = _levels(store, actor, entity, record_id)
    row = store.connection.execute(select(tables.draft).where(_mine(actor, found, form, record_id), _fresh())).first()
    return answer({"draft": _json(row, store, actor, found, levels) if row else None})


@routes.route("/<record_id>", methods=("PUT",), who="member", limit="120/minute")
def put_draft(app: str, entity: str, record_id: str) -> Response:
    form = query.arguments("form").get("form", "")
    body = jsonio.body(allowed=("values", "base", "rev", "device"), required=("values", "device"))
    values, base = _object(body, "values"), _object(body, "base")
    rev, device = _rev(body), _device(body)
    with writing(app) as (store, actor):
        found, levels = _levels(store, actor, entity, record_id)
        own = {key: value for key, value in values.items() if levels.get(key) == "write"}
        seen = {key: value for key, value in base.items() if levels.get(key) in ("read", "write")}
        kept = jsonio.dump({"fields": unsaved.kept(store, found.id, own, seen), "rev": rev, "device": device})
        if len(kept) > MAX_BYTES:
            raise query.bad("values", f"最多 {MAX_BYTES >> 20} MiB", f"at most {MAX_BYTES >> 20} MiB")
        at = clock.instant_text()
        table = tables.draft
        mine = _mine(actor, found, form, record_id)
        store.connection.execute(delete(table).where(table.c.owner_id == actor.id, ~_fresh()))
        store.connection.execute(delete(table).where(mine))
        _make_room(store, actor)
        place = {"owner_id": actor.id, "entity_id": found.id, "form_id": form[:_MAX_ID], "record_id": record_id}
        store.connection.execute(insert(table).values(**place, at=at, body=kept.decode()))
    return answer({"at": at})


@routes.route("/<record_id>", methods=("DELETE",), who="member")
def delete_draft(app: str, entity: str, record_id: str) -> Response:
    form = query.arguments("form").get("form", "")
    with writing(app) as (store, actor):
        if not store.snapshot.has_entity(entity):
            raise NotFound(what=entity)
        # Whoever lost the right to the record may still throw their own draft of it away.
        mine = _mine(actor, store.snapshot.entity(entity), form, record_id)
        store.connection.execute(delete(tables.draft).where(mine))
    return answer({})


def _mine(actor: Actor, entity: Entity, form: str, record_id: str) -> ColumnElement[bool]:
    table = tables.draft
    return and_(
        table.c.owner_id == actor.id,
        table.c.entity_id == entity.id,
        table.c.form_id == form[:_MAX_ID],
        table.c.record_id == record_id,
    )


def _fresh() -> ColumnElement[bool]:
    return tables.draft.c.at >= clock.instant_text(clock.now() - KEEP)


def _make_room(store: RecordStore, actor: Actor) -> None:
    """Of too many drafts the oldest go."""
    table = tables.draft
    place = (table.c.entity_id, table.c.form_id, table.c.record_id)
    newest = select(*place).where(table.c.owner_id == actor.id).order_by(table.c.at.desc()).offset(MAX_DRAFTS - 1)
    for one in store.connection.execute(newest).all():
        same = and_(*(column == value for column, value in zip(place, one, strict=True)))
        store.connection.execute(delete(table).where(table.c.owner_id == actor.id, same))


def _levels(store: RecordStore, actor: Actor, entity: str, record_id: str) -> tuple[Entity, dict[str, str]]:
    """The entity, and the person's levels where the draft would be saved. Raises NotFound, Forbidden."""
    if not store.snapshot.has_entity(entity) or not store.access(actor, entity).actions:
        raise NotFound(what=entity)
    found = store.snapshot.entity(entity)
    if record_id != NEW:
        record = store.get(actor, found.id, record_id, levels=True)
        if "update" not in record.actions:
            raise Forbidden(what={"zh-CN": "修改这条记录", "en": "change this record"})
        return found, dict(record.levels)
    access = store.access(actor, found.id)
    if "create" not in access.actions:
        raise Forbidden(what={"zh-CN": "新建记录", "en": "create a record"})
    return found, dict(access.levels)


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    found = body.get(name, {})
    if not isinstance(found, dict):
        raise query.bad(name, "JSON 对象", "a JSON object")
    return found


def _rev(body: dict[str, Any]) -> int:
    rev = body.get("rev", 0)
    if not isinstance(rev, int) or isinstance(rev, bool) or rev < 0:
        raise query.bad("rev", "打开记录时的版本号", "the revision the record had when it was opened")
    return rev


def _device(body: dict[str, Any]) -> dict[str, str]:
    device = body["device"]
    if not isinstance(device, dict) or not all(isinstance(device.get(name), str) for name in ("id", "name")):
        raise query.bad("device", "{id, name}", "{id, name}")
    return {"id": device["id"][:_MAX_ID], "name": device["name"][:_MAX_NAME]}


def _json(row: Row[Any], store: RecordStore, actor: Actor, entity: Entity, levels: dict[str, str]) -> dict[str, Any]:
    body = orjson.loads(row.body)
    found = unsaved.restored(store, actor, entity.id, body["fields"], levels)
    return {
        "at": row.at,
        "rev": body["rev"],
        "device": body["device"],
        "values": found.values,
        "base": found.base,
        "labels": found.labels,
        "left": [one.to_json() for one in found.left],
    }
