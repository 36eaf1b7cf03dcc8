"""What flows did with a record, and what they may do next: history for the people who may read the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from engine.actor import Actor
from engine.clock import parse_instant
from engine.flows import tables
from engine.flows.commands import why_not_withdraw
from engine.flows.definitions import Definitions
from engine.flows.directory import Directory
from engine.flows.graph import Graph, Step
from engine.flows.state import Seat, State, load
from engine.problems import NotFound
from engine.records.store import RecordStore
from metadata.findings import in_language

SHOWN = 20
"""Newest instances of a record that are shown."""

_SEAT_TO_STEP = {"rejected": "rejected", "returned": "rejected"}


def of_record(
    store: RecordStore, definitions: Definitions, actor: Actor, entity: str, record_id: str
) -> list[dict[str, Any]]:
    """Return the instances on a record, newest first. Raises NotFound when the actor may not read the record."""
    entity_id = store.snapshot.entity(entity).id
    store.get(actor, entity_id, record_id, fields=("id",))
    table = tables.instance
    query = (
        select(table.c.id)
        .where(table.c.entity_id == entity_id, table.c.record_id == record_id)
        .order_by(table.c.started_at.desc(), table.c.id.desc())
        .limit(SHOWN)
    )
    found = []
    for instance_id in store.connection.execute(query).scalars():
        state = load(store.connection, instance_id, lock=False)
        if state is not None:
            found.append(described(store.connection, definitions, actor, state))
    return found


def of_instance(store: RecordStore, definitions: Definitions, actor: Actor, instance_id: str) -> dict[str, Any]:
    """Return one instance. Raises NotFound when the actor may read neither record nor task."""
    state = load(store.connection, instance_id, lock=False)
    if state is None:
        raise NotFound(what=instance_id)
    store.get(actor, state.instance.entity_id, state.instance.record_id, fields=("id",))
    return described(store.connection, definitions, actor, state)


def described(connection: Connection, definitions: Definitions, actor: Actor, state: State) -> dict[str, Any]:
    """Return an instance as screens show it: steps with their people, and the history in order."""
    one, locale = state.instance, actor.locale
    graph = definitions.graph(connection, one.def_hash)
    events = connection.execute(
        select(tables.history).where(tables.history.c.instance_id == one.id).order_by(tables.history.c.seq)
    ).all()
    people = {seat.user_id for seat in state.seats.values()} | {one.initiator_id}
    people |= {event.actor_id for event in events} | {event.on_behalf_of for event in events}
    names = Directory(connection, one.app_id).names(people)
    mine = [seat for seat in state.seats.values() if seat.user_id == actor.id and seat.state == "open"]
    own = actor.id == one.initiator_id and not one.over
    admin = bool(actor.roles & set(graph.flow.settings.get("admins", ())))
    waits = any(seat.state == "open" and seat.kind == "approve" for seat in state.seats.values())
    return {
        "id": one.id,
        "flow": {"key": graph.flow.key, "label": in_language(graph.flow.label, locale)},
        "state": one.result if one.over else one.status,
        "result": one.result,
        "rev": one.rev,
        "started_at": parse_instant(one.started_at),
        "ended_at": parse_instant(one.ended_at) if one.ended_at else None,
        "started_by": {"id": one.initiator_id, "name": names.get(one.initiator_id, "")},
        "can_withdraw": own and why_not_withdraw(state, graph.flow.settings) is None,
        "can_urge": (own or admin) and waits,
        "can_administer": admin and not one.over,
        "task": mine[0].id if mine else None,
        "steps": _steps(state, graph, names, locale),
        "timeline": [_line(event, graph, names, locale) for event in events],
    }


def _steps(state: State, graph: Graph, names: Mapping[str, str], locale: str) -> list[dict[str, Any]]:
    visits: dict[int, list[Seat]] = {}
    for seat in sorted(state.seats.values(), key=lambda one: (one.token, one.pos, one.created_at)):
        if seat.kind in ("approve", "resubmit") and seat.node_id in graph.steps:
            visits.setdefault(seat.token, []).append(seat)
    steps = [_visit(graph.step(seats[0].node_id), seats, state, names, locale) for seats in visits.values()]
    current = [seat for seats in visits.values() for seat in seats if seat.state == "open" and seat.kind == "approve"]
    for step in _ahead(graph, [graph.step(seat.node_id) for seat in current]):
        steps.append({"id": step.id, "label": in_language(step.label, locale), "state": "waiting", "people": []})
    return steps


def _visit(step: Step, seats: Sequence[Seat], state: State, names: Mapping[str, str], locale: str) -> dict[str, Any]:
    states = {seat.state for seat in seats}
    alive = seats[0].token in state.marking.tokens
    shown = "current" if alive else "done"
    if states & {"rejected", "returned"} and not alive:
        shown = "rejected"
    elif not alive and states <= {"cancelled", "reassigned"}:
        shown = "skipped"
    return {
        "id": step.id,
        "label": in_language(step.label, locale),
        "state": shown,
        "people": [
            {
                "id": seat.user_id,
                "name": names.get(seat.user_id, ""),
                "state": seat.state,
                "auto": bool(seat.auto),
                "comment": seat.comment,
                "at": parse_instant(seat.decided_at) if seat.decided_at else None,
            }
            for seat in seats
        ],
    }


def _ahead(graph: Graph, current: Sequence[Step]) -> list[Step]:
    """Return the steps of people that certainly come next: as far as no branch or block makes it uncertain."""
    if len(current) == 0 or len({step.id for step in current}) > 1:
        return []
    found: list[Step] = []
    step = current[0]
    while True:
        wires = step.out.get("approved" if step.human else "out", ())
        if len(wires) != 1:
            return found
        step = graph.step(wires[0].target)
        if step.gate != "task" or step in found or step is current[0]:
            return found
        if step.human:
            found.append(step)


def _line(event: Any, graph: Graph, names: Mapping[str, str], locale: str) -> dict[str, Any]:
    step = graph.steps.get(event.node_id)
    line: dict[str, Any] = {
        "at": parse_instant(event.at),
        "kind": event.kind,
        "actor": {"id": event.actor_id, "name": names.get(event.actor_id, "")},
        "node": {"id": step.id, "label": in_language(step.label, locale)} if step is not None else None,
        "comment": event.comment,
        "auto": event.facts.get("auto", ""),
    }
    if event.kind == "seated":
        line["people"] = [{"id": user, "name": names.get(user, "")} for user in event.facts["seats"]]
        line["steps"] = event.facts["steps"]
    if event.kind == "reassigned":
        line["to"] = {"id": event.facts["to"], "name": names.get(event.facts["to"], "")}
    for fact in ("result", "verdict", "code"):
        if fact in event.facts:
            line[fact] = event.facts[fact]
    return line
