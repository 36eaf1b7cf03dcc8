"""Values a change of type left over, as somebody may see them: where they wait, and the texts themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from engine.records.access import Access
from engine.records.catalog import EntityModel
from engine.records.originals import originals, record_original

_READABLE = frozenset({"read", "write"})


def readable_texts(
    connection: Connection, model: EntityModel, record_id: str, levels: Mapping[str, str]
) -> Mapping[str, str]:
    """Return ``{field key: text}`` of a record for the fields whose level here lets them be read."""
    texts = originals(connection, model.id, record_id)
    return {f.key: texts[f.id] for f in model.own if f.id in texts and levels.get(f.key) in _READABLE}


def waiting(access: Access, connection: Connection, model: EntityModel, limit: int, offset: int) -> Sequence[str]:
    """Return the ids of records that have such texts and may be read, oldest first."""
    alias, table = access.alias(model.id, clocked=False), record_original
    wanted = select(table.c.record_id).where(table.c.entity_id == model.id)
    statement = select(alias.id).where(alias.id.in_(wanted)).order_by(alias.id).limit(limit).offset(offset)
    return list(connection.execute(statement, access.binds).scalars())
