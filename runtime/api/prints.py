"""Printing over HTTP: which templates a record has, the page in the browser, the PDF of one or many records.

A printed page is somebody's HTML: it is shown under a policy of its own, without scripts, without an origin, with
nothing to load but the pictures it carries.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import orjson
from flask import Response, request

from engine.actor import Actor
from engine.forms import printing
from engine.forms.print_check import read
from engine.forms.print_default import default_template
from engine.forms.print_sheet import SIZES
from engine.forms.printing import AUTO, MOST_RECORDS, Order, Output
from engine.problems import NotFound
from engine.records.files import clean_name
from engine.records.present import finding_json
from engine.records.spec import QuerySpec
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused
from metadata.model import Entity, Print
from metadata.snapshot import Snapshot
from metadata.store import MetadataStore
from runtime import jsonio, query
from runtime.access import Routes
from runtime.context import reading, release, services
from runtime.jsonio import answer
from runtime.language import language, named_language
from runtime.security import answer_with

routes = Routes("prints", "/api/v1/apps/<app>/<entity>")

PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-modals"
)
"""Of a printed page: it can be looked at and printed, it has no origin, runs nothing and asks nobody anything."""

_FORMS = ("html", "pdf")
_TRIED_AS = ("html", "images")
_DRAFT = ("csrf_token", "html", "css", "page", "refs", "record", "lang", "format")


@routes.route("/records/<record_id>/prints", who="member")
def list_prints(app: str, entity: str, record_id: str) -> Response:
    query.arguments()
    store, actor = reading(app)
    found = printing.offered(store, actor, entity, record_id)
    return answer({"templates": [{"id": page.id, "label": page.label, "default": page.default} for page in found]})


@routes.route("/records/<record_id>/print", who="member", limit="60/minute")
def print_record(app: str, entity: str, record_id: str) -> Response:
    given = query.arguments("template", "format", "lang")
    form = _form(given.get("format", "html"))
    return _printed(app, entity, [record_id], given.get("template", ""), form, given.get("lang", ""))


@routes.route("/prints", methods=("POST",), who="member", limit="60/minute")
def list_prints_of_many(app: str, entity: str) -> Response:
    """The templates for chosen records, each with the records it is for."""
    ids = _ids(jsonio.body(allowed=("ids",), required=("ids",)))
    store, actor = reading(app)
    found = printing.offered_for_all(store, actor, entity, ids)
    shown = [{"id": page.id, "label": page.label, "default": page.default, "ids": fits} for page, fits in found]
    return answer({"templates": shown, "limit": MOST_RECORDS})


@routes.route("/print", methods=("POST",), who="member", limit="20/minute")
def print_records(app: str, entity: str) -> Response:
    """One PDF of many records."""
    body = jsonio.body(allowed=("ids", "template", "lang"), required=("ids",))
    ids, template, lang = _ids(body), body.get("template", ""), body.get("lang", "")
    if not isinstance(template, str) or not isinstance(lang, str):
        raise query.bad("template", "模板编号", "the id of a template")
    return _printed(app, entity, ids, template, "pdf", lang)


@routes.route("/print-preview", methods=("POST",), who="duty", duty="builder", body="upload", limit="240/minute")
def preview(app: str, entity: str) -> Response:
    """A template that is being written, over a record its designer may read.

    ``format``: ``html`` is the page as a browser shows it, ``images`` are pictures of the printed pages with what is
    wrong with the template, as JSON.
    """
    given = {key: request.form.get(key, "") for key in _DRAFT}
    unknown = sorted({*request.form, *request.files} - set(_DRAFT))
    if unknown:
        raise Refused([Finding("H108", f"/{key}", {"key": key}) for key in unknown])
    form = given["format"] or "html"
    if form not in _TRIED_AS:
        raise query.bad("format", "、".join(_TRIED_AS), ", ".join(_TRIED_AS))
    store, actor = reading(app)
    kind = _entity(store.snapshot, entity)
    page = Print(
        id="prt_draft",
        entity=kind.id,
        label=kind.label,
        html=given["html"],
        css=given["css"],
        page=_paper(given["page"]),
        refs={str(name): str(one) for name, one in _mapping(given["refs"], "refs").items()},
    )
    record = given["record"] or _newest(store, actor, kind.id)
    lang = named_language(given["lang"]) or language()

    def ordered() -> Order:
        company = services().config.company
        return printing.prepared(store, actor, kind, page, [record], language=lang, company=company)

    if form == "html":
        return _page(_drawn(ordered(), "html"))
    unpublished = _unpublished(store, page)
    try:
        return answer({**orjson.loads(_drawn(ordered(), "images")), "findings": []})
    except Refused as refused:
        found = unpublished or refused.findings
        return answer({"count": 0, "pages": [], "findings": [_finding(one) for one in found]})


@routes.route("/print-check", methods=("POST",), who="duty", duty="builder", limit="900/minute")
def check_page(app: str, entity: str) -> Response:
    """What is wrong with a template that is being written, and what its names stand for, in the draft if there is one.

    Answers ``{"refs", "findings": [{code, place, text, severity, line}]}``; ``line`` counts from 1, 0 is none.
    """
    body = jsonio.body(allowed=("html", "css", "refs"), required=("html",))
    html, css, refs = body["html"], body.get("css", ""), body.get("refs", {})
    if not isinstance(html, str) or not isinstance(css, str):
        raise query.bad("html", "文字", "a text")
    if not isinstance(refs, dict) or not all(isinstance(one, str) for one in refs.values()):
        raise query.bad("refs", "名称到标识的对应", "ids by name")
    store, _ = reading(app)
    snapshot = _designed(store)
    found = read(snapshot, _entity(snapshot, entity).id, html, refs, css)
    return answer({"refs": dict(found.refs), "findings": [_finding(one) for one in found.findings]})


@routes.route("/print-default", who="duty", duty="builder")
def default_page(app: str, entity: str) -> Response:
    """The template of the page made from the form: what a designer starts from."""
    query.arguments()
    store, _ = reading(app)
    snapshot = _designed(store)
    return answer({"html": default_template(snapshot, _entity(snapshot, entity), lambda *_: True)})


def _designed(store: RecordStore) -> Snapshot:
    """Return the application as its designers have it: the draft, or what is published."""
    draft = MetadataStore(store.connection).draft(store.snapshot.app.id)
    return store.snapshot if draft is None else Snapshot(draft.app, 0)


def _entity(snapshot: Snapshot, name: str) -> Entity:
    if not snapshot.has_entity(name):
        raise NotFound(what=name[:100])
    return snapshot.entity(name)


def _unpublished(store: RecordStore, page: Print) -> tuple[Finding, ...]:
    """Say so when a template is right in the draft and only what is published lacks something it names."""
    live = read(store.snapshot, page.entity, page.html, page.refs, page.css).findings
    if not live:
        return ()
    snapshot = _designed(store)
    known = snapshot.has_entity(page.entity)
    if not known or read(snapshot, page.entity, page.html, page.refs, page.css).findings:
        return ()
    lines = dict.fromkeys(one.params.get("line", 1) for one in live)
    return tuple(Finding("T117", "/html", {"line": line}, severity="info") for line in lines)


def _finding(one: Finding) -> dict[str, Any]:
    return {**finding_json(one, language()), "line": one.params.get("line", 0)}


def _printed(app: str, entity: str, ids: list[str], template: str, form: Output, lang: str) -> Response:
    store, actor = reading(app)
    spoken = named_language(lang) or language()
    company = services().config.company
    order = printing.order(store, actor, entity, ids, template, language=spoken, company=company)
    made = _drawn(order, form)
    printing.note(store, actor, entity, ids, template or AUTO, form)
    if form == "html":
        return _page(made)
    name = clean_name(f"{order.title}.pdf")
    response = Response(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename=\"print.pdf\"; filename*=UTF-8''{quote(name)}"
    return response


def _ids(body: Mapping[str, Any]) -> list[str]:
    ids = body["ids"]
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise query.bad("ids", "记录编号的列表", "a list of record ids")
    return ids


def _drawn(order: Order, form: Output) -> bytes:
    """Draw without keeping the read transaction open: a page may take seconds."""
    release()
    return printing.draw(order, form)


def _page(made: bytes) -> Response:
    answer_with(PAGE_POLICY, framed=True)
    return Response(made, content_type="text/html; charset=utf-8")


def _form(given: str) -> Output:
    if given not in _FORMS:
        raise query.bad("format", "html 或 pdf", "html or pdf")
    return "pdf" if given == "pdf" else "html"


def _mapping(text: str, name: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text or "{}")
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise query.bad(name, "JSON 对象", "a JSON object")
    return found


def _paper(text: str) -> dict[str, Any]:
    found = _mapping(text, "page")
    margin = found.get("margin", 15)
    known = found.get("size", "A4") in SIZES and isinstance(margin, int | float) and 0 <= margin <= 60
    if not known or found.keys() - {"size", "landscape", "margin", "numbers"}:
        raise query.bad("page", "纸张、方向、边距和页码", "paper, direction, margin and page numbers")
    return found


def _newest(store: RecordStore, actor: Actor, entity: str) -> str:
    """A record to try a template on, when none was chosen."""
    page = store.list(actor, QuerySpec(entity=entity, fields=("id",), limit=1))
    if not page.records:
        raise NotFound(what={"zh-CN": "可以试用模板的记录", "en": "A record to try the template on"})
    return page.records[0].id
