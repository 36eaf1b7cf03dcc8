"""Handing over what one person owns to another: how much there is, part by part, and back again."""

from __future__ import annotations

from flask import Response

from engine.records.around import handover
from engine.records.around.handover import Handed
from runtime import jsonio, query
from runtime.access import Routes
from runtime.context import reading, writing
from runtime.jsonio import answer
from runtime.language import language

routes = Routes("handover", "/api/v1/apps/<app>/handover")

_MAX_ID = 64
_TOLD = 20
"""Refused records an answer names; all are counted."""


@routes.route("", who="member")
def preview(app: str) -> Response:
    """What a person owns here, entity by entity: what the asker sees, and may hand over."""
    given = query.arguments("person")
    store, actor = reading(app)
    found = handover.owned(store, actor, given.get("person", ""))
    shown = [
        {"entity": one.key, "label": one.label, "icon": one.icon, "seen": row.seen, "movable": row.movable}
        for row in found
        for one in (store.snapshot.entity(row.entity),)
    ]
    return answer({"entities": shown})


@routes.route("", methods=("POST",), who="member", limit="600/minute")
def hand_over(app: str) -> Response:
    """Hand over the next part of an entity; send ``run`` and ``after`` of the answer again until ``after`` is blank."""
    names = ("entity", "from", "to", "run", "after")
    body = jsonio.body(allowed=names, required=names[:3])
    entity, giver, taker, run, after = (query.text_of(body, name, _MAX_ID) for name in names)
    with writing(app) as (store, actor):
        done = handover.hand_over(store, actor, entity, giver, taker, run=run, after=after)
        shown = _shown(store.titles(actor, entity, list(done.refused)[:_TOLD]), done)
    return answer(shown)


@routes.route("/<run_id>/back", methods=("POST",), who="member", limit="600/minute")
def take_back(app: str, run_id: str) -> Response:
    after = query.text_of(jsonio.body(allowed=("after",)), "after", _MAX_ID)
    with writing(app) as (store, actor):
        shown = _shown({}, handover.take_back(store, actor, run_id, after))
    return answer(shown)


def _shown(titles: dict[str, str], done: Handed) -> dict[str, object]:
    refused = [
        {"id": one, "title": titles.get(one, ""), "why": [finding.text(language()) for finding in findings]}
        for one, findings in list(done.refused.items())[:_TOLD]
    ]
    return {"run": done.run, "done": done.done, "refused": len(done.refused), "examples": refused, "after": done.after}
