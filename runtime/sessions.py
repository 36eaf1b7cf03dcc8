"""Sign-in sessions as rows: ending one is deleting it, so a copied cookie is dead at once in every worker.

The cookie holds a random token; the row holds its hash. One query per request fetches the session, the person, roles
and departments. ``last_seen`` is written back at most once a minute for a session, for all sessions of a process
together, never by each read.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    bindparam,
    cast,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from engine import org
from engine.actor import Actor
from engine.database import Database
from engine.problems import Busy
from metadata.ids import new_record_id
from runtime import tables

TOUCH_SECONDS = 60
REMEMBERED = 2_000
"""Visitors kept ready in a process; each is used only for a row that is the same to the last column."""
_SEPARATOR = ","
_BLANK: ColumnElement[str] = literal_column("' '")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Whoever is signed in, as read at the beginning of the request. ``roles`` are role ids by application id."""

    session_id: str
    token: str = field(repr=False)
    id: str
    username: str
    name: str
    locale: str
    zone: str
    duties: frozenset[str]
    settings: Mapping[str, Any]
    roles: Mapping[str, frozenset[str]]
    departments: tuple[str, ...]
    address: str = ""
    request_id: str = ""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What flask-login puts into the cookie: the session token, never the person."""
        return self.token

    def actor(self, app_id: str = "") -> Actor:
        """Return the actor this person is in an application."""
        return Actor(
            kind="user",
            id=self.id,
            name=self.name,
            roles=self.roles.get(app_id, frozenset()),
            departments=self.departments,
            duties=self.duties,
            locale=self.locale,
            zone=self.zone,
            request_id=self.request_id,
            session_id=self.session_id,
            address=self.address,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session as its owner and administrators see it."""

    id: str
    user_id: str
    created_at: int
    last_seen: int
    address: str
    agent: str


def _json(value: Any) -> Any:
    """JSON comes as text from SQLite and as values from PostgreSQL."""
    return orjson.loads(value) if isinstance(value, str) else value


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


_roles = (
    select(func.aggregate_strings(org.role_member.c.app_id + _BLANK + org.role_member.c.role_id, _SEPARATOR))
    .where(org.role_member.c.user_id == org.user.c.id)
    .scalar_subquery()
)
_departments = (
    select(
        func.aggregate_strings(
            cast(org.membership.c.main, String) + _BLANK + org.membership.c.department_id, _SEPARATOR
        )
    )
    .where(org.membership.c.user_id == org.user.c.id)
    .scalar_subquery()
)
_LOAD = (
    select(
        tables.session.c.id.label("session_id"),
        tables.session.c.created_at.label("begun"),
        tables.session.c.last_seen,
        org.user.c.id,
        org.user.c.username,
        org.user.c.name,
        org.user.c.locale,
        org.user.c.zone,
        org.user.c.duties,
        org.user.c.settings,
        _roles.label("roles"),
        _departments.label("departments"),
    )
    .join(org.user, org.user.c.id == tables.session.c.user_id)
    .where(tables.session.c.token_hash == bindparam("hash", ""), org.user.c.active)
)


def _visitor(row: Any) -> Visitor:
    roles: dict[str, set[str]] = {}
    for entry in (row.roles or "").split(_SEPARATOR):
        app_id, _, role_id = entry.partition(" ")
        if role_id:
            roles.setdefault(app_id, set()).add(role_id)
    members = sorted(
        (entry.split(" ", 1) for entry in (row.departments or "").split(_SEPARATOR) if entry),
        key=lambda pair: (pair[0] not in ("1", "true"), pair[1]),
    )
    return Visitor(
        session_id=row.session_id,
        token="",
        id=row.id,
        username=row.username,
        name=row.name,
        locale=row.locale,
        zone=row.zone,
        duties=frozenset(_json(row.duties)),
        settings=_json(row.settings),
        roles={app_id: frozenset(found) for app_id, found in roles.items()},
        departments=tuple(department for _, department in members),
    )


