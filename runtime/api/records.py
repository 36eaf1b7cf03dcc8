"""Records over HTTP. Every rule about who may do what is the record store's; here is only the translation."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from sqlalchemy import Connection, insert, select

from engine.actor import Actor
from engine.clock import instant_text
from engine.fields.folding import folded_key
from engine.problems import NotFound
from engine.records import present
from engine.records import reveal as revealing
from engine.records.spec import AggregateSpec, BulkRow, GroupSpec, Manner, MeasureSpec, QuerySpec, Record
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused
from runtime import jsonio, query, tables
from runtime.access import Routes
from runtime.context import reading, rehearsing, writing
from runtime.jsonio import answer
from runtime.language import language
from runtime.titles import title_fields, titled

routes = Routes("records", "/api/v1/apps/<app>/<entity>")

MAX_OPERATIONS = 20_000
LOOKUP_LIMIT = 50
_MAX_KEY = 128
_MANNER = ("form", "reasons")
_OPERATION_KEYS = frozenset({"op", "id", "rev", "values"})


@routes.route("/records", who="member")
def list_records(app: str, entity: str) -> Response:
    given = query.arguments(*query.RECORD_NAMES)
    store, actor = reading(app)
    page = store.list(actor, query.query_spec(entity, given))
    return answer(present.page_json(page, store))


@routes.route("/records", methods=("POST",), who="member")
def create_record(app: str, entity: str) -> Response:
    body = jsonio.body(allowed=("values", *_MANNER), required=("values",))
    values, manner = _values(body), _manner(body)
    intent = request.headers.get("Idempotency-Key", "")[:_MAX_KEY]
    with writing(app) as (store, actor):
        known = _already_done(store.connection, actor, intent)
        record = store.get(actor, entity, known) if known else store.create(actor, entity, values, manner=manner)
        if intent and not known:
            _remember(store.connection, actor, intent, record.id)
        shown = _shown(record, store, actor)
    return answer(shown, 200 if known else 201)


def _already_done(connection: Connection, actor: Actor, intent: str) -> str:
    """Id of the record an earlier send of the same intent made; a form sent twice makes one record."""
    if not intent:
        return ""
    table = tables.intent
    statement = select(table.c.record_id).where(table.c.user_id == actor.id, table.c.key == intent)
    return connection.execute(statement).scalar() or ""


def _remember(connection: Connection, actor: Actor, intent: str, record_id: str) -> None:
    row = {"user_id": actor.id, "key": intent, "record_id": record_id, "at": instant_text()}
    connection.execute(insert(tables.intent).values(**row))


def _values(body: dict[str, Any]) -> dict[str, Any]:
    values = body["values"]
    if not isinstance(values, dict):
        raise query.bad("values", "JSON 对象", "a JSON object")
    return values


def _manner(body: dict[str, Any]) -> Manner:
    """Read how a write is made: the form it comes from, and reasons for warnings of rules."""
    form, reasons = body.get("form", ""), body.get("reasons", {})
    if not isinstance(form, str):
        raise query.bad("form", "表单编号", "the id of a form")
    if not isinstance(reasons, dict) or not all(isinstance(one, str) for one in reasons.values()):
        raise query.bad("reasons", "{规则编号: 理由}", "{id of a rule: reason}")
    return Manner(form=form, reasons=reasons)


def _shown(record: Record, store: RecordStore, actor: Actor) -> dict[str, Any]:
    """A record just written, with what rules mended or noted."""
    body = present.record_json(record, store, actor)
    if record.notices:
        body["notices"] = [present.finding_json(one, language()) for one in record.notices]
    return body


def _rev(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise query.bad("rev", "打开记录时的版本号", "the revision the record had when it was opened")
    return value


@routes.route("/records/bulk", methods=("POST",), who="member", body="bulk", limit="120/minute")
def bulk(app: str, entity: str) -> Response:
    """Write many records. With ``preview`` nothing is kept: each row's outcome says what would become of it."""
    body = jsonio.body(allowed=("operations", "atomic", "preview", *_MANNER), required=("operations",))
    rows = _operations(body["operations"])
    atomic, preview = _said(body, "atomic", True), _said(body, "preview", False)
    with (rehearsing if preview else writing)(app) as (store, actor):
        done = store.bulk(actor, entity, rows, atomic=atomic and not preview, manner=_manner(body))
    results = present.bulk_json(done, language())
    return answer({"results": results})


