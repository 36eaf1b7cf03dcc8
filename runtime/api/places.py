"""Provinces, cities and districts for the address picker: the same table the server judges addresses by."""

from __future__ import annotations

from functools import cache
from hashlib import sha256

import orjson
from flask import Response, request

from engine.fields.regions import regions
from runtime import query
from runtime.access import Routes

routes = Routes("places", "/api/v1")


@cache
def _tree() -> tuple[bytes, str]:
    body = orjson.dumps({"regions": regions().tree()})
    return body, sha256(body).hexdigest()[:16]


@routes.route("/regions", who="public", limit="120/minute")
def region_tree() -> Response:
    """All places as ``[code, name, [those below]]``; an unchanged one is not sent again."""
    query.arguments()
    body, mark = _tree()
    response = Response(body, mimetype="application/json")
    response.set_etag(mark)
    response.headers["Cache-Control"] = "private, max-age=86400"
    response.make_conditional(request)
    return response
