"""Tables of the flow engine. Instants are UTC text of fixed width; numbers of tokens and scopes are per instance.

``flow_event`` only grows: triggers in the database refuse changes. What section 5.2 of the design calls ``flow_job``
is the ``job`` table of ``engine.jobs``: a job's id is its idempotency key there too.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    event,
)

from engine.database import SYSTEM

definition = Table(  # every version of a flow that ever ran, by the hash of its logic
    "flow_def",
    SYSTEM,
    Column("hash", String(64), primary_key=True),
    Column("app_id", String(64), nullable=False),
    Column("flow_id", String(64), nullable=False),
    Column("body", JSON, nullable=False),
    Column("created_at", String(32), nullable=False),
)

instance = Table(
    "flow_instance",
    SYSTEM,
    Column("id", String(32), primary_key=True),
    Column("app_id", String(64), nullable=False),
    Column("flow_id", String(64), nullable=False),
    Column("def_hash", String(64), ForeignKey("flow_def.hash"), nullable=False),
    Column("app_version", Integer, nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("record_id", String(32), nullable=False),
    Column("initiator_id", String(32), nullable=False),
    Column("status", String(16), nullable=False),  # running, returned, held, ended
    Column("result", String(64), nullable=False, default=""),
    Column("rev", Integer, nullable=False),
    Column("round", Integer, nullable=False, default=1),  # raised by every return
    Column("last_number", Integer, nullable=False),  # of tokens and scopes
    Column("last_seq", Integer, nullable=False),  # of events
    Column("vars", JSON, nullable=False),
    Column("cause", JSON, nullable=False),
    Column("started_at", String(32), nullable=False),
    Column("updated_at", String(32), nullable=False),
    Column("ended_at", String(32)),
)

token = Table(
    "flow_token",
    SYSTEM,
    Column("instance_id", String(32), ForeignKey("flow_instance.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("place", String(8), nullable=False),  # wire, step
    Column("at", String(64), nullable=False),  # edge id or node id
    Column("scope", Integer, nullable=False),
    Column("prior", JSON, nullable=False),
    Column("why", String(8), nullable=False, default=""),  # a message code while held
    Column("created_at", String(32), nullable=False),
)

scope = Table(
    "flow_scope",
    SYSTEM,
    Column("instance_id", String(32), ForeignKey("flow_instance.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("parent", Integer),
    Column("node_id", String(64), nullable=False, default=""),
    Column("wire_id", String(64), nullable=False, default=""),
    Column("block", Integer, nullable=False, default=0),
)

seat = Table(  # one person's part in one visit of a node; the record is repeated so that rights need no join
    "flow_seat",
    SYSTEM,
    Column("id", String(32), primary_key=True),
    Column("instance_id", String(32), ForeignKey("flow_instance.id"), nullable=False),
    Column("token", Integer, nullable=False),
    Column("node_id", String(64), nullable=False),
    Column("scope", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("kind", String(16), nullable=False),  # approve, resubmit, cc
    Column("pos", Integer, nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", String(16), nullable=False, default=""),  # the rule that named the person, superior or admin
    Column("auto", String(16), nullable=False, default=""),  # why the product votes here, blank for a person's vote
    Column("comment", Text, nullable=False, default=""),
    Column("handed_from", String(32), nullable=False, default=""),  # the seat this one was reassigned from
    Column("overlay", Text, nullable=False, default=""),  # the node's field set, JSON; blank = all readable
    Column("keeps", Boolean, nullable=False, default=False),  # the record stays readable after the decision
    Column("prior", JSON, nullable=False),  # the visits of people's nodes right before this one
    Column("watched", JSON),  # digests of watched fields when the vote was cast
    Column("app_id", String(64), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("record_id", String(32), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("due_at", String(32)),
    Column("decided_at", String(32)),
    Column("urged_at", String(32)),
)
Index("ix_flow_seat_instance", seat.c.instance_id)
Index("ix_flow_seat_box", seat.c.user_id, seat.c.state, seat.c.entity_id, seat.c.record_id)
Index(  # a flow works on a record once at a time
    "uq_flow_instance_running",
    instance.c.flow_id,
    instance.c.record_id,
    unique=True,
    sqlite_where=instance.c.status != "ended",
    postgresql_where=instance.c.status != "ended",
)
Index("ix_flow_instance_record", instance.c.entity_id, instance.c.record_id)
Index("ix_flow_instance_initiator", instance.c.initiator_id, instance.c.started_at)

history = Table(
    "flow_event",
    SYSTEM,
    Column("instance_id", String(32), ForeignKey("flow_instance.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("actor_id", String(80), nullable=False),
    Column("on_behalf_of", String(32), nullable=False, default=""),
    Column("node_id", String(64), nullable=False, default=""),
    Column("token", Integer),
    Column("seat_id", String(32), nullable=False, default=""),
    Column("comment", Text, nullable=False, default=""),
    Column("facts", JSON, nullable=False),
)

command = Table(  # ``scope`` is the instance, or "start:<person>" for a command that makes one
    "flow_command",
    SYSTEM,
    Column("scope", String(64), primary_key=True),
    Column("command_id", String(64), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("result", JSON, nullable=False),
    Column("at", String(32), nullable=False),
)

fired = Table(
    "flow_fired",
    SYSTEM,
    Column("key", String(200), primary_key=True),
    Column("instance_id", String(32), nullable=False),
    Column("at", String(32), nullable=False),
)

_SQLITE_GUARD = (
    "CREATE TRIGGER flow_event_{what} BEFORE {what} ON flow_event "
    "BEGIN SELECT RAISE(ABORT, 'flow_event is append-only'); END"
)
_POSTGRES_GUARD = (
    "CREATE OR REPLACE FUNCTION flow_event_guard() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'flow_event is append-only'; END $$",
    "CREATE TRIGGER flow_event_guard BEFORE UPDATE OR DELETE ON flow_event "
    "FOR EACH STATEMENT EXECUTE FUNCTION flow_event_guard()",
)


def _ddl(statement: str, dialect: str) -> Any:
    return DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]


for _what in ("UPDATE", "DELETE"):
    event.listen(history, "after_create", _ddl(_SQLITE_GUARD.format(what=_what), "sqlite"))
for _statement in _POSTGRES_GUARD:
    event.listen(history, "after_create", _ddl(_statement, "postgresql"))
