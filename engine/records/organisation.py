"""Departments as filters ask for them: whose one is in, what lies below; read once for a question."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from engine import org
from engine.fields.operands import Departments
from engine.people import departments_of
from engine.records.links import chunks


class Organisation(Departments):
    """The departments in the database of a connection."""

    def __init__(self, connection: Connection):
        self._connection = connection
        self._of: dict[str, tuple[str, ...]] = {}

    def of(self, user: str) -> tuple[str, ...]:
        if user not in self._of:
            self._of[user] = departments_of(self._connection, user)
        return self._of[user]

    def under(self, ids: Sequence[str]) -> tuple[str, ...]:
        table = org.department_closure
        found: dict[str, None] = {}
        for part in chunks(sorted(set(ids))):
            below = select(table.c.descendant_id).where(table.c.ancestor_id.in_(part)).order_by(table.c.descendant_id)
            found.update(dict.fromkeys(self._connection.execute(below).scalars()))
        return tuple(found)
