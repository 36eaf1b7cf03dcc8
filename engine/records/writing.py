"""Creating and updating records: one pipeline for one record, a record with its rows, and a hundred thousand.

    bodies -> defaults -> rules, formulas -> exists? -> checks -> unique -> (before) -> write -> in range? -> (after)

Each station works on all drafts at once, so that a bulk write asks the database a few times and not once a row.
A draft with findings is not written; whether the others are is the caller's choice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from engine.expr.values import ErrorValue
from engine.records import audit, files
from engine.records.access import Access
from engine.records.catalog import EntityModel, FieldModel
from engine.records.chains import check_chains
from engine.records.checks import check_files, check_references, check_required, file_fields
from engine.records.derive import compute, settle
from engine.records.diffs import audit_rows
from engine.records.drafts import Draft, Intake, grouped, intake_of
from engine.records.formulas import formulas_of
from engine.records.links import write_links
from engine.records.loading import Loader
from engine.records.locks import hold_targets, take_turn
from engine.records.originals import any_originals, forget_originals
from engine.records.ranging import check_ranges
from engine.records.ripple import bump_parents, derived_by, ripple
from engine.records.ruling import Rulings, ruled
from engine.records.searching import index_drafts
from engine.records.serials import allot, serial_fields
from engine.records.spec import PLAIN, Manner
from engine.records.subtables import read_rows
from engine.records.trash import trash
from engine.records.unique import check_unique
from engine.records.work import Work
from engine.records.writer import EntityWriter, writer_of
from metadata.ids import new_record_id


class Writing:
    """One write of an actor: drafts of one entity, from bodies to rows."""

    def __init__(self, work: Work, access: Access, model: EntityModel, manner: Manner = PLAIN):
        self.work, self.access, self.model, self.manner = work, access, model, manner
        self.connection = work.connection
        self.catalog = access.catalog
        self.loader = Loader(self.connection, self.catalog)
        self.env = access.env
        self._intakes: dict[tuple[str, str], Intake] = {}
        self._templates: dict[str, dict[str, Any]] = {}
        if not manner.preview:
            take_turn(self.connection, self.catalog, model.id)

    # -- from bodies to drafts ----------------------------------------------------------------------------------

    def new(
        self, body: Mapping[str, Any], *, place: str = "", record_id: str | None = None, typed: bool = False
    ) -> Draft:
        """Return the draft of a new record; its findings say what is wrong so far."""
        return self._new(self.model, body, place, record_id or new_record_id(), None, typed)

    def _new(
        self,
        model: EntityModel,
        body: Mapping[str, Any],
        place: str,
        record_id: str,
        parent: Draft | None,
        typed: bool = False,
    ) -> Draft:
        draft = Draft(model=model, kind="create", id=record_id, place=place, parent=parent)
        new = draft.new = self._template(model).copy()
        new["sys_id"] = record_id
        below = self._intake(model, "create").read(draft, body, typed)
        if parent is not None and "sys_owner" not in draft.sent:
            new["sys_owner"] = parent.new.get("sys_owner")
        if parent is not None:
            new["sys_parent"] = parent.id
        elif model.is_child and not new.get("sys_parent"):
            label = model.by_id["sys_parent"].field.label
            draft.reject("R324", "parent", label=label)
        for f, _, default in formulas_of(self.catalog).defaults[model.id]:
            if f.id not in draft.sent:
                value = default(self.env.at(new))
                if value is not None and not isinstance(value, ErrorValue):
                    new[f.id], _ = settle(model.by_id[f.id], value)
        draft.changed = {field_id for field_id, value in new.items() if value is not None and value != ()}
        read_rows(self, draft, below)
        return draft

    def _intake(self, model: EntityModel, action: str) -> Intake:
        found = self._intakes.get((model.id, action))
        if found is None:
            found = self._intakes[model.id, action] = intake_of(self.access, model, action)
        return found

    def _template(self, model: EntityModel) -> dict[str, Any]:
        """Return what a new record of this write holds before anything was sent."""
        found = self._templates.get(model.id)
        if found is None:
            now, actor = self.access.asking.now, self.access.actor
            found = self._templates[model.id] = {
                **_template(self.access, model),
                "sys_rev": 1,
                "sys_owner": actor.id if actor.kind == "user" else actor.on_behalf_of or None,
                "sys_created_at": now,
                "sys_created_by": actor.id,
                "sys_updated_at": now,
                "sys_updated_by": actor.id,
            }
        return found

    def untouched(self, draft: Draft, f: FieldModel) -> Any:
        """Return what a field of a new record holds when nothing is sent for it."""
        for field, _, default in formulas_of(self.catalog).defaults[draft.model.id]:
            if field.id == f.id:
                value = default(self.env.at(draft.new))
                if value is not None and not isinstance(value, ErrorValue):
                    return settle(f, value)[0]
        return self._template(draft.model).get(f.id)

    def child(self, parent: Draft, model: EntityModel, body: Mapping[str, Any], place: str) -> Draft:
        """Return the draft of a new row of a sub-table."""
        return self._new(model, body, place, new_record_id(), parent)

    def stamp(self, draft: Draft) -> None:
        """Set who changed a record and when."""
        draft.new["sys_rev"] = draft.rev
        draft.new["sys_updated_at"], draft.new["sys_updated_by"] = self.access.asking.now, self.access.actor.id

    def change(self, draft: Draft, body: Mapping[str, Any], *, typed: bool = False) -> None:
        """Read a body into a draft of a stored record."""
        below = self._intake(draft.model, "update").read(draft, body, typed)
        for field_id in draft.sent:
            f = draft.model.by_id[field_id]
            if f.storage == "links" and field_id in draft.new:
                held = self.loader.links(field_id, [draft.id])[draft.id]
                draft.old[field_id] = held
            if field_id in draft.new and draft.new[field_id] != draft.old.get(field_id):
                draft.changed.add(field_id)
        read_rows(self, draft, below)

    # -- stations -----------------------------------------------------------------------------------------------

    def check(self, drafts: Sequence[Draft], *, write: bool = True) -> None:
        """Run every check that needs no write; findings are left on the drafts. A dry run locks nothing."""
        every = [one for draft in drafts for one in draft.family()]
        if write:
            hold_targets(self.connection, self.catalog, every)
        rulings = Rulings(self, drafts) if ruled(self, drafts) else None
        if rulings is not None:
            rulings.settle()
            every = [one for draft in drafts for one in draft.family()]
        check_references(self.access, self.connection, every)
        check_files(self.access, self.connection, every)
        if rulings is None:
            compute(self.catalog, self.loader, self.env, [draft for draft in drafts if not draft.findings])
        for draft in every:
            check_required(self.access, draft)
        if rulings is not None:
            rulings.judge()
        for group in grouped(draft for draft in every if not draft.findings).values():
            check_chains(self.catalog, self.connection, group)
            check_unique(self.connection, writer_of(self.catalog, group[0].model).unique, group)

    def write(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Write drafts without findings, rows of sub-tables included; return those that someone else had changed.

        A draft that turns out to break a unique rule or its range gets its findings here; the transaction is then
        to be rolled back (or the savepoint of the caller).
        """
        every = [one for draft in drafts for one in draft.family() if one.different]
        self._allot(every)
        self.work.before(self.access.actor, every)
        stale: list[Draft] = []
        for group in grouped(every).values():
            stale += self._rows(group)
        if stale or any(draft.findings for draft in every):
            return stale
        self._links(every)
        self._settle_originals(every)
        index_drafts(self.access, self.connection, every)
        self._attach(every)
        check_ranges(self.access, self.connection, every)
        if any(draft.findings for draft in every):
            return stale
        gone = [row for draft in every for row in draft.removed]
        self.work.before(self.access.actor, gone)
        gone = trash(self, gone) if gone else []
        self._audit(every)
        bump_parents(self, drafts)
        self.spread([*every, *gone])
        return stale

    def spread(self, drafts: Sequence[Draft]) -> None:
        """Recompute whatever reads what these drafts changed, then tell of all of it: all values agree by then."""
        derived = ripple(self.access, self.connection, drafts, self.work.ripple_limit)
        self.work.after(self.access.actor, drafts)
        self.work.after(derived_by(self.access.actor), derived)

    def _allot(self, drafts: Sequence[Draft]) -> None:
        fresh = [draft for draft in drafts if draft.kind == "create" and serial_fields(draft.model)]
        if not fresh:
            return
        for group in grouped(fresh).values():
            allot(self.connection, self.work.database, group, self.access.asking.today)
        for draft in fresh:
            draft.changed.update(serial_fields(draft.model))
        if ruled(self, fresh):
            Rulings(self, fresh).run()
        else:
            compute(self.catalog, self.loader, self.env, fresh)

    def _rows(self, drafts: Sequence[Draft]) -> list[Draft]:
        writer = writer_of(self.catalog, drafts[0].model)
        fresh = [draft for draft in drafts if draft.kind == "create"]
        kept = [draft for draft in drafts if draft.kind != "create"]
        guarded = bool(writer.unique) and self.connection.dialect.name == "postgresql"
        try:
            if not guarded:
                return _put(writer, self.connection, fresh, kept)
            with self.connection.begin_nested():
                return _put(writer, self.connection, fresh, kept)
        except IntegrityError:
            self._explain(drafts)
            return []

    def _explain(self, drafts: Sequence[Draft]) -> None:
        """Find out which rule an index has just refused: somebody else was faster, or an id is taken."""
        check_unique(self.connection, writer_of(self.catalog, drafts[0].model).unique, drafts)
        if any(draft.findings for draft in drafts):
            return
        taken = self.work.ids_taken(drafts[0].model, [draft.id for draft in drafts if draft.kind == "create"])
        for draft in drafts:
            if draft.kind == "create" and draft.id in taken:
                draft.reject("R318", "id", id=draft.id)
        if not any(draft.findings for draft in drafts):
            raise

    def _links(self, drafts: Sequence[Draft]) -> None:
        wanted: dict[tuple[str, bool], list[tuple[str, tuple[str, ...]]]] = {}
        for draft in drafts:
            for f in draft.model.links:
                if f.id in draft.changed:
                    fresh = draft.kind == "create"
                    wanted.setdefault((f.id, fresh), []).append((draft.id, draft.new[f.id]))
        for (field_id, fresh), rows in wanted.items():
            table = self.catalog.tables.links(self.catalog.snapshot.field(field_id))
            write_links(self.connection, table, rows, fresh=fresh)

    def _attach(self, drafts: Sequence[Draft]) -> None:
        for draft in drafts:
            for f in file_fields(draft):
                held = draft.old.get(f.id) or ()
                fresh = [one for one in draft.new.get(f.id) or () if one not in held]
                if fresh:
                    app = self.catalog.snapshot.app.id
                    files.attach(
                        self.connection,
                        fresh,
                        app_id=app,
                        entity_id=draft.model.id,
                        field_id=f.id,
                        record_id=draft.id,
                    )

    def _settle_originals(self, drafts: Sequence[Draft]) -> None:
        """A value that a change of type left over is settled once its field is written."""
        for group in grouped(draft for draft in drafts if draft.kind == "update").values():
            if any_originals(self.connection, group[0].model.id):
                changed = {draft.id: draft.changed for draft in group if draft.changed}
                forget_originals(self.connection, group[0].model.id, changed)

    def _audit(self, drafts: Sequence[Draft]) -> None:
        at = audit.stamp(self.access.asking.now)
        audit.add(self.connection, audit_rows(self.access, drafts, at))


def _put(writer: EntityWriter, connection: Connection, fresh: Sequence[Draft], kept: Sequence[Draft]) -> list[Draft]:
    if fresh:
        writer.insert(connection, fresh)
    return writer.update(connection, kept) if kept else []


def _template(access: Access, model: EntityModel) -> Mapping[str, Any]:
    """Return what a new record holds before anything was sent: blanks and fixed defaults."""
    key = ("template", model.id)
    found = access.catalog.kept.get(key)
    if found is None:
        found = {f.id: None for f in model if f.system}
        for f in model.own:
            if f.storage != "children":
                found[f.id] = f.type.blank(f.field)
                if f.field.default is not None and f.type.writable:
                    found[f.id] = f.type.accept(f.field, f.field.default)
        access.catalog.kept[key] = found
    return found
