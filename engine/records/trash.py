"""Putting records into the trash: with their rows, and after dealing with whatever still points to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, func, select, update

from engine.records import audit
from engine.records.access import Access
from engine.records.catalog import Catalog, EntityModel, FieldModel
from engine.records.diffs import audit_rows
from engine.records.drafting import stamp
from engine.records.drafts import Draft, grouped
from engine.records.faults import errors_of
from engine.records.links import chunks, links_of
from engine.records.loading import typer_of
from engine.records.locks import locked_rows
from engine.records.searching import index_drafts
from engine.records.writer import writer_of
from metadata.findings import Finding, Refused
from metadata.model import Entity, Field


def trash(access: Access, connection: Connection, drafts: Sequence[Draft]) -> list[Draft]:
    """Trash records with all rows below them, after clearing or refusing what points to them.

    Returns every record written: those that go, and before them those that lose a link. Formulas are not computed yet.
    """
    every = [*drafts, *_below(access.catalog, connection, drafts)]
    cleared = _release(access, connection, every)
    at, who = access.asking.now, access.actor.id
    for group in grouped(every).values():
        table = group[0].model.table
        for part in chunks([draft.id for draft in group]):
            statement = update(table).where(table.c.id.in_(part), table.c.deleted_at.is_(None))
            connection.execute(statement.values(deleted_at=at, deleted_by=who, rev=table.c.rev + 1))
    for draft in every:
        draft.kind, draft.deleted_at = "delete", at
        draft.changed = {f.id for f in draft.model.own if draft.old.get(f.id) not in (None, ())}
    index_drafts(access, connection, every)
    log_drafts(access, connection, every)
    return [*cleared, *every]


def _below(catalog: Catalog, connection: Connection, drafts: Sequence[Draft]) -> list[Draft]:
    """Rows of the sub-tables of some records, theirs included, whoever may see them."""
    found: list[Draft] = []
    for group in grouped(drafts).values():
        for f in group[0].model.children:
            model = catalog.entity(f.target)
            found += _children(connection, catalog, model, [draft.id for draft in group])
    return [*found, *_below(catalog, connection, found)] if found else found


def _children(connection: Connection, catalog: Catalog, model: EntityModel, parents: Sequence[str]) -> list[Draft]:
    typer, table = typer_of(catalog, model), model.table
    found = []
    for part in chunks(parents):
        for row in connection.execute(select(table).where(table.c.parent_id.in_(part), table.c.deleted_at.is_(None))):
            old = typer.values(row)
            found.append(
                Draft(model=model, kind="delete", id=row.id, rid=row.rid, rev=row.rev + 1, old=old, new=dict(old))
            )
    return found


def _release(access: Access, connection: Connection, drafts: Sequence[Draft]) -> list[Draft]:
    """Deal with links to records that go: refuse or clear, as the link field says; returns who lost a link."""
    cleared: list[Draft] = []
    gone = {(draft.model.id, draft.id) for draft in drafts}
    for entity_id, group in grouped(drafts).items():
        for entity, field in access.catalog.snapshot.links_to(entity_id):
            model = access.catalog.entity(entity.id)
            f = model.by_id.get(field.id)
            if f is None:
                continue
            users = _users_of(connection, access.catalog, model, f, [draft.id for draft in group])
            users = {one for one in users if (entity.id, one) not in gone}
            if not users:
                continue
            if on_delete(field) == "refuse":
                _refuse(access, connection, entity, field, users)
            cleared += _clear(access, connection, model, f, sorted(users), {draft.id for draft in group})
    return cleared


def on_delete(field: Field) -> str:
    """Return what happens to a link when its record is deleted; many-links let go unless told otherwise."""
    return str(field.options.get("on_delete") or ("clear" if field.type == "link_many" else "refuse"))


def _users_of(
    connection: Connection, catalog: Catalog, model: EntityModel, f: FieldModel, ids: Iterable[str]
) -> set[str]:
    table = model.table
    found: set[str] = set()
    for part in chunks(sorted(ids)):
        if f.storage == "links":
            links = catalog.tables.links(f.field)
            wanted = (
                select(table.c.id)
                .join(links, links.c.left_id == table.c.id)
                .where(links.c.right_id.in_(part), table.c.deleted_at.is_(None))
            )
        else:
            wanted = select(table.c.id).where(f.columns[0].in_(part), table.c.deleted_at.is_(None))
        found.update(connection.execute(wanted).scalars())
    return found


def _refuse(access: Access, connection: Connection, entity: Entity, field: Field, users: set[str]) -> None:
    """Refuse, counting only what the sender may see."""
    rights = access.rights(entity.id)
    seen = 0
    if rights.allows("read") and field.id in rights.readable:
        alias = access.alias(entity.id)
        for part in chunks(sorted(users)):
            wanted = select(func.count()).select_from(alias.source).where(alias.id.in_(part))
            seen += int(connection.execute(wanted, access.binds).scalar() or 0)
    if seen:
        raise Refused([Finding("R308", "", {"count": seen, "entity": entity.label, "label": field.label})])
    raise Refused([Finding("R309", "")])


def _clear(
    access: Access, connection: Connection, model: EntityModel, f: FieldModel, users: Sequence[str], gone: set[str]
) -> list[Draft]:
    """Take the links away; each record that loses one is a write of its own, logged and told."""
    typer = typer_of(access.catalog, model)
    drafts = []
    for part in chunks(users):
        rows = locked_rows(connection, model, part)
        links = links_of(connection, access.catalog.tables.links(f.field), part) if f.storage == "links" else {}
        for row in rows:
            old = typer.values(row)
            if f.storage == "links":
                old[f.id] = links.get(row.id, ())
            new = dict(old)
            new[f.id] = tuple(one for one in old[f.id] if one not in gone) if f.storage == "links" else None
            draft = Draft(model=model, kind="update", id=row.id, rid=row.rid, rev=row.rev + 1, old=old, new=new)
            draft.changed, draft.uncomputed = {f.id}, True
            draft.extra, draft.errors = row.extra, errors_of(row.extra)
            draft.pos = (row.pos or 0) if model.is_child else 0
            stamp(access, draft)
            drafts.append(draft)
    if f.storage == "links":
        links_table = access.catalog.tables.links(f.field)
        for part in chunks(sorted(gone)):
            connection.execute(delete(links_table).where(links_table.c.right_id.in_(part)))
    writer_of(access.catalog, model).update(connection, drafts)
    index_drafts(access, connection, drafts)
    log_drafts(access, connection, drafts)
    return drafts


def log_drafts(access: Access, connection: Connection, drafts: Sequence[Draft]) -> None:
    """Log that records went or came back, and what others changed by it."""
    shown = []
    for draft in drafts:
        if draft.kind in ("delete", "restore"):  # the values are in the log already; only that it happened is new
            draft = Draft(model=draft.model, kind=draft.kind, id=draft.id, rev=draft.rev)
        shown.append(draft)
    audit.add(connection, audit_rows(access, shown, audit.stamp(access.asking.now)))
