"""Public forms: their pages, and the few calls a visitor's browser makes. No session, no cookie of ours is needed.

Nothing here runs with the rights of whoever looks: an answer is written by the link, which is a principal of its own.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.fields.media import FileType
from engine.forms.public_answers import FormClosed, Visit, choices, rights_now, take
from engine.forms.public_links import Link
from engine.forms.public_principal import asked_for, holds_files, principal
from engine.problems import NotFound, Problem
from engine.records.files import FileStore
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused, in_language
from runtime import assets, jsonio, query
from runtime.access import Routes
from runtime.context import connection, release, services
from runtime.jsonio import answer
from runtime.language import language
from runtime.public_form import LinkDescription, look, prefilled
from runtime.public_visit import (
    COOKIE,
    SignInFirst,
    check_pace,
    check_password,
    check_visit,
    opened,
    page_for,
    read_page,
    values_of,
    visitor,
)
from runtime.security import answer_with, nonce, page_policy
from runtime.uploads import uploaded

routes = Routes("public")

HONEYPOT = "website"
"""A field no person sees; programs fill it in."""
_ENTRY = "src/public/main.ts"
_OFTEN = "120/minute"
_API = "/api/v1/public/<token>"


class TrippedTrap(Problem):
    status, code = 422, "T218"


@routes.route("/f/<token>", who="public", limit=_OFTEN)
def page(token: str) -> AnyResponse:
    """The page of a form."""
    return _shell(token, embedded=False)


@routes.route("/f/<token>/embed", who="public", limit=_OFTEN)
def embedded(token: str) -> AnyResponse:
    """The same page inside other sites, those the link names and no other."""
    return _shell(token, embedded=True)


def _shell(token: str, *, embedded: bool) -> AnyResponse:
    link, ticket = opened(token)
    settings = link.settings
    problem = ""
    try:
        check_visit(link, ticket)
        entity, _ = rights_now(_store(link), link)
        title = look(link, entity, language(), services().config.company)
    except SignInFirst:
        if not embedded:
            return redirect(url_for("signin.signin", next=request.full_path.rstrip("?")))
        problem, title = SignInFirst().text(language()), _closed_look(link)
    except Problem as error:
        problem, title = error.text(language()), _closed_look(link)
    boot = {
        "user": None,
        "visitor": True,
        "lang": language(),
        "theme": "light" if embedded else "auto",
        "density": "normal",
        "nonce": nonce(),
        "csrf": "",
        "version": assets.version(),
        "form": {
            "token": token,
            "embedded": embedded,
            "password": bool(settings.password),
            "problem": problem,
            **title,
        },
    }
    response = Response(
        render_template("public_form.html", lang=language(), title=title["title"], boot=boot, entry=_ENTRY),
        content_type="text/html; charset=utf-8",
    )
    if embedded and settings.embed:
        policy = page_policy(nonce()).replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(settings.embed)}")
        answer_with(policy, framed=True)
    if settings.per_visitor and not request.cookies.get(COOKIE):
        secure = services().config.secure
        response.set_cookie(
            COOKIE, secrets.token_urlsafe(18), max_age=365 * 86_400, httponly=True, samesite="Lax", secure=secure
        )
    return response


def _closed_look(link: Link) -> dict[str, Any]:
    settings = link.settings
    title = in_language(settings.title, language())
    return {
        "title": title,
        "intro": "",
        "accent": settings.accent,
        "logo": settings.logo,
        "company": services().config.company,
    }


def _store(link: Link) -> RecordStore:
    try:
        return services().workspace.store(connection(), link.app_id)
    except KeyError:
        raise FormClosed() from None


@routes.route(f"{_API}/open", methods=("POST",), who="public", limit=_OFTEN)
def open_form(token: str) -> Response:
    """What to ask, and the page to answer on."""
    body = jsonio.body(allowed=("password", "query"))
    link, ticket = opened(token)
    check_visit(link, ticket)
    check_password(link, body.get("password"))
    asked = body.get("query") or {}
    if not isinstance(asked, dict):
        raise query.bad("query", "JSON 对象", "a JSON object")
    store = _store(link)
    entity, now = rights_now(store, link)
    signed = values_of(link, str(asked.get("p") or "")[:8_000])
    mine = asked_for(link, now)
    locked = {name: value for name, value in signed.items() if name in mine}
    actor = principal(store, link, now)
    values = prefilled(store, link, now, asked, locked, language())
    keys = {name: store.snapshot.field_of(entity, name).key for name in (*locked, *now.pickers)}
    return answer(
        {
            "page": page_for(link, ticket, locked),
            "app": LinkDescription(store, actor, link, now).described(),
            "entity": entity.key,
            "values": values,
            "locked": sorted(keys[name] for name in locked),
            "pickers": sorted(keys[name] for name in now.pickers),
            "uploads": {"most": link.settings.uploads, "megabytes": link.settings.upload_mb},
            "zone": str(services().workspace.zone),
        }
    )


@routes.route(f"{_API}/choices", who="public", limit=_OFTEN)
def pick(token: str) -> Response:
    """Records a visitor may choose: their titles."""
    given = query.arguments("page", "field", "q")
    link, ticket = opened(token)
    check_visit(link, ticket)
    read_page(link, ticket, given.get("page"))
    store = _store(link)
    entity, now = rights_now(store, link)
    f = store.snapshot.fields(entity).get(given.get("field", ""))
    found = choices(store, link, now, f.id if f else "", query.search_text(given.get("q", "")), 30)
    return answer({"items": found})


@routes.route(f"{_API}/files", methods=("POST",), who="public", body="upload", limit="30/minute")
def upload(token: str) -> Response:
    """A file for one field of an answer that is being written."""
    part, form = uploaded("page", "field")
    link, ticket = opened(token)
    check_visit(link, ticket)
    opened_page = read_page(link, ticket, form.get("page"))
    settings = link.settings
    store = _store(link)
    entity, now = rights_now(store, link)
    f = store.catalog.entity(entity.id).find(form.get("field", ""))
    kind = f.type if f is not None and f.id in asked_for(link, now) and holds_files(f) else None
    if f is None or not settings.uploads or not isinstance(kind, FileType):
        raise NotFound("T221", limit=str(settings.uploads))
    services().limits.count(f"{settings.uploads}/day", f"public files {link.id}", opened_page.key)
    actor = principal(store, link, now)
    config = services().config
    most = min(settings.upload_mb << 20, config.max_upload)
    release()
    with services().database.write() as writing:
        files = FileStore(config.files_dir, most)
        accept, picture = kind.accepts(f.field), kind.picture(f.field)
        name = part.filename or ""
        saved = files.save(writing, part.stream, name=name, actor=actor, accept=accept, picture=picture)
    return answer({"id": saved.id, "name": saved.name, "size": saved.size, "type": saved.type}, 201)


@routes.route(f"{_API}/answers", methods=("POST",), who="public", limit="2000/minute")
def take_answer(token: str) -> Response:
    """Write an answer. What gets a 201 is there; the same send again gets the same answer."""
    body = jsonio.body(allowed=("page", "values", HONEYPOT), required=("page", "values"))
    link, ticket = opened(token)
    check_visit(link, ticket, sent=True)
    opened_page = read_page(link, ticket, body["page"])
    check_pace(link, opened_page)
    if body.get(HONEYPOT):
        raise TrippedTrap()
    values = body["values"]
    if not isinstance(values, dict):
        raise Refused([Finding("R322", "")])
    visit = Visit(
        key=opened_page.key, visitor=visitor(opened_page), address=request.remote_addr or "", locked=opened_page.locked
    )
    release()
    with services().workspace.write(link.app_id) as store:
        take(store, link.id, ticket, visit, values)
    thanks = in_language(link.settings.thanks, language())
    return answer({"thanks": thanks, "redirect": link.settings.redirect}, 201)


def install(app: Flask) -> None:
    """Register the pages; their signed page stands in for a form token."""
    app.register_blueprint(routes.blueprint)
    app.extensions["csrf"].exempt(routes.blueprint)
