"""Imports: upload, map, dry run, run, undo. The rows themselves go through the record store, in the worker."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from sqlalchemy import Row

from engine.problems import NotFound
from engine.records.transfer.guess import ColumnGuess
from engine.records.transfer.importer import RUN_JOB, UNDO_JOB, ImportPlan
from engine.records.transfer.mapping import ImportMapping
from runtime import jsonio, query
from runtime.access import Routes
from runtime.context import reading, release, services, writing
from runtime.imports import importer_of
from runtime.jsonio import answer
from runtime.language import language
from runtime.problems import findings_json
from runtime.uploads import uploaded

routes = Routes("imports", "/api/v1/apps/<app>/imports")

MODES = ("create", "upsert", "update")


def guess_json(guess: ColumnGuess, field: str = "") -> dict[str, Any]:
    """A column as the mapping screen shows it."""
    found = {"key": guess.key, "type": guess.type, "confidence": round(guess.confidence, 3), "options": guess.options}
    if field:
        found["field"] = field
    return {
        "name": guess.name,
        "samples": list(guess.samples),
        "blanks": guess.blanks,
        "distinct": guess.distinct,
        "guess": found,
    }


@routes.route("", methods=("POST",), who="member", body="upload", limit="30/minute")
def upload(app: str) -> Response:
    part, form = uploaded("entity", "sheet")
    entity = form.get("entity", "")
    importer = importer_of(services())
    if not reading(app)[0].snapshot.has_entity(entity):
        raise NotFound(what=entity or "entity")
    release()
    run_id, _path = importer.receive(part.stream, part.filename or "")
    table = importer.read(run_id, sheet=form.get("sheet", ""), name=part.filename or "")
    guesses = importer.guesses(table, language())
    with writing(app) as (store, actor):
        importer.begin(store, actor, entity, run_id, table, part.filename or "")
        run = importer.run_of(store.connection, actor, run_id)
        suggested = importer.suggestion(store, run)
    columns = [guess_json(guess, suggested.get(guess.name, "")) for guess in guesses]
    body = {"id": run_id, "name": run.name, "sheets": list(table.sheets), "columns": columns, "total": table.rows}
    return answer({**body, "entity": entity}, 201)


@routes.route("/<run_id>", who="member")
def state(app: str, run_id: str) -> Response:
    query.arguments()
    store, actor = reading(app)
    run = importer_of(services()).run_of(store.connection, actor, run_id)
    return answer(_state(run, store.snapshot.entity(run.entity_id).key))


def _state(run: Row[Any], entity: str) -> dict[str, Any]:
    counted = ("total", "done", "created", "updated", "unchanged", "failed", "undone", "kept")
    return {
        "id": run.id,
        "name": run.name,
        "entity": entity,
        "state": run.state,
        "error": run.error,
        "created_at": run.created_at,
        **{name: getattr(run, name) for name in counted},
    }


@routes.route("/<run_id>/plan", methods=("POST",), who="member", limit="60/minute")
def plan(app: str, run_id: str) -> Response:
    """Check every row as the run will; nothing is written but the mapping."""
    body = jsonio.body(allowed=("mapping", "key", "mode", "blank_words"), required=("mapping",))
    mapping = _mapping(body)
    importer = importer_of(services())
    store, actor = reading(app)
    run = importer.run_of(store.connection, actor, run_id)
    planned = importer.plan(store, actor, run, mapping)
    with writing(app) as (store, actor):
        importer.keep_plan(store.connection, importer.run_of(store.connection, actor, run_id), mapping)
    return answer(plan_json(planned))


def _mapping(body: dict[str, Any]) -> ImportMapping:
    columns = body["mapping"]
    if not isinstance(columns, dict) or not all(v is None or isinstance(v, str) for v in columns.values()):
        raise query.bad("mapping", "{列名: 字段} 对象", "an object {column: field}")
    mode, key, words = body.get("mode", "create"), body.get("key") or "", body.get("blank_words", [])
    if mode not in MODES:
        raise query.bad("mode", "、".join(MODES), " or ".join(MODES))
    if not isinstance(key, str) or not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise query.bad("key", "字段", "a field key")
    kept = {name: field for name, field in columns.items() if field}
    return ImportMapping(columns=kept, mode=mode, key=key, blank_words=tuple(words), locale=language())


def plan_json(planned: ImportPlan) -> dict[str, Any]:
    """A dry run as the screen shows it."""
    rows = [{"row": row, "findings": findings_json(found, language())} for row, found in planned.rows]
    counts = {k: v for k, v in asdict(planned).items() if k != "rows"}
    return {**counts, "skip": planned.unchanged, "rows": rows}


@routes.route("/<run_id>/run", methods=("POST",), who="member", body="none")
def start(app: str, run_id: str) -> Response:
    return _enqueue(app, run_id, "running", ("planned",), RUN_JOB)


@routes.route("/<run_id>/undo", methods=("POST",), who="member", body="none")
def undo(app: str, run_id: str) -> Response:
    return _enqueue(app, run_id, "undoing", ("done", "failed"), UNDO_JOB)


def _enqueue(app: str, run_id: str, to: str, allowed: tuple[str, ...], kind: str) -> Response:
    importer = importer_of(services())
    with writing(app) as (store, actor):
        run = importer.run_of(store.connection, actor, run_id)
        importer.mark(store.connection, run, to, allowed)
        payload = {"run_id": run_id, "user_id": actor.id, "app_id": run.app_id}
        services().jobs.enqueue(store.connection, kind, payload, job_id=f"{kind}:{run_id}", queue="slow")
        shown = _state(importer.run_of(store.connection, actor, run_id), store.snapshot.entity(run.entity_id).key)
    return answer(shown, 202)


@routes.route("/<run_id>/rejects", who="member")
def rejects(app: str, run_id: str) -> Response:
    query.arguments()
    importer = importer_of(services())
    store, actor = reading(app)
    run = importer.run_of(store.connection, actor, run_id)
    body = "".join(importer.rejects(store.connection, run, language()))
    headers = {"Content-Disposition": f'attachment; filename="rejects-{run_id}.csv"'}
    return Response(body, content_type="text/csv; charset=utf-8", headers=headers)
