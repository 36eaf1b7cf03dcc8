"""Values that live outside the row: links to many records and the rows of sub-tables, read for a page at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, insert, select

from engine.records.access import Access
from engine.records.catalog import FieldModel
from engine.records.paths import Reached
from engine.records.rights import READ
from engine.records.rows import Reader
from engine.records.spec import Record

CHUNK: Final = 500


def chunks(items: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """Cut a sequence into parts of at most ``size``."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def links_of(connection: Connection, table: Table, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return ``{record id: linked ids in order}`` from a link table."""
    found: dict[str, list[str]] = {}
    for part in chunks(list(ids)):
        wanted = select(table.c.left_id, table.c.right_id).where(table.c.left_id.in_(part))
        for left, right in connection.execute(wanted.order_by(table.c.left_id, table.c.pos)):
            found.setdefault(left, []).append(right)
    return {left: tuple(rights) for left, rights in found.items()}


def write_links(
    connection: Connection, table: Table, wanted: Sequence[tuple[str, tuple[str, ...]]], *, fresh: bool
) -> None:
    """Set the links of some records; ``fresh`` records have none yet."""
    if not fresh:
        for part in chunks([left for left, _ in wanted]):
            connection.execute(delete(table).where(table.c.left_id.in_(part)))
    rows = [
        {"left_id": left, "right_id": right, "pos": pos} for left, rights in wanted for pos, right in enumerate(rights)
    ]
    if rows:
        connection.execute(insert(table), rows)


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
