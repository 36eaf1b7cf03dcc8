"""The worker's part in formulas that were put off (:mod:`engine.records.due`): a batch at a time.

Batches follow the order of what formulas read; each is a write like any other, logged and told on behalf of who caused
it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import delete, select

from engine import org
from engine.expr.types import DEPARTMENT_ENTITY, USER_ENTITY
from engine.records.due import derive_due, put_off
from engine.records.formulas import Formula, formulas_of
from engine.records.links import chunks
from engine.records.reach import Change, every_record, readers
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from metadata.store import MetadataStore

BATCH: Final = 500
"""Records computed in one transaction of the worker."""


def catch_up(workspace: Workspace) -> bool:
    """Compute a batch of what waits in each application; returns whether there was any."""
    with workspace.database.read() as connection:
        apps = [row.id for row in MetadataStore(connection).apps() if row.live_version is not None]
        changed = connection.execute(select(org.org_change).limit(1)).first() is not None
        waiting = set(connection.execute(select(derive_due.c.app_id).distinct()).scalars())
    if changed:
        follow_people(workspace, apps)
    for app_id in sorted(waiting):
        if app_id not in apps:
            with workspace.database.write() as connection:
                connection.execute(delete(derive_due).where(derive_due.c.app_id == app_id))
            continue
        with workspace.write(app_id) as store:
            _batch(store)
    return changed or bool(waiting)


def _batch(store: RecordStore) -> None:
    formulas = formulas_of(store.catalog)
    mine = derive_due.c.app_id == store.snapshot.app.id
    found = list(store.connection.execute(select(derive_due.c.field_id).where(mine).distinct()).scalars())
    known = sorted((one for one in found if one in formulas.by_field), key=lambda one: formulas.by_field[one].number)
    gone = set(found) - set(known)
    if gone:
        store.connection.execute(delete(derive_due).where(mine, derive_due.c.field_id.in_(sorted(gone))))
    if not known:
        return
    this = (mine, derive_due.c.field_id == known[0])
    size = min(BATCH, store.surroundings.ripple_limit or BATCH)  # what is taken up is not to be put off again
    rows = store.connection.execute(select(derive_due).where(*this).order_by(derive_due.c.record_id).limit(size)).all()
    behalf = rows[0].on_behalf_of
    ids = {row.record_id for row in rows if row.on_behalf_of == behalf}
    for part in chunks(sorted(ids)):
        store.connection.execute(delete(derive_due).where(*this, derive_due.c.record_id.in_(part)))
    store.derive(behalf, {known[0]: ids})


def follow_people(workspace: Workspace, apps: Collection[str]) -> None:
    """Put off whatever reads people, departments or calendars that changed since the last time."""
    with workspace.database.write() as connection:
        rows = connection.execute(select(org.org_change)).all()
        changes = [_changed(entity, record) for entity, record in sorted({(row.entity, row.record) for row in rows})]
        for app_id in apps:
            store = workspace.writer(connection, app_id)
            wanted: dict[str, set[str]] = {}
            for formula in formulas_of(store.catalog).order:
                if not formula.volatile and _asks(formula, {change.entity for change in changes}):
                    wanted[formula.id] = every_record(connection, store.catalog, formula.entity)
            for field_id, ids in readers(connection, store.catalog, changes).items():
                wanted.setdefault(field_id, set()).update(ids)
            put_off(connection, store.snapshot.app.id, wanted, "")
        done = [row.id for row in rows]
        for part in chunks(done):
            connection.execute(delete(org.org_change).where(org.org_change.c.id.in_(part)))


def _changed(entity: str, record: str) -> Change:
    fields: dict[str, tuple[str, ...]] = {
        USER_ENTITY: ("usr_name", "usr_email", "usr_phone", "usr_active", "usr_manager", "usr_department"),
        DEPARTMENT_ENTITY: ("dep_name", "dep_parent", "dep_head"),
    }
    return Change(entity=entity, record=record, fields=frozenset(fields.get(entity, ())))


def _asks(formula: Formula, entities: set[str]) -> bool:
    """Say whether a formula asks the organization or a calendar as a whole."""
    uses = formula.tree.facts.uses
    people = "ORG" in uses and not entities.isdisjoint((USER_ENTITY, DEPARTMENT_ENTITY))
    return people or ("CALENDAR" in uses and org.CALENDAR in entities)
