"""Public links of a form for those who may share it: make, change, pause, copy, poster, invitations, throw away."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import segno
from flask import Response, url_for

from engine.actor import Actor
from engine.fields.base import InvalidValue
from engine.forms import printing
from engine.forms import public_links as links
from engine.forms.printing import Order
from engine.forms.public_links import OPEN, PAUSED, Link
from engine.forms.public_principal import (
    BUILDER,
    allowed,
    asked_for,
    checked,
    fit_for_public,
    maker_of,
    may_share,
)
from engine.forms.public_settings import LinkSettings, read_settings
from engine.problems import Forbidden, NotFound
from engine.records.audit import record_event
from engine.records.catalog import FieldModel
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused, in_language
from metadata.model import Entity
from runtime import jsonio, passwords, query
from runtime.access import Routes
from runtime.context import reading, release, services, writing
from runtime.jsonio import answer
from runtime.language import language
from runtime.public_visit import secret, signed_values

routes = Routes("links", "/api/v1/apps/<app>/<entity>/links")

_MAX_LABEL = 60
_MAX_INVITATIONS = 200
_POSTERS = {"svg": "image/svg+xml", "png": "image/png", "pdf": "application/pdf"}
_POSTER = """
<div class="poster"><h1>{{ record.title }}</h1><p class="intro">{{ record.intro|lines }}</p>
<p>{{ qr(record.address, size=110, level="q") }}</p><p class="muted">{{ record.hint }}</p></div>
"""
_POSTER_STYLE = """
.poster { text-align: center; padding-top: 20mm; }
.poster h1 { font-size: 30pt; margin-bottom: 8mm; }
.poster .intro { font-size: 14pt; margin-bottom: 14mm; }
.poster .muted { font-size: 12pt; margin-top: 10mm; }
"""
_HINT = {"zh-CN": "微信或相机扫码填写", "en": "Scan with the camera of your phone"}


@routes.route("", who="member")
def list_links(app: str, entity: str) -> Response:
    """Links one may manage, and the forms and fields a link may have."""
    query.arguments()
    store, actor = reading(app)
    kind = _shareable(store, actor, entity)
    found = [one for one in links.of_entity(store.connection, store.snapshot.app.id, kind.id) if _mine(actor, one)]
    forms = [{"id": form.id, "label": form.label} for form in store.snapshot.app.forms if form.entity == kind.id]
    shown = [_json(store, one) for one in found]
    return answer({"links": shown, "forms": forms, "fields": _offered(store, actor, kind)})


@routes.route("", methods=("POST",), who="member", limit="30/minute")
def make_link(app: str, entity: str) -> Response:
    body = jsonio.body(allowed=("label", "settings"), required=("label", "settings"))
    with writing(app) as (store, actor):
        kind = _shareable(store, actor, entity)
        settings = checked(store, actor, kind, _settings(body["settings"], None))
        made = links.make(
            store.connection,
            secret(),
            app_id=store.snapshot.app.id,
            entity_id=kind.id,
            maker_id=actor.id,
            label=_label(body["label"]),
            settings=settings,
        )
        _note(store, actor, made, "made")
        shown = _json(store, made)
    return answer({"link": shown}, 201)


@routes.route("/<link_id>", methods=("PATCH",), who="member", limit="60/minute")
def change_link(app: str, entity: str, link_id: str) -> Response:
    body = jsonio.body(allowed=("label", "settings", "state"))
    with writing(app) as (store, actor):
        kind, link = _own(store, actor, entity, link_id)
        settings = None
        if "settings" in body:
            wanted = _settings(body["settings"], link.settings)
            settings = checked(store, maker_of(store.connection, link), kind, wanted)
        state = body.get("state")
        if state not in (None, OPEN, PAUSED):
            raise query.bad("state", f"{OPEN} 或 {PAUSED}", f"{OPEN} or {PAUSED}")
        label = _label(body["label"]) if "label" in body else None
        links.change(store.connection, link, label=label, settings=settings, state=state)
        _note(store, actor, link, "changed")
        shown = _json(store, links.by_id(store.connection, link.id))
    return answer({"link": shown})


@routes.route("/<link_id>", methods=("DELETE",), who="member")
def delete_link(app: str, entity: str, link_id: str) -> Response:
    query.arguments()
    with writing(app) as (store, actor):
        _, link = _own(store, actor, entity, link_id)
        links.remove(store.connection, link)
        _note(store, actor, link, "deleted")
    return answer({})


@routes.route("/<link_id>/restore", methods=("POST",), who="member", body="none")
def restore_link(app: str, entity: str, link_id: str) -> Response:
    """Undo throwing a link away."""
    with writing(app) as (store, actor):
        _, link = _own(store, actor, entity, link_id, deleted=True)
        links.restore(store.connection, link)
        _note(store, actor, link, "restored")
        shown = _json(store, links.by_id(store.connection, link.id))
    return answer({"link": shown})


@routes.route("/<link_id>/renew", methods=("POST",), who="member", body="none")
def renew_link(app: str, entity: str, link_id: str) -> Response:
    """A new address; the old one opens nothing any more."""
    with writing(app) as (store, actor):
        _, link = _own(store, actor, entity, link_id)
        turned = links.renew(store.connection, secret(), link)
        _note(store, actor, link, "renewed")
        shown = _json(store, turned)
    return answer({"link": shown})


@routes.route("/<link_id>/invitations", methods=("POST",), who="member", limit="60/minute")
def invite(app: str, entity: str, link_id: str) -> Response:
    """Addresses for one answer each, about records the person asking may read."""
    body = jsonio.body(allowed=("records",), required=("records",))
    wanted = body["records"]
    good = isinstance(wanted, list) and all(isinstance(one, str) for one in wanted)
    if not good or not 0 < len(wanted) <= _MAX_INVITATIONS:
        raise query.bad("records", f"1 到 {_MAX_INVITATIONS} 条记录", f"1 to {_MAX_INVITATIONS} records")
    with writing(app) as (store, actor):
        _, link = _own(store, actor, entity, link_id)
        if not link.settings.bind:
            raise Refused([Finding("T222", "/settings/bind")])
        target = str(store.snapshot.field(link.settings.bind).options.get("entity", ""))
        titles = store.titles(actor, target, wanted)
        missing = [one for one in wanted if one not in titles]
        if missing:
            raise NotFound(what=store.snapshot.entity(target).label)
        made = links.invite(store.connection, secret(), link, wanted)
        _note(store, actor, link, "invited")
    found = [{"record": one, "title": titles[one], "url": _address(token)} for one, token in made.items()]
    return answer({"invitations": found})


@routes.route("/<link_id>/prefill", methods=("POST",), who="member", limit="60/minute")
def prefill(app: str, entity: str, link_id: str) -> Response:
    """An address that carries values, for fields the link takes them in.

    Nobody can change ``values``: they are signed. ``open`` ones a visitor may change, where the link says so.
    """
    body = jsonio.body(allowed=("values", "open"))
    store, actor = reading(app)
    kind, link = _own(store, actor, entity, link_id)
    now = allowed(store, maker_of(store.connection, link), kind, link.settings)
    asked = asked_for(link, now)
    changeable = [one for one in asked if (how := link.settings.prefill.get(one)) is not None and how.mode == "open"]
    locked, wrong = _told(store, kind, body.get("values", {}), asked)
    free, more = _told(store, kind, body.get("open", {}), changeable)
    findings = wrong + more
    if findings or not (locked or free):
        raise Refused(findings or [Finding("H109", "/values", {"key": "values"})])
    spoken = language() if link.settings.language == "auto" else link.settings.language
    given = {f.key: f.type.format(f.field, value, spoken) for f, value in free}
    if locked:
        given["p"] = signed_values(link, {f.id: f.type.to_json(f.field, value) for f, value in locked})
    return answer({"url": f"{_address(links.address(secret(), link))}?{urlencode(given)}"})


def _told(
    store: RecordStore, entity: Entity, given: Any, taken: Sequence[str]
) -> tuple[list[tuple[FieldModel, Any]], list[Finding]]:
    """Return values by their fields, and what is wrong with those that are not taken."""
    model, values, findings = store.catalog.entity(entity.id), list[tuple[FieldModel, Any]](), list[Finding]()
    for name, raw in given.items() if isinstance(given, dict) else ():
        f = model.find(name)
        if f is None or f.id not in taken or f.storage == "children":
            findings.append(Finding("R301", f"/{name[:60]}", {"name": name[:60]}))
            continue
        try:
            values.append((f, f.type.accept(f.field, raw)))
        except InvalidValue as wrong:
            findings.append(wrong.at(f"/{f.key}"))
    return values, findings


@routes.route("/<link_id>/poster", who="member", limit="60/minute")
def poster(app: str, entity: str, link_id: str) -> Response:
    """The address as a QR code: a picture, or a page to hang up."""
    given = query.arguments("format", "lang")
    form = given.get("format", "svg")
    if form not in _POSTERS:
        raise query.bad("format", "、".join(_POSTERS), ", ".join(_POSTERS))
    store, actor = reading(app)
    kind, link = _own(store, actor, entity, link_id)
    url = _address(links.address(secret(), link))
    title = in_language(link.settings.title, language()) or in_language(kind.label, language())
    intro = in_language(link.settings.intro, language())
    release()
    if form == "pdf":
        made = printing.draw(_poster(title, intro, url), "pdf")
    else:
        out = io.BytesIO()
        segno.make(url, error="q").save(out, kind=form, scale=10, border=4)
        made = out.getvalue()
    response = Response(made, content_type=_POSTERS[form])
    kind_of = "inline" if form != "pdf" else "attachment"
    response.headers["Content-Disposition"] = f'{kind_of}; filename="poster.{form}"'
    return response


def _poster(title: str, intro: str, url: str) -> Order:
    said = {"title": title, "intro": intro, "address": url, "hint": in_language(_HINT, language())}
    record = {"k": "record", "t": title, "f": {name: {"k": "text", "t": one, "r": one} for name, one in said.items()}}
    moment = services().workspace.clock().astimezone(services().workspace.zone)
    return Order(
        html=_POSTER,
        css=_POSTER_STYLE,
        page={"size": "A4"},
        title=title,
        records=(record,),
        values={"lang": language()},
        today=moment.date().isoformat(),
        now=moment.isoformat(),
    )


def _address(token: str) -> str:
    return url_for("public.page", token=token, _external=True)


def _shareable(store: RecordStore, actor: Actor, name: str) -> Entity:
    if not store.snapshot.has_entity(name) or not store.access(actor, name).actions:
        raise NotFound(what=name[:100])
    entity = store.snapshot.entity(name)
    if not may_share(store, actor, entity):
        raise Forbidden(what={"zh-CN": "公开分享这个表单", "en": "share this form"})
    return entity


def _mine(actor: Actor, link: Link) -> bool:
    return link.maker_id == actor.id or BUILDER in actor.duties


def _own(store: RecordStore, actor: Actor, name: str, link_id: str, *, deleted: bool = False) -> tuple[Entity, Link]:
    entity = _shareable(store, actor, name)
    link = links.by_id(store.connection, link_id, deleted=deleted)
    if link.entity_id != entity.id or link.app_id != store.snapshot.app.id or not _mine(actor, link):
        raise NotFound(what={"zh-CN": "公开链接", "en": "The public link"})
    return entity, link


def _label(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= _MAX_LABEL:
        raise query.bad("label", f"1 到 {_MAX_LABEL} 个字符", f"1 to {_MAX_LABEL} characters")
    return value.strip()


def _settings(given: Any, before: LinkSettings | None) -> LinkSettings:
    """Read settings; a password that is not named stays, a blank one is taken away."""
    if not isinstance(given, dict):
        raise query.bad("settings", "JSON 对象", "a JSON object")
    kept = before.password if before else ""
    word = given.get("password", None)
    if isinstance(word, str) and word:
        findings = passwords.findings(word, "/settings/password")
        if findings:
            raise Refused(findings)
        kept = passwords.hash_of(word)
    elif word == "":
        kept = ""
    return read_settings({**given, "password": kept})


def _offered(store: RecordStore, actor: Actor, entity: Entity) -> list[dict[str, Any]]:
    """Fields that may stand on a public form of this person, pickers included."""
    model = store.catalog.entity(entity.id)
    mine = store.access_of(actor).rights(entity.id).writable["create"]
    most = LinkSettings(uploads=1)
    return [
        {
            "id": f.id,
            "key": f.key,
            "type": f.field.type,
            "label": f.field.label,
            "required": f.field.required and f.field.default is None and f.field.default_expr is None,
            "link": f.field.type in ("link_one", "link_many"),
        }
        for f in model.own
        if mine.get(f.id) and fit_for_public(f, most)
    ]


def _json(store: RecordStore, link: Link) -> dict[str, Any]:
    settings = link.settings.json() | {"password": bool(link.settings.password)}
    names = store.user_names([link.maker_id])
    asked, answered = links.invitations(store.connection, link) if link.settings.bind else (0, 0)
    return {
        "id": link.id,
        "label": link.label,
        "state": link.state,
        "answers": link.answers,
        "url": _address(links.address(secret(), link)),
        "settings": settings,
        "maker": {"id": link.maker_id, "name": names.get(link.maker_id, "")},
        "created_at": link.created_at,
        "invited": asked,
        "invited_answered": answered,
    }


def _note(store: RecordStore, actor: Actor, link: Link, what: str) -> None:
    detail = {"link": link.id, "what": what, "label": link.label}
    app_id = store.snapshot.app.id
    record_event(store.connection, actor, "share", store.now, app_id=app_id, entity_id=link.entity_id, detail=detail)
