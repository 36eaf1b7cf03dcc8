"""What the product keeps of an import: its state, what it changed (for undo), and the rows it refused."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, String, Table, Text

from engine.database import SYSTEM

STATES = ("uploaded", "planned", "running", "done", "undoing", "undone", "failed")

import_run = Table(
    "import_run",
    SYSTEM,
    Column("id", String(32), primary_key=True),
    Column("app_id", String(64), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("user_id", String(64), nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("sheets", JSON, nullable=False),
    Column("columns", JSON, nullable=False),
    Column("mapping", JSON),
    Column("total", Integer, nullable=False),
    Column("done", Integer, nullable=False, default=0),
    Column("created", Integer, nullable=False, default=0),
    Column("updated", Integer, nullable=False, default=0),
    Column("unchanged", Integer, nullable=False, default=0),
    Column("failed", Integer, nullable=False, default=0),
    Column("undone", Integer, nullable=False, default=0),
    Column("kept", Integer, nullable=False, default=0),  # changed since, so undo left them alone
    Column("error", Text, nullable=False, default=""),
)

import_change = Table(
    "import_change",
    SYSTEM,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(32), nullable=False),
    Column("record_id", String(32), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("before", JSON),  # null: created by the import; else the earlier values by field key
)
Index("ix_import_change_run", import_change.c.run_id, import_change.c.seq)

import_reject = Table(
    "import_reject",
    SYSTEM,
    Column("run_id", String(32), primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("cells", JSON, nullable=False),
    Column("findings", JSON, nullable=False),  # [{code, place, params}]
)
