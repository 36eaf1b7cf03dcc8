"""Handing over what somebody owns to somebody else, for instance when a person leaves: entity by entity, part by part.

Everything goes through the record store as whoever does it: only records this person may hand over (action
``transfer``) are counted and changed, rules judge each of them, and what is refused stays with its owner. A run keeps
which records it changed, so that it can be taken back: those that still belong to the new owner return.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Index, String, Table, func, select

import engine.records.around.messages  # noqa: F401  (registers the texts)
from engine import people
from engine.actor import Actor
from engine.clock import instant_text
from engine.database import SYSTEM
from engine.problems import NotFound
from engine.records.catalog import EntityModel
from engine.records.secured import Secured
from engine.records.spec import BulkRow
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused
from metadata.ids import new_record_id

PART: Final = 200
"""Records one call hands over, in one transaction."""
_OWNER: Final = "sys_owner"

handover = Table(
    "handover",
    SYSTEM,
    Column("id", String(32), primary_key=True),
    Column("app_id", String(64), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("giver_id", String(32), nullable=False),
    Column("taker_id", String(32), nullable=False),
    Column("actor_id", String(32), nullable=False),
    Column("at", String(32), nullable=False),
)
handed = Table(  # which records a run gave to their new owner
    "handover_record",
    SYSTEM,
    Column("handover_id", String(32), primary_key=True),
    Column("record_id", String(32), primary_key=True),
)
Index("ix_handover_record_record", handed.c.record_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """What a person owns of an entity: all the asker may see, and of these what the asker may hand over."""

    entity: str
    seen: int
    movable: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What became of one part. ``after`` goes on behind it, blank at the end; ``refused`` says why, by record id."""

    run: str
    done: int
    refused: dict[str, tuple[Finding, ...]]
    after: str


def owned(store: RecordStore, actor: Actor, giver: str) -> list[Owned]:
    """Return what a person owns, entity by entity, as far as the actor may see it; rows go with their record."""
    found = []
    access = store.access_of(actor)
    for entity in store.snapshot.entities:
        rights, model = access.rights(entity.id), store.catalog.entity(entity.id)
        if entity.parent or not rights.allows("read") or _OWNER not in rights.readable:
            continue
        seen = _count(store, actor, model, giver, "read")
        movable = _count(store, actor, model, giver, "transfer") if rights.allows("transfer") else 0
        if seen or movable:
            found.append(Owned(entity=entity.id, seen=seen, movable=movable))
    return found


def hand_over(
    store: RecordStore, actor: Actor, entity: str, giver: str, taker: str, *, run: str = "", after: str = ""
) -> Handed:
    """Give the next records of a person to another. ``run`` goes on with an earlier part of the same.

    Raises Forbidden without the right to hand over, NotFound, or Refused for somebody who cannot own them.
    """
    model = _model(store, entity)
    if giver == taker or not people.get_user(store.connection, taker).active:
        raise Refused([Finding("R412" if giver != taker else "R413", "/to")])
    if run:
        begun = _run(store, actor, run)
        if (begun.entity_id, begun.giver_id, begun.taker_id) != (model.id, giver, taker):
            raise NotFound(what=run[:64])
    alias = store.secured(actor, model.id, "transfer")
    statement = select(alias.id).where(_owner(alias) == giver, alias.id > after).order_by(alias.id).limit(PART)
    ids = list(store.connection.execute(statement, store.binds(actor)).scalars())
    done, refused = _give(store, actor, model, ids, taker)
    if not run:
        run = new_record_id()
        row = {"id": run, "app_id": store.snapshot.app.id, "entity_id": model.id, "at": instant_text(store.now)}
        row |= {"giver_id": giver, "taker_id": taker, "actor_id": actor.id}
        store.connection.execute(handover.insert().values(**row))
    if done:
        store.connection.execute(handed.insert(), [{"handover_id": run, "record_id": one} for one in done])
    return Handed(run=run, done=len(done), refused=refused, after=ids[-1] if len(ids) == PART else "")


def take_back(store: RecordStore, actor: Actor, run: str, after: str = "") -> Handed:
    """Return the next records of a run to who owned them before; those that belong to somebody else by now stay.

    Raises NotFound for a run that is not the actor's.
    """
    begun = _run(store, actor, run)
    model = _model(store, begun.entity_id)
    part = select(handed.c.record_id).where(handed.c.handover_id == run, handed.c.record_id > after)
    listed = list(store.connection.execute(part.order_by(handed.c.record_id).limit(PART)).scalars())
    alias = store.secured(actor, model.id, "transfer")
    still = select(alias.id).where(alias.id.in_(listed), _owner(alias) == begun.taker_id)
    ids = sorted(store.connection.execute(still, store.binds(actor)).scalars())
    done, refused = _give(store, actor, model, ids, begun.giver_id)
    return Handed(run=run, done=len(done), refused=refused, after=listed[-1] if len(listed) == PART else "")


def _give(
    store: RecordStore, actor: Actor, model: EntityModel, ids: Sequence[str], taker: str
) -> tuple[list[str], dict[str, tuple[Finding, ...]]]:
    rows = [BulkRow(op="update", id=one, values={model.by_id[_OWNER].key: taker}) for one in ids]
    outcomes = store.bulk(actor, model.id, rows, atomic=False, right="transfer").results
    refused = {one: outcome.findings for one, outcome in zip(ids, outcomes, strict=True) if outcome.findings}
    return [one for one in ids if one not in refused], refused


def _count(store: RecordStore, actor: Actor, model: EntityModel, giver: str, action: str) -> int:
    alias = store.secured(actor, model.id, action)
    statement = select(func.count()).select_from(alias.source).where(_owner(alias) == giver)
    return int(store.connection.execute(statement, store.binds(actor)).scalar() or 0)


def _owner(alias: Secured) -> Any:
    if not alias.columns.get(_OWNER):
        raise NotFound(what=_OWNER)
    return alias.columns[_OWNER][0]


def _model(store: RecordStore, entity: str) -> EntityModel:
    try:
        return store.catalog.entity(entity)
    except KeyError:
        raise NotFound(what=entity[:100]) from None


def _run(store: RecordStore, actor: Actor, run: str) -> Any:
    mine = (handover.c.id == run, handover.c.actor_id == actor.id, handover.c.app_id == store.snapshot.app.id)
    found = store.connection.execute(select(handover).where(*mine)).first()
    if found is None:
        raise NotFound(what=run[:64])
    return found
