"""Links of records to records of the same entity that make a hierarchy: a record is never below itself.

A link is such a chain when a view of the application shows records below each other by it. The check reads every
record, also those the sender may not see: a circle through them is a circle all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, func, select

from engine.records.catalog import Catalog, EntityModel, FieldModel
from engine.records.drafts import Draft
from engine.records.links import chunks
from metadata.findings import register_messages
from metadata.snapshot import Snapshot

register_messages(
    {
        "R340": {
            "zh-CN": "“{label}”不能是记录自己或它的下级，否则会形成循环。请选择别的记录。",
            "en": '"{label}" cannot be the record itself or one below it: that would be a circle. Choose another one.',
        }
    }
)

PART: Final = "parent"
"""The part of a view whose field leads to the record above."""


def chain_fields(snapshot: Snapshot) -> frozenset[str]:
    """Return the ids of the links that may not form circles."""
    found = set()
    for view in snapshot.app.views:
        f = snapshot.fields(view.entity).get(view.parts.get(PART, ""))
        if f is not None and f.type == "link_one" and f.options.get("entity") == view.entity:
            found.add(f.id)
    return frozenset(found)


def check_chains(catalog: Catalog, connection: Connection, drafts: Sequence[Draft]) -> None:
    """Refuse drafts of one entity that would put a record below itself. Writers of chains take turns."""
    model = drafts[0].model
    for f in _chains_of(catalog, model):
        moved = {draft.id: draft for draft in drafts if f.id in draft.changed and draft.new.get(f.id)}
        if not moved:
            continue
        if connection.dialect.name == "postgresql":
            key = f"chain:{f.id}"
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
        above = {draft.id: draft.new.get(f.id) for draft in drafts if f.id in draft.new}
        _load(connection, model, f, above, {str(draft.new[f.id]) for draft in moved.values()})
        for draft in moved.values():
            if _comes_back(above, draft.id):
                draft.reject("R340", f.key, label=f.field.label)


def _chains_of(catalog: Catalog, model: EntityModel) -> tuple[FieldModel, ...]:
    key = ("chains", model.id)
    found: tuple[FieldModel, ...] | None = catalog.kept.get(key)
    if found is None:
        wanted = chain_fields(catalog.snapshot)
        found = catalog.kept[key] = tuple(f for f in model.own if f.id in wanted)
    return found


def _load(
    connection: Connection, model: EntityModel, f: FieldModel, above: dict[str, str | None], wanted: set[str]
) -> None:
    """Add the records above some records, up to the top, to ``above``."""
    table, column = model.table, f.columns[0]
    while wanted := {one for one in wanted if one not in above}:
        for part in chunks(sorted(wanted)):
            for record_id, parent in connection.execute(select(table.c.id, column).where(table.c.id.in_(part))):
                above[record_id] = parent
        wanted = {parent for one in wanted if (parent := above.setdefault(one, None)) is not None}


def _comes_back(above: dict[str, str | None], record_id: str) -> bool:
    seen = {record_id}
    at = above.get(record_id)
    while at is not None and at not in seen:
        seen.add(at)
        at = above.get(at)
    return at == record_id
