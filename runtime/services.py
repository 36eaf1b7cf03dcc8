"""Everything a process of this install works with, opened once: database, record store, flows, sessions, limits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, inspect

from engine import people
from engine.database import SYSTEM, Database
from engine.events import Events
from engine.expr.to_sql import register_sqlite_functions
from engine.flows.service import FlowService
from engine.jobs.dbos_jobs import DbosJobs
from engine.jobs.port import Jobs
from engine.problems import Busy
from engine.publishing import settle
from engine.records.workspace import Workspace
from engine.sealing import keep_key
from engine.system import ensure_system_schema
from metadata.model import Role
from metadata.store import TABLES, MetadataStore
from runtime import (
    parts,
    tables,  # noqa: F401  registers the tables of the web layer
)
from runtime.config import Config
from runtime.limits import Limits
from runtime.sessions import Sessions

ADMIN_ROLE_KEY = "admin"
RIPPLE_LIMIT = 2_000
"""Over how many records formulas follow a write within it; of more the worker takes care."""

PATIENCE = 60.0
"""Seconds a start waits for somebody else who is just making the tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    config: Config
    database: Database
    workspace: Workspace
    jobs: Jobs
    flows: FlowService
    events: Events
    sessions: Sessions
    limits: Limits
    on_close: list[Callable[[], Any]] = field(default_factory=list)

    def give_every_admin_role(self, connection: Connection, user_id: str) -> None:
        """Give a person the administrator role of every installed application that has one."""
        store = MetadataStore(connection)
        for row in store.apps():
            if row.live_version is None:
                continue
            _, app = store.live(row.id)
            for role in app.roles:
                if _is_admin(role):
                    people.add_role(connection, user_id, role.id, app.id)

    def close(self) -> None:
        for callback in self.on_close:
            callback()
        self.database.close()


def _is_admin(role: Role) -> bool:
    return role.key == ADMIN_ROLE_KEY


def _prepare(database: Database) -> None:
    """Make the product's own tables where some are missing.

    Whoever finds them there writes nothing: a process that starts beside busy writers must not wait for their lock.
    """
    with database.read() as connection:
        there = set(inspect(connection).get_table_names())
    if not (SYSTEM.tables.keys() | TABLES.tables.keys()) <= there:
        _patiently(lambda: ensure_system_schema(database))


def _patiently(step: Callable[[], None]) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return step()
        except Busy:
            if time.monotonic() > until:
                raise


def open_services(config: Config) -> Services:
    """Open the database (making the product's own tables where missing) and everything on it."""
    parts.load()
    keep_key(config.data_dir, config.values_key)
    database = Database(
        config.database_url,
        sqlite_hooks=(register_sqlite_functions,),
        pool_size=max(8, config.threads + 2),
    )
    _prepare(database)
    settle(database)
    events = Events()
    config.files_dir.mkdir(parents=True, exist_ok=True)
    workspace = Workspace(database, files_dir=config.files_dir, events=events, ripple_limit=RIPPLE_LIMIT)
    jobs = DbosJobs(database)
    jobs.prepare()
    flows = FlowService(workspace, jobs)
    return Services(
        config=config,
        database=database,
        workspace=workspace,
        jobs=jobs,
        flows=flows,
        events=events,
        sessions=Sessions(database, idle=config.session_idle, absolute=config.session_absolute),
        limits=Limits(config.data_dir / "limits.db"),
    )
