"""Trash and back: a record goes with its rows and comes back with them; links to it are refused or cleared."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update

from engine.problems import Conflict, Forbidden, NotFound
from engine.records.catalog import EntityModel
from engine.records.drafts import Draft, grouped
from engine.records.links import chunks
from engine.records.loading import typer_of
from engine.records.ripple import bump_parents
from engine.records.searching import index_drafts
from engine.records.stored import stored_drafts
from engine.records.trash import log_drafts, trash
from engine.records.unique import check_unique
from engine.records.writer import writer_of
from engine.records.writing import Writing
from metadata.findings import Finding, Refused


def remove(writing: Writing, record_id: str, rev: int | None) -> Draft:
    """Put a record and its rows into the trash. Raises NotFound, Forbidden, Conflict or Refused."""
    draft = removable(writing, [record_id]).get(record_id)
    if draft is None:
        raise NotFound(what=writing.model.entity.label)
    judge(writing, draft, rev)
    discard(writing, [draft])
    return draft


def removable(writing: Writing, record_ids: Sequence[str]) -> dict[str, Draft]:
    """Return drafts of the records among ``record_ids`` that the actor may see."""
    return stored_drafts(writing.access, writing.connection, writing.model, record_ids, "delete")


def judge(writing: Writing, draft: Draft, rev: int | None) -> None:
    """Say whether a record may be removed. Raises Forbidden, or Conflict when it is not at ``rev`` any more."""
    if not draft.bits & writing.access.rights(writing.model.id).rows["delete"]:
        raise Forbidden(what={"zh-CN": "删除", "en": "delete this"})
    if rev is not None and rev != draft.rev - 1:
        raise Conflict(rev=draft.rev - 1)


def discard(writing: Writing, drafts: Sequence[Draft]) -> None:
    """Put records into the trash together. Raises Refused when something still points to one of them from outside."""
    writing.work.before(writing.access.actor, drafts)
    removed = trash(writing.access, writing.connection, drafts)
    bump_parents(writing.access, writing.connection, drafts)
    writing.spread(removed)


def bring_back(writing: Writing, record_id: str) -> Draft:
    """Take a record out of the trash with the rows that went with it. Raises NotFound, Forbidden or Refused."""
    access, connection, model = writing.access, writing.connection, writing.model
    draft = stored_drafts(access, connection, model, [record_id], "restore", trashed=True).get(record_id)
    if draft is None:
        raise NotFound(what=model.entity.label)
    if not draft.bits & access.rights(model.id).rows["delete"]:
        raise Forbidden(what={"zh-CN": "恢复", "en": "restore this"})
    if model.is_child and not _parent_lives(writing, model, draft):
        raise Refused([Finding("R321", "")])
    every = [draft, *_trashed_with(writing, draft)]
    for one in every:
        one.kind, one.deleted_at = "restore", None
        one.changed = {f.id for f in one.model.own if one.new.get(f.id) not in (None, ())}
    for group in grouped(every).values():
        check_unique(connection, writer_of(writing.catalog, group[0].model).unique, group)
    findings = [finding for one in every for finding in one.findings]
    if findings:
        raise Refused(findings)
    writing.work.before(access.actor, [draft])
    for group in grouped(every).values():
        table = group[0].model.table
        for part in chunks([one.id for one in group]):
            back = update(table).where(table.c.id.in_(part))
            connection.execute(back.values(deleted_at=None, deleted_by=None, rev=table.c.rev + 1))
    index_drafts(access, connection, every)
    log_drafts(access, connection, every)
    bump_parents(access, connection, [draft])
    writing.spread(every)
    return draft


def _parent_lives(writing: Writing, model: EntityModel, draft: Draft) -> bool:
    table = writing.catalog.entity(model.entity.parent).table
    alive = select(table.c.id).where(table.c.id == draft.old.get("sys_parent"), table.c.deleted_at.is_(None))
    return writing.connection.execute(alive).first() is not None


def _trashed_with(writing: Writing, draft: Draft) -> list[Draft]:
    found: list[Draft] = []
    for f in draft.model.children:
        model = writing.catalog.entity(f.target)
        typer, table = typer_of(writing.catalog, model), model.table
        same = select(table).where(table.c.parent_id == draft.id, table.c.deleted_at == draft.deleted_at)
        for row in writing.connection.execute(same):
            old = typer.values(row)
            one = Draft(model=model, kind="restore", id=row.id, rid=row.rid, rev=row.rev + 1, old=old, new=dict(old))
            one.deleted_at = draft.deleted_at
            found += [one, *_trashed_with(writing, one)]
    return found
