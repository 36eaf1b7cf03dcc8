"""Slows guessing of passwords without letting one person lock out another.

Wrong tries are counted for the pair (account, address), for the address, and for the account from anywhere. The pair
has the low limit; the other two have room for a company behind one address and for a person's bad morning. A browser
that signed in before carries a signed device cookie: its tries are counted apart, so an attack on an account from
elsewhere never keeps its owner out. Counting is by name, known or not, so nothing tells which accounts exist.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from runtime import tables

FORGET_AFTER = 15 * 60
FIRST_WAIT = 30
LONGEST_WAIT = 15 * 60


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted, and how many wrong tries it may have before each further one has to wait."""

    key: str
    limit: int


def counters(username: str, address: str, device: str = "") -> tuple[Counter, ...]:
    """Counters a try falls under. ``device`` is the id of a known browser of that account."""
    if device:
        return (Counter(_key("device", username, device), 5),)
    return (
        Counter(_key("pair", username, address), 5),
        Counter(_key("address", address), 30),
        Counter(_key("account", username), 50),
    )


def _key(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def wait(connection: Connection, watched: Sequence[Counter]) -> int:
    """Seconds until another try is allowed; 0 means now."""
    table, now = tables.attempt, int(time.time())
    keys = [counter.key for counter in watched]
    until = connection.execute(select(table.c.blocked_until).where(table.c.key.in_(keys))).scalars()
    return max(0, max(until, default=0) - now)


def failed(connection: Connection, watched: Sequence[Counter]) -> None:
    """Count a wrong try; past the limit the wait doubles with every further one."""
    table, now = tables.attempt, int(time.time())
    for counter in watched:
        row = connection.execute(select(table).where(table.c.key == counter.key)).first()
        failures = 1 if row is None or row.last_at < now - FORGET_AFTER else row.failures + 1
        over = failures - counter.limit
        values = {
            "failures": failures,
            "last_at": now,
            "blocked_until": now + min(LONGEST_WAIT, FIRST_WAIT << min(over, 5)) if over >= 0 else 0,
        }
        if row is None:
            connection.execute(insert(table).values(key=counter.key, **values))
        else:
            connection.execute(update(table).where(table.c.key == counter.key).values(**values))


def succeeded(connection: Connection, watched: Sequence[Counter]) -> None:
    """Forget the tries of this account here; those of the whole address stay."""
    table = tables.attempt
    connection.execute(delete(table).where(table.c.key == watched[0].key))


def sweep(connection: Connection) -> None:
    """Remove what is long past."""
    table, now = tables.attempt, int(time.time())
    connection.execute(delete(table).where(table.c.last_at < now - 2 * FORGET_AFTER, table.c.blocked_until < now))
