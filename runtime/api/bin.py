"""The recycle bin of an application: what lies in it, bringing back, taking away for good."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response

from engine.database import after_commit
from engine.problems import Problem
from engine.records import present
from engine.records.around import bin as recycle
from engine.records.files import FileStore
from metadata.findings import Finding, Refused
from runtime import jsonio, query
from runtime.access import Routes
from runtime.context import reading, services, writing
from runtime.jsonio import answer
from runtime.language import language

routes = Routes("bin", "/api/v1/apps/<app>/recycle-bin")

_LIMIT = recycle.MAX_AT_ONCE


@routes.route("", who="member")
def overview(app: str) -> Response:
    query.arguments()
    store, actor = reading(app)
    counts = recycle.counts(store, actor)
    shown = [
        {"entity": one.key, "label": one.label, "icon": one.icon, "count": counts[one.id]}
        for one in store.snapshot.entities
        if one.id in counts
    ]
    return answer({"entities": shown, "may_purge": recycle.DUTY in actor.duties})


@routes.route("/<entity>", who="member")
def list_deleted(app: str, entity: str) -> Response:
    given = query.arguments("search", "limit", "offset")
    limit, offset = query.whole(given, "limit", 50, 1, 200), query.whole(given, "offset", 0, 0, 100_000)
    text = query.search_text(given.get("search", ""))
    store, actor = reading(app)
    rows, names, more = recycle.deleted(store, actor, entity, text=text, offset=offset, limit=limit)
    records = [{"id": row.id, "title": row.title, "at": row.at, "by": row.by} for row in rows]
    return answer({"records": records, "more": more, "labels": {"user": names}})


@routes.route("/<entity>/restore", methods=("POST",), who="member", limit="120/minute")
def restore(app: str, entity: str) -> Response:
    """Bring records back, each for itself: one that cannot come back does not hold the others."""
    wanted = query.ids(jsonio.body(allowed=("ids",), required=("ids",)), _LIMIT)
    results: list[dict[str, Any]] = []
    with writing(app) as (store, actor):
        for one in wanted:
            try:
                with store.connection.begin_nested():
                    store.restore(actor, entity, one)
                results.append({"id": one, "status": "done"})
            except Refused as error:
                found = [present.finding_json(finding, language()) for finding in error.findings]
                results.append({"id": one, "status": "refused", "findings": found})
            except Problem as error:
                found = [present.finding_json(Finding(error.code, "", error.params), language())]
                results.append({"id": one, "status": "refused", "findings": found})
    return answer({"results": results})


@routes.route("/<entity>/preview", methods=("POST",), who="member")
def preview(app: str, entity: str) -> Response:
    """What taking records away for good would take along."""
    wanted = query.ids(jsonio.body(allowed=("ids",), required=("ids",)), _LIMIT)
    store, actor = reading(app)
    loss = recycle.loss(store, actor, entity, wanted)
    return answer({"records": loss.records, "rows": loss.rows, "files": loss.files, "comments": loss.comments})


@routes.route("/<entity>/purge", methods=("POST",), who="member", limit="60/minute")
def purge(app: str, entity: str) -> Response:
    wanted = query.ids(jsonio.body(allowed=("ids",), required=("ids",)), _LIMIT)
    config = services().config
    files = FileStore(config.files_dir, config.max_upload)
    with writing(app) as (store, actor):
        gone = recycle.purge(store, actor, entity, wanted)
        for file_id in gone:
            after_commit(store.connection, partial(files.remove, file_id))
    return answer({"purged": len(wanted)})
