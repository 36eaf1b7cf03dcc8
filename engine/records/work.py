"""The open transaction as the stations of a write see it: connection, database, and who listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, select

from engine.actor import Actor
from engine.database import Database, after_commit
from engine.events import Events, Kind, Phase, RecordChange
from engine.records.catalog import EntityModel
from engine.records.drafts import Draft
from engine.records.links import chunks


@dataclass(slots=True, kw_only=True)
class Work:
    """``store`` is what subscribers get; ``written`` is called after each dispatch: rights may be others by then."""

    connection: Connection
    database: Database
    events: Events
    store: Any = None
    written: Callable[[], None] = field(default=lambda: None)
    ripple_limit: int | None = None
    """Over how many records at once formulas are left to the worker; None computes all of them in the write."""

    def before(self, actor: Actor, drafts: Sequence[Draft]) -> None:
        """Let subscribers veto."""
        for change in self._wanted("before", actor, drafts):
            self.events.dispatch("before", self.store, change)
            self.written()

    def after(self, actor: Actor, drafts: Sequence[Draft]) -> None:
        """Let subscribers act in this transaction, and others once it is committed."""
        for change in self._wanted("after", actor, drafts):
            self.events.dispatch("after", self.store, change)
            self.written()
        for change in self._wanted("committed", actor, drafts):
            after_commit(self.connection, partial(self.events.dispatch, "committed", None, change))

    def _wanted(self, phase: Phase, actor: Actor, drafts: Sequence[Draft]) -> Iterator[RecordChange]:
        asked: dict[tuple[Kind, str], bool] = {}
        for draft in drafts:
            kind, entity = draft.kind, draft.model.id
            wanted = asked.get((kind, entity))
            if wanted is None:
                wanted = asked[kind, entity] = self.events.wanted(phase, self.store, kind, entity)
            if wanted:
                yield _change_of(actor, draft)

    def ids_taken(self, model: EntityModel, ids: Sequence[str]) -> set[str]:
        """Return those ids that a record of the entity has already, in the trash or not."""
        found: set[str] = set()
        for part in chunks(ids):
            found.update(self.connection.execute(select(model.table.c.id).where(model.table.c.id.in_(part))).scalars())
        return found


def _change_of(actor: Actor, draft: Draft) -> RecordChange:
    return RecordChange(
        kind=draft.kind,
        entity=draft.model.id,
        record=draft.id,
        rev=draft.rev,
        old=MappingProxyType(draft.old),
        new=MappingProxyType(draft.new),
        changed=frozenset(draft.changed),
        actor=actor,
        derived=draft.derived,
    )
