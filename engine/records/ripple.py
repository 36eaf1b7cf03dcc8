"""What a write changes elsewhere: the revision of the parent, and formulas of other records that read this one.

Formulas are taken in the order of their dependencies, so that each is computed at most once for a record and the work
ends: there are only so many formulas, and none reads itself. Rows are locked before what they are computed from is
read; whoever writes at the same time waits and then sees both changes.

A derived change does not raise the revision, for nobody edited the record and an open form must not be told so. It is
logged as the product's own doing on behalf of who caused it, and told like any other change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, update

from engine.actor import Actor, system_actor
from engine.records import audit
from engine.records.access import Access
from engine.records.catalog import EntityModel
from engine.records.diffs import audit_rows
from engine.records.drafts import Draft
from engine.records.due import put_off
from engine.records.formulas import Formula, formulas_of
from engine.records.links import chunks
from engine.records.locks import locked_rows
from engine.records.reach import Change, readers
from engine.records.renew import Renewal, Renewed

DERIVE: Final = "derive"
"""Action of derived changes in the log."""


def bump_parents(access: Access, connection: Connection, drafts: Sequence[Draft]) -> None:
    """Raise the revision of the records whose rows were written on their own, so that an open form notices."""
    parents: dict[str, set[str]] = {}
    for draft in drafts:
        if draft.parent is None and draft.model.is_child and (owner := draft.new.get("sys_parent")):
            parents.setdefault(draft.model.entity.parent, set()).add(owner)
    for entity_id, ids in parents.items():
        model = access.catalog.entity(entity_id)
        table = model.table
        for part in chunks(sorted(ids)):
            connection.execute(
                update(table)
                .where(table.c.id.in_(part))
                .values(
                    rev=table.c.rev + 1,
                    updated_at=access.asking.now,
                    updated_by=access.actor.id,
                )
            )


def ripple(access: Access, connection: Connection, drafts: Sequence[Draft], limit: int | None = None) -> list[Draft]:
    """Recompute the stored formulas that read what was written; returns the other records that changed by it.

    Drafts among those records get their new values themselves. What would go over more than ``limit`` records at once
    is left to the worker.
    """
    if not any(formulas_of(access.catalog).stored.values()):
        return []
    work = Ripple(access, connection, drafts, limit)
    work.add([change_of(draft) for draft in drafts])
    for draft in drafts:
        if draft.kind == "restore":  # much may have changed while it was away
            work.ask(draft.model.id, draft.id)
    return work.run()


def change_of(draft: Draft) -> Change:
    """Return what a written draft means for formulas."""
    fields = set(draft.changed)
    if draft.kind in ("delete", "restore"):
        fields.update(draft.model.by_id)
    elif draft.moved:
        fields.add("sys_id")
    computed = () if draft.uncomputed else (f.id for f in draft.model.own if f.computed)
    return Change(
        entity=draft.model.id,
        record=draft.id,
        fields=frozenset(fields),
        owners=_owners(draft),
        done=frozenset(computed),
        with_parent=draft.parent is not None,
        states=(draft.old, draft.new),
    )


def _owners(draft: Draft) -> tuple[str, ...]:
    """A row that comes or goes changes its parent's sub-table; one that moves changes two."""
    owners = {draft.old.get("sys_parent"), draft.new.get("sys_parent")} - {None}
    return tuple(sorted(str(owner) for owner in owners))


