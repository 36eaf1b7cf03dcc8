"""How often a person may ask for what costs much: counted for all workers of a machine together.

The counters live in a small SQLite file of their own without disk syncs: they need to be shared and quick, and nothing
is lost if a power cut forgets them. Wrong passwords are counted in the database instead (``runtime.throttle``).
"""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from functools import cache
from pathlib import Path

from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from runtime.refusals import TooOften

_TABLE = "CREATE TABLE IF NOT EXISTS counter (key TEXT PRIMARY KEY, amount INTEGER, expires REAL) WITHOUT ROWID"
_COUNT = """INSERT INTO counter VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET
amount = CASE WHEN expires <= ?4 THEN ?2 ELSE amount + ?2 END,
expires = CASE WHEN expires <= ?4 THEN ?3 ELSE expires END RETURNING amount"""
_SWEEP_EVERY = 1_000


class FileStorage(Storage):
    """Counters in one file, for every process that opens it."""

    STORAGE_SCHEME = ["dougong-file"]

    def __init__(self, path: Path):
        super().__init__()
        self._path = path
        self._local = threading.local()
        self._calls = 0

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def _connection(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self._path, timeout=2, isolation_level=None)
            found.execute("PRAGMA journal_mode=WAL")
            found.execute("PRAGMA synchronous=OFF")
            found.execute(_TABLE)
            self._local.connection = found
        return found

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        self._calls += 1
        connection = self._connection()
        if self._calls % _SWEEP_EVERY == 0:
            connection.execute("DELETE FROM counter WHERE expires <= ?", (now,))
        with closing(connection.execute(_COUNT, (key, amount, now + expiry, now))) as cursor:
            return int(cursor.fetchone()[0])

    def get(self, key: str) -> int:
        query = "SELECT amount FROM counter WHERE key = ? AND expires > ?"
        row = self._connection().execute(query, (key, time.time())).fetchone()
        return int(row[0]) if row else 0

    def get_expiry(self, key: str) -> float:
        row = self._connection().execute("SELECT expires FROM counter WHERE key = ?", (key,)).fetchone()
        return float(row[0]) if row else time.time()

    def check(self) -> bool:
        return bool(self._connection().execute("SELECT 1").fetchone() == (1,))

    def reset(self) -> int | None:
        return self._connection().execute("DELETE FROM counter").rowcount

    def clear(self, key: str) -> None:
        self._connection().execute("DELETE FROM counter WHERE key = ?", (key,))


@cache
def _item(limit: str) -> RateLimitItem:
    return parse(limit)


class Limits:
    """Answers "may this one do that again?"."""

    def __init__(self, path: Path):
        self._limiter = FixedWindowRateLimiter(FileStorage(path))

    def count(self, limit: str, what: str, who: str) -> None:
        """Count one use. Raises :class:`TooOften` when it was one too many."""
        item = _item(limit)
        if not self._limiter.hit(item, what, who):
            reset = self._limiter.get_window_stats(item, what, who).reset_time
            raise TooOften(int(reset - time.time()) + 1)
