"""Writers of a version and the publish of the next one, kept apart on PostgreSQL.

A writer reads the live version and then writes by it; a publish must not move data away under it. Writers share an
advisory lock for the length of their transaction, the switch takes it alone. SQLite has one writer at a time anyway.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection

PUBLISH_LOCK_TIMEOUT_MS = 1_000


def hold_version(connection: Connection, app_id: str) -> None:
    """Call in a write transaction before the version that is written by is read."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({_key(app_id)})")


def close_gate(connection: Connection, app_id: str) -> None:
    """Wait until no writer is under way and keep new ones out until this transaction ends.

    Gives up after a second (``lock_timeout``), so that writers never queue for long; the publish tries again.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PUBLISH_LOCK_TIMEOUT_MS}ms'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_key(app_id)})")


def _key(app_id: str) -> int:
    return int.from_bytes(hashlib.sha256(b"dougong:" + app_id.encode()).digest()[:8], "big", signed=True)
