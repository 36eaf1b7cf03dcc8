"""Beginning an instance: by a person (the button on a record), or because a record was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.actor import Actor
from engine.clock import instant_text
from engine.events import RecordChange
from engine.flows import chain, ledger, tables
from engine.flows.definitions import Definitions, expr_of
from engine.flows.marking import Marking
from engine.flows.record import RecordView
from engine.flows.state import Instance, State, running_on
from engine.flows.words import Words, words
from engine.flows.work import Work
from engine.jobs.port import Jobs
from engine.jobs.table import insert_new
from engine.problems import NotFound
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused
from metadata.ids import new_record_id
from metadata.model import Flow


class Starting:
    """Makes instances. Rights are asked of people only; a trigger is part of the definition."""

    FORBIDDEN: Words = words("L403")

    def __init__(self, jobs: Jobs, definitions: Definitions):
        self._jobs = jobs
        self._definitions = definitions

    def by_person(
        self, store: RecordStore, actor: Actor, flow: Flow, record_id: str, command_id: str
    ) -> dict[str, Any]:
        """Start a flow on a record. Raises NotFound (record or flow not for this person) or Refused with the reason."""
        scope = f"start:{actor.id}"
        digest = ledger.digest_of(flow.id, record_id)
        known = ledger.reserve(store.connection, scope, command_id, digest)
        if known is not None:
            return known
        if "read" not in store.record_actions(actor, flow.entity, record_id):
            raise NotFound(what=record_id)
        reason = self.why_not(store, actor, flow, record_id)
        if reason is None:
            instance = self._begin(store, actor, flow, record_id, actor.id, {"trigger": "button"})
            reason = words("L401") if instance is None else None
        if reason is not None:
            raise Refused([Finding("L310", "", {"flow": flow.label, "reason": reason})])
        assert instance is not None
        result = {
            "instance": instance.id,
            "rev": instance.rev,
            "status": instance.status,
            "result": instance.result,
        }
        ledger.settle(store.connection, scope, command_id, result)
        return result

    def why_not(self, store: RecordStore, actor: Actor, flow: Flow, record_id: str) -> Words | None:
        """Return why the actor may not start the flow on a readable record now, or None."""
        trigger = flow.trigger
        if trigger.get("kind") != "button":
            return words("L413")
        roles = set(trigger.get("roles", ()))
        allowed = roles & actor.roles if roles else "update" in store.record_actions(actor, flow.entity, record_id)
        if not allowed:
            return self.FORBIDDEN
        running = running_on(store.connection, flow.entity, record_id)
        if any(one.flow_id == flow.id for one in running):
            return words("L401")
        if "when" in trigger and not self._condition(store, flow, record_id, actor.id):
            return words("L402")
        return None

    def by_record(
        self, store: RecordStore, actor: Actor, flow: Flow, change: RecordChange, initiator: str
    ) -> Instance | None:
        """Start a flow because its record was written; None when it runs there already or fired for this revision.

        A derived change keeps the revision; each is an occasion of its own.
        """
        record_id, instance_id = change.record, new_record_id()
        key = f"{flow.id}:{record_id}:{instance_id if change.derived else change.rev}"
        row = {"key": key, "instance_id": instance_id, "at": instant_text(store.now)}
        if not insert_new(store.connection, tables.fired, row):
            return None
        cause = {"trigger": "record", "chain": [list(link) for link in chain.current()]}
        return self._begin(store, actor, flow, record_id, initiator, cause, instance_id)

    def _begin(
        self,
        store: RecordStore,
        actor: Actor,
        flow: Flow,
        record_id: str,
        initiator: str,
        cause: Mapping[str, Any],
        instance_id: str = "",
    ) -> Instance | None:
        app, at = store.snapshot.app, instant_text(store.now)
        instance = Instance(
            id=instance_id or new_record_id(),
            app_id=app.id,
            flow_id=flow.id,
            def_hash=self._definitions.pin(store.connection, app.id, flow),
            app_version=store.snapshot.version,
            entity_id=flow.entity,
            record_id=record_id,
            initiator_id=initiator,
            cause=dict(cause),
            started_at=at,
            updated_at=at,
        )
        state = State(instance=instance, marking=Marking())
        if not state.create(store.connection):
            return None
        work = Work(store, self._jobs, self._definitions, state, actor)
        work.note("started", work.graph.start, None, {"trigger": cause["trigger"]}, by=actor)
        work.interpreter.begin()
        work.finish()
        return instance

    def _condition(self, store: RecordStore, flow: Flow, record_id: str, initiator: str) -> bool:
        at = instant_text(store.now)
        instance = Instance(
            id="",
            app_id=store.snapshot.app.id,
            flow_id=flow.id,
            def_hash="",
            app_version=store.snapshot.version,
            entity_id=flow.entity,
            record_id=record_id,
            initiator_id=initiator,
            started_at=at,
            updated_at=at,
        )
        view = RecordView(store, self._definitions, instance)
        return view.holds(expr_of(flow.trigger["when"]))
