"""Computing the formulas of records that were there before: after a publish that adds or changes a formula."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from engine import clock
from engine.expr.values import Env
from engine.records.catalog import catalog_for
from engine.records.formulas import formulas_of
from engine.records.renew import Renewal
from metadata.snapshot import Snapshot


def recompute(
    connection: Connection, snapshot: Snapshot, entity_id: str, field_ids: Sequence[str], after: int, size: int
) -> int:
    """Compute the formulas of the next rows; return the highest row number done (0: no more).

    Revisions, stamps and the log stay as they are: nobody did anything to the record.
    """
    catalog = catalog_for(snapshot, connection.dialect.name)
    model = catalog.entity(entity_id)
    wanted = [f for f in formulas_of(catalog).stored.get(entity_id, ()) if f.id in field_ids]
    table = model.table
    rows = list(connection.execute(select(table).where(table.c.rid > after).order_by(table.c.rid).limit(size)))
    if not rows or not wanted:
        return 0
    ids = {row.id for row in rows}
    Renewal(connection, catalog, Env(now=clock.now()), model, rows).run(wanted, {f.id: ids for f in wanted})
    return int(rows[-1].rid)
