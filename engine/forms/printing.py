"""Printing records: which templates there are for one, what they take, and the page or PDF a child process makes.

An order is complete: it is made inside the reader's transaction by the rights of the reader, and drawn after it.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import orjson
import structlog

from engine.actor import Actor
from engine.clock import now
from engine.expr.compile import bind
from engine.expr.schema import Scope
from engine.expr.to_python import closure, decide
from engine.expr.types import BOOLEAN
from engine.forms.print_check import read
from engine.forms.print_data import Reading
from engine.forms.print_default import default_template
from engine.problems import Busy, Conflict, Forbidden, NotFound, Problem
from engine.records.audit import record_event
from engine.records.sample import NoPreview, environment
from engine.records.schema import SnapshotSchema, scope_of
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused
from metadata.model import Entity, Print, Text

log = structlog.get_logger("dougong.print")

AUTO: Final = "prt_auto"
"""Id of the page made from the form."""
_AUTO_LABEL: Final[Text] = {"zh-CN": "默认打印", "en": "Standard page"}

MOST_RECORDS: Final = 100
SECONDS: Final = 12
"""Processor time of one record; every further one adds a second."""
_MOST_SECONDS: Final = 90
AT_ONCE: Final = 2
"""Pages drawn at the same time in one process of the product."""
_PATIENCE: Final = 20.0
PACKAGES: Final = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk"
_ROOT: Final = Path(__file__).resolve().parents[2]
_STOPPED: Final = frozenset({-24, -9})  # too much processor time, or killed by the kernel

_slots = threading.BoundedSemaphore(AT_ONCE)
Output = Literal["html", "pdf", "images"]
"""``images``: pictures of the first pages, as JSON (see ``print_images``)."""


class NoPango(Problem):
    """The library that draws PDF files is not there."""

    status, code = 501, "T111"

    def __init__(self) -> None:
        super().__init__(packages=PACKAGES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Everything a child process needs; made by :func:`order`, drawn by :func:`draw`."""

    html: str
    css: str
    page: Mapping[str, Any]
    title: str
    records: tuple[Any, ...]
    values: Mapping[str, str]
    today: str
    now: str


def templates(store: RecordStore, entity: Entity) -> tuple[Print, ...]:
    """Return the templates of an entity, the default one first; the page made from the form is always the last."""
    own = sorted((p for p in store.snapshot.app.prints if p.entity == entity.id), key=lambda page: not page.default)
    return (*own, Print(id=AUTO, entity=entity.id, label=_AUTO_LABEL, default=not any(page.default for page in own)))


def offered(store: RecordStore, actor: Actor, entity_name: str, record_id: str) -> tuple[Print, ...]:
    """Return the templates for a record as it is now. Raises :class:`NotFound` and :class:`Forbidden`."""
    entity = _entity(store, entity_name)
    _allowed(store, actor, entity, [record_id])
    return tuple(page for page in templates(store, entity) if _fits(store, actor, entity, page, record_id))


def offered_for_all(
    store: RecordStore, actor: Actor, entity_name: str, ids: Sequence[str]
) -> tuple[tuple[Print, tuple[str, ...]], ...]:
    """Return the templates for any of the records as they are now, each with the records it is for.

    Raises :class:`NotFound`, :class:`Forbidden`, and :class:`Refused` for too many records.
    """
    entity, wanted = _entity(store, entity_name), _within(ids)
    _allowed(store, actor, entity, wanted)
    fitting = (
        (page, tuple(one for one in wanted if _fits(store, actor, entity, page, one)))
        for page in templates(store, entity)
    )
    return tuple((page, found) for page, found in fitting if found)


def order(
    store: RecordStore,
    actor: Actor,
    entity_name: str,
    ids: Sequence[str],
    template: str = "",
    *,
    language: str,
    company: str = "",
) -> Order:
    """Return what printing records with a template (the default one, if none is named) needs.

    Raises :class:`NotFound`, :class:`Forbidden`, :class:`Conflict` for a template that is not for a record as it is
    now, and :class:`Refused` for too many records or a template with mistakes.
    """
    entity = _entity(store, entity_name)
    wanted = _within(ids)
    _allowed(store, actor, entity, wanted)
    page = _chosen(store, actor, entity, template, wanted)
    for one in wanted:
        if not _fits(store, actor, entity, page, one):
            raise Conflict("T114", label=page.label)
    return prepared(store, actor, entity, page, wanted, language=language, company=company)


