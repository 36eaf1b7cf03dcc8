"""Computing the formulas of records that were there before: after a publish that adds or changes a formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from engine import clock
from engine.expr.values import CurrentUser, Env
from engine.records.catalog import catalog_for
from engine.records.derive import Environments, computed_values
from engine.records.formulas import formulas_of
from engine.records.loading import Loader, typer_of
from engine.records.search import queue_rows
from metadata.snapshot import Snapshot


def recompute(
    connection: Connection, snapshot: Snapshot, entity_id: str, field_ids: Sequence[str], after: int, size: int
) -> int:
    """Compute the formulas of the next rows; return the highest row number done (0: no more).

    Revisions, stamps and the log stay as they are: nobody did anything to the record.
    """
    catalog = catalog_for(snapshot, connection.dialect.name)
    model = catalog.entity(entity_id)
    wanted = [f for f in formulas_of(catalog).stored.get(entity_id, ()) if f.field.id in field_ids]
    table = model.table
    rows = connection.execute(select(table).where(table.c.rid > after).order_by(table.c.rid).limit(size)).all()
    if not rows or not wanted:
        return 0
    typer = typer_of(catalog, model)
    env = Env(user=CurrentUser(id=""), now=clock.now())
    environments = Environments(catalog, Loader(connection, catalog), env)
    changed: list[dict[str, Any]] = []
    searched = []
    for row in rows:
        values = typer.values(row)
        different = computed_values(catalog, environments, model, values, wanted)
        if not different:
            continue
        columns: dict[str, Any] = {"at_rid": row.rid}
        for formula in wanted:
            f = model.by_id[formula.field.id]
            value = different.get(f.id, values.get(f.id))
            columns.update(zip((c.name for c in f.columns), f.type.to_db(f.field, value), strict=True))
            if f.id in different and f.type.searchable(f.field):
                searched.append(row.rid)
        changed.append(columns)
    if changed:
        names = [name for name in changed[0] if name != "at_rid"]
        statement = update(table).where(table.c.rid == bindparam("at_rid"))
        connection.execute(statement.values({name: bindparam(name) for name in names}), changed)
        queue_rows(connection, entity_id, searched)
    return int(rows[-1].rid)
