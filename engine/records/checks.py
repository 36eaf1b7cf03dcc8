"""What a record must satisfy before it is written: required fields, existing people, records and files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select

from engine import org
from engine.records import files
from engine.records.access import Access, remembered
from engine.records.catalog import FieldModel
from engine.records.drafts import Draft
from engine.records.links import chunks
from engine.records.loading import Loader
from metadata.findings import Finding

_PEOPLE = select(org.user.c.id).where(org.user.c.id.in_(bindparam("ids", expanding=True)))
_DEPARTMENTS = select(org.department.c.id).where(org.department.c.id.in_(bindparam("ids", expanding=True)))


def check_required(access: Access, loader: Loader, drafts: Sequence[Draft]) -> None:
    """Refuse a blank required field. On update that is what this write leaves blank, what its sender could fill, or
    what a rule asks for because of something that changes now."""
    asked = [(draft, f) for draft in drafts for f in _asked(access, draft)]
    elsewhere: dict[str, list[tuple[Draft, FieldModel]]] = {}
    for draft, f in asked:
        if not _brings(draft, f):
            elsewhere.setdefault(f.id, []).append((draft, f))
    for users in elsewhere.values():
        _held(loader, users[0][1], [draft.id for draft, _ in users])
    for draft, f in asked:
        if _is_blank(loader, draft, f) and not any(one.place == f"{draft.place}/{f.key}" for one in draft.findings):
            draft.reject("R304", f.key, label=f.field.label)


def _asked(access: Access, draft: Draft) -> Iterator[FieldModel]:
    """Yield the required fields of a record that this write answers for."""
    rights = access.rights(draft.model.id)
    person = access.actor.kind != "system"
    for f in required_fields(access, draft):
        untouched = draft.kind == "update" and f.id not in draft.changed and f.id not in draft.rows
        if not untouched or (person and rights.may_write("update", f.id, draft.bits)) or _asked_now(draft, f):
            yield f


def required_fields(access: Access, draft: Draft) -> tuple[FieldModel, ...]:
    """Return the fields of the record that must be filled in: as their definition says and its rules do."""
    ruling = draft.ruling
    if ruling is not None:
        return tuple(f for f in draft.model.own if f.type.writable and ruling.required(f.id, f.field.required))
    key = ("required", draft.model.id)
    found = access.catalog.kept.get(key)
    if found is None:
        found = tuple(f for f in draft.model.own if f.field.required and f.type.writable)
        access.catalog.kept[key] = found
    return found


def _asked_now(draft: Draft, f: FieldModel) -> bool:
    return draft.ruling is not None and draft.ruling.asked_now(f.id)


def _is_blank(loader: Loader, draft: Draft, f: FieldModel) -> bool:
    if not _brings(draft, f):
        return not _held(loader, f, [draft.id])[draft.id]
    value = draft.rows.get(f.id) if f.storage == "children" else draft.new.get(f.id)
    return value is None or value in ((), [])


def _brings(draft: Draft, f: FieldModel) -> bool:
    """Say whether what a field holds is known without asking: links and rows that are not sent are kept elsewhere."""
    if draft.kind == "create" or f.storage not in ("links", "children"):
        return True
    return f.id in (draft.rows if f.storage == "children" else draft.new)


def _held(loader: Loader, f: FieldModel, ids: Sequence[str]) -> Mapping[str, Sequence[Any]]:
    return loader.children(f.target, ids) if f.storage == "children" else loader.links(f.id, ids)


def check_references(access: Access, connection: Connection, drafts: Sequence[Draft]) -> None:
    """Refuse people and departments that do not exist, and linked records that do not exist or that the sender may not
    see."""
    people: dict[str, list[tuple[Draft, FieldModel]]] = {}
    departments: dict[str, list[tuple[Draft, FieldModel]]] = {}
    linked: dict[str, dict[str, list[tuple[Draft, FieldModel]]]] = {}
    for draft in drafts:
        for f in draft.model.references:
            if f.id not in draft.changed or (f.system and f.id not in draft.sent):
                continue
            value = draft.new.get(f.id)
            if value is None or value == ():
                continue
            held = {"people": people, "departments": departments}.get(f.holds)
            users = linked.setdefault(f.target, {}) if held is None else held
            for one in _each(value):
                users.setdefault(one, []).append((draft, f))
    if people:
        _refuse_missing(people, _existing(connection, _PEOPLE, people), "R307")
    if departments:
        _refuse_missing(departments, _existing(connection, _DEPARTMENTS, departments), "R347")
    for entity_id, targets in linked.items():
        _refuse_missing(targets, _readable(access, connection, entity_id, targets), "R306")


def _each(value: Any) -> Iterable[str]:
    return value if isinstance(value, tuple) else (value,)


def _refuse_missing(wanted: dict[str, list[tuple[Draft, FieldModel]]], found: set[str], code: str) -> None:
    for one, users in wanted.items():
        if one not in found:
            for draft, f in users:
                draft.reject(code, f.key, label=f.field.label)


def _existing(connection: Connection, question: Select[Any], ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for part in chunks(sorted(ids)):
        found.update(connection.execute(question, {"ids": list(part)}).scalars())
    return found


def _readable(access: Access, connection: Connection, entity_id: str, ids: Iterable[str]) -> set[str]:
    if not access.catalog.has(entity_id) or not access.rights(entity_id).allows("read"):
        return set()
    alias = access.alias(entity_id, clocked=False)
    statement = remembered(
        access.shelf(entity_id),
        ("readable", access.roles, entity_id),
        lambda: select(alias.id).where(alias.id.in_(bindparam("ids", expanding=True))),
    )
    found: set[str] = set()
    for part in chunks(sorted(ids)):
        found.update(connection.execute(statement, {**access.binds, "ids": list(part)}).scalars())
    return found


def check_files(access: Access, connection: Connection, drafts: Sequence[Draft]) -> None:
    """Refuse to change what stays once it is given, and files that do not exist, or that neither are the sender's own
    nor hang on this field already."""
    for draft in drafts:
        for f in file_fields(draft):
            value = draft.new.get(f.id) or ()
            if f.type.final(f.field) and draft.old.get(f.id) and access.actor.kind != "system":
                draft.reject("R341", f.key, label=f.field.label)
                continue
            fresh = [one for one in value if one not in (draft.old.get(f.id) or ())]
            if not fresh or access.actor.kind == "system":
                continue
            bad = files.unusable(connection, access.actor, fresh, f.id, draft.id)
            for i, one in enumerate(value):
                if one in bad:
                    draft.findings.append(
                        Finding("R310", f"{draft.place}/{f.key}/{i}", {"label": f.field.label, "file": one})
                    )


def file_fields(draft: Draft) -> list[FieldModel]:
    """Return the changed file fields of a draft."""
    return [f for f in draft.model.files if f.id in draft.changed]
