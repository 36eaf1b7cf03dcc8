"""One instance as a command sees it, read from and written to the tables with a handful of statements.

Only what changed is written. Loading for a command locks the instance row (PostgreSQL; on SQLite the write
transaction already excludes everybody else), so two commands on one instance come one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from engine.flows import overlay, tables
from engine.flows.marking import ROOT, Marking, Place, Scope, Token
from engine.jobs.table import insert_new
from metadata.ids import new_record_id

OPEN = ("open", "waiting")
"""States of a seat that still count: it is the holder's turn, or it will be (``sequence``)."""


@dataclass(slots=True, eq=False, kw_only=True)
class Seat:
    """One person's part in one visit of a node. States of an approval: waiting, open, approved, rejected, abstained,
    returned, reassigned, cancelled; of a resubmit: open, done, cancelled; of a copy: sent, read."""

    id: str
    instance_id: str
    token: int
    node_id: str
    scope: int
    round: int
    kind: str
    pos: int
    user_id: str
    state: str
    why: str = ""
    auto: str = ""
    comment: str = ""
    handed_from: str = ""
    overlay: str = ""
    keeps: bool = False
    prior: list[int] = field(default_factory=list)
    watched: dict[str, str] | None = None
    app_id: str
    entity_id: str
    record_id: str
    created_at: str
    due_at: str | None = None
    decided_at: str | None = None
    urged_at: str | None = None

    @property
    def live(self) -> bool:
        return self.state in OPEN


@dataclass(slots=True, eq=False, kw_only=True)
class Instance:
    """The row of an instance; ``round`` is raised by every return, ``rev`` by every command."""

    id: str
    app_id: str
    flow_id: str
    def_hash: str
    app_version: int
    entity_id: str
    record_id: str
    initiator_id: str
    status: str = "running"
    result: str = ""
    rev: int = 0
    round: int = 1
    last_number: int = 0
    last_seq: int = 0
    vars: dict[str, Any] = field(default_factory=dict)
    cause: dict[str, Any] = field(default_factory=dict)
    started_at: str
    updated_at: str
    ended_at: str | None = None

    @property
    def over(self) -> bool:
        return self.status == "ended"


SEAT_COLUMNS = tuple(one.name for one in fields(Seat))
INSTANCE_COLUMNS = tuple(one.name for one in fields(Instance))


@dataclass(slots=True, eq=False, kw_only=True)
class State:
    """An instance with its marking and seats, and the events a command added."""

    instance: Instance
    marking: Marking
    seats: dict[str, Seat] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    fresh: bool = False
    """Whether this command began the instance."""
    _before: dict[str, dict[str, Any]] = field(default_factory=dict)

    def visit(self, number: int, kind: str = "approve") -> list[Seat]:
        """Seats of one visit, in order; those that were handed on or taken away do not count."""
        found = [seat for seat in self.seats.values() if seat.token == number and seat.kind == kind]
        return sorted((seat for seat in found if seat.state not in ("reassigned", "cancelled")), key=lambda s: s.pos)

    def add_seat(self, **values: Any) -> Seat:
        """Make a seat for this instance's record."""
        one = self.instance
        seat = Seat(
            id=new_record_id(),
            instance_id=one.id,
            round=one.round,
            app_id=one.app_id,
            entity_id=one.entity_id,
            record_id=one.record_id,
            **values,
        )
        self.seats[seat.id] = seat
        return seat

    def add_event(self, kind: str, actor_id: str, at: str, **more: Any) -> None:
        """Append a line of history."""
        self.instance.last_seq += 1
        event = {"on_behalf_of": "", "node_id": "", "token": None, "seat_id": "", "comment": "", "facts": {}, **more}
        self.events.append(
            {"instance_id": self.instance.id, "seq": self.instance.last_seq, "at": at, "kind": kind}
            | {"actor_id": actor_id, **event}
        )

    def create(self, connection: Connection) -> bool:
        """Write a new instance; False when the same flow works on the record already."""
        self.fresh = True
        row = {name: getattr(self.instance, name) for name in INSTANCE_COLUMNS}
        if not insert_new(connection, tables.instance, row):
            return False
        connection.execute(_ADD_SCOPES, [_scope_row(self.instance.id, self.marking.scopes[ROOT])])
        return True

    def save(self, connection: Connection, at: str) -> None:
        """Write what changed; call once, at the end of a command."""
        instance, marking = self.instance, self.marking
        instance.rev += 1
        instance.last_number = marking.last
        instance.updated_at = at
        changed = {name: getattr(instance, name) for name in _CHANGING}
        connection.execute(_CHANGE_INSTANCE, {"key": instance.id, **changed})
        self._save_marking(connection, at)
        self._save_seats(connection)
        if self.events:
            connection.execute(_ADD_EVENTS, self.events)

    def _save_marking(self, connection: Connection, at: str) -> None:
        instance_id, marking = self.instance.id, self.marking
        gone = sorted(marking.removed)
        rows = [_token_row(instance_id, marking.tokens[number], at) for number in sorted(marking.added)]
        moved, fresh, left = rows[: len(gone)], rows[len(gone) :], gone[len(rows) :]
        if moved:  # a token that moves is the old row with a new number: one statement instead of two
            keys = ({"instance": instance_id, "old": number} for number in gone)
            connection.execute(_MOVE_TOKENS, [{**row, **key} for row, key in zip(moved, keys, strict=False)])
        if fresh:
            connection.execute(_ADD_TOKENS, fresh)
        if left:
            connection.execute(_DROP_TOKENS, [{"instance": instance_id, "old": number} for number in left])
        if marking.opened:
            connection.execute(_ADD_SCOPES, [_scope_row(instance_id, scope) for scope in marking.opened])

    def _save_seats(self, connection: Connection) -> None:
        rows = {seat.id: _seat_row(seat) for seat in self.seats.values()}
        new = [row for seat_id, row in rows.items() if seat_id not in self._before]
        changed = [row for seat_id, row in rows.items() if self._before.get(seat_id, row) != row]
        if changed:
            votes = [{"key": row["id"]} | {name: row[name] for name in _VOTE} for row in changed]
            connection.execute(_CHANGE_SEATS, votes)
        if new:
            connection.execute(_ADD_SEATS, new)
        if new or changed:
            overlay.forget(connection)


