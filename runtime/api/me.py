"""The person signed in: who they are, their settings, password and sessions."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from flask import Response, request
from flask_wtf.csrf import generate_csrf

from engine import people
from engine.clock import now
from engine.problems import NotFound
from engine.records import audit
from metadata.findings import LANGUAGES, Finding, Refused
from metadata.store import MetadataStore
from runtime import jsonio, passwords, query, throttle
from runtime.access import Routes
from runtime.context import connection, release, services, visitor
from runtime.jsonio import answer
from runtime.pages import person_json
from runtime.refusals import TooOften

routes = Routes("me", "/api/v1/me")

SETTINGS: dict[str, tuple[Any, ...]] = {
    "theme": ("light", "dark", "auto"),
    "density": ("compact", "normal", "touch"),
    "letter_keys": (True, False),
}
_FREE_SETTINGS = ("home", "lists")
_MAX_SETTINGS = 16 * 1024


@routes.route("")
def me() -> Response:
    query.arguments()
    who = visitor()
    apps, roles = [], []
    cache = services().workspace
    for row in MetadataStore(connection()).apps():
        mine = who.roles.get(row.id)
        if row.live_version is None or not mine:
            continue
        app = cache.snapshot(connection(), row.id).app
        apps.append({"id": app.id, "key": app.key, "name": app.name, "icon": app.icon, "description": app.description})
        roles += [
            {"id": role.id, "key": role.key, "label": role.label, "app": app.key}
            for role in app.roles
            if role.id in mine
        ]
    designer = services().config.builder and "builder" in who.duties
    return answer({"user": person_json(), "csrf": generate_csrf(), "apps": apps, "roles": roles, "designer": designer})


@routes.route("", methods=("PATCH",))
def change_me() -> Response:
    body = jsonio.body(allowed=("locale", "zone", "settings"))
    if "locale" in body and body["locale"] not in LANGUAGES:
        raise query.bad("locale", "、".join(LANGUAGES), " or ".join(LANGUAGES))
    who = visitor()
    changes: dict[str, Any] = {key: body[key] for key in ("locale", "zone") if key in body}
    if "settings" in body:
        changes["settings"] = {**who.settings, **_settings(body["settings"])}
        if len(jsonio.dump(changes["settings"])) > _MAX_SETTINGS:
            raise query.bad("settings", f"最多 {_MAX_SETTINGS} 字节", f"at most {_MAX_SETTINGS} bytes")
    release()
    with services().database.write() as writer:
        people.update_user(writer, who.id, **changes)
    return answer({"user": {**person_json(), **changes}})


def _settings(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise query.bad("settings", "JSON 对象", "a JSON object")
    findings = []
    for key, value in given.items():
        if key in SETTINGS and value not in SETTINGS[key]:
            expected = ", ".join(map(str, SETTINGS[key]))
            findings.append(Finding("H110", f"/settings/{key}", {"key": key, "expected": expected}))
        elif key not in SETTINGS and key not in _FREE_SETTINGS:
            findings.append(Finding("H108", f"/settings/{key}", {"key": key}))
    if findings:
        raise Refused(findings)
    return given


@routes.route("/password", methods=("POST",), limit="20/minute")
def change_password() -> Response:
    """A new password needs the present one; every other session of the person ends."""
    body = jsonio.body(allowed=("current", "new"), required=("current", "new"))
    current, new = body["current"], body["new"]
    if not isinstance(current, str) or not isinstance(new, str):
        raise query.bad("new", "文本", "text")
    who = visitor()
    watched = throttle.counters(who.username, request.remote_addr or "", who.session_id)
    if seconds := throttle.wait(connection(), watched):
        raise TooOften(seconds, "H202")
    hashed = passwords.stored_hash(connection(), who.id)
    release()
    if not passwords.verify(hashed, current):
        with services().database.write() as writer:
            throttle.failed(writer, watched)
        raise Refused([Finding("H207", "/current")])
    words = [word for word in (who.username, who.name, services().config.company) if word]
    if findings := passwords.findings(new, "/new", words=words):
        raise Refused(findings)
    renewed = passwords.hash_of(new)
    with services().database.write() as writer:
        passwords.store_hash(writer, who.id, renewed, at=int(time.time()))
        services().sessions.end_all(writer, who.id, but=who.session_id)
        audit.record_event(writer, who.actor(), "change_password", now())
    return answer({})


@routes.route("/sessions")
def sessions() -> Response:
    query.arguments()
    who = visitor()
    return answer(
        {
            "sessions": [
                {
                    "id": row.id,
                    "created_at": _instant(row.created_at),
                    "seen_at": _instant(row.last_seen),
                    "address": row.address,
                    "agent": row.agent,
                    "current": row.id == who.session_id,
                }
                for row in services().sessions.of(connection(), who.id)
            ]
        }
    )


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@routes.route("/sessions/<session_id>", methods=("DELETE",))
def end_session(session_id: str) -> Response:
    who = visitor()
    release()
    with services().database.write() as writer:
        if not services().sessions.end(writer, session_id, who.id):
            raise NotFound(what=session_id)
        audit.record_event(writer, who.actor(), "end_session", now(), detail={"session": session_id})
    return answer({})
