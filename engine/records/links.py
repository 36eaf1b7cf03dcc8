"""Link tables: who links to whom, read and written for many records at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, insert, select

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
