"""Values a change of type could not take over: kept as text, shown in the form until someone fills the field in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Connection, String, Table, Text, bindparam, delete, insert, select

from engine.clock import instant_text
from engine.database import SYSTEM

record_original = Table(
    "record_original",
    SYSTEM,
    Column("entity_id", String(64), primary_key=True),
    Column("field_id", String(64), primary_key=True),
    Column("record_id", String(32), primary_key=True),
    Column("text", Text, nullable=False),
    Column("from_type", String(64), nullable=False),
    Column("at", String(32), nullable=False),
)


def originals(connection: Connection, entity_id: str, record_id: str) -> dict[str, str]:
    """Return ``{field id: original text}`` of a record; empty for nearly all."""
    table = record_original
    statement = select(table.c.field_id, table.c.text).where(
        table.c.entity_id == entity_id, table.c.record_id == record_id
    )
    return {row.field_id: row.text for row in connection.execute(statement)}


_FORGET = delete(record_original).where(
    record_original.c.entity_id == bindparam("entity"),
    record_original.c.record_id == bindparam("record"),
    record_original.c.field_id.in_(bindparam("fields", expanding=True)),
)


def forget_originals(connection: Connection, entity_id: str, changed: Mapping[str, Iterable[str]]) -> None:
    """Forget originals once fields (``{record id: field ids}``) were filled in, or cleared knowingly."""
    for record_id, field_ids in changed.items():
        connection.execute(_FORGET, {"entity": entity_id, "record": record_id, "fields": list(field_ids)})


def any_originals(connection: Connection, entity_id: str) -> bool:
    """Say whether values of an entity wait for somebody."""
    statement = select(record_original.c.record_id).where(record_original.c.entity_id == entity_id).limit(1)
    return connection.execute(statement).first() is not None


def held_originals(connection: Connection, entity_id: str, field_id: str, record_ids: Sequence[str]) -> set[str]:
    """Return which of the records have an original of a field."""
    table = record_original
    statement = select(table.c.record_id).where(
        table.c.entity_id == entity_id, table.c.field_id == field_id, table.c.record_id.in_(record_ids)
    )
    return set(connection.execute(statement).scalars())


def replace_originals(
    connection: Connection, entity_id: str, field_id: str, from_type: str, texts: Mapping[str, str], seen: Sequence[str]
) -> None:
    """Set the originals of a field for the records ``seen``: those in ``texts`` and no others."""
    table = record_original
    connection.execute(
        delete(table).where(table.c.entity_id == entity_id, table.c.field_id == field_id, table.c.record_id.in_(seen))
    )
    rows: list[dict[str, Any]] = [
        {
            "entity_id": entity_id,
            "field_id": field_id,
            "record_id": record_id,
            "text": text,
            "from_type": from_type,
            "at": instant_text(),
        }
        for record_id, text in texts.items()
    ]
    if rows:
        connection.execute(insert(table), rows)
