"""The boxes of 待办: open tasks (most urgent first), what I decided, what I started, copies for me."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, String, cast, func, literal, null, or_, select, tuple_

from engine.actor import Actor
from engine.flows.cards import Cards
from engine.flows.tables import instance, seat
from metadata.findings import Finding, Refused, register_messages

NEVER = "9999-12-31T23:59:59.999999Z"
DECIDED = ("approved", "rejected", "abstained", "returned", "reassigned", "done")
BOXES = ("open", "done", "started", "cc")

register_messages(
    {
        "L320": {
            "zh-CN": "没有“{box}”这个箱子。可用：{known}。",
            "en": "There is no box “{box}”. There are: {known}.",
        },
        "L321": {
            "zh-CN": "翻页标记无效，请从第一页重新开始。",
            "en": "The page marker is not valid. Start again from the first page.",
        },
    }
)


def tasks(
    connection: Connection, cards: Cards, actor: Actor, box: str, limit: int = 50, cursor: str = ""
) -> dict[str, Any]:
    """Return a page of a box with ``next_cursor`` and how many tasks are open. Raises Refused for a bad question."""
    if box not in BOXES:
        raise Refused([Finding("L320", "/box", {"box": box, "known": ", ".join(BOXES)})])
    query, keys, descending = _started(actor) if box == "started" else _seats(actor, box)
    if cursor:
        at = tuple_(*(literal(value) for value in _opened(cursor, len(keys))))
        query = query.where(tuple_(*keys) < at if descending else tuple_(*keys) > at)
    query = query.add_columns(*(key.label(f"k{number}") for number, key in enumerate(keys)))
    query = query.order_by(*((key.desc() for key in keys) if descending else keys)).limit(limit + 1)
    rows = connection.execute(query).all()
    shown = rows[:limit]
    return {
        "tasks": cards.build(shown),
        "next_cursor": _sealed(shown[-1], len(keys)) if len(rows) > limit else "",
        "open_count": open_count(connection, actor),
    }


def open_count(connection: Connection, actor: Actor) -> int:
    """Return how many tasks wait for the actor."""
    mine = (seat.c.user_id == actor.id, seat.c.state == "open")
    return connection.execute(select(func.count()).select_from(seat).where(*mine)).scalar_one()


def seat_row(connection: Connection, seat_id: str) -> Any:
    """Return one seat as a row for a card, or None."""
    return connection.execute(_joined().where(seat.c.id == seat_id)).first()


def _joined() -> Select[Any]:
    return select(
        seat.c.id,
        seat.c.instance_id,
        seat.c.node_id,
        seat.c.kind,
        seat.c.state,
        seat.c.user_id,
        seat.c.created_at,
        seat.c.due_at,
        seat.c.decided_at,
        seat.c.app_id,
        seat.c.entity_id,
        seat.c.record_id,
        instance.c.initiator_id,
        instance.c.def_hash,
        instance.c.status,
        instance.c.result,
        instance.c.rev,
    ).join(instance, instance.c.id == seat.c.instance_id)


def _seats(actor: Actor, box: str) -> tuple[Select[Any], Sequence[Any], bool]:
    query = _joined().where(seat.c.user_id == actor.id)
    if box == "open":
        query = query.where(seat.c.state == "open")
        return query, (func.coalesce(seat.c.due_at, NEVER), seat.c.created_at, seat.c.id), False
    if box == "cc":
        return query.where(seat.c.kind == "cc"), (seat.c.created_at, seat.c.id), True
    by_hand = or_(seat.c.auto == "", seat.c.state != "approved")
    query = query.where(seat.c.kind != "cc", seat.c.state.in_(DECIDED), by_hand)
    return query, (func.coalesce(seat.c.decided_at, seat.c.created_at), seat.c.id), True


def _started(actor: Actor) -> tuple[Select[Any], Sequence[Any], bool]:
    blank = cast(null(), String)
    query = select(
        instance.c.id,
        instance.c.id.label("instance_id"),
        literal("").label("node_id"),
        literal("instance").label("kind"),
        instance.c.status.label("state"),
        instance.c.initiator_id.label("user_id"),
        instance.c.started_at.label("created_at"),
        blank.label("due_at"),
        instance.c.ended_at.label("decided_at"),
        instance.c.app_id,
        instance.c.entity_id,
        instance.c.record_id,
        instance.c.initiator_id,
        instance.c.def_hash,
        instance.c.status,
        instance.c.result,
        instance.c.rev,
    ).where(instance.c.initiator_id == actor.id)
    return query, (instance.c.started_at, instance.c.id), True


def _sealed(row: Any, count: int) -> str:
    values = [getattr(row, f"k{number}") for number in range(count)]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _opened(cursor: str, count: int) -> list[str]:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        values = None
    if not isinstance(values, list) or len(values) != count or not all(isinstance(one, str) for one in values):
        raise Refused([Finding("L321", "/cursor")])
    return values
