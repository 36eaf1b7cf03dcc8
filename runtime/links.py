"""One-time links: the first set-up of an install. Random, hashed at rest, used once, gone after a day."""

from __future__ import annotations

import hashlib
import secrets
import time

from sqlalchemy import Connection, delete, insert, select, update

from runtime import tables
from runtime.refusals import LinkDead

SETUP = "setup"
LIFETIME = 24 * 3600


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make(connection: Connection, purpose: str = SETUP, *, user_id: str = "") -> str:
    """Make a link's token; an earlier unused one for the same purpose and person dies."""
    table = tables.link
    connection.execute(
        delete(table).where(table.c.purpose == purpose, table.c.user_id.is_(None) | (table.c.user_id == user_id))
    )
    token = secrets.token_urlsafe(32)
    row = {"token_hash": _hash(token), "purpose": purpose, "user_id": user_id or None}
    connection.execute(insert(table).values(**row, expires_at=int(time.time()) + LIFETIME, used=False))
    return token


def alive(connection: Connection, token: str, purpose: str = SETUP) -> bool:
    """Say whether a link may still be used."""
    table = tables.link
    found = connection.execute(
        select(table.c.purpose).where(
            table.c.token_hash == _hash(token),
            table.c.purpose == purpose,
            table.c.used.is_(False),
            table.c.expires_at > int(time.time()),
        )
    )
    return found.first() is not None


def use(connection: Connection, token: str, purpose: str = SETUP) -> None:
    """Use a link up. Raises :class:`LinkDead`; of two at the same time, one gets it."""
    table = tables.link
    done = connection.execute(
        update(table)
        .where(
            table.c.token_hash == _hash(token),
            table.c.purpose == purpose,
            table.c.used.is_(False),
            table.c.expires_at > int(time.time()),
        )
        .values(used=True)
    )
    if not done.rowcount:
        raise LinkDead()


def sweep(connection: Connection) -> None:
    """Remove links that can no longer be used."""
    connection.execute(delete(tables.link).where(tables.link.c.expires_at < int(time.time())))
