"""Stored records on the write path: read whole, with what their writer may do, and locked until the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam

from engine.events import Kind
from engine.records.access import Access, remembered
from engine.records.catalog import EntityModel
from engine.records.drafts import Draft
from engine.records.faults import errors_of
from engine.records.links import chunks
from engine.records.loading import typer_of
from engine.records.locks import lock_owners
from engine.records.secured import BITS, SEEN, Insight

_WANTED: Final = "p_wanted"


def stored_drafts(
    access: Access,
    connection: Connection,
    model: EntityModel,
    ids: Sequence[str],
    kind: Kind,
    *,
    trashed: bool = False,
    lock: bool = True,
) -> dict[str, Draft]:
    """Return drafts of the records among ``ids`` that the actor may read; ``old`` is filled, ``new`` a copy of it.

    On PostgreSQL the rows are locked, so that nobody changes them before this transaction ends; a dry run need not.
    """
    if lock:
        lock_owners(connection, access.catalog, model, ids)
    found: dict[str, Draft] = {}
    for part in chunks(ids):
        for draft in _select(access, connection, model, "id", part, kind, trashed, lock):
            found[draft.id] = draft
    return found


def stored_rows(
    access: Access, connection: Connection, model: EntityModel, parent: Draft, *, lock: bool = True
) -> list[Draft]:
    """Return drafts of the live rows of a sub-table that the actor may read, in order."""
    rows = _select(access, connection, model, "parent_id", [parent.id], "update", False, lock)
    return sorted(rows, key=lambda row: (row.pos, row.id))


def _select(
    access: Access,
    connection: Connection,
    model: EntityModel,
    column: str,
    wanted: Sequence[str],
    kind: Kind,
    trashed: bool,
    lock: bool,
) -> list[Draft]:
    insight = access.insight(model.id, trashed=trashed)
    typer = typer_of(access.catalog, model)
    statement = remembered(insight.asked, (column, lock), lambda: _asked(insight, model, column, trashed, lock))
    place = {name: i for i, name in enumerate(insight.columns)}
    width = len(insight.columns)
    found = []
    for row in connection.execute(statement, {**access.binds, _WANTED: list(wanted)}):
        if not row[width]:
            continue
        old = typer.values(row)
        rev = row[place["rev"]]
        draft = Draft(
            model=model,
            kind=kind,
            id=row[place["id"]],
            rid=row[place["rid"]],
            rev=rev + 1,
            old=old,
            new=dict(old),
            bits=row[width + 1],
            pos=(row[place["pos"]] or 0) if model.is_child else 0,
            deleted_at=row[place["deleted_at"]],
            extra=row[place["extra"]],
            errors=errors_of(row[place["extra"]]),
        )
        found.append(draft)
    return found


def _asked(insight: Insight, model: EntityModel, column: str, trashed: bool, lock: bool) -> Select[Any]:
    table = model.table
    deleted = table.c.deleted_at
    among = table.c[column].in_(bindparam(_WANTED, expanding=True))
    statement = insight.statement.where(among, deleted.is_not(None) if trashed else deleted.is_(None))
    if lock:  # SQLite has one writer at a time
        statement = statement.order_by(table.c.id).with_for_update(of=table)
    return statement


def stored_bits(access: Access, connection: Connection, model: EntityModel, record_id: str) -> int | None:
    """Return the ranges a readable record lies in; one in the trash counts for those who may delete it."""
    for trashed in (False, True):
        insight = access.insight(model.id, trashed=trashed)
        chosen = insight.statement.selected_columns
        statement = insight.statement.with_only_columns(chosen[SEEN], chosen[BITS])
        row = connection.execute(statement.where(model.table.c.id == record_id), access.binds).first()
        if row is not None and row[0]:
            bits = int(row[1])
            return bits if not trashed or bits & access.rights(model.id).rows["delete"] else None
    return None
