"""Formulas that could not be computed in the write that changed what they read: too many records, or people changed.

What is put off is written down in the transaction of the change, so it is never lost and never unknown: a field of
which something waits is shown as being computed (:func:`computing`). The worker takes it up a batch at a time, in the
order of what formulas read; each batch is a write like any other, logged and told on behalf of who caused it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Final

from sqlalchemy import Column, Connection, String, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from engine import org
from engine.database import SYSTEM
from engine.expr.types import DEPARTMENT_ENTITY, USER_ENTITY
from engine.records.formulas import Formula, formulas_of
from engine.records.links import chunks
from engine.records.reach import Change, every_record, readers
from metadata.store import MetadataStore

if TYPE_CHECKING:
    from engine.records.catalog import Catalog
    from engine.records.store import RecordStore
    from engine.records.workspace import Workspace

BATCH: Final = 500
"""Records computed in one transaction of the worker."""

derive_due = Table(
    "derive_due",
    SYSTEM,
    Column("app_id", String(64), primary_key=True),
    Column("field_id", String(64), primary_key=True),
    Column("record_id", String(64), primary_key=True),
    Column("on_behalf_of", String(64), nullable=False),
)


def put_off(connection: Connection, app_id: str, wanted: Mapping[str, Collection[str]], behalf: str) -> None:
    """Leave formulas (``{field id: record ids}``) to the worker."""
    make = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    for field_id, ids in wanted.items():
        for part in chunks(sorted(ids), 5_000):
            rows = [{"app_id": app_id, "field_id": field_id, "record_id": one, "on_behalf_of": behalf} for one in part]
            connection.execute(make(derive_due).on_conflict_do_nothing(), rows)


def computing(connection: Connection, catalog: Catalog) -> frozenset[str]:
    """Return the computed fields that may still be old somewhere: those that wait, and those that read them."""
    formulas = formulas_of(catalog)
    if not formulas.dependents:
        return frozenset()
    waiting = select(derive_due.c.field_id).where(derive_due.c.app_id == catalog.snapshot.app.id).distinct()
    found = set(connection.execute(waiting).scalars())
    return frozenset(one.id for one in formulas.order if one.id in found or one.needs & found) if found else frozenset()


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
    size = min(BATCH, store.workspace.ripple_limit or BATCH)  # what is taken up is not to be put off again
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
            store = workspace.store(connection, app_id)
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
