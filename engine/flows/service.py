"""Flows as the rest of the product uses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from engine.actor import Actor
from engine.flows import inbox, overlay, tables, timeline
from engine.flows.cards import Cards
from engine.flows.commands import Act, Commands, allowed_actions
from engine.flows.definitions import Definitions
from engine.flows.errands import Errands
from engine.flows.starting import Starting
from engine.flows.state import load
from engine.flows.triggers import Triggers
from engine.flows.work import Work
from engine.jobs.port import Handler, Jobs
from engine.problems import NotFound
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from metadata.findings import in_language

Result = dict[str, Any]


class FlowService:
    """Commands take the store of a write transaction and are part of it; reads take a connection or a store.

    Making one subscribes the flow engine to the workspace's record events and registers what an open task shows.
    """

    row_source = overlay.NAME

    def __init__(self, workspace: Workspace, jobs: Jobs):
        self._workspace = workspace
        self._jobs = jobs
        self.definitions = Definitions()
        self._commands = Commands(jobs, self.definitions)
        self._starting = Starting(jobs, self.definitions)
        self._errands = Errands(workspace, jobs, self.definitions)
        Triggers(jobs, self.definitions, self._starting).subscribe(workspace.events)

    def handlers(self) -> dict[str, Handler]:
        """Return the job handlers a worker needs."""
        return self._errands.handlers()

    # -- commands

    def start(self, store: RecordStore, actor: Actor, flow: str, record_id: str, command_id: str) -> Result:
        """Start a flow (id or key) on a record. Raises NotFound or Refused with the reason."""
        try:
            found = store.snapshot.flow(flow)
        except KeyError as error:
            raise NotFound(what=flow[:100]) from error
        return self._starting.by_person(store, actor, found, record_id, command_id)

    def act(
        self,
        store: RecordStore,
        actor: Actor,
        seat_id: str,
        action: str,
        *,
        comment: str = "",
        values: Mapping[str, Any] | None = None,
        to: str = "",
        node: str = "",
        command_id: str,
        expected_rev: int | None = None,
    ) -> Result:
        """Do something on a task: approve, reject, abstain, return (``node``), reassign (``to``), claim, resubmit,
        withdraw, read. Raises NotFound, Conflict (it was dealt with already) or Refused."""
        act = Act(action=action, comment=comment, values=dict(values or {}), to=to, node=node)
        return self._commands.act(store, actor, seat_id, act, command_id, expected_rev)

    def withdraw(
        self, store: RecordStore, actor: Actor, instance_id: str, command_id: str, comment: str = ""
    ) -> Result:
        """Take an instance back as its initiator. Raises NotFound or Conflict."""
        return self._commands.withdraw(store, actor, instance_id, command_id, comment)

    def stop(self, store: RecordStore, actor: Actor, instance_id: str, command_id: str, comment: str = "") -> Result:
        """End an instance as an administrator of the flow, with a reason. Raises NotFound, Forbidden or Refused."""
        return self._commands.stop(store, actor, instance_id, command_id, comment)

    def retry(self, store: RecordStore, actor: Actor, instance_id: str, command_id: str) -> Result:
        """Let held tokens try again, as an administrator of the flow."""
        return self._commands.retry(store, actor, instance_id, command_id)

    def comment(self, store: RecordStore, actor: Actor, instance_id: str, command_id: str, comment: str) -> Result:
        """Add a comment as somebody who has a part in it."""
        return self._commands.comment(store, actor, instance_id, command_id, comment)

    def urge(self, store: RecordStore, actor: Actor, instance_id: str, command_id: str) -> Result:
        """Remind whoever is to decide, as the initiator. Raises Conflict when it was done minutes ago."""
        return self._commands.urge(store, actor, instance_id, command_id)

    # -- where things are

    def locate_task(self, connection: Connection, seat_id: str) -> str | None:
        """Return the application of a task, to open its store; says nothing about rights."""
        return connection.execute(select(tables.seat.c.app_id).where(tables.seat.c.id == seat_id)).scalar()

    def locate_instance(self, connection: Connection, instance_id: str) -> str | None:
        """Return the application of an instance."""
        table = tables.instance
        return connection.execute(select(table.c.app_id).where(table.c.id == instance_id)).scalar()

    # -- reading

    def tasks(
        self, connection: Connection, actor: Actor, box: str = "open", limit: int = 50, cursor: str = ""
    ) -> dict[str, Any]:
        """Return a page of a box (open, done, started, cc) over all applications."""
        return inbox.tasks(connection, self._cards(connection, actor), actor, box, limit, cursor)

    def task(self, connection: Connection, actor: Actor, seat_id: str) -> dict[str, Any]:
        """Return a task with its record (an :class:`engine.records.spec.Record`, or None when it may not be read any
        more), what may be done, and the history. Raises NotFound for other people's tasks."""
        row = inbox.seat_row(connection, seat_id)
        if row is None or row.user_id != actor.id:
            raise NotFound(what=seat_id)
        cards = self._cards(connection, actor)
        store, reader = cards.store(row.app_id), cards.reader(row.app_id)
        state = load(connection, row.instance_id, lock=False)
        if store is None or state is None:
            raise NotFound(what=seat_id)
        seat = state.seats[seat_id]
        work = Work(store, self._jobs, self.definitions, state, reader)
        step = work.graph.step(seat.node_id)
        token = state.marking.tokens.get(seat.token)
        is_open = seat.state == "open" and token is not None
        locale = actor.locale
        targets = []
        if is_open and seat.kind == "approve" and token is not None:
            earlier = (work.graph.step(visit.node_id) for visit in work.return_targets(token))
            targets = [work.graph.start, *earlier]
        found = {
            **cards.build([row])[0],
            "actions": list(allowed_actions(seat, step, state, work.settings)) if is_open else [],
            "return_to": [{"id": one.id, "label": in_language(one.label, locale)} for one in targets],
            "comment": step.config.get("comment", "reject"),
            "require": self._keys(store, row.entity_id, step.config.get("require", ())),
            "timeline": timeline.described(connection, self.definitions, reader, state),
        }
        return found | self._record(store, reader, seat.entity_id, seat.record_id, seat.kind, is_open, step.config)

    def timeline(self, store: RecordStore, actor: Actor, entity: str, record_id: str) -> list[dict[str, Any]]:
        """Return what flows did with a record, newest instance first. Raises NotFound for an unreadable record."""
        return timeline.of_record(store, self.definitions, actor, entity, record_id)

    def instance(self, store: RecordStore, actor: Actor, instance_id: str) -> dict[str, Any]:
        """Return one instance as :meth:`timeline` does."""
        return timeline.of_instance(store, self.definitions, actor, instance_id)

    def startable(self, store: RecordStore, actor: Actor, entity: str, record_id: str) -> list[dict[str, Any]]:
        """Return the button flows of a record; one that cannot start now carries ``reason``, one that the actor may
        never start is left out."""
        found = []
        for flow in store.snapshot.flows_on(entity):
            if flow.trigger.get("kind") != "button":
                continue
            reason = self._starting.why_not(store, actor, flow, record_id)
            entry = {"key": flow.key, "label": in_language(flow.label, actor.locale)}
            if reason is None:
                found.append(entry)
            elif reason != self._starting.FORBIDDEN:
                found.append({**entry, "reason": in_language(reason, actor.locale)})
        return found

    def _cards(self, connection: Connection, actor: Actor) -> Cards:
        return Cards(self._workspace, connection, actor, self.definitions)

    def _keys(self, store: RecordStore, entity_id: str, field_ids: Sequence[str]) -> list[str]:
        fields = store.snapshot.fields(entity_id)
        return [fields[name].key for name in field_ids if name in fields]

    def _record(
        self,
        store: RecordStore,
        reader: Actor,
        entity_id: str,
        record_id: str,
        kind: str,
        is_open: bool,
        config: Mapping[str, Any],
    ) -> dict[str, Any]:
        """Return the record as the reader may see it now; levels say what this very step lets them edit."""
        try:
            record = store.get(reader, entity_id, record_id, levels=True)
        except NotFound:  # a task that is over shows the record only to those who may read it anyway
            return {"record": None, "levels": {}}
        fields, chosen = store.snapshot.fields(entity_id), config.get("fields", {})
        levels = dict(record.levels)
        if kind != "resubmit":
            for key in levels:
                level = chosen.get(fields[key].id, "read")
                levels[key] = level if is_open and level == "write" else "read"
        return {"record": record, "levels": levels}