class Sessions:
    """Sessions of one install; ``idle`` and ``absolute`` are the two ages, in seconds, at which one ends."""

    def __init__(self, database: Database, *, idle: int, absolute: int):
        self._database = database
        self.idle, self.absolute = idle, absolute
        # Compiled once: this runs before every answer, and compiling costs as much as the query.
        compiled = _LOAD.compile(dialect=database.engine.dialect, compile_kwargs={"render_postcompile": True})
        self._statement, self._positional = str(compiled), compiled.positional
        self._lock = threading.Lock()
        self._seen: dict[str, int] = {}
        self._built: dict[str, tuple[tuple[Any, ...], Visitor]] = {}
        self._next_write = 0.0

    def begin(self, connection: Connection, user_id: str, *, address: str, agent: str) -> str:
        """Start a session and return its token, which exists nowhere else."""
        token, now = secrets.token_urlsafe(32), int(time.time())
        row = {"id": new_record_id(), "token_hash": _hash(token), "user_id": user_id, "created_at": now}
        connection.execute(insert(tables.session).values(**row, last_seen=now, address=address[:64], agent=agent[:300]))
        return token

    def load(self, connection: Connection, token: str, *, address: str = "", request_id: str = "") -> Visitor | None:
        """Return who holds the token; None when the session ended, expired, or its person was disabled."""
        hashed = _hash(token)
        row = connection.exec_driver_sql(self._statement, (hashed,) if self._positional else {"hash": hashed}).first()
        if row is None:
            return None
        now = int(time.time())
        last_seen = max(row.last_seen, self._seen.get(row.session_id, 0))
        if now - last_seen > self.idle or now - row.begun > self.absolute:
            return None
        if now - row.last_seen >= TOUCH_SECONDS:
            self._seen[row.session_id] = now
        return replace(self._visitor(tuple(row), row), token=token, address=address, request_id=request_id)

    def _visitor(self, key: tuple[Any, ...], row: Any) -> Visitor:
        """Build the visitor of a row, once for rows that say the same."""
        known = self._built.get(row.session_id)
        if known is not None and known[0] == key:
            return known[1]
        made = _visitor(row)
        if len(self._built) >= REMEMBERED:
            self._built.clear()
        self._built[row.session_id] = (key, made)
        return made

    def write_back(self) -> None:
        """Write the collected ``last_seen``; at most once a minute, and never in the way of anybody."""
        if not self._seen or time.monotonic() < self._next_write:
            return
        with self._lock:
            if time.monotonic() < self._next_write:
                return
            self._next_write = time.monotonic() + TOUCH_SECONDS
            seen, self._seen = self._seen, {}
        table = tables.session
        statement = update(table).where(table.c.id == bindparam("b_id"), table.c.last_seen < bindparam("b_seen"))
        try:
            with self._database.write() as connection:
                connection.execute(
                    statement.values(last_seen=bindparam("b_seen")),
                    [{"b_id": session, "b_seen": moment} for session, moment in seen.items()],
                )
        except Busy:
            for session, moment in seen.items():
                self._seen.setdefault(session, moment)

    def end_token(self, connection: Connection, token: str) -> None:
        """Sign out."""
        connection.execute(delete(tables.session).where(tables.session.c.token_hash == _hash(token)))

    def end(self, connection: Connection, session_id: str, user_id: str) -> bool:
        """End one session of a person. Returns whether there was one."""
        table = tables.session
        done = connection.execute(delete(table).where(table.c.id == session_id, table.c.user_id == user_id))
        return bool(done.rowcount)

    def end_all(self, connection: Connection, user_id: str, *, but: str = "") -> None:
        """End every session of a person, except one."""
        table = tables.session
        connection.execute(delete(table).where(table.c.user_id == user_id, table.c.id != but))

    def of(self, connection: Connection, user_id: str) -> list[SessionRow]:
        """Live sessions of a person, the latest used first."""
        now, table = int(time.time()), tables.session
        rows = connection.execute(
            select(table)
            .where(
                table.c.user_id == user_id,
                table.c.last_seen >= now - self.idle,
                table.c.created_at >= now - self.absolute,
            )
            .order_by(table.c.last_seen.desc())
        )
        return [
            SessionRow(
                id=row.id,
                user_id=row.user_id,
                created_at=row.created_at,
                last_seen=max(row.last_seen, self._seen.get(row.id, 0)),
                address=row.address,
                agent=row.agent,
            )
            for row in rows
        ]

    def sweep(self, connection: Connection) -> int:
        """Remove rows of sessions that have expired anyway. Returns how many."""
        now, table = int(time.time()), tables.session
        expired = (table.c.last_seen < now - self.idle) | (table.c.created_at < now - self.absolute)
        return connection.execute(delete(table).where(expired)).rowcount
