"""What rules make of a record while it is being filled in, for what a browser cannot decide by itself."""

from __future__ import annotations

from typing import Any, Final

from flask import Response

from engine import calendars, people
from engine.actor import Actor
from engine.clock import instant_text
from engine.problems import NotFound
from engine.records import candidates, present
from engine.records.catalog import FieldModel
from engine.records.drafts import Draft
from engine.records.foresight import Outcome, drafted, foresee
from engine.records.ruling import ruling_of
from engine.records.spec import Manner
from engine.records.store import RecordStore
from metadata.findings import Finding
from runtime import jsonio, query
from runtime.access import Routes
from runtime.context import reading
from runtime.jsonio import answer
from runtime.language import language
from runtime.titles import title_fields, titled

routes = Routes("rules", "/api/v1/apps/<app>")

LIMIT: Final = 50
_PERSON: Final = ("usr_name", "usr_email", "usr_phone", "usr_active")
_ASKED: Final = ("id", "form", "values")


@routes.route("/surroundings", who="member")
def surroundings(app: str) -> Response:
    """What expressions may look at besides the record: the server's clock, the zone, who asks, working days."""
    query.arguments()
    return answer(surroundings_json(*reading(app)))


def surroundings_json(store: RecordStore, actor: Actor) -> dict[str, Any]:
    """Return what an actor's browser evaluates rules with, besides the record."""
    env = store.access_of(actor).env
    shown: dict[str, Any] = {"now": instant_text(env.now), "zone": env.zone.key, "user": None}
    if env.user is not None:
        fields = {name: env.user.fields.get(name) for name in _PERSON}
        roles, departments = sorted(env.user.roles), list(env.user.departments)
        shown["user"] = {"id": env.user.id, "roles": roles, "departments": departments, "fields": fields}
    told = calendars.load(store.connection, calendars.CHINA)
    days = told.days.exceptions.items()
    shown["calendars"] = {
        calendars.CHINA: {
            "free": [day.isoformat() for day, worked in days if not worked],
            "worked": [day.isoformat() for day, worked in days if worked],
            "years": sorted(told.years),
        }
    }
    return shown


@routes.route("/<entity>/settle", methods=("POST",), who="member", limit="600/minute")
def settle(app: str, entity: str) -> Response:
    """Tell what writing these values would come to. Nothing is written."""
    body = jsonio.body(allowed=_ASKED, required=("values",))
    store, actor = reading(app)
    writing = store.preview(actor, entity, Manner(form=text_of(body, "form")))
    found = foresee(writing, values_of(body), text_of(body, "id"))
    return answer(outcome_json(store, writing.model.id, found))


@routes.route("/<entity>/candidates", methods=("POST",), who="member", limit="600/minute")
def choose(app: str, entity: str) -> Response:
    """Offer what may be chosen for a link or a person field of the record as it stands on the form."""
    body = jsonio.body(allowed=(*_ASKED, "field", "row", "q", "limit"), required=("field", "values"))
    store, actor = reading(app)
    writing = store.preview(actor, entity, Manner(form=text_of(body, "form")))
    draft, _ = drafted(writing, values_of(body), text_of(body, "id"))
    draft = row_of(draft, body.get("row"))
    f = draft.model.find(text_of(body, "field"))
    rights = store.access(actor, draft.model.id)
    if f is None or rights.levels.get(f.key, "hidden") not in ("read", "write"):
        raise NotFound(what=text_of(body, "field")[:100])
    limit = body.get("limit", 20)
    if not isinstance(limit, int) or not 1 <= limit <= LIMIT:
        raise query.bad("limit", f"1 到 {LIMIT}", f"1 to {LIMIT}")
    return answer({"items": _offered(store, draft, f, query.search_text(text_of(body, "q")), limit)})


def _offered(store: RecordStore, draft: Draft, f: FieldModel, search: str, limit: int) -> list[dict[str, str]]:
    ruling = ruling_of(draft)
    if f.people:
        found = people.find_users(store.connection, search, limit=candidates.MOST if ruling is not None else limit)
        names = {one.id: one.name for one in found}
        kept = list(names)
        if ruling is not None:
            kept = candidates.fitting(ruling, f.id, candidates.filters(ruling, f.id), kept)
        return [{"id": one, "title": names[one], "sub": ""} for one in kept[:limit]]
    if ruling is None or not f.target:
        raise NotFound(what=f.field.label)
    title, sub = title_fields(store, ruling.drafting.access.actor, f.target)
    records = candidates.offered(ruling, f.id, (title, *sub), search, limit)
    return [titled(record, store, title, sub) for record in records]


def row_of(draft: Draft, place: Any) -> Draft:
    """Return the row of a sub-table that is meant: ``[field, number]``."""
    if place is None:
        return draft
    wrong = query.bad("row", "[子表字段, 行号]", "[field of the sub-table, number of the row]")
    if not isinstance(place, list) or len(place) != 2 or not isinstance(place[0], str) or not isinstance(place[1], int):
        raise wrong
    f = draft.model.find(place[0])
    rows = draft.rows.get(f.id, []) if f is not None else []
    if not 0 <= place[1] < len(rows):
        raise wrong
    return rows[place[1]]


def outcome_json(store: RecordStore, entity_id: str, found: Outcome) -> dict[str, Any]:
    """Return the answer to what a write would come to. Values of files travel with the record, not here."""
    model = store.catalog.entity(entity_id)
    values = {key: value for key, value in found.values.items() if model.by_key[key].holds != "files"}
    return {
        "values": store.values_json(entity_id, values),
        "conditions": dict(found.conditions),
        "hidden": list(found.hidden),
        "required": list(found.required),
        "locked": list(found.locked),
        "choices": {key: list(options) for key, options in found.choices.items()},
        "findings": [_finding(one, kind) for one, kind in found.findings],
        "rows": {
            key: [outcome_json(store, model.by_key[key].target, row) for row in rows]
            for key, rows in found.rows.items()
        },
    }


def _finding(finding: Finding, kind: str) -> dict[str, Any]:
    shown = present.finding_json(finding, language())
    return {**shown, "severity": kind, "message": shown["text"], "fields": []}


def values_of(body: dict[str, Any]) -> dict[str, Any]:
    values = body["values"]
    if not isinstance(values, dict):
        raise query.bad("values", "JSON 对象", "a JSON object")
    return values


def text_of(body: dict[str, Any], key: str) -> str:
    value = body.get(key, "")
    if not isinstance(value, str):
        raise query.bad(key, "文本", "a text")
    return value