def _said(body: dict[str, Any], name: str, otherwise: bool) -> bool:
    said = body.get(name, otherwise)
    if not isinstance(said, bool):
        raise query.bad(name, "true 或 false", "true or false")
    return said


def _operations(given: Any) -> list[BulkRow]:
    if not isinstance(given, list) or len(given) > MAX_OPERATIONS:
        raise query.bad("operations", f"最多 {MAX_OPERATIONS} 项的列表", f"a list of at most {MAX_OPERATIONS}")
    findings: list[Finding] = []
    rows = []
    for index, one in enumerate(given):
        place = f"/operations/{index}"
        if not isinstance(one, dict) or one.get("op") not in ("create", "update", "delete"):
            expected = {"zh-CN": "create、update 或 delete", "en": "create, update or delete"}
            findings.append(Finding("H110", f"{place}/op", {"key": "op", "expected": expected}))
            continue
        if not one.keys() <= _OPERATION_KEYS:
            unknown = sorted(one.keys() - _OPERATION_KEYS)
            findings += [Finding("H108", f"{place}/{key}", {"key": key}) for key in unknown]
        if one["op"] != "create" and not isinstance(one.get("id"), str):
            findings.append(Finding("H109", f"{place}/id", {"key": "id"}))
            continue
        values = one.get("values", {})
        rev = one.get("rev")
        if not isinstance(values, dict) or not (rev is None or (isinstance(rev, int) and not isinstance(rev, bool))):
            expected = {"zh-CN": "值为对象，版本号为整数", "en": "values an object, rev an integer"}
            findings.append(Finding("H110", place, {"key": "values", "expected": expected}))
            continue
        rows.append(BulkRow(op=one["op"], values=values, id=one.get("id", ""), rev=rev))
    if findings:
        raise Refused(findings)
    return rows


@routes.route("/records/<record_id>", who="member")
def get_record(app: str, entity: str, record_id: str) -> Response:
    given = query.arguments("fields", "levels")
    store, actor = reading(app)
    levels = query.switch(given, "levels")
    record = store.get(actor, entity, record_id, fields=query.names(given.get("fields", "")), levels=levels)
    body = present.record_json(record, store, actor)
    if levels:
        body["levels"] = record.levels
        body["actions"] = sorted(record.actions)
    return answer(body)


@routes.route("/unconverted", who="member")
def list_unconverted(app: str, entity: str) -> Response:
    """Records with texts that a change of type could not take over."""
    given = query.arguments("limit", "offset")
    limit, offset = query.whole(given, "limit", 50, 1, LOOKUP_LIMIT), query.whole(given, "offset", 0, 0, 100_000)
    store, actor = reading(app)
    found = store.unconverted(actor, entity, limit=limit, offset=offset)
    return answer({"records": [present.record_json(record, store, actor)["record"] for record in found]})


@routes.route("/records/<record_id>", methods=("PATCH",), who="member")
def update_record(app: str, entity: str, record_id: str) -> Response:
    body = jsonio.body(allowed=("rev", "values", *_MANNER), required=("rev", "values"))
    rev, values, manner = _rev(body["rev"]), _values(body), _manner(body)
    with writing(app) as (store, actor):
        shown = _shown(store.update(actor, entity, record_id, values, rev, manner=manner), store, actor)
    return answer(shown)


@routes.route("/records/<record_id>", methods=("DELETE",), who="member")
def delete_record(app: str, entity: str, record_id: str) -> Response:
    given = query.arguments("rev")
    rev = query.whole(given, "rev", 0, 1, 2**31) or None
    with writing(app) as (store, actor):
        store.delete(actor, entity, record_id, rev)
    return answer({})


@routes.route("/records/<record_id>/restore", methods=("POST",), who="member", body="none")
def restore_record(app: str, entity: str, record_id: str) -> Response:
    with writing(app) as (store, actor):
        store.restore(actor, entity, record_id)
        shown = present.record_json(store.get(actor, entity, record_id), store, actor)
    return answer(shown)


