"""Drafts: what a designer edits until it is published. Reading starts from the live version when there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

import builder.messages  # noqa: F401  registers the texts used here
from engine import people
from engine.actor import Actor
from engine.problems import Conflict, NotFound
from metadata.codec import from_json
from metadata.findings import Finding, Refused
from metadata.model import FORMAT, App
from metadata.store import MetadataStore, StaleDraft, drafts
from metadata.upgrade import upgrade
from metadata.validate import validate


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDraft:
    """``rev`` 0 means nobody has changed anything since the live version."""

    app: App
    rev: int
    live_version: int | None
    changed_at: str = ""
    changed_by: str = ""


def open_draft(connection: Connection, app: str) -> OpenDraft:
    """Return the draft, or the live version to start one from. Raises :class:`NotFound`."""
    store = MetadataStore(connection)
    try:
        row = store.app(app)
        draft = store.draft(app)
        live = None if row.live_version is None else store.version(row.id, row.live_version)
    except KeyError:
        raise NotFound(what=app) from None
    if draft is not None:
        name = _name(connection, draft.author)
        return OpenDraft(
            app=draft.app, rev=draft.rev, live_version=row.live_version, changed_at=draft.at, changed_by=name
        )
    if live is None:
        raise NotFound(what=app)
    return OpenDraft(app=live, rev=0, live_version=row.live_version)


def draft_revision(connection: Connection, app_id: str) -> int:
    """Return the revision of the draft of an application (by id), or 0; does not read the draft."""
    found = connection.execute(select(drafts.c.rev).where(drafts.c.app_id == app_id)).scalar()
    return int(found or 0)


def _name(connection: Connection, user_id: str) -> str:
    try:
        return people.get_user(connection, user_id).name
    except NotFound:
        return user_id


def typed(data: Mapping[str, Any], app_id: str) -> App:
    """Return the definition of a JSON body. Raises :class:`Refused` with every finding about its shape.

    A draft may be incomplete: only its shape is checked here, what it means is checked before publishing.
    """
    data = {"format": FORMAT, **data}
    findings = [finding for finding in validate(data) if finding.severity == "error"]
    if findings:
        raise Refused(findings)
    current, _ = upgrade(data)
    app: App = from_json(App, {key: value for key, value in current.items() if key != "$schema"})
    if app.id != app_id:
        raise Refused([Finding("B105", "/id", {"id": app_id})])
    return app


def save_draft(connection: Connection, app: App, rev: int, actor: Actor) -> int:
    """Save over revision ``rev`` and return the new one. Raises :class:`Conflict` when someone was faster."""
    store = MetadataStore(connection)
    try:
        return store.save_draft(app.id, app, rev, actor.id)
    except StaleDraft as stale:
        newest = store.draft(app.id)
        who = _name(connection, newest.author) if newest else ""
        raise Conflict("B101", rev=stale.rev, who=who) from None
