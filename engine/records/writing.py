"""Creating and updating records: one pipeline for one record, a record with its rows, and a hundred thousand.

    bodies -> defaults -> rules, formulas -> exists? -> checks -> unique -> (before) -> write -> in range? -> (after)

Each station works on all drafts at once, so that a bulk write asks the database a few times and not once a row.
A draft with findings is not written; whether the others are is the caller's choice.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from engine.problems import Conflict
from engine.records import audit, files
from engine.records.access import Access
from engine.records.catalog import EntityModel
from engine.records.chains import check_chains
from engine.records.checks import check_files, check_references, check_required, file_fields
from engine.records.derive import compute
from engine.records.diffs import audit_rows
from engine.records.drafting import Drafting
from engine.records.drafts import Draft, grouped
from engine.records.links import write_links
from engine.records.locks import hold_targets, take_turn
from engine.records.originals import any_originals, forget_originals
from engine.records.ranging import check_ranges
from engine.records.ripple import bump_parents, derived_by, ripple
from engine.records.rulings import Rulings, ruled
from engine.records.searching import index_drafts
from engine.records.serials import allot, serial_fields
from engine.records.spec import PLAIN, Manner
from engine.records.trash import trash
from engine.records.unique import check_unique
from engine.records.work import Work
from engine.records.writer import EntityWriter, writer_of


class Writing(Drafting):
    """One write of an actor: drafts of one entity, from bodies to rows."""

    def __init__(self, work: Work, access: Access, model: EntityModel, manner: Manner = PLAIN):
        super().__init__(work, access, model, manner)
        if not manner.preview:
            take_turn(self.connection, self.catalog, model.id)

    def check(self, drafts: Sequence[Draft]) -> None:
        """Run every check that needs no write; findings are left on the drafts. A preview locks nothing."""
        every = [one for draft in drafts for one in draft.family()]
        if not self.manner.preview:
            hold_targets(self.connection, self.catalog, every)
        rulings = Rulings(self, drafts) if ruled(self, drafts) else None
        if rulings is not None:
            rulings.settle()
            every = [one for draft in drafts for one in draft.family()]
        check_references(self.access, self.connection, every)
        check_files(self.access, self.connection, every)
        if rulings is None:
            compute(self.catalog, self.loader, self.env, [draft for draft in drafts if not draft.findings])
        check_required(self.access, self.loader, every)
        if rulings is not None:
            rulings.judge()
        for group in grouped(draft for draft in every if not draft.findings).values():
            check_chains(self.catalog, self.connection, group)
            check_unique(self.connection, writer_of(self.catalog, group[0].model).unique, group)

    def write(self, drafts: Sequence[Draft]) -> None:
        """Write drafts without findings, rows of sub-tables included. Raises Conflict when one of them is not any more
        what it was read as: a subscriber wrote it meanwhile.

        A draft that turns out to break a unique rule or its range gets its findings here; the transaction is then
        to be rolled back (or the savepoint of the caller).
        """
        every = [one for draft in drafts for one in draft.family() if one.different]
        self._allot(every)
        self.work.before(self.access.actor, every)
        for group in grouped(every).values():
            self._rows(group)
        if any(draft.findings for draft in every):
            return
        self._links(every)
        self._settle_originals(every)
        index_drafts(self.access, self.connection, every)
        self._attach(every)
        check_ranges(self.access, self.connection, every)
        if any(draft.findings for draft in every):
            return
        gone = [row for draft in every for row in draft.removed]
        self.work.before(self.access.actor, gone)
        gone = trash(self.access, self.connection, gone) if gone else []
        self._audit(every)
        bump_parents(self.access, self.connection, drafts)
        self.spread([*every, *gone])

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

    def _rows(self, drafts: Sequence[Draft]) -> None:
        writer = writer_of(self.catalog, drafts[0].model)
        fresh = [draft for draft in drafts if draft.kind == "create"]
        kept = [draft for draft in drafts if draft.kind != "create"]
        guarded = bool(writer.unique) and self.connection.dialect.name == "postgresql"
        try:
            if not guarded:
                _put(writer, self.connection, fresh, kept)
                return
            with self.connection.begin_nested():
                _put(writer, self.connection, fresh, kept)
        except IntegrityError:
            self._explain(drafts)

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


def _put(writer: EntityWriter, connection: Connection, fresh: Sequence[Draft], kept: Sequence[Draft]) -> None:
    if fresh:
        writer.insert(connection, fresh)
    stale = writer.update(connection, kept) if kept else []
    if stale:
        raise Conflict(rev=stale[0].rev)
