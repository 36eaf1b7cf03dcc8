"""Is the record, as written, still where its writer may work? Asked after the row is written, in the transaction.

Most writes need no query: somebody who writes all rows, or a record whose owner is the writer.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from engine.records.access import Access
from engine.records.catalog import EntityModel
from engine.records.drafts import Draft
from engine.records.intake import intake_of
from engine.records.links import chunks
from engine.records.pushdown import range_reads
from engine.records.rights import EntityPolicy
from engine.records.secured import BITS
from metadata.findings import Finding
from metadata.model import Range


def check_ranges(access: Access, connection: Connection, drafts: Sequence[Draft]) -> None:
    """Put a finding on every draft that left its writer's range, or that set a field not writable in this row."""
    waiting: dict[str, list[Draft]] = {}
    for draft in drafts:
        rights = access.rights(draft.model.id)
        if draft.kind == "update" and not _moved(access, draft, rights):
            continue
        if draft.kind == "create":
            draft.bits = certain_bits(access, draft.model, draft, rights)
            if draft.bits & rights.rows["create"] and not draft.unsettled:
                continue
        waiting.setdefault(draft.model.id, []).append(draft)
    for group in waiting.values():
        model = group[0].model
        rights = access.rights(model.id)
        after = row_bits(access, connection, model, [draft.id for draft in group])
        for draft in group:
            _judge(access, draft, rights, after.get(draft.id, 0))


def _judge(access: Access, draft: Draft, rights: EntityPolicy, bits: int) -> None:
    if draft.kind == "create":
        inside = bits & rights.rows["create"] or rights.allows("transfer")
        draft.bits = bits
        if rights.allows("create"):
            intake_of(access, draft.model, "create").settle(draft)
    else:
        inside = bits & rights.rows["update"] or draft.bits & rights.rows["transfer"]
    if not inside:
        draft.findings.append(_outside(draft, rights))


def _outside(draft: Draft, rights: EntityPolicy) -> Finding:
    people = [f.key for f in draft.model.person_fields if f.id in draft.changed and f.id in rights.readable]
    place = f"{draft.place}/{people[0]}" if people else draft.place
    return Finding("R311", place, {"label": draft.model.entity.label})


def _moved(access: Access, draft: Draft, rights: EntityPolicy) -> bool:
    """Say whether an update may have carried a row out of a range."""
    if draft.model.is_child or rights.everywhere("update"):
        return False
    key = ("range reads", access.roles, draft.model.id)
    reads = access.catalog.kept.get(key)
    if reads is None:
        reads = {f.id for f in draft.model.person_fields}
        for r in rights.ranges:
            if isinstance(r, Range) and r.expr is not None:
                reads |= range_reads(access.catalog, draft.model, r.expr)
        access.catalog.kept[key] = reads
    return bool(draft.changed & reads)


def certain_bits(access: Access, model: EntityModel, draft: Draft, rights: EntityPolicy) -> int:
    """Return the ranges a record surely lies in, told from its values alone."""
    bits = rights.whole
    if model.is_child:
        return bits
    me = access.actor.id
    mine = any(
        me == value or (isinstance(value, tuple) and me in value)
        for f in model.person_fields
        if (value := draft.new.get(f.id)) is not None
    )
    if mine:
        for number, r in enumerate(rights.ranges):
            if isinstance(r, Range) and r.kind in ("own", "team"):
                bits |= 1 << number
    return bits


def row_bits(access: Access, connection: Connection, model: EntityModel, ids: Sequence[str]) -> dict[str, int]:
    """Return the ranges each live record lies in."""
    insight = access.insight(model.id)
    table = model.table
    statement = insight.statement.with_only_columns(table.c.id, insight.statement.selected_columns[BITS])
    found: dict[str, int] = {}
    for part in chunks(ids):
        live = statement.where(table.c.id.in_(part), table.c.deleted_at.is_(None))
        for record_id, bits in connection.execute(live, access.binds):
            found[record_id] = bits
    return found