@routes.route("/records/<record_id>/history", who="member")
def history(app: str, entity: str, record_id: str) -> Response:
    query.arguments()
    store, actor = reading(app)
    return answer(present.history_json(store.history(actor, entity, record_id), store, entity, actor))


@routes.route("/records/<record_id>/reveal", methods=("POST",), who="member", limit="60/minute")
def reveal(app: str, entity: str, record_id: str) -> Response:
    body = jsonio.body(allowed=("field",), required=("field",))
    with writing(app) as (store, actor):
        text = revealing.reveal(store, actor, entity, record_id, str(body["field"])[:64])
    return answer({"value": text})


@routes.route("/aggregate", who="member", limit="600/minute")
def aggregate(app: str, entity: str) -> Response:
    given = query.arguments("spec")
    spec = query.value(given, "spec")
    store, actor = reading(app)
    rows = store.aggregate(actor, _aggregate_spec(entity, spec))
    return answer({"rows": present.aggregate_json(rows)})


def _aggregate_spec(entity: str, spec: Any) -> AggregateSpec:
    wrong = query.bad("spec", "含 groups、measures 的对象", "an object with groups and measures")
    if not isinstance(spec, dict) or set(spec) - {"groups", "measures", "filter", "search", "limit"}:
        raise wrong
    try:
        groups = tuple(GroupSpec(**group) for group in spec.get("groups", ()))
        measures = tuple(MeasureSpec(**measure) for measure in spec.get("measures", ()))
    except TypeError:
        raise wrong from None
    texts: list[Any] = [text for group in groups for text in (group.id, group.path)]
    texts += [text for measure in measures for text in (measure.id, measure.path)]
    texts.append(spec.get("search", ""))
    limit = spec.get("limit", 1_000)
    if not all(isinstance(text, str) for text in texts) or not isinstance(limit, int) or not 1 <= limit <= 10_000:
        raise wrong
    return AggregateSpec(
        entity=entity,
        groups=groups,
        measures=measures or (MeasureSpec(id="count", aggregate="count"),),
        filter=spec.get("filter"),
        search=query.search_text(spec.get("search", "")),
        limit=limit,
    )


@routes.route("/lookup", who="member", limit="600/minute")
def lookup(app: str, entity: str) -> Response:
    """Records to pick for a link: title and one more line that tells namesakes apart."""
    given = query.arguments("q", "limit")
    limit = query.whole(given, "limit", 20, 1, LOOKUP_LIMIT)
    store, actor = reading(app)
    title, sub = title_fields(store, actor, entity)
    spec = QuerySpec(entity=entity, fields=(title, *sub), search=query.search_text(given.get("q", "")), limit=limit)
    page = store.list(actor, spec)
    return answer({"items": [titled(record, store, title, sub) for record in page.records]})


@routes.route("/suggest", who="member", limit="600/minute")
def suggest(app: str, entity: str) -> Response:
    """Words that tags of a field have in records the person may read, the most used first."""
    given = query.arguments("field", "q", "limit")
    limit = query.whole(given, "limit", 20, 1, LOOKUP_LIMIT)
    store, actor = reading(app)
    try:
        f = store.snapshot.fields(store.snapshot.entity(entity))[given.get("field", "")]
    except KeyError:
        raise NotFound(what=given.get("field", "") or "field") from None
    if f.type != "tags" or store.access(actor, entity).levels.get(f.key, "hidden") not in ("read", "write"):
        raise NotFound(what=f.key)
    counted = AggregateSpec(
        entity=entity,
        groups=(GroupSpec(id="word", path=f.key),),
        measures=(MeasureSpec(id="times", aggregate="count"),),
        filter=["not_blank", f.key],
    )
    wanted = folded_key(query.search_text(given.get("q", "")))
    found = [row for row in store.aggregate(actor, counted) if row["word"] and wanted in folded_key(row["word"])]
    found.sort(key=lambda row: (-row["times"], row["word"]))
    return answer({"words": [row["word"] for row in found[:limit]]})