class Ripple:
    """The formulas that wait to be computed, and what became of those that were."""

    def __init__(self, access: Access, connection: Connection, written: Iterable[Draft] = (), limit: int | None = None):
        self._limit = limit
        self._access, self._connection, self._catalog = access, connection, access.catalog
        self._formulas = formulas_of(access.catalog)
        self._pending: dict[str, set[str]] = {}
        self._written = {(draft.model.id, draft.id): draft for draft in written}
        self._derived: dict[tuple[str, str], Draft] = {}

    def add(self, changes: Sequence[Change]) -> None:
        """Have everything that reads what changed wait for its turn."""
        for formula_id, ids in readers(self._connection, self._catalog, changes).items():
            self._pending.setdefault(formula_id, set()).update(ids)

    def want(self, wanted: Mapping[str, Collection[str]]) -> None:
        """Have formulas (``{field id: record ids}``) computed again."""
        for formula_id, ids in wanted.items():
            self._pending.setdefault(formula_id, set()).update(ids)

    def ask(self, entity_id: str, record_id: str) -> None:
        """Have every formula of a record computed again."""
        for formula in self._formulas.stored[entity_id]:
            self._pending.setdefault(formula.id, set()).add(record_id)

    def run(self) -> list[Draft]:
        """Compute until nothing waits; returns the records that changed and were not written by the caller."""
        while self._pending:
            formulas = self._next()
            due = {formula.id: self._pending.pop(formula.id, set()) for formula in formulas}
            if self._limit is not None and len(set().union(*due.values())) > self._limit:
                waiting = {formula_id: ids for formula_id, ids in due.items() if ids}
                behalf = derived_by(self._access.actor).on_behalf_of
                put_off(self._connection, self._catalog.snapshot.app.id, waiting, behalf)
            else:
                self.add(self._renew(formulas, due))
        at = audit.stamp(self._access.asking.now)
        actor = derived_by(self._access.actor)
        audit.add(self._connection, audit_rows(self._access, list(self._derived.values()), at, DERIVE, actor))
        return [one for key, one in self._derived.items() if key not in self._written]

    def _next(self) -> list[Formula]:
        """Return formulas of one entity that nothing waiting can change any more, in order.

        Those that read them in the record itself come along, so that a chain inside a record is one batch.
        """
        first = min((self._formulas.by_field[one] for one in self._pending), key=lambda formula: formula.number)
        chosen: dict[str, Formula] = {}
        for formula in self._formulas.stored[first.entity]:
            waits = formula.id in self._pending
            follows = any(path[0] in chosen for path in formula.paths)
            if (
                (waits or follows)
                and not formula.reads_beyond(chosen)
                and not formula.needs & (self._pending.keys() - chosen.keys())
            ):
                chosen[formula.id] = formula
        return list(chosen.values())

    def _renew(self, formulas: Sequence[Formula], due: dict[str, set[str]]) -> list[Change]:
        model = self._catalog.entity(formulas[0].entity)
        done = frozenset(formula.id for formula in formulas)
        changes: list[Change] = []
        for part in chunks(sorted(set().union(*due.values()))):
            rows = locked_rows(self._connection, model, part)
            renewal = Renewal(self._connection, self._catalog, self._access.env, model, rows)
            for one in renewal.run(formulas, due):
                self._note(model, one)
                owner = one.new.get("sys_parent")
                changes.append(
                    Change(
                        entity=model.id,
                        record=one.id,
                        fields=frozenset(one.changed),
                        owners=(owner,) if owner else (),
                        done=done,
                        states=(one.old, one.new),
                    )
                )
        return changes

    def _note(self, model: EntityModel, one: Renewed) -> None:
        key = (model.id, one.id)
        values = {field_id: one.new[field_id] for field_id in one.changed}
        derived = self._derived.get(key)
        if derived is None:
            derived = self._derived[key] = Draft(
                model=model,
                kind="update",
                id=one.id,
                rid=one.rid,
                rev=int(one.old["sys_rev"]),
                old=one.old,
                new=dict(one.old),
                derived=True,
            )
        for draft in (derived, self._written.get(key)):
            if draft is not None:
                draft.new.update(values)
                draft.changed.update(values)


def derived_by(actor: Actor) -> Actor:
    """Return who a derived change is made by: the product, on behalf of the person who caused it."""
    behalf = actor.id if actor.kind == "user" else actor.on_behalf_of
    return system_actor(DERIVE, request_id=actor.request_id, on_behalf_of=behalf)
