"""An open task lets its holder read the record, with the node's field set, for as long as it is open.

With ``keep_read`` in the flow's settings whoever decided may read it afterwards too. Registered as a row source of
the secured alias, so the right holds in every question about the record alike, and ends with the seat. A copy (抄送)
shows the record for good. Rows of a sub-table follow the record they belong to, unless the field set hides that
sub-table.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, bindparam, or_, select

from engine.actor import Actor
from engine.flows.tables import seat
from engine.records.rights import ExtraGrant, register_row_source
from metadata.model import Entity, Level
from metadata.snapshot import Snapshot

NAME = "flow-task"

_SHOWING = or_(
    and_(seat.c.keeps.is_(True), seat.c.state.in_(("approved", "rejected", "abstained", "returned"))),
    and_(seat.c.kind.in_(("approve", "resubmit")), seat.c.state == "open"),
    and_(seat.c.kind == "cc", seat.c.state.in_(("sent", "read"))),
)


_OPEN = select(seat.c.entity_id, seat.c.overlay).where(seat.c.user_id == bindparam("user"), _SHOWING).distinct()

_kept: WeakKeyDictionary[Connection, dict[str, list[tuple[str, str]]]] = WeakKeyDictionary()
"""What each person's tasks show, asked once a transaction: a connection object lives as long as one."""


def forget(connection: Connection) -> None:
    """Ask again: seats were written in this transaction."""
    _kept.pop(connection, None)


def task_rows(connection: Connection, actor: Actor, entity: Entity, snapshot: Snapshot) -> Sequence[ExtraGrant]:
    """Implements :class:`engine.records.rights.RowSource`."""
    known = _kept.setdefault(connection, {})
    shown = known.get(actor.id)
    if shown is None:
        rows = connection.execute(_OPEN, {"user": actor.id})
        shown = known[actor.id] = sorted((row[0], row[1]) for row in rows)
    if not shown:
        return ()
    parent = snapshot.parent(entity)
    owner = parent or entity
    grants = []
    for overlay in (overlay for entity_id, overlay in shown if entity_id == owner.id):
        mine = (seat.c.user_id == actor.id, seat.c.entity_id == owner.id, _SHOWING, seat.c.overlay == overlay)
        records = select(seat.c.record_id).where(*mine)
        levels, default = levels_of(overlay)
        if parent is None:
            grants.append(_grant(_rows("id", records), levels, default))
        elif _shows(parent, entity, levels, default):
            grants.append(_grant(_rows("parent_id", records), {}, "read"))
    return grants


def levels_of(overlay: str) -> tuple[Mapping[str, Level], Level]:
    """Return the field levels and the default level of a field set as kept on a seat."""
    if not overlay:
        return {}, "read"
    found: dict[str, Any] = json.loads(overlay)
    return found["fields"], found["default"]


def _shows(parent: Entity, child: Entity, levels: Mapping[str, Level], default: Level) -> bool:
    tables = [f.id for f in parent.fields if f.type == "subtable" and f.options.get("entity") == child.id]
    return any(levels.get(field_id, default) != "hidden" for field_id in tables)


def _rows(column: str, records: Select[Any]) -> Callable[[FromClause], ColumnElement[bool]]:
    def condition(table: FromClause) -> ColumnElement[bool]:
        return table.c[column].in_(records)

    return condition


def _grant(
    rows: Callable[[FromClause], ColumnElement[bool]], levels: Mapping[str, Level], default: Level
) -> ExtraGrant:
    return ExtraGrant(rows=rows, levels=levels, default_level=default, source=NAME)


register_row_source(NAME, task_rows)
