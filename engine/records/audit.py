"""The audit log: who did what to which record, from where, with what result; written in the same transaction.

Rows are only ever added: triggers refuse to change or remove them on both databases. Proof against someone with the
database in hands is a hash chain beside the log. A chain over every row would make writers wait for one another, so
``seal`` adds committed rows to it in small batches; a row that commits late simply lands in a later batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from typing import Any, Final

import orjson
from sqlalchemy import (
    DDL,
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    and_,
    bindparam,
    event,
    func,
    insert,
    literal_column,
    select,
    text,
)

from engine.actor import Actor
from engine.database import SYSTEM
from engine.records.statements import ManyInsert

_BIG = BigInteger().with_variant(Integer(), "sqlite")

audit_event = Table(
    "audit_event",
    SYSTEM,
    Column("id", _BIG, primary_key=True, autoincrement=True),
    Column("at", String(27), nullable=False),  # UTC, fixed width
    Column("action", String(32), nullable=False),
    Column("result", String(16), nullable=False),  # ok or refused
    Column("app_id", String(64), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("record_id", String(64), nullable=False),
    Column("rev", Integer),
    Column("actor_kind", String(16), nullable=False),
    Column("actor_id", String(96), nullable=False),
    Column("on_behalf_of", String(64), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("session_id", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("changes", Text, nullable=False),  # JSON: {field id: [old, new]}
    Column("detail", Text, nullable=False),  # JSON: what else there is to say
    sqlite_autoincrement=True,
)
Index("ix_audit_record", audit_event.c.record_id, audit_event.c.id)
Index("ix_audit_entity", audit_event.c.entity_id, audit_event.c.id)

audit_seal = Table(
    "audit_seal",
    SYSTEM,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(27), nullable=False),
    Column("ids", Text, nullable=False),  # JSON: [[first, last], ...]
    Column("high", _BIG, nullable=False, index=True),  # largest of ids
    Column("low", _BIG, nullable=False),  # every row up to here is sealed and none can appear any more
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

_SEALED = (
    audit_event.c.id,
    audit_event.c.at,
    audit_event.c.action,
    audit_event.c.result,
    audit_event.c.app_id,
    audit_event.c.entity_id,
    audit_event.c.record_id,
    audit_event.c.rev,
    audit_event.c.actor_kind,
    audit_event.c.actor_id,
    audit_event.c.on_behalf_of,
    audit_event.c.request_id,
    audit_event.c.session_id,
    audit_event.c.address,
    audit_event.c.changes,
    audit_event.c.detail,
)
BATCH: Final = 1_000
_ORIGIN: Final = "0" * 64
_SETTLE: Final = timedelta(minutes=10)
_ADVISORY: Final = 0x6475_676F_6E67
_VERSION_WINDOW: Final = 2_000
BESIDE: Final = ("comment", "comment_edit", "comment_remove")
"""Actions logged with a record that are no writes of it: its history leaves them out."""
_INSERT = insert(audit_event)
_MANY: Final = ManyInsert(audit_event, [column.name for column in audit_event.c if column.name != "id"])
_VALUES: Final = itemgetter(*_MANY.names)
_NEWEST = select(func.max(audit_event.c.id)).where(audit_event.c.entity_id == bindparam("entity"))
_RECENT = select(func.count()).where(
    audit_event.c.entity_id == bindparam("entity"), audit_event.c.id > bindparam("above")
)


def _guard(table: str) -> None:
    target = SYSTEM.tables[table]
    for operation in ("update", "delete"):
        event.listen(
            target,
            "after_create",
            DDL(  # type: ignore[no-untyped-call]
                f"CREATE TRIGGER {table}_no_{operation} BEFORE {operation.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            ).execute_if(dialect="sqlite"),
        )
    event.listen(
        target,
        "after_create",
        DDL(  # type: ignore[no-untyped-call]
            f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
        ).execute_if(dialect="postgresql"),
    )
    event.listen(
        target,
        "after_create",
        DDL(  # type: ignore[no-untyped-call]
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
        ).execute_if(dialect="postgresql"),
    )


_guard("audit_event")
_guard("audit_seal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """First place where the chain does not hold: number of the batch, row (0: the batch itself), and why."""

    seal: int
    event: int
    why: str


def stamp(moment: datetime) -> str:
    """Return an instant as the fixed-width text the log and SQLite keep."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def row(
    actor: Actor,
    action: str,
    *,
    at: str,
    app_id: str = "",
    entity_id: str = "",
    record_id: str = "",
    rev: int | None = None,
    changes: Mapping[str, Any] | None = None,
    detail: Mapping[str, Any] | None = None,
    result: str = "ok",
) -> dict[str, Any]:
    """Return one log row; ``changes`` is ``{field id: [old, new]}`` in JSON form."""
    return {
        "at": at,
        "action": action,
        "result": result,
        "app_id": app_id,
        "entity_id": entity_id,
        "record_id": record_id,
        "rev": rev,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "on_behalf_of": actor.on_behalf_of,
        "request_id": actor.request_id,
        "session_id": actor.session_id,
        "address": actor.address,
        "changes": changes_text(changes),
        "detail": detail_text(detail),
    }


