"""Draft, check, plan, publish, versions of one application."""

from __future__ import annotations

from typing import Any

from flask import Response

from builder.drafts import open_draft, save_draft, typed
from builder.host import DUTY, Host, Routes
from builder.names import follow, uses
from engine import people
from engine.problems import Conflict, NotFound
from engine.publishing import check, preview, publish
from metadata.codec import to_json
from metadata.diff import Change, diff
from metadata.findings import Finding, Refused, in_language
from metadata.model import App
from metadata.store import MetadataStore

MAX_NOTE = 500


def add(host: Host, routes: Routes) -> None:
    """Add the routes."""

    @routes.route("/apps/<app>/draft", who="duty", duty=DUTY)
    def get_draft(app: str) -> Response:
        host.arguments()
        found = open_draft(host.connection(), app)
        return host.answer(
            {
                "rev": found.rev,
                "app": {**to_json(found.app), "format": found.app.format},
                "changed_at": found.changed_at or None,
                "changed_by": found.changed_by or None,
                "live_version": found.live_version,
                "findings": host.findings(check(found.app)),
            }
        )

    @routes.route("/apps/<app>/draft", methods=("PUT",), who="duty", duty=DUTY, body="bulk")
    def put_draft(app: str) -> Response:
        body = host.body(allowed=("rev", "app"), required=("rev", "app"))
        known = open_draft(host.connection(), app)
        sent = typed(_mapping(body["app"]), known.app.id)
        definition = follow(known.app, sent)
        rev = _whole(body["rev"])
        with host.write() as connection:
            saved = save_draft(connection, definition, rev, host.actor(definition.id))
        answer = {"rev": saved, "findings": host.findings(check(definition))}
        if definition != sent:  # expressions followed a new name
            answer["app"] = {**to_json(definition), "format": definition.format}
        return host.answer(answer)

    @routes.route("/apps/<app>/draft/uses/<definition>", who="duty", duty=DUTY)
    def draft_uses(app: str, definition: str) -> Response:
        host.arguments()
        found = uses(open_draft(host.connection(), app).app, definition)
        language = host.language()
        return host.answer({"uses": [{"place": one.place, "where": in_language(one.where, language)} for one in found]})

    @routes.route("/apps/<app>/draft", methods=("DELETE",), who="duty", duty=DUTY)
    def drop_draft(app: str) -> Response:
        known = open_draft(host.connection(), app)
        if known.live_version is None:
            raise Conflict("B104")
        with host.write() as connection:
            MetadataStore(connection).drop_draft(known.app.id)
        return host.answer({})

    @routes.route("/apps/<app>/check", methods=("POST",), who="duty", duty=DUTY, body="bulk")
    def check_draft(app: str) -> Response:
        return host.answer({"findings": host.findings(check(_candidate(host, app)))})

    @routes.route("/apps/<app>/plan", methods=("POST",), who="duty", duty=DUTY, body="bulk")
    def plan_draft(app: str) -> Response:
        candidate = _candidate(host, app)
        findings = check(candidate)
        changes = _changes(host, candidate)
        host.release()
        steps: list[dict[str, Any]] = []
        conversions: dict[str, Any] = {}
        if not any(finding.severity == "error" for finding in findings):
            planned, conversions = preview(host.database, candidate)
            steps = [
                {
                    "kind": step.kind,
                    "text": in_language(step.text, host.language()),
                    "rows": step.rows,
                    "loss": step.loss,
                    "field": step.field or None,
                }
                for step in planned.steps
            ]
        shown = {"steps": steps, "conversions": conversions, "changes": changes}
        return host.answer({**shown, "findings": host.findings(findings)})

    @routes.route("/apps/<app>/publish", methods=("POST",), who="duty", duty=DUTY)
    def publish_draft(app: str) -> Response:
        body = host.body(allowed=("note", "rev"), required=("rev",))
        note = body.get("note") or ""
        if not isinstance(note, str) or len(note) > MAX_NOTE:
            expected = {"zh-CN": f"最多 {MAX_NOTE} 个字符", "en": f"at most {MAX_NOTE} characters"}
            raise Refused([Finding("B107", "/note", {"key": "note", "expected": expected})])
        draft = open_draft(host.connection(), app)
        if draft.rev == 0:
            raise Conflict("B104")
        if _whole(body["rev"]) != draft.rev:
            raise Conflict("B101", rev=draft.rev, who=draft.changed_by)
        actor = host.actor(draft.app.id)
        host.release()
        result = publish(host.database, draft.app, actor, note=note, expected=draft.live_version or 0)
        with host.write() as connection:
            store = MetadataStore(connection)
            newest = store.draft(draft.app.id)
            if newest is not None and newest.rev == draft.rev:  # edited meanwhile: the edits stay a draft
                store.drop_draft(draft.app.id)
        return host.answer({"version": result.version, "finished": result.finished})

    @routes.route("/apps/<app>/versions/<int:version>/draft", methods=("POST",), who="duty", duty=DUTY)
    def take_back(app: str, version: int) -> Response:
        """Make the draft what an earlier version was: publishing it undoes what came after, data included."""
        rev = _whole(host.body(allowed=("rev",), required=("rev",))["rev"])
        known = open_draft(host.connection(), app)
        try:
            earlier = MetadataStore(host.connection()).version(known.app.id, version)
        except KeyError:
            raise NotFound(what=f"{app} {version}") from None
        with host.write() as connection:
            saved = save_draft(connection, earlier, rev, host.actor(known.app.id))
        return host.answer({"rev": saved, "findings": host.findings(check(earlier))})

    @routes.route("/apps/<app>/versions", who="duty", duty=DUTY)
    def versions(app: str) -> Response:
        host.arguments()
        store = MetadataStore(host.connection())
        try:
            row = store.app(app)
        except KeyError:
            raise NotFound(what=app) from None
        return host.answer(
            {
                "versions": [
                    {
                        "version": one.version,
                        "at": one.at,
                        "by": {"id": one.author, "name": _person(host, one.author)},
                        "note": one.note,
                        "live": one.version == row.live_version,
                    }
                    for one in store.versions(row.id)
                ]
            }
        )


def _candidate(host: Host, app: str) -> App:
    """The definition in the body, or the saved draft when the body is empty."""
    body = host.body(allowed=("app",))
    known = open_draft(host.connection(), app)
    return typed(_mapping(body["app"]), known.app.id) if "app" in body else known.app


def _changes(host: Host, candidate: App) -> list[dict[str, Any]]:
    store = MetadataStore(host.connection())
    row = store.app(candidate.id)
    live = None if row.live_version is None else store.version(row.id, row.live_version)
    return [change_json(change, host.language()) for change in diff(live, candidate)]


def change_json(change: Change, language: str) -> dict[str, Any]:
    """A change as a person reads it."""
    definition = change.new if change.new is not None else change.old
    label = getattr(definition, "label", None) or getattr(definition, "name", None) or change.id
    return {
        "op": change.op,
        "kind": change.kind,
        "id": change.id,
        "label": in_language(label, language),
        "text": ", ".join(change.attributes),
    }


def _person(host: Host, user_id: str) -> str:
    try:
        return people.get_user(host.connection(), user_id).name
    except NotFound:
        return user_id.removeprefix("system:")


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        expected = {"zh-CN": "应用定义", "en": "an application definition"}
        raise Refused([Finding("B107", "/app", {"key": "app", "expected": expected})])
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        expected = {"zh-CN": "打开草稿时的版本号", "en": "the revision the draft had when it was opened"}
        raise Refused([Finding("B107", "/rev", {"key": "rev", "expected": expected})])
    return value
