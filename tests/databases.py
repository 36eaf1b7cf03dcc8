"""Throw-away databases on the PostgreSQL server of a test run."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from sqlalchemy import create_engine, make_url

BACKENDS = ("sqlite", "postgresql")


def postgres_database(server: str, *, template: str = "template0") -> tuple[str, Callable[[], None]]:
    """Make an empty database, or a copy of ``template``; returns its URL and a function that drops it."""
    name = f"t_{uuid.uuid4().hex}"
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def drop() -> None:
        with admin.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        admin.dispose()

    return make_url(server).set(database=name).render_as_string(hide_password=False), drop


def forget_durability(server: str) -> None:
    """Let a test server skip what only a power cut needs; killed processes still find what they committed."""
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.exec_driver_sql(f"ALTER SYSTEM SET {setting} = off")
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    admin.dispose()
