"""Commands that bring records in and out: import and export of CSV and XLSX, as a named person."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from engine import people
from engine.actor import Actor
from engine.deferred import deferred
from engine.records.spec import QuerySpec
from engine.records.transfer.design import app_from_table
from engine.records.transfer.importer import Importer
from engine.records.transfer.mapping import ImportMapping
from metadata.store import MetadataStore
from runtime.config import Config
from runtime.imports import importer_of
from runtime.services import Services, open_services

exporter: Any = deferred("engine.records.transfer.exporter")
publishing: Any = deferred("engine.publishing")

SHOWN = 20


def add(commands: Any) -> None:
    importing = commands.add_parser("import", help="import a CSV or XLSX file")
    importing.add_argument("file", type=Path)
    importing.add_argument("--as", dest="username", required=True, help="account the rows are written as")
    importing.add_argument("--app", default="", help="key of the application; a new one is made when absent")
    importing.add_argument("--entity", default="", help="key of the entity")
    importing.add_argument("--sheet", default="", help="sheet of a workbook (default: the first)")
    importing.add_argument("--name", default="", help="name of the new application (default: the file's)")
    importing.add_argument("--map", action="append", default=[], metavar="COLUMN=FIELD", help="where a column goes")
    importing.add_argument("--key", default="", help="field that finds existing records")
    importing.add_argument("--mode", default="create", choices=("create", "upsert", "update"))
    importing.add_argument("--dry-run", action="store_true", help="check every row, write nothing")
    importing.set_defaults(run=_import)
    exporting = commands.add_parser("export", help="export an entity as CSV or XLSX")
    exporting.add_argument("app")
    exporting.add_argument("entity")
    exporting.add_argument("file", type=Path)
    exporting.add_argument("--as", dest="username", required=True, help="account whose rights decide what is exported")
    exporting.set_defaults(run=_export)


def actor_of(services: Services, username: str, app: str) -> Actor:
    """Return the actor of an account in an application (a key). Ends the command where there is none."""
    with services.database.read() as connection:
        person = people.user_by_name(connection, username)
        if person is None:
            raise SystemExit(f"There is no account {username}.")
        try:
            app_id = MetadataStore(connection).app(app).id if app else ""
        except KeyError:
            raise SystemExit(f"There is no application {app}.") from None
        return people.actor_for(connection, person.id, app_id)


def _import(given: argparse.Namespace, config: Config) -> int:
    services = open_services(config)
    try:
        return _run_import(given, services)
    finally:
        services.close()


def _run_import(given: argparse.Namespace, services: Services) -> int:
    importer = importer_of(services)
    with given.file.open("rb") as stream:
        run_id, _ = importer.receive(stream, given.file.name)
    table = importer.read(run_id, sheet=given.sheet, name=given.file.name)
    app, entity = given.app, given.entity
    if not app:
        app, entity = _new_app(given, services, importer, table)
    actor = actor_of(services, given.username, app)
    with services.workspace.write(app) as store:
        importer.begin(store, actor, entity, run_id, table, given.file.name)
        run = importer.run_of(store.connection, actor, run_id)
        columns = {**importer.suggestion(store, run), **dict(pair.split("=", 1) for pair in given.map)}
    mapping = ImportMapping(columns=columns, mode=given.mode, key=given.key, locale=actor.locale)
    with services.workspace.read(app) as store:
        plan = importer.plan(store, actor, run, mapping)
    print(
        f"{plan.total} rows: {plan.create} new, {plan.update} changed, {plan.unchanged} the same, {plan.errors} refused"
    )
    for row, findings in plan.rows[:SHOWN]:
        print(f"  row {row}: " + "; ".join(f"{f.place} {f.text('en')}" for f in findings))
    if given.dry_run:
        return 1 if plan.errors else 0
    with services.database.write() as connection:
        importer.keep_plan(connection, run, mapping)
        importer.mark(connection, importer.run_of(connection, actor, run_id), "running", ("planned",))
    importer.run(actor, run_id)
    with services.database.read() as connection:
        done = importer.run_of(connection, actor, run_id)
    print(f"{done.state}: {done.created} created, {done.updated} changed, {done.failed} refused ({app}/{entity})")
    return 0 if done.state == "done" else 1


def _new_app(given: argparse.Namespace, services: Services, importer: Importer, table: Any) -> tuple[str, str]:
    actor = actor_of(services, given.username, "")
    with services.database.read() as connection:
        taken = [row.key for row in MetadataStore(connection).apps()]
    made = app_from_table(given.name or given.file.stem, importer.guesses(table, actor.locale), taken)
    publishing.publish(services.database, made, actor, note=given.file.name)
    with services.database.write() as connection:
        for role in made.roles:
            people.add_role(connection, actor.id, role.id, made.id)
    return made.key, made.entities[0].key


def _export(given: argparse.Namespace, config: Config) -> int:
    services = open_services(config)
    actor = actor_of(services, given.username, given.app)
    with services.workspace.read(given.app) as store:
        made = exporter.Exporter(store, actor, QuerySpec(entity=given.entity))
        if given.file.suffix.lower() == ".xlsx":
            made.xlsx(given.file)
        else:
            with given.file.open("wb") as out:
                out.writelines(made.csv())
    services.close()
    print(f"Written: {given.file}")
    return 0