def changes_text(changes: Mapping[str, Any] | None) -> str:
    """Return changes as a row of the log keeps them."""
    return orjson.dumps(changes).decode() if changes else "{}"


def detail_text(detail: Mapping[str, Any] | None) -> str:
    """Return what else there is to say as a row of the log keeps it."""
    return orjson.dumps(detail).decode() if detail else "{}"


def add(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rows made by :func:`row`."""
    if len(rows) == 1:
        connection.execute(_INSERT, dict(rows[0]))
    elif rows:
        _MANY.execute(connection, map(_VALUES, rows))


def record_event(connection: Connection, actor: Actor, action: str, at: datetime, **what: Any) -> None:
    """Append one row about something that is not a record write: sign-in, export, import, a change of rights."""
    add(connection, [row(actor, action, at=stamp(at), **what)])


def record_refusal(
    connection: Connection,
    actor: Actor,
    action: str,
    at: datetime,
    *,
    app_id: str = "",
    entity_id: str = "",
    record_id: str = "",
    code: str = "P403",
) -> None:
    """Append one row about a refused access. The refused transaction is gone by then: give it one of its own."""
    detail = {"code": code}
    refused = row(
        actor,
        action,
        at=stamp(at),
        app_id=app_id,
        entity_id=entity_id,
        record_id=record_id,
        detail=detail,
        result="refused",
    )
    add(connection, [refused])


def data_version(connection: Connection, entity_ids: Iterable[str]) -> int:
    """Return a number that changes whenever records of these entities change (not an order, only a difference).

    The newest row number alone would miss a transaction that got a lower number and commits later, so the number of
    recent rows is mixed in.
    """
    mixed = 0
    for entity_id in sorted(entity_ids):
        newest = connection.execute(_NEWEST, {"entity": entity_id}).scalar() or 0
        recent = connection.execute(_RECENT, {"entity": entity_id, "above": newest - _VERSION_WINDOW}).scalar() or 0
        mixed = (mixed * 1_000_003 + newest * (_VERSION_WINDOW + 1) + recent) % (1 << 62)
    return mixed


def seal(connection: Connection, now: datetime, batch: int = BATCH) -> int:
    """Add up to ``batch`` committed rows to the chain; return how many. One transaction; call again until 0."""
    if connection.dialect.name == "postgresql":  # sealers wait for each other, writers never
        connection.execute(select(func.pg_advisory_xact_lock(_ADVISORY)))
    last = connection.execute(select(audit_seal).order_by(audit_seal.c.seq.desc()).limit(1)).mappings().first()
    low = int(last["low"]) if last else 0
    done = _sealed_above(connection, low)
    fresh: list[Any] = []
    seen: list[tuple[int, str]] = []
    after = low
    while len(fresh) < batch:
        page = select(*_SEALED).where(audit_event.c.id > after).order_by(audit_event.c.id).limit(batch)
        rows = connection.execute(page).all()
        for found in rows:
            if found.id not in done:
                if len(fresh) == batch:
                    break
                fresh.append(found)
            seen.append((found.id, found.at))
        if len(rows) < batch:
            break
        after = rows[-1].id
    if not fresh:
        return 0
    previous = str(last["hash"]) if last else _ORIGIN
    seq = int(last["seq"]) + 1 if last else 1
    ids = _ranges(found.id for found in fresh)
    connection.execute(
        insert(audit_seal).values(
            seq=seq,
            at=stamp(now),
            ids=orjson.dumps(ids).decode(),
            high=fresh[-1].id,
            low=_settled(connection, low, seen, now),
            previous=previous,
            hash=_digest(previous, seq, fresh),
        )
    )
    return len(fresh)


def verify(connection: Connection) -> Broken | None:
    """Walk the whole chain; return the first place that does not hold, or None."""
    previous, expected, low = _ORIGIN, 1, 0
    sealed = 0
    seals = connection.execute(select(audit_seal).order_by(audit_seal.c.seq)).mappings().all()
    for one in seals:
        seq = int(one["seq"])
        if seq != expected or one["previous"] != previous:
            return Broken(seal=expected, event=0, why="a batch is missing, changed or out of order")
        ranges = orjson.loads(one["ids"])
        rows = _rows(connection, ranges)
        count = sum(last - first + 1 for first, last in ranges)
        if len(rows) != count:
            present = {found.id for found in rows}
            missing = next(i for first, last in ranges for i in range(first, last + 1) if i not in present)
            return Broken(seal=seq, event=missing, why="a row is missing")
        if _digest(previous, seq, rows) != one["hash"]:
            return Broken(seal=seq, event=rows[0].id, why="a row of this batch was changed")
        sealed += count
        previous, expected, low = one["hash"], seq + 1, int(one["low"])
    settled = connection.execute(select(func.count()).where(audit_event.c.id <= low)).scalar() or 0
    inside = sum(
        min(last, low) - first + 1 for one in seals for first, last in orjson.loads(one["ids"]) if first <= low
    )
    if settled > inside:
        return Broken(seal=expected, event=0, why="a row was slipped in among sealed ones")
    return None


def _rows(connection: Connection, ranges: Sequence[Sequence[int]]) -> list[Any]:
    found: list[Any] = []
    for first, last in ranges:
        between = and_(audit_event.c.id >= first, audit_event.c.id <= last)
        found.extend(connection.execute(select(*_SEALED).where(between).order_by(audit_event.c.id)))
    return found


def _digest(previous: str, seq: int, rows: Iterable[Any]) -> str:
    running = hashlib.sha256(f"{previous}:{seq}".encode())
    for found in rows:
        running.update(b"\n" + orjson.dumps(list(found)))
    return running.hexdigest()


def _sealed_above(connection: Connection, low: int) -> set[int]:
    """Ids above ``low`` that are in the chain already."""
    done: set[int] = set()
    for ids in connection.execute(select(audit_seal.c.ids).where(audit_seal.c.high > low)).scalars():
        for first, last in orjson.loads(ids):
            done.update(range(max(first, low + 1), last + 1))
    return done


def _settled(connection: Connection, low: int, seen: Sequence[tuple[int, str]], now: datetime) -> int:
    """Return the row up to which nothing can appear any more.

    On SQLite writers come one after another. On PostgreSQL a transaction that is still open may hold a lower number
    than rows already visible: only rows older than every open transaction, with a margin for clocks, are settled.
    """
    if connection.dialect.name == "sqlite":
        return seen[-1][0]
    oldest = connection.execute(
        select(
            func.coalesce(
                func.max(func.extract("epoch", func.clock_timestamp() - literal_column("xact_start"))),
                literal_column("0"),
            )
        )
        .select_from(text("pg_stat_activity"))
        .where(text("datname = current_database()"))
    ).scalar()
    bound = stamp(now - _SETTLE - timedelta(seconds=float(oldest or 0)))
    result = low
    for number, at in seen:
        if at >= bound:
            break
        result = number
    return result


def _ranges(ids: Iterable[int]) -> list[list[int]]:
    found: list[list[int]] = []
    for number in ids:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found
