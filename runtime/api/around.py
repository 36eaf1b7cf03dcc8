"""What stands around a record: comments, visits, related counts; and what a person keeps at hand."""

from __future__ import annotations

from flask import Response

from engine.actor import Actor
from engine.clock import parse_instant
from engine.problems import NotFound
from engine.records.around import comments, find, marks, related
from engine.records.files import FileStore
from engine.records.store import RecordStore
from runtime import hand, jsonio, query
from runtime.access import Routes
from runtime.context import connection, reading, services, visitor, writing
from runtime.jsonio import answer
from runtime.uploads import uploaded

routes = Routes("around", "/api/v1")

_RECORD = "/apps/<app>/<entity>/records/<record_id>"
_MAX_ID = 64
_MAX_TEXT = 20_000
"""More than a comment may have, so that the sentence about its length is the comment's own."""


@routes.route(f"{_RECORD}/comments", who="member")
def list_comments(app: str, entity: str, record_id: str) -> Response:
    given = query.arguments("limit", "cursor")
    limit = query.whole(given, "limit", 50, 1, 200)
    store, actor = reading(app)
    return answer(comments.listed(store, actor, entity, record_id, before=given.get("cursor", ""), limit=limit))


@routes.route(f"{_RECORD}/comments", methods=("POST",), who="member", limit="120/minute")
def add_comment(app: str, entity: str, record_id: str) -> Response:
    body = jsonio.body(allowed=("text", "reply_to", "files"), required=("text",))
    text, reply_to = query.text_of(body, "text", _MAX_TEXT), query.text_of(body, "reply_to", _MAX_ID)
    attached = query.ids(body, 100, "files") if "files" in body else []
    with writing(app) as (store, actor):
        made = comments.add(store, actor, entity, record_id, text, reply_to=reply_to, attached=attached)
    return answer(made, 201)


@routes.route(f"{_RECORD}/comments/files", methods=("POST",), who="member", body="upload", limit="300/minute")
def upload_for_comment(app: str, entity: str, record_id: str) -> Response:
    part, _ = uploaded()
    config = services().config
    with writing(app) as (store, actor):
        store.get(actor, entity, record_id, fields=("id",))
        files = FileStore(config.files_dir, config.max_upload)
        saved = files.save(store.connection, part.stream, name=part.filename or "", actor=actor)
    return answer({"id": saved.id, "name": saved.name, "size": saved.size, "type": saved.type}, 201)


@routes.route(f"{_RECORD}/comments/people", who="member", limit="600/minute")
def people_to_mention(app: str, entity: str, record_id: str) -> Response:
    given = query.arguments("q", "limit")
    limit = query.whole(given, "limit", 8, 1, 20)
    store, actor = reading(app)
    text = query.search_text(given.get("q", ""))
    return answer({"people": comments.candidates(store, actor, entity, record_id, text, limit=limit)})


@routes.route(f"{_RECORD}/comments/<comment_id>", methods=("PATCH",), who="member")
def edit_comment(app: str, entity: str, record_id: str, comment_id: str) -> Response:
    text = query.text_of(jsonio.body(allowed=("text",), required=("text",)), "text", _MAX_TEXT)
    with writing(app) as (store, actor):
        made = comments.edit(store, actor, entity, record_id, comment_id, text)
    return answer(made)


@routes.route(f"{_RECORD}/comments/<comment_id>", methods=("DELETE",), who="member")
def remove_comment(app: str, entity: str, record_id: str, comment_id: str) -> Response:
    with writing(app) as (store, actor):
        made = comments.remove(store, actor, entity, record_id, comment_id)
    return answer(made)


@routes.route(f"{_RECORD}/visit", methods=("POST",), who="member", body="none")
def visit(app: str, entity: str, record_id: str) -> Response:
    with writing(app) as (store, actor):
        seen = marks.visited(store, actor, entity, record_id)
    return answer(seen)


@routes.route(f"{_RECORD}/related", who="member")
def related_counts(app: str, entity: str, record_id: str) -> Response:
    query.arguments()
    store, actor = reading(app)
    return answer({"counts": related.counts(store, actor, entity, record_id)})


@routes.route("/apps/<app>/<entity>/marks", methods=("POST",), who="member", limit="600/minute")
def marks_of_page(app: str, entity: str) -> Response:
    """Which records of a page are unread or favourites of whoever asks. The first question begins the reckoning."""
    shown = query.ids(jsonio.body(allowed=("ids",), required=("ids",)), marks.PAGE)
    store, actor = reading(app)
    entity_id = _readable(store, actor, entity)
    found = marks.marks_of(store, actor, entity, shown)
    if not marks.looked(store.connection, actor, entity_id):
        with writing(app) as (store, actor):
            marks.look(store.connection, actor, entity_id)
    return answer(found)


@routes.route("/apps/<app>/<entity>/read", methods=("POST",), who="member", limit="120/minute")
def read_all(app: str, entity: str) -> Response:
    """Call every record of an entity read; ``{"since": …}``, as an earlier call answered, takes that back."""
    since = query.text_of(jsonio.body(allowed=("since",)), "since", _MAX_ID)
    if since:
        try:
            parse_instant(since)
        except ValueError:
            raise query.bad("since", "上一次回答中的时刻", "a moment as an earlier call answered it") from None
    with writing(app) as (store, actor):
        before = marks.read_all(store.connection, actor, _readable(store, actor, entity), since)
    return answer({"since": before})


def _readable(store: RecordStore, actor: Actor, entity: str) -> str:
    if not store.snapshot.has_entity(entity) or "read" not in store.access(actor, entity).actions:
        raise NotFound(what=entity)
    return store.snapshot.entity(entity).id


@routes.route("/me/hand")
def hand_list() -> Response:
    """Favourites and the records opened last, as far as they can still be read."""
    query.arguments()
    who = visitor()
    return answer(hand.at_hand(services().workspace, connection(), who.actor, sorted(who.roles)))


@routes.route("/apps/<app>/favourites", methods=("PUT",), who="member", limit="300/minute")
def keep(app: str) -> Response:
    body = jsonio.body(allowed=("kind", "entity", "id", "on"), required=("kind", "id", "on"))
    kind, entity, target = body["kind"], query.text_of(body, "entity", _MAX_ID), query.text_of(body, "id", _MAX_ID)
    if kind not in ("record", "view", "dashboard"):
        raise query.bad("kind", "record、view 或 dashboard", "record, view or dashboard")
    if not isinstance(body["on"], bool):
        raise query.bad("on", "true 或 false", "true or false")
    with writing(app) as (store, actor):
        if body["on"]:
            hand.keep(store, actor, kind, entity, target)
        else:
            hand.drop(store, actor, kind, target)
    return answer({})


@routes.route("/find", limit="600/minute")
def find_everywhere() -> Response:
    """Search every entity of every application of the person, or of one application."""
    given = query.arguments("q", "app", "limit")
    text = query.search_text(given.get("q", ""))
    limit = query.whole(given, "limit", 5, 1, 20)
    who = visitor()
    apps = sorted(who.roles)
    if given.get("app"):
        store, _ = reading(given["app"])
        apps = [store.snapshot.app.id]
    groups = find.find(services().workspace, connection(), who.actor, apps, text, limit=limit)
    return answer({"groups": groups})
