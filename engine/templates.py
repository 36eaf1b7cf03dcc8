"""Application templates brought into an install: what one would change, and the installing itself.

The first import keeps a free id or gives a local one; a later version of the same template is merged into the edited
copy (local edits win and are listed). Nothing is deleted that people filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.actor import Actor
from engine.database import Database
from engine.publishing import check, publish
from metadata.diff import Change, diff
from metadata.findings import Finding, Refused
from metadata.merge import Conflict
from metadata.model import App, Json
from metadata.store import MetadataStore
from metadata.template import export_template, import_template, update_from_template
from metadata.validate import load


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplatePlan:
    """What importing a template would do. ``changes`` are against what is live (all adds for a new application)."""

    app: App
    template: App
    origins: Mapping[str, str]
    update: bool
    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...] = ()
    findings: tuple[Finding, ...] = ()


def plan_template(connection: Connection, data: Json | bytes, *, samples: bool = True) -> TemplatePlan:
    """Return what an import would do; writes nothing. Raises :class:`Refused` for a template that is not sound."""
    store = MetadataStore(connection)
    template = load(data)
    known = _installed(store, template.id)
    if known is None:
        taken = {row.key for row in store.apps()}
        app, origins = import_template(data, store.taken_ids(), taken_keys=taken, samples=samples)
        return TemplatePlan(
            app=app,
            template=template,
            origins=origins,
            update=False,
            changes=diff(None, app),
            findings=tuple(check(app)),
        )
    app_id, installed = known
    _, ours = store.live(app_id)
    merged = update_from_template(data, installed, ours, store.origins(app_id), store.taken_ids())
    return TemplatePlan(
        app=merged.merge.app,
        template=merged.template,
        origins=merged.origins,
        update=True,
        changes=diff(ours, merged.merge.app),
        conflicts=merged.merge.conflicts,
        findings=merged.merge.findings,
    )


def install_template(database: Database, data: Json | bytes, actor: Actor, *, samples: bool = True) -> App:
    """Import and publish a template; returns the application as it now is.

    Raises :class:`Refused` and changes nothing when the template, or the merge with local edits, is not sound.
    """
    with database.read() as connection:
        plan = plan_template(connection, data, samples=samples)
    errors = [finding for finding in plan.findings if finding.severity == "error"]
    if errors:
        raise Refused(errors)

    def keep(connection: Connection, *_: object) -> None:
        store = MetadataStore(connection)
        store.set_origins(plan.app.id, plan.origins)
        store.set_template(plan.app.id, plan.template)

    note = f"template {plan.template.key} {plan.template.version}"
    if not publish(database, plan.app, actor, note=note, companions=(keep,)).changed:
        with database.write() as connection:  # a new version of the template that changes nothing here
            keep(connection)
    return plan.app


def template_of(connection: Connection, app: str, *, samples: bool = False) -> bytes:
    """Return the live application as a template file. Raises ``KeyError`` for an unknown application."""
    store = MetadataStore(connection)
    _, live = store.live(app)
    return export_template(live, store.origins(app), samples=samples)


def _installed(store: MetadataStore, template_id: str) -> tuple[str, App] | None:
    for row in store.apps():
        known = store.template(row.id) if row.live_version is not None else None
        if known is not None and known.id == template_id:
            return row.id, known
    return None
