"""The people behind the assignee rules, read from the organisation tables with the caller's connection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, bindparam, select

from engine import org

_ACTIVE = select(org.user.c.id).where(org.user.c.id.in_(bindparam("users", expanding=True)), org.user.c.active)


class Directory:
    """Implements :class:`engine.flows.seats.Directory` for one application."""

    def __init__(self, connection: Connection, app_id: str):
        self._connection = connection
        self._app_id = app_id

    def active(self, users: Iterable[str]) -> frozenset[str]:
        wanted = list(users)
        if not wanted:
            return frozenset()
        return frozenset(self._connection.execute(_ACTIVE, {"users": wanted}).scalars())

    def role(self, role_id: str) -> Sequence[str]:
        """Active members of a role of this application; people who came first stand first."""
        members = org.role_member
        query = (
            select(org.user.c.id)
            .join(members, members.c.user_id == org.user.c.id)
            .where(members.c.role_id == role_id, members.c.app_id == self._app_id, org.user.c.active)
            .order_by(org.user.c.id)
        )
        return tuple(self._connection.execute(query).scalars())

    def superiors(self, user_id: str) -> Sequence[str]:
        line = org.reporting
        query = select(line.c.lead_id).where(line.c.member_id == user_id, line.c.depth > 0).order_by(line.c.depth)
        return tuple(self._connection.execute(query).scalars())

    def head(self, user_id: str, level: int) -> str:
        membership, tree = org.membership, org.department_closure
        query = (
            select(org.department.c.head_id)
            .join(tree, tree.c.ancestor_id == org.department.c.id)
            .join(membership, membership.c.department_id == tree.c.descendant_id)
            .where(membership.c.user_id == user_id, membership.c.main, tree.c.depth == level)
        )
        return self._connection.execute(query).scalar() or ""

    def names(self, users: Iterable[str]) -> dict[str, str]:
        """Names by id, of inactive people too."""
        wanted = {user for user in users if user}
        if not wanted:
            return {}
        query = select(org.user.c.id, org.user.c.name).where(org.user.c.id.in_(wanted))
        return {row.id: row.name for row in self._connection.execute(query)}
