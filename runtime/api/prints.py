"""Printing over HTTP: which templates a record has, the page in the browser, the PDF of one or many records.

A printed page is somebody's HTML: it is shown under a policy of its own, without scripts, without an origin, with
nothing to load but the pictures it carries.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import orjson
from flask import Response, request

from engine.actor import Actor
from engine.forms import printing
from engine.forms.print_default import default_template
from engine.forms.print_sheet import SIZES
from engine.forms.printing import AUTO, Order, Output
from engine.problems import NotFound
from engine.records.files import clean_name
from engine.records.spec import QuerySpec
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused
from metadata.model import Print
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
_DRAFT = ("csrf_token", "html", "css", "page", "refs", "record", "lang")


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


@routes.route("/print", methods=("POST",), who="member", limit="20/minute")
def print_records(app: str, entity: str) -> Response:
    """One PDF of many records."""
    body = jsonio.body(allowed=("ids", "template", "lang"), required=("ids",))
    ids, template, lang = body["ids"], body.get("template", ""), body.get("lang", "")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids):
        raise query.bad("ids", "记录编号的列表", "a list of record ids")
    if not isinstance(template, str) or not isinstance(lang, str):
        raise query.bad("template", "模板编号", "the id of a template")
    return _printed(app, entity, ids, template, "pdf", lang)


@routes.route("/print-preview", methods=("POST",), who="duty", duty="builder", body="upload", limit="240/minute")
def preview(app: str, entity: str) -> Response:
    """The page of a template that is being written, over a record its designer may read."""
    given = {key: request.form.get(key, "") for key in _DRAFT}
    unknown = sorted({*request.form, *request.files} - set(_DRAFT))
    if unknown:
        raise Refused([Finding("H108", f"/{key}", {"key": key}) for key in unknown])
    store, actor = reading(app)
    if not store.snapshot.has_entity(entity):
        raise NotFound(what=entity[:100])
    kind = store.snapshot.entity(entity)
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
    company = services().config.company
    order = printing.prepared(store, actor, kind, page, [record], language=lang, company=company)
    release()
    return _page(printing.draw(order, "html"))


@routes.route("/print-default", who="duty", duty="builder")
def default_page(app: str, entity: str) -> Response:
    """The template of the page made from the form: what a designer starts from."""
    query.arguments()
    store, _ = reading(app)
    if not store.snapshot.has_entity(entity):
        raise NotFound(what=entity[:100])
    return answer({"html": default_template(store.snapshot, store.snapshot.entity(entity), lambda *_: True)})


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
    if not known or found.keys() - {"size", "landscape", "margin"}:
        raise query.bad("page", "纸张、方向和边距", "paper, direction and margin")
    return found


def _newest(store: RecordStore, actor: Actor, entity: str) -> str:
    """A record to try a template on, when none was chosen."""
    page = store.list(actor, QuerySpec(entity=entity, fields=("id",), limit=1))
    if not page.records:
        raise NotFound(what={"zh-CN": "可以试用模板的记录", "en": "A record to try the template on"})
    return page.records[0].id
