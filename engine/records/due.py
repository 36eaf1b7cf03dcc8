"""Formulas that could not be computed in the write that changed what they read: too many records, or people changed.

What is put off is written down in the transaction of the change, so it is never lost and never unknown: a field of
which something waits is shown as being computed (:func:`computing`). The worker takes it up
(:mod:`engine.records.catching_up`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Column, Connection, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from engine.database import SYSTEM
from engine.records.catalog import Catalog
from engine.records.formulas import formulas_of
from engine.records.links import chunks

derive_due = Table(
    "derive_due",
    SYSTEM,
    Column("app_id", String(64), primary_key=True),
    Column("field_id", String(64), primary_key=True),
    Column("record_id", String(64), primary_key=True),
    Column("on_behalf_of", String(64), nullable=False),
)


def put_off(connection: Connection, app_id: str, wanted: Mapping[str, Collection[str]], behalf: str) -> None:
    """Leave formulas (``{field id: record ids}``) to the worker."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    for field_id, ids in wanted.items():
        for part in chunks(sorted(ids), 5_000):
            rows = [{"app_id": app_id, "field_id": field_id, "record_id": one, "on_behalf_of": behalf} for one in part]
            connection.execute(make(derive_due).on_conflict_do_nothing(), rows)


def computing(connection: Connection, catalog: Catalog) -> frozenset[str]:
    """Return the computed fields that may still be old somewhere: those that wait, and those that read them."""
    formulas = formulas_of(catalog)
    if not formulas.dependents:
        return frozenset()
    waiting = select(derive_due.c.field_id).where(derive_due.c.app_id == catalog.snapshot.app.id).distinct()
    found = set(connection.execute(waiting).scalars())
    return frozenset(one.id for one in formulas.order if one.id in found or one.needs & found) if found else frozenset()
