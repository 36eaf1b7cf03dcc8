"""Commands about applications: publish a definition, import and export templates, make demo data."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from engine.actor import system_actor
from engine.deferred import deferred
from engine.publishing import publish
from engine.templates import install_template, plan_template, template_of
from metadata.findings import Finding, in_language
from metadata.validate import load
from runtime import firstrun, passwords
from runtime.config import Config
from runtime.services import open_services

demo: Any = deferred("runtime.demo")


def add(commands: Any) -> None:
    publishing = commands.add_parser("publish", help="publish an application definition as it is in a file")
    publishing.add_argument("file", type=Path)
    publishing.add_argument("--note", default="", help="what changed")
    publishing.set_defaults(run=_publish)
    template = commands.add_parser("template", help="application templates").add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    importing = template.add_parser("import", help="install a template, or update what came from an earlier version")
    importing.add_argument("file", type=Path)
    importing.add_argument("--dry-run", action="store_true", help="only say what would change")
    importing.add_argument("--no-samples", action="store_true", help="leave the sample records out")
    importing.set_defaults(run=_import)
    exporting = template.add_parser("export", help="write an application as a template")
    exporting.add_argument("app", help="key of the application")
    exporting.add_argument("file", type=Path, nargs="?", help="file to write; standard output when absent")
    exporting.set_defaults(run=_export)
    making = commands.add_parser("demo", help="install the CRM with made-up customers, people and history")
    making.add_argument("--rows", type=int, default=400, help="how many customers (default: %(default)s)")
    making.set_defaults(run=_demo)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SystemExit(f"{path}: {error.strerror}") from error


def _warn(findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        print(f"{finding.severity}: {finding.place}: {finding.text('en')}", file=sys.stderr)


def _publish(given: argparse.Namespace, config: Config) -> int:
    app = load(_bytes(given.file))
    services = open_services(config)
    result = publish(services.database, app, system_actor("cli"), note=given.note)
    services.close()
    print(f"{app.key} is live as version {result.version}.")
    return 0


def _import(given: argparse.Namespace, config: Config) -> int:
    data = _bytes(given.file)
    services = open_services(config)
    try:
        if given.dry_run:
            with services.database.read() as connection:
                plan = plan_template(connection, data, samples=not given.no_samples)
            for change in plan.changes:
                print(f"{change.op:<7} {change.kind:<10} {change.id}")
            _warn((*plan.findings, *(conflict.finding for conflict in plan.conflicts)))
            return 0
        app = install_template(services.database, data, system_actor("cli"), samples=not given.no_samples)
    finally:
        services.close()
    print(f"{in_language(app.name, 'en')} is installed as {app.key}.")
    return 0


def _export(given: argparse.Namespace, config: Config) -> int:
    services = open_services(config)
    with services.database.read() as connection:
        try:
            data = template_of(connection, given.app)
        except KeyError:
            raise SystemExit(f"There is no published application {given.app}.") from None
    services.close()
    if given.file:
        given.file.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)
    return 0


def _demo(given: argparse.Namespace, config: Config) -> int:
    services = open_services(config)
    hashed = passwords.hash_of(firstrun.demo_password(config))
    firstrun.install_crm(services, print)
    demo.install(services.workspace, "crm", rows=given.rows, password_hash=hashed, progress=print, flows=services.flows)
    services.close()
    print(f"Password of the demo accounts: {firstrun.demo_password(config)}")
    return 0
