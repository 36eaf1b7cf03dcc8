"""What flows do when records are written: guard records they work on, start, and stop with a deleted record."""

from __future__ import annotations

import logging

from engine.actor import Actor
from engine.events import Events, Kind, RecordChange
from engine.expr.to_python import decide
from engine.expr.values import Env
from engine.flows import chain
from engine.flows.definitions import Definitions, expr_of
from engine.flows.starting import Starting
from engine.flows.state import load, resubmitters, running_on
from engine.flows.words import words
from engine.flows.work import Work
from engine.jobs.port import Jobs
from engine.records import audit
from engine.records.derive import Environments
from engine.records.loading import Loader
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused
from metadata.model import Flow

log = logging.getLogger("dougong.flows")

WORKING = ("running", "returned")
FREE = frozenset({"sys_owner", "sys_flow_state", "sys_rev", "sys_updated_at", "sys_updated_by"})
"""Changes the guard lets pass: a record may be handed to another owner while it is being approved."""
BOOKKEEPING = FREE - {"sys_owner"}


class Triggers:
    """The subscribers of the flow engine."""

    def __init__(self, jobs: Jobs, definitions: Definitions, starting: Starting):
        self._jobs = jobs
        self._definitions = definitions
        self._starting = starting

    def subscribe(self, events: Events) -> None:
        events.subscribe("before", "flows.guard", self.guard, order=50, concern=_may_be_guarded)
        events.subscribe("after", "flows.start", self.start, order=200, concern=_may_start)

    # -- the guard

    def guard(self, store: RecordStore, change: RecordChange) -> None:
        """Refuse to edit or delete a record a flow works on, unless the flow allows it.

        The flow itself may always write (its nodes, and what an approver edits in a node that lets them); the
        initiator (or whom the task was handed to) may while the record has come back. Rows of a sub-table follow
        their parent record.
        """
        if change.actor.kind == "system" and change.actor.id.startswith("system:flow:"):
            return
        if change.kind == "update" and change.changed <= FREE:
            return
        entity_id, record_id = change.entity, change.record
        parent = store.snapshot.parent(change.entity)
        if parent is not None:
            entity_id, record_id = parent.id, str(change.new.get("sys_parent") or change.old.get("sys_parent") or "")
            if not store.snapshot.flows_on(parent):
                return
        elif change.kind not in ("update", "delete") or change.old.get("sys_flow_state") not in WORKING:
            return
        for row in running_on(store.connection, entity_id, record_id):
            flow = self._definitions.graph(store.connection, row.def_hash).flow
            edits = change.kind != "delete" or parent is not None
            mine = edits and row.status == "returned" and change.actor.id in resubmitters(store.connection, row.id)
            if flow.settings.get("lock", "record") == "record" and not mine:
                action = words("L409" if edits else "L410")
                raise Refused([Finding("L311", "", {"flow": flow.label, "action": action})])

    # -- record triggers

    def start(self, store: RecordStore, change: RecordChange) -> None:
        """Start the flows whose record trigger matches, in the writer's transaction."""
        if change.kind == "delete":
            self._stop(store, change)
            return
        if change.kind == "update" and change.changed <= BOOKKEEPING:
            return
        if not store.snapshot.has_entity(change.entity):
            return
        for flow in store.snapshot.flows_on(change.entity):
            if self._matches(store, flow, change):
                initiator = initiator_of(change.actor, change)
                self._starting.by_record(store, change.actor, flow, change, initiator)

    def _matches(self, store: RecordStore, flow: Flow, change: RecordChange) -> bool:
        trigger = flow.trigger
        if trigger.get("kind") != "record" or change.kind not in trigger["on"]:
            return False
        fields = trigger.get("fields")
        if fields and change.kind == "update" and not change.changed & set(fields):
            return False
        if "when" in trigger and not self._condition(store, flow, change):
            return False
        if chain.too_deep():
            _note_depth(store, flow, change)
        return chain.may_start(flow.id, change.record)

    def _condition(self, store: RecordStore, flow: Flow, change: RecordChange) -> bool:
        expr = expr_of(flow.trigger["when"])
        compiled = self._definitions.expression(store.catalog, flow.entity, expr, boolean=True, old=True)
        if compiled.compute is None:
            return False
        base = Env(now=store.now, zone=store.surroundings.zone)
        environments = Environments(store.catalog, Loader(store.connection, store.catalog), base)
        record = environments.values(flow.entity, dict(change.new), compiled.paths).record
        return decide(compiled.compute, base.at(record, dict(change.old)))

    def _stop(self, store: RecordStore, change: RecordChange) -> None:
        if change.old.get("sys_flow_state") not in WORKING:
            return
        for row in running_on(store.connection, change.entity, change.record):
            state = load(store.connection, row.id)
            if state is not None:
                work = Work(store, self._jobs, self._definitions, state, change.actor)
                work.note("stopped", None, None, {"deleted": True}, by=change.actor)
                work.interpreter.halt("stopped")
                work.finish()


def _note_depth(store: RecordStore, flow: Flow, change: RecordChange) -> None:
    """Leave word of a flow that does not start because too many flows led here; it is no error of whoever wrote."""
    names = [link[0] for link in chain.current()]
    log.warning("flow not started: the chain of flows is too long", extra={"flow": flow.id, "chain": names})
    detail = {"code": "L210", "flow": flow.id, "chain": names, "limit": chain.DEPTH}
    app, entity, record = store.snapshot.app.id, change.entity, change.record
    audit.record_event(
        store.connection,
        change.actor,
        "flow_chain",
        store.now,
        app_id=app,
        entity_id=entity,
        record_id=record,
        detail=detail,
        result="refused",
    )


def _may_be_guarded(store: RecordStore, kind: Kind, entity: str) -> bool:
    return kind in ("update", "delete") or store.snapshot.parent(entity) is not None


def _may_start(store: RecordStore, kind: Kind, entity: str) -> bool:
    return kind == "delete" or (store.snapshot.has_entity(entity) and bool(store.snapshot.flows_on(entity)))


def initiator_of(actor: Actor, change: RecordChange) -> str:
    """Return who a triggered instance belongs to: the writer, or whom the writer stands for, or the owner."""
    if actor.kind == "user":
        return actor.id
    return actor.on_behalf_of or str(change.new.get("sys_owner") or "")
