"""Applications: what one person may know of one, and the same as an OpenAPI document."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from flask import Response, request

from engine.actor import Actor
from engine.records.store import RecordStore
from runtime import jsonio, query
from runtime.access import Routes
from runtime.context import reading
from runtime.describe import describe_app
from runtime.openapi import document

routes = Routes("apps", "/api/v1/apps")


class _Key:
    """What a description depends on: the version of the application and the roles of the person."""

    def __init__(self, store: RecordStore, actor: Actor):
        self.store, self.actor = store, actor
        self._identity = (store.snapshot.app.id, store.snapshot.version, id(store.snapshot), actor.roles)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)


@lru_cache(maxsize=256)
def _described(key: _Key) -> tuple[bytes, str]:
    body = jsonio.dump(describe_app(key.store, key.actor))
    key.store = key.actor = None  # type: ignore[assignment]  only needed to build; the cache must not hold a transaction
    return body, hashlib.sha256(body).hexdigest()[:32]


@routes.route("/<app>", who="member")
def app_description(app: str) -> Response:
    query.arguments()
    store, actor = reading(app)
    body, tag = _described(_Key(store, actor))
    response = Response(body, content_type=jsonio.JSON_TYPE)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


@routes.route("/<app>/openapi.json", who="member")
def openapi(app: str) -> Response:
    query.arguments()
    store, actor = reading(app)
    return jsonio.answer(document(describe_app(store, actor)))