_CHANGING = ("status", "result", "rev", "round", "last_number", "last_seq", "vars", "updated_at", "ended_at")
_VOTE = ("state", "auto", "comment", "watched", "due_at", "decided_at", "urged_at")


_CHANGE_INSTANCE = update(tables.instance).where(tables.instance.c.id == bindparam("key"))
_ADD_TOKENS, _ADD_SCOPES = insert(tables.token), insert(tables.scope)
_ADD_SEATS, _ADD_EVENTS = insert(tables.seat), insert(tables.history)
_OLD_TOKEN = (tables.token.c.instance_id == bindparam("instance"), tables.token.c.number == bindparam("old"))
_MOVE_TOKENS, _DROP_TOKENS = update(tables.token).where(*_OLD_TOKEN), delete(tables.token).where(*_OLD_TOKEN)
_CHANGE_SEATS = update(tables.seat).where(tables.seat.c.id == bindparam("key"))
_INSTANCE = select(tables.instance).where(tables.instance.c.id == bindparam("id"))
_OF_SEAT = select(tables.instance).join(tables.seat).where(tables.seat.c.id == bindparam("id"))
_LOCKED, _LOCKED_OF_SEAT = _INSTANCE.with_for_update(), _OF_SEAT.with_for_update(of=tables.instance)
_TOKENS = select(tables.token).where(tables.token.c.instance_id == bindparam("id"))
_SCOPES = select(tables.scope).where(tables.scope.c.instance_id == bindparam("id"))
_SEATS = select(tables.seat).where(tables.seat.c.instance_id == bindparam("id"))


def load(connection: Connection, instance_id: str, *, lock: bool = True) -> State | None:
    """Read an instance with its tokens, scopes and seats; ``lock`` it for a command. None when there is none."""
    return _state(connection, connection.execute(_LOCKED if lock else _INSTANCE, {"id": instance_id}).first())


def load_of_seat(connection: Connection, seat_id: str) -> State | None:
    """Read and lock the instance a seat belongs to. None when there is no such seat."""
    return _state(connection, connection.execute(_LOCKED_OF_SEAT, {"id": seat_id}).first())


def _state(connection: Connection, row: Any) -> State | None:
    if row is None:
        return None
    instance = Instance(**row._mapping)
    mine = {"id": instance.id}
    tokens = [_token(one) for one in connection.execute(_TOKENS, mine)]
    scopes: list[Scope] = []
    if any(token.scope for token in tokens):  # outside of parallel blocks there is the root, and that is known
        found = connection.execute(_SCOPES, mine)
        scopes = [Scope(one.number, one.parent, one.node_id, one.wire_id, one.block) for one in found]
    state = State(instance=instance, marking=Marking(tokens, scopes, instance.last_number))
    for one in connection.execute(_SEATS, mine):
        seat = Seat(**one._mapping)
        state.seats[seat.id] = seat
        state._before[seat.id] = _seat_row(seat)
    return state


def resubmitters(connection: Connection, instance_id: str) -> frozenset[str]:
    """Return whom a flow that was given back waits for."""
    table = tables.seat
    mine = (table.c.instance_id == instance_id, table.c.kind == "resubmit", table.c.state == "open")
    return frozenset(connection.execute(select(table.c.user_id).where(*mine)).scalars())


def running_on(connection: Connection, entity_id: str, record_id: str) -> list[Any]:
    """Return the instances that work on a record now (id, flow_id, def_hash, initiator_id, status)."""
    table = tables.instance
    query = (
        select(table.c.id, table.c.flow_id, table.c.def_hash, table.c.initiator_id, table.c.status)
        .where(table.c.entity_id == entity_id, table.c.record_id == record_id, table.c.status != "ended")
        .order_by(table.c.started_at, table.c.id)
    )
    return list(connection.execute(query))


def _token(row: Any) -> Token:
    place: Place = row.place
    return Token(row.number, place, row.at, row.scope, tuple(row.prior), row.why)


def _token_row(instance_id: str, token: Token, at: str) -> dict[str, Any]:
    return {
        "instance_id": instance_id,
        "number": token.number,
        "place": token.place,
        "at": token.at,
        "scope": token.scope,
        "prior": list(token.prior),
        "why": token.why,
        "created_at": at,
    }


def _scope_row(instance_id: str, scope: Scope) -> dict[str, Any]:
    return {
        "instance_id": instance_id,
        "number": scope.number,
        "parent": scope.parent,
        "node_id": scope.node,
        "wire_id": scope.wire,
        "block": scope.block,
    }


def _seat_row(seat: Seat) -> dict[str, Any]:
    return {name: getattr(seat, name) for name in SEAT_COLUMNS}
