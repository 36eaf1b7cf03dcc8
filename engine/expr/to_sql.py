"""From the bound tree to SQLAlchemy: a value and a guard, for SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3


def register_sqlite_functions(raw: sqlite3.Connection) -> None:
    """Register the language's deterministic functions on a raw SQLite connection."""
