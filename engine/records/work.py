"""The open transaction as the stations of a write see it: connection, database, and who listens."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from engine.actor import Actor
from engine.database import Database, after_commit
from engine.events import Events, RecordChange
from engine.records.catalog import EntityModel
from engine.records.drafts import Draft
from engine.records.linked import chunks


@dataclass(slots=True, kw_only=True)
class Work:
    """``store`` is what subscribers get; ``written`` is called after each dispatch: rights may be others by then."""

    connection: Connection
    database: Database
    events: Events
    store: Any = None
    written: Callable[[], None] = field(default=lambda: None)

    def before(self, actor: Actor, draft: Draft) -> None:
        """Let subscribers veto."""
        if self.events.wanted("before"):
            self.events.dispatch("before", self.store, change_of(actor, draft))
            self.written()

    def after(self, actor: Actor, draft: Draft) -> None:
        """Let subscribers act in this transaction, and others once it is committed."""
        if self.events.wanted("after"):
            self.events.dispatch("after", self.store, change_of(actor, draft))
            self.written()
        if self.events.wanted("committed"):
            change = change_of(actor, draft)
            after_commit(self.connection, lambda: self.events.dispatch("committed", None, change))

    def ids_taken(self, model: EntityModel, ids: Sequence[str]) -> set[str]:
        """Return those ids that a record of the entity has already, in the trash or not."""
        found: set[str] = set()
        for part in chunks(ids):
            found.update(self.connection.execute(select(model.table.c.id).where(model.table.c.id.in_(part))).scalars())
        return found


def change_of(actor: Actor, draft: Draft) -> RecordChange:
    """Return what subscribers get to know of a draft."""
    return RecordChange(
        kind=draft.kind,
        entity=draft.model.id,
        record=draft.id,
        rev=draft.rev,
        old=dict(draft.old),
        new=dict(draft.new),
        changed=frozenset(draft.changed),
        actor=actor,
    )