def prepared(
    store: RecordStore, actor: Actor, entity: Entity, page: Print, ids: Sequence[str], *, language: str, company: str
) -> Order:
    """Return the order of a template that need not be published. Raises :class:`NotFound` and :class:`Refused`."""
    html = page.html
    if page.id == AUTO and not html:
        html = default_template(store.snapshot, entity, _readable(store, actor))
    found = read(store.snapshot, entity.id, html, page.refs, page.css)
    if found.findings:
        raise Refused(found.findings)
    reading = Reading(store, actor, language, pictures="image(" in html)
    records = reading.records(found.need, ids)
    if any(one not in records for one in ids):
        raise NotFound(what=entity.label)
    moment = store.now.astimezone(store.surroundings.zone)
    app = store.snapshot.app
    return Order(
        html=html,
        css=page.css,
        page=dict(page.page),
        title=records[ids[0]]["t"] if len(ids) == 1 else _said(entity.label, language),
        records=tuple(records[one] for one in ids),
        values={
            "lang": language,
            "company": company,
            "app_name": _said(app.name, language),
            "printed_by": actor.name,
        },
        today=moment.date().isoformat(),
        now=moment.isoformat(),
    )


def draw(wanted: Order, form: Output) -> bytes:
    """Return the HTML document, the PDF file or the pictures of an order.

    Raises :class:`Refused` for what goes wrong in the template, :class:`NoPango`, and :class:`Busy`.
    """
    seconds = min(_MOST_SECONDS, SECONDS + len(wanted.records))
    sent = orjson.dumps({**{name: getattr(wanted, name) for name in _SENT}, "form": form, "seconds": seconds})
    if not _slots.acquire(timeout=_PATIENCE):
        raise Busy("T112")
    try:
        command = [sys.executable, "-m", "engine.forms.print_child"]
        done = subprocess.run(command, input=sent, capture_output=True, timeout=seconds * 2, check=False, cwd=_ROOT)
    except subprocess.TimeoutExpired:
        raise Refused([Finding("T108", "/html")]) from None
    finally:
        _slots.release()
    if done.returncode == 0:
        return done.stdout
    if done.returncode == 3:
        said = orjson.loads(done.stdout)
        if said["code"] == "T111":
            raise NoPango()
        raise Refused([Finding(said["code"], "/html", said["params"])])
    if done.returncode in _STOPPED:
        raise Refused([Finding("T108", "/html")])
    log.error("page not made", code=done.returncode, reason=done.stderr[-2000:].decode(errors="replace"))
    raise Refused([Finding("T116", "")])


_SENT = ("html", "css", "page", "title", "records", "values", "today", "now")


def note(store: RecordStore, actor: Actor, entity_name: str, ids: Sequence[str], template: str, form: Output) -> None:
    """Leave a trace of what was printed, in a transaction of its own."""
    entity = _entity(store, entity_name)
    detail = {"template": template, "format": form, "records": list(ids)}
    with store.surroundings.database.write() as connection:
        app_id = store.snapshot.app.id
        single = ids[0] if len(ids) == 1 else ""
        record_event(
            connection, actor, "print", now(), app_id=app_id, entity_id=entity.id, record_id=single, detail=detail
        )


def _entity(store: RecordStore, name: str) -> Entity:
    try:
        return store.snapshot.entity(name)
    except KeyError:
        raise NotFound(what=name[:100]) from None


def _within(ids: Sequence[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(ids))
    if not 0 < len(wanted) <= MOST_RECORDS:
        raise Refused([Finding("T113", "/ids", {"limit": str(MOST_RECORDS), "count": str(len(wanted))})])
    return wanted


def _allowed(store: RecordStore, actor: Actor, entity: Entity, ids: Sequence[str]) -> None:
    for one in ids:
        actions = store.record_actions(actor, entity.id, one)
        if "read" not in actions:
            raise NotFound(what=entity.label)
        if "print" not in actions:
            raise Forbidden(what={"zh-CN": "打印", "en": "print this"})


def _chosen(store: RecordStore, actor: Actor, entity: Entity, template: str, ids: Sequence[str]) -> Print:
    every = templates(store, entity)
    if template:
        found = next((page for page in every if page.id == template), None)
        if found is None:
            raise NotFound(what={"zh-CN": "打印模板", "en": "The print template"})
        return found
    fitting = (page for page in every if all(_fits(store, actor, entity, page, one) for one in ids))
    return next(fitting)  # the page made from the form fits always


def _fits(store: RecordStore, actor: Actor, entity: Entity, page: Print, record_id: str) -> bool:
    """Say whether the condition of a template holds; one the reader may not see all of counts as no."""
    if page.when is None:
        return True
    scope: Scope = scope_of(SnapshotSchema(store.snapshot), entity, frozenset({"USER"}))
    tree = bind(page.when, scope, BOOLEAN)
    try:
        env = environment(store, actor, entity.id, record_id, tree)
    except NoPreview:
        return False
    return decide(closure(tree), env)


def _readable(store: RecordStore, actor: Actor) -> Callable[[Entity, str], bool]:
    def readable(entity: Entity, field_id: str) -> bool:
        levels = store.access(actor, entity.id).levels
        return levels.get(store.snapshot.field_of(entity, field_id).key, "hidden") != "hidden"

    return readable


def _said(label: Text, language: str) -> str:
    return label.get(language) or next(iter(label.values()), "")
