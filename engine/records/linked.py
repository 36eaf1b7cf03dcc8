"""Values that live outside the row: links to many records and the rows of sub-tables, read for a page at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, select

from engine.records.access import Access
from engine.records.catalog import FieldModel
from engine.records.links import chunks, links_of
from engine.records.paths import Reached
from engine.records.rights import READ
from engine.records.rows import Reader
from engine.records.spec import Record


def fill_links(
    access: Access, connection: Connection, reader: Reader, rows: Sequence[Any], records: Sequence[Record]
) -> list[Record]:
    """Return the records with the links and sub-tables their reader may see."""
    extra: list[dict[str, Any]] = [{} for _ in records]
    for reached in reader.later:
        if reached.direct:
            shown = [i for i, row in enumerate(rows) if reader.level(row, reached.field) >= READ]
            found = _values(access, connection, reached, [records[i].id for i in shown])
            blank = reached.field.type.blank(reached.field.field)
            for i in shown:
                extra[i][reached.path] = found.get(records[i].id, blank)
    return [replace(record, values={**record.values, **more}) for record, more in zip(records, extra, strict=True)]


def _values(access: Access, connection: Connection, reached: Reached, ids: Sequence[str]) -> dict[str, Any]:
    if not ids:
        return {}
    if reached.field.storage == "links":
        return dict(links_of(connection, access.catalog.tables.links(reached.field.field), ids))
    return {parent: tuple(rows) for parent, rows in child_rows(access, connection, reached.field, ids).items()}


def child_rows(
    access: Access, connection: Connection, f: FieldModel, parents: Sequence[str]
) -> dict[str, list[Record]]:
    """Return the rows of a sub-table that may be read, by parent, in order."""
    alias = access.alias(f.target)
    rights = alias.rights
    if not rights.allows("read"):
        return {}
    paths = access.paths(alias)
    wanted = [
        paths.visible(one.key, "/fields")
        for one in alias.model
        if one.storage != "children" and alias.field(one.id) is not None
    ]
    reader = Reader(alias, wanted)
    table = alias.model.table
    statement = (
        select(*reader.columns, table.c.parent_id)
        .join_from(alias.source, table, table.c.id == alias.id)
        .order_by(table.c.parent_id, table.c.pos, table.c.id)
    )
    found: dict[str, list[Record]] = {}
    for part in chunks(parents):
        rows = list(connection.execute(statement.where(table.c.parent_id.in_(part)), access.binds))
        records = [reader.record(row) for row in rows]
        if reader.later:
            records = fill_links(access, connection, reader, rows, records)
        for row, record in zip(rows, records, strict=True):
            found.setdefault(row[-1], []).append(record)
    return found
