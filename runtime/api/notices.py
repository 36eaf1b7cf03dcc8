"""What a person was told, whoever told it: comments, flows, hand-overs."""

from __future__ import annotations

from flask import Response

from engine.records.around import notices
from runtime import jsonio, query
from runtime.access import Routes
from runtime.context import connection, release, services, visitor
from runtime.jsonio import answer

routes = Routes("notices", "/api/v1/notices")


@routes.route("")
def list_notices() -> Response:
    given = query.arguments("limit", "cursor")
    limit = query.whole(given, "limit", 50, 1, 200)
    return answer(notices.listed(services().workspace, connection(), visitor().actor(), limit, given.get("cursor", "")))


@routes.route("/read", methods=("POST",))
def read_notices() -> Response:
    body = jsonio.body(allowed=("ids",))
    ids = query.ids(body, 200) if "ids" in body else None
    actor = visitor().actor()
    release()
    with services().database.write() as writer:
        notices.mark_read(writer, actor, ids)
    return answer({})
