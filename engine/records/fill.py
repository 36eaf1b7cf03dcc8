"""Filling new columns of rows that were there before: defaults and sort keys. Nothing here touches ``rev``."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select, type_coerce, update

from engine.clock import parse_instant
from engine.records.tables import Tables, type_of

RANGE = 10_000
"""Row numbers a default is written to at a time: one statement, no value travels."""


def fill_default(
    connection: Connection, tables: Tables, entity_id: str, field_id: str, after: int, until: int, at: str
) -> int:
    """Give the next rows the default of a new field; return the highest row number done (0: no more).

    Rows that came after the switch, or were changed since, have what a person or the record store gave them.
    """
    if after >= until:
        return 0
    field = tables.snapshot.field(field_id)
    field_type = type_of(field)
    columns = tables.columns(field)
    if field_type is None or not columns:
        return 0
    table = tables.record(entity_id)
    value = field_type.accept(field, field.default)
    stored = dict(zip((column.name for column in columns), field_type.to_db(field, value), strict=True))
    reached = min(until, after + RANGE)
    connection.execute(
        update(table)
        .where(
            table.c.rid > after,
            table.c.rid <= reached,
            columns[0].is_(None),
            table.c.updated_at <= type_coerce(parse_instant(at), table.c.updated_at.type),
        )
        .values(stored)
    )
    return reached


def fill_sort(connection: Connection, tables: Tables, entity_id: str, field_id: str, after: int, size: int) -> int:
    """Work out the sort keys of the next rows that lack one; return the highest row number done (0: no more)."""
    field = tables.snapshot.field(field_id)
    field_type = type_of(field)
    columns = tables.columns(field)
    table = tables.record(entity_id)
    if field_type is None or len(columns) < 2:
        return 0
    missing = select(table.c.rid, columns[0]).where(table.c.rid > after, columns[0].is_not(None), columns[-1].is_(None))
    rows = connection.execute(missing.order_by(table.c.rid).limit(size)).all()
    if not rows:
        return 0
    key = columns[-1].name
    changed = [{"at_rid": rid, key: field_type.to_db(field, value)[-1]} for rid, value in rows]
    connection.execute(update(table).where(table.c.rid == bindparam("at_rid")).values({key: bindparam(key)}), changed)
    return int(rows[-1].rid)
