"""An application from a table: a spreadsheet somebody uploads, or one of the public data sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask import Response

import builder.messages  # noqa: F401  registers the texts used here
from builder.api.applications import checked_name
from builder.catalogue import DATASETS, Dataset
from builder.host import DUTY, Host, Routes
from engine.problems import NotFound
from engine.publishing import publish
from engine.records.transfer.design import app_from_table
from engine.records.transfer.guess import BLANK_WORDS, ColumnGuess
from engine.records.transfer.importer import RUN_JOB, Importer
from engine.records.transfer.mapping import ImportMapping
from engine.records.transfer.source import SourceTable
from metadata.findings import Finding, Refused, in_language
from metadata.model import App
from metadata.store import MetadataStore


def add(host: Host, routes: Routes) -> None:
    """Add the routes."""

    @routes.route("/imports", methods=("POST",), who="duty", duty=DUTY, body="upload", limit="30/minute")
    def receive() -> Response:
        stream, name, form = host.upload("sheet")
        importer = _importer(host)
        host.release()
        run_id, _ = importer.receive(stream, name)
        table = importer.read(run_id, sheet=form.get("sheet", ""), name=name)
        _owner_file(host, run_id).write_text(host.actor().id, encoding="utf-8")
        guesses = importer.guesses(table, host.language())
        columns = [_guess_json(guess) for guess in guesses]
        return host.answer(
            {"id": run_id, "name": name, "sheets": list(table.sheets), "columns": columns, "total": table.rows}, 201
        )

    @routes.route("/imports/<run_id>/app", methods=("POST",), who="duty", duty=DUTY)
    def design(run_id: str) -> Response:
        body = host.body(allowed=("name", "columns"), required=("name",))
        name = checked_name(body["name"])
        if not run_id.isalnum() or _owner_file(host, run_id, read=True) != host.actor().id:
            raise NotFound(what=run_id)
        importer = _importer(host)
        table = importer.read(run_id, name=name)
        guesses = _chosen(importer.guesses(table, host.language()), body.get("columns"))
        app, mapping = _publish(host, name, guesses)
        return host.answer(_begin(host, importer, app, run_id, table, name, mapping), 201)

    @routes.route("/datasets/<key>/open", methods=("POST",), who="duty", duty=DUTY)
    def open_dataset(key: str) -> Response:
        host.body(allowed=())
        dataset = next((one for one in DATASETS if one.key == key), None)
        path = dataset.path() if dataset else None
        if dataset is None or path is None:
            raise Refused([Finding("B108", "/key", {"name": key})])
        importer = _importer(host)
        host.release()
        run_id, table = _read(importer, dataset, path)
        name = in_language(dataset.name, host.language())
        app, mapping = _publish(host, name, importer.guesses(table, host.language()))
        shown = _begin(host, importer, app, run_id, table, name, mapping)
        actor = host.actor(app.id)
        with host.write() as connection:
            run = importer.run_of(connection, actor, run_id)
            importer.keep_plan(connection, run, mapping)
            importer.mark(connection, importer.run_of(connection, actor, run_id), "running", ("planned",))
            payload = {"run_id": run_id, "user_id": actor.id, "app_id": app.id}
            host.jobs.enqueue(connection, RUN_JOB, payload, job_id=f"{RUN_JOB}:{run_id}", queue="slow")
        return host.answer(shown, 201)


def _importer(host: Host) -> Importer:
    return Importer(host.workspace, host.folder("imports"))


def _owner_file(host: Host, run_id: str, *, read: bool = False) -> Any:
    path = host.folder("imports") / f"{run_id}.owner"
    if read:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    return path


def _read(importer: Importer, dataset: Dataset, path: Path) -> tuple[str, SourceTable]:
    with path.open("rb") as stream:
        run_id, _ = importer.receive(stream, path.name)
    return run_id, importer.read(run_id, name=path.name)


def _guess_json(guess: ColumnGuess) -> dict[str, Any]:
    return {
        "name": guess.name,
        "samples": list(guess.samples),
        "blanks": guess.blanks,
        "distinct": guess.distinct,
        "guess": {
            "key": guess.key,
            "type": guess.type,
            "confidence": round(guess.confidence, 3),
            "options": guess.options,
        },
    }


def _chosen(guesses: Sequence[ColumnGuess], columns: Any) -> list[ColumnGuess]:
    """The guesses with what the person changed: left-out columns, other types."""
    if columns is None:
        return list(guesses)
    if not isinstance(columns, list) or not all(isinstance(one, dict) and "name" in one for one in columns):
        expected = {"zh-CN": "列的列表", "en": "a list of columns"}
        raise Refused([Finding("B107", "/columns", {"key": "columns", "expected": expected})])
    by_name: dict[str, Mapping[str, Any]] = {str(one["name"]): one for one in columns}
    kept = []
    for guess in guesses:
        wanted = by_name.get(guess.name)
        if wanted is None or wanted.get("include") is False:
            continue
        kind = str(wanted.get("type") or guess.type)
        kept.append(guess if kind == guess.type else replace(guess, type=kind, options={}))
    return kept


def _publish(host: Host, name: str, guesses: Sequence[ColumnGuess]) -> tuple[App, ImportMapping]:
    with host.database.read() as connection:
        taken = [row.key for row in MetadataStore(connection).apps()]
    app = app_from_table(name, guesses, taken)
    publish(host.database, app, host.actor(), note=name)
    with host.write() as connection:
        host.make_admin(connection, app.id, tuple(role.id for role in app.roles))
    columns = {guess.name: f.key for guess, f in zip(guesses, app.entities[0].fields, strict=True)}
    return app, ImportMapping(columns=columns, blank_words=tuple(sorted(BLANK_WORDS)), locale=host.language())


def _begin(
    host: Host, importer: Importer, app: App, run_id: str, table: SourceTable, name: str, mapping: ImportMapping
) -> dict[str, Any]:
    entity = app.entities[0]
    actor = host.actor(app.id)
    actor = replace(actor, roles=frozenset(role.id for role in app.roles))  # given a moment ago
    with host.workspace.write(app.id) as store:
        importer.begin(store, actor, entity.id, run_id, table, name)
        importer.keep_plan(store.connection, importer.run_of(store.connection, actor, run_id), mapping)
    return {"app": {"id": app.id, "key": app.key, "name": app.name}, "entity": entity.key, "import": run_id}
