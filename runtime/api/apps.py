"""Applications: what one person may know of one, and the same as an OpenAPI document."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from engine.actor import Actor
from engine.records.store import RecordStore
from metadata.snapshot import Snapshot
from runtime import jsonio, query
from runtime.access import Routes
from runtime.context import reading
from runtime.describe import describe_app
from runtime.openapi import document

routes = Routes("apps", "/api/v1/apps")


_Shown = tuple[bytes, str]


class Descriptions:
    """Ready-made answers by version and roles, for everybody whose rights follow from roles alone.

    An open task may show its holder more; such a person's answer is made afresh.
    """

    def __init__(self, size: int = 256):
        self._size = size
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[int, frozenset[str]], tuple[Snapshot, _Shown]] = OrderedDict()

    def get(self, store: RecordStore, actor: Actor) -> _Shown:
        """Return the body and its tag."""
        access = store.access_of(actor)
        if not all(access.keeps(entity.id) for entity in store.snapshot.entities):
            return _make(store, actor)
        key = (id(store.snapshot), actor.roles)
        with self._lock:
            found = self._kept.get(key)
            if found is not None and found[0] is store.snapshot:
                self._kept.move_to_end(key)
                return found[1]
        made = _make(store, actor)
        with self._lock:
            self._kept[key] = (store.snapshot, made)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
        return made


def _make(store: RecordStore, actor: Actor) -> _Shown:
    body = jsonio.dump(describe_app(store, actor))
    return body, hashlib.sha256(body).hexdigest()[:32]


descriptions = Descriptions()


@routes.route("/<app>", who="member")
def app_description(app: str) -> AnyResponse:
    query.arguments()
    store, actor = reading(app)
    body, tag = descriptions.get(store, actor)
    response = Response(body, content_type=jsonio.JSON_TYPE)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "private, no-cache"
    return response.make_conditional(request)


@routes.route("/<app>/openapi.json", who="member")
def openapi(app: str) -> Response:
    query.arguments()
    store, actor = reading(app)
    return jsonio.answer(document(describe_app(store, actor)))
