"""Taking an answer of a public form: is it still open, was this send taken before, and then one ordinary create.

Everything happens in one transaction that holds the row of the link: what was counted was written, and what was
answered to a visitor is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, insert, select, update

import engine.forms.public_messages  # noqa: F401  registers the texts used here
from engine import clock
from engine.forms import public_links as links
from engine.forms import public_tables as tables
from engine.forms.public_links import Link, Ticket
from engine.forms.public_principal import Allowed, allowed, asked_for, maker_of, principal
from engine.problems import Forbidden, NotFound, Problem
from engine.records.spec import QuerySpec
from engine.records.store import RecordStore
from engine.rules.settle import chosen_of
from metadata.findings import Finding, Refused
from metadata.model import Entity

_MINUTES: Final = "%Y-%m-%d %H:%M"


class FormClosed(Problem):
    """The form takes no answer now; the code says why."""

    status, code = 410, "T212"


class Answered(Problem):
    """This visitor, or this invitation, has answered as often as it may."""

    status, code = 409, "T214"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One opened form: ``key`` is the same for every send of it, ``locked`` the values the address fixed."""

    key: str
    visitor: str = ""
    address: str = ""
    locked: Mapping[str, Any] | None = None


def check_open(link: Link, now: datetime, zone: Any) -> None:
    """Raise :class:`FormClosed` with the reason when a link takes no answers now."""
    settings, moment = link.settings, now.strftime("%Y-%m-%dT%H:%M:%SZ")
    if link.state != links.OPEN or (settings.closes_at and moment >= settings.closes_at):
        raise FormClosed()
    if settings.opens_at and moment < settings.opens_at:
        opens = datetime.fromisoformat(settings.opens_at.replace("Z", "+00:00")).astimezone(zone)
        raise FormClosed("T211", when=opens.strftime(_MINUTES))
    if settings.quota and link.answers >= settings.quota:
        raise FormClosed("T213", limit=str(settings.quota))


def rights_now(store: RecordStore, link: Link) -> tuple[Entity, Allowed]:
    """Return the entity of a link and what it may fill in. Raises :class:`FormClosed` when that is nothing any more."""
    try:
        entity = store.snapshot.entity(link.entity_id)
        now = allowed(store, maker_of(store.connection, link), entity, link.settings)
    except (KeyError, NotFound, Forbidden):
        raise FormClosed() from None
    if not asked_for(link, now):
        raise FormClosed()
    return entity, now


def take(store: RecordStore, link_id: str, ticket: Ticket | None, visit: Visit, values: Mapping[str, Any]) -> str:
    """Return the id of the record an answer made, this time or when the same send came before.

    Raises :class:`FormClosed`, :class:`Answered`, and :class:`Refused` for what is wrong with the values.
    """
    connection = store.connection
    link = links.by_id(connection, link_id, hold=True)
    table = tables.answer
    done = connection.execute(
        select(table.c.record_id).where(table.c.link_id == link.id, table.c.key == visit.key)
    ).scalar()
    if done:
        return str(done)
    check_open(link, store.now, store.surroundings.zone)
    _check_visitor(store, link, visit)
    entity, now = rights_now(store, link)
    sent, refers = _completed(store, link, now, ticket, visit, values)
    _check_referred(store, link, refers)
    if ticket is not None:
        _use(store, ticket)
    actor = principal(store, link, now, refers=refers, address=visit.address)
    made = store.create(actor, entity.id, sent)
    counted = update(tables.link).where(tables.link.c.id == link.id)
    connection.execute(counted.values(answers=tables.link.c.answers + 1))
    row = {"link_id": link.id, "key": visit.key, "record_id": made.id, "visitor": visit.visitor}
    connection.execute(insert(table).values(**row, at=clock.instant_text(store.now)))
    return made.id


def _check_visitor(store: RecordStore, link: Link, visit: Visit) -> None:
    most = link.settings.per_visitor
    if not most or not visit.visitor:
        return
    table = tables.answer
    mine = select(func.count()).where(table.c.link_id == link.id, table.c.visitor == visit.visitor)
    if int(store.connection.execute(mine).scalar_one()) >= most:
        raise Answered(limit=str(most))


def _check_referred(store: RecordStore, link: Link, refers: Iterable[tuple[str, str]]) -> None:
    """A link may refer to what its maker may see today, and to nothing else. Raises :class:`FormClosed`."""
    maker = maker_of(store.connection, link)
    if any(record not in store.titles(maker, target, [record]) for target, record in refers):
        raise FormClosed()


def _use(store: RecordStore, ticket: Ticket) -> None:
    table = tables.ticket
    used = update(table).where(table.c.token_hash == ticket.token_hash, table.c.used_at == "")
    if not store.connection.execute(used.values(used_at=clock.instant_text(store.now))).rowcount:
        raise Answered("T215")


def _completed(
    store: RecordStore, link: Link, now: Allowed, ticket: Ticket | None, visit: Visit, values: Mapping[str, Any]
) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return what is written, by field id: the visitor's answers, and over them what the link and its address fix."""
    model = store.catalog.entity(link.entity_id)
    mine = set(asked_for(link, now))
    findings: list[Finding] = []
    sent: dict[str, Any] = {}
    for name, value in values.items():
        f = model.find(name)
        if f is None or f.id not in mine:  # whatever it is called: to a visitor it does not exist
            findings.append(Finding("R301", f"/{str(name)[:200].replace('/', '~1')}", {"name": str(name)[:200]}))
        else:
            sent[f.id] = value
    if findings:
        raise Refused(findings)
    refers: list[tuple[str, str]] = []
    ours = {name: one.value for name, one in link.settings.prefill.items() if one.mode == "fixed"}
    ours |= {name: value for name, value in (visit.locked or {}).items() if name in mine}
    if ticket is not None and link.settings.bind:
        ours[link.settings.bind] = ticket.record_id
    for name, value in ours.items():
        if name not in now.fields[link.entity_id]:
            continue
        sent[name] = value
        target = model.by_id[name].target
        if target and model.by_id[name].storage != "children":
            refers += [(target, one) for one in chosen_of(value) if isinstance(one, str)]
    return sent, refers


def choices(
    store: RecordStore, link: Link, now: Allowed, field_id: str, search: str, limit: int
) -> list[dict[str, str]]:
    """Return records a visitor may choose in a field: ``[{"id", "title"}]``. Raises :class:`NotFound`."""
    if field_id not in now.pickers:
        raise NotFound(what={"zh-CN": "选择框", "en": "The picker"})
    target = store.catalog.entity(store.catalog.entity(link.entity_id).by_id[field_id].target)
    actor = principal(store, link, now)
    spec = QuerySpec(entity=target.id, fields=(target.title.key,), search=search, limit=limit)
    found = [record.id for record in store.list(actor, spec, labels=False).records]
    titles = store.titles(actor, target.id, found)
    return [{"id": one, "title": titles[one]} for one in found if one in titles]
