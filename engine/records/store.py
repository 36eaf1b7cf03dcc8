"""The only door to records. Every method names an actor; there is no variant without one.

Not readable is 404, readable but not allowed is 403, a hidden field is an unknown field. Writes go through one
pipeline (``writing``), reads through one alias (``secured``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, bindparam, select

from engine.actor import Actor, system_actor
from engine.fields.operands import Asking
from engine.problems import Forbidden, NotFound
from engine.records import audit
from engine.records.access import Access, remembered
from engine.records.aggregate import aggregate
from engine.records.bulk import run_bulk, validate_rows
from engine.records.catalog import Catalog, EntityModel, catalog_for
from engine.records.conflicts import conflict
from engine.records.drafting import stamp
from engine.records.drafts import Draft
from engine.records.due import computing
from engine.records.groups import grouped
from engine.records.history import history
from engine.records.labels import department_names, titles, user_names
from engine.records.linked import fill_links
from engine.records.locks import take_turn
from engine.records.organisation import Organisation
from engine.records.query import count, plan_of, run, shown_fields
from engine.records.removal import bring_back, remove
from engine.records.rights import HIDDEN, LEVELS, Reason
from engine.records.ripple import DERIVE, Ripple
from engine.records.rows import Reader, levels_of
from engine.records.secured import Secured
from engine.records.spec import (
    PLAIN,
    AggregateSpec,
    BulkResult,
    BulkRow,
    EntityAccess,
    Grouping,
    GroupingSpec,
    HistoryEntry,
    Manner,
    Page,
    QuerySpec,
    Record,
)
from engine.records.stored import stored_bits, stored_drafts
from engine.records.surroundings import Surroundings
from engine.records.unconverted import readable_texts, waiting
from engine.records.work import Work
from engine.records.writing import Writing
from metadata.findings import Finding, Refused
from metadata.snapshot import Snapshot

Rows = list[dict[str, Any]]
Entries = list[HistoryEntry]
RowFindings = list[tuple[Finding, ...]]
Values = Mapping[str, Any]
# named out here because inside the class ``list`` is the method


class RecordStore:
    """Records of one application in one transaction, as of one snapshot."""

    def __init__(self, connection: Connection, snapshot: Snapshot, surroundings: Surroundings):
        self.connection = connection
        self.snapshot = snapshot
        self.surroundings = surroundings
        self.catalog: Catalog = catalog_for(snapshot, connection.dialect.name)
        self.tables = self.catalog.tables
        self.now = surroundings.clock()
        self._work = Work(
            connection=connection,
            database=surroundings.database,
            events=surroundings.events,
            store=self,
            written=self._forget,
            ripple_limit=surroundings.ripple_limit,
        )
        self._access: dict[Actor, Access] = {}

    # -- reading ------------------------------------------------------------------------------------------------

    def get(
        self, actor: Actor, entity: str, record_id: str, *, fields: Sequence[str] = (), levels: bool = False
    ) -> Record:
        """Return a record with all fields that show (sub-tables too), or the named ones. Raises NotFound."""
        access, model = self.access_of(actor), self._model(entity)
        if not access.rights(model.id).allows("read"):
            raise NotFound(what=model.entity.label)
        reader, statement = self._getter(access, model, tuple(fields))
        row = self.connection.execute(statement, {**access.binds, "record": record_id}).first()
        if row is None:
            raise NotFound(what=model.entity.label)
        record = reader.record(row)
        if reader.later:
            record = fill_links(access, self.connection, reader, [row], [record])[0]
        if levels:
            bits = stored_bits(access, self.connection, model, record_id) or 0
            record = self._with_levels(access, reader.alias, record, bits)
        return record

    def _getter(self, access: Access, model: EntityModel, fields: tuple[str, ...]) -> tuple[Reader, Any]:
        def make() -> tuple[Reader, Any]:
            alias = access.alias(model.id)
            reader = Reader(alias, shown_fields(access.paths(alias), alias, fields, children=True))
            return reader, select(*reader.columns).where(alias.id == bindparam("record"))

        if len(fields) > 1 or any("." in name for name in fields):
            return make()
        return remembered(access.shelf(model.id), ("get", access.roles, model.id, fields), make)

    def _with_levels(self, access: Access, alias: Secured, record: Record, bits: int) -> Record:
        rights = alias.rights
        bits |= rights.whole
        actions = tuple(action for action, mask in rights.rows.items() if mask & bits)
        found = levels_of(alias, rights, bits, "transfer" in actions)
        if "update" not in actions:
            found = {key: "read" if level == "write" else level for key, level in found.items()}
        texts = readable_texts(self.connection, alias.model, record.id, found)
        return replace(record, levels=found, actions=actions, originals=texts)

    def unconverted(self, actor: Actor, entity: str, *, limit: int = 50, offset: int = 0) -> Sequence[Record]:
        """Return the records with texts that a change of type left over and that may be read, with levels."""
        access, model = self.access_of(actor), self._model(entity)
        if not access.rights(model.id).allows("read"):
            raise NotFound(what=model.entity.label)
        ids = waiting(access, self.connection, model, limit, offset)
        return tuple(one for each in ids if (one := self.get(actor, entity, each, levels=True)).originals)

    def list(self, actor: Actor, spec: QuerySpec, *, labels: bool = True) -> Page:
        """Return a page of records. Raises Refused for a question that cannot be asked."""
        access, model = self.access_of(actor), self._model(spec.entity)
        if not _may_ask(access, model, spec):
            return Page(records=(), count=0 if spec.count != "none" else None)
        return run(access, self.connection, spec, labels=labels)

    def askable(self, actor: Actor, spec: QuerySpec) -> bool:
        """Say whether the actor may ask a question: every field in it can be read. Nothing is executed."""
        access, model = self.access_of(actor), self._model(spec.entity)
        if not _may_ask(access, model, spec):
            return False
        try:
            self.check(actor, spec)
        except Refused:
            return False
        return True

    def check(self, actor: Actor, spec: QuerySpec) -> None:
        """Raise Refused for a question that cannot be asked. Nothing is executed."""
        plan_of(self.access_of(actor), spec)

    def count(self, actor: Actor, spec: QuerySpec) -> int:
        """Return how many records a question has (all of them unless ``spec.count`` is ``capped``)."""
        access, model = self.access_of(actor), self._model(spec.entity)
        if not _may_ask(access, model, spec):
            return 0
        return count(access, self.connection, spec)

    def aggregate(self, actor: Actor, spec: AggregateSpec) -> Rows:
        """Return grouped totals over the rows and fields the actor may read."""
        access, model = self.access_of(actor), self._model(spec.entity)
        return aggregate(access, self.connection, model, spec)

    def grouped(self, actor: Actor, spec: GroupingSpec) -> Grouping:
        """Return how the rows of a list stand together: groups, counts, totals. Raises Refused."""
        access, model = self.access_of(actor), self._model(spec.entity)
        return grouped(access, self.connection, model, spec)

    def titles(self, actor: Actor, entity: str, ids: Iterable[str]) -> dict[str, str]:
        """Return ``{id: title}`` of the readable records among ``ids``."""
        return titles(self.access_of(actor), self.connection, self._model(entity).id, ids)

    def history(self, actor: Actor, entity: str, record_id: str) -> Entries:
        """Return the writes of a record, newest first. Raises NotFound or Forbidden."""
        return history(self.access_of(actor), self.connection, self._model(entity), record_id)

    def values_json(self, entity: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return canonical values by key in their JSON form by key; names that are no field are left out."""
        model = self._model(entity)
        return {key: f.type.to_json(f.field, value) for key, value in values.items() if (f := model.find(key))}

    def user_names(self, ids: Iterable[str]) -> dict[str, str]:
        """Return ``{user id: name}``."""
        return user_names(self.connection, ids)

    def department_names(self, ids: Iterable[str], locale: str) -> dict[str, str]:
        """Return ``{department id: name}``."""
        return department_names(self.connection, ids, locale)

    # -- rights -------------------------------------------------------------------------------------------------

    def access(self, actor: Actor, entity: str) -> EntityAccess:
        """Return what the actor may do with an entity at best; levels by field key, hidden ones left out."""
        rights = self.access_of(actor).rights(self._model(entity).id)
        model = self._model(entity)
        levels = {}
        for f in model:
            level = rights.best_level(f.id)
            if level > HIDDEN:
                if level == 3 and (f.computed or not f.type.writable):
                    level = 2
                levels[f.key] = LEVELS[level]
        actions = tuple(action for action, mask in rights.rows.items() if mask)
        return EntityAccess(entity=model.id, actions=actions, levels=levels if actions else {})

    def record_actions(self, actor: Actor, entity: str, record_id: str) -> frozenset[str]:
        """Return the actions the actor may do with this record; none when it is not readable."""
        access, model = self.access_of(actor), self._model(entity)
        bits = stored_bits(access, self.connection, model, record_id)
        if bits is None:
            return frozenset()
        return frozenset(action for action, mask in access.rights(model.id).rows.items() if mask & bits)

    def explain(
        self, actor: Actor, entity: str, record_id: str, action: str = "read", field: str = ""
    ) -> tuple[Reason, ...]:
        """Return every grant that gives the actor an action on a record, or shows a field of it. Empty: none does."""
        access, model = self.access_of(actor), self._model(entity)
        bits = stored_bits(access, self.connection, model, record_id)
        if bits is None:
            return ()
        f = model.find(field) if field else None
        return access.rights(model.id).reasons(action, bits, f.id if f else None)

    def secured(self, actor: Actor, entity: str, action: str = "read") -> Secured:
        """Return the secured alias; execute statements over it with ``binds(actor)``."""
        return self.access_of(actor).alias(self._model(entity).id, action=action)

    def binds(self, actor: Actor) -> Mapping[str, Any]:
        """Return the parameters of the aliases of an actor."""
        return self.access_of(actor).binds

    def policy_key(self, actor: Actor, entity: str) -> str:
        """Return a text that is equal for two actors only if they surely see the same rows and columns."""
        return self.access_of(actor).policy_key(self._model(entity).id)

    def data_version(self, entity_ids: Iterable[str]) -> int:
        """Return a number that changes whenever records of these entities change."""
        return audit.data_version(self.connection, [self._model(one).id for one in entity_ids])

    # -- writing ------------------------------------------------------------------------------------------------

    def create(
        self, actor: Actor, entity: str, values: Values, *, record_id: str | None = None, manner: Manner = PLAIN
    ) -> Record:
        """Create a record, its sub-table rows included. Raises Forbidden or Refused."""
        access, model = self.access_of(actor), self._model(entity)
        self._require(access, model, "create", {"zh-CN": "新建", "en": "create"})
        writing = self._writing(access, model, manner)
        draft = writing.new(_body(values), record_id=record_id)
        self._save(writing, draft)
        return self._echo(access, draft)

    def update(
        self, actor: Actor, entity: str, record_id: str, values: Values, rev: int | None, manner: Manner = PLAIN
    ) -> Record:
        """Change a record. ``rev`` is the revision the sender saw (None: no check).

        Raises NotFound, Forbidden, Conflict (someone else wrote in between) or Refused.
        """
        access, model = self.access_of(actor), self._model(entity)
        writing = self._writing(access, model, manner)
        draft = stored_drafts(access, self.connection, model, [record_id], "update").get(record_id)
        if draft is None:
            raise NotFound(what=model.entity.label)
        if not draft.bits & access.rights(model.id).rows["update"]:
            raise Forbidden(what={"zh-CN": "修改", "en": "change this"})
        writing.change(draft, _body(values))
        if rev is not None and rev != draft.rev - 1 and not draft.all_findings():
            raise conflict(access, self.connection, draft, rev)
        if draft.different or draft.all_findings():
            stamp(access, draft)
            self._save(writing, draft)
        return self._echo(access, draft)

    def delete(self, actor: Actor, entity: str, record_id: str, rev: int | None = None) -> None:
        """Put a record into the trash with its rows. Raises NotFound, Forbidden, Conflict or Refused."""
        access, model = self.access_of(actor), self._model(entity)
        remove(self._writing(access, model), record_id, rev)

    def restore(self, actor: Actor, entity: str, record_id: str) -> Record:
        """Take a record out of the trash. Raises NotFound, Forbidden or Refused (a unique value is taken by now)."""
        access, model = self.access_of(actor), self._model(entity)
        return self._echo(access, bring_back(self._writing(access, model), record_id))

    def bulk(
        self,
        actor: Actor,
        entity: str,
        rows: Sequence[BulkRow],
        *,
        atomic: bool = True,
        right: str = "bulk",
        manner: Manner = PLAIN,
    ) -> BulkResult:
        """Write many records. ``atomic``: all or none (Refused with every finding); else the good ones are written.

        Findings of an atomic refusal are placed at ``/operations/<n>/values/<field>``. ``right`` is the action that
        allows writing in bulk (``import`` for imports).
        """
        access, model = self.access_of(actor), self._model(entity)
        self._require(access, model, right, {"zh-CN": "批量处理", "en": "work in bulk"})
        return run_bulk(self._work, access, model, rows, manner, atomic=atomic)

    def validate(self, actor: Actor, entity: str, rows: Sequence[BulkRow]) -> RowFindings:
        """Check creates and updates without writing anything; findings row by row."""
        access, model = self.access_of(actor), self._model(entity)
        return validate_rows(self._work, access, model, rows)

    def preview(self, actor: Actor, entity: str, manner: Manner = PLAIN) -> Writing:
        """Return a write that never happens: what it would come to is worked out from it (``foresight``)."""
        return self._writing(self.access_of(actor), self._model(entity), replace(manner, preview=True))

    def derive(self, behalf: str, wanted: Mapping[str, Collection[str]]) -> None:
        """Compute formulas (``{field id: record ids}``) again, as the product on behalf of a person, telling of it."""
        actor = system_actor(DERIVE, on_behalf_of=behalf)
        for field_id in wanted:
            take_turn(self.connection, self.catalog, self.snapshot.entity_of(field_id).id)
        work = Ripple(self.access_of(actor), self.connection, limit=self.surroundings.ripple_limit)
        work.want(wanted)
        self._work.after(actor, work.run())

    def computing(self, entity: str) -> frozenset[str]:
        """Return the keys of the computed fields that may still be old in some records: the worker is at them."""
        waiting = computing(self.connection, self.catalog)
        return frozenset(f.key for f in self._model(entity).own if f.id in waiting) if waiting else frozenset()

    # -- inside -------------------------------------------------------------------------------------------------

    def access_of(self, actor: Actor) -> Access:
        """Return the rights of an actor in this transaction."""
        found = self._access.get(actor)
        if found is None:
            organisation = Organisation(self.connection)
            asking = Asking(now=self.now, zone=self.surroundings.zone, user=actor.id, departments=organisation)
            found = self._access[actor] = Access(self.connection, self.catalog, actor, asking)
        return found

    def _model(self, entity: str) -> EntityModel:
        try:
            return self.catalog.entity(entity)
        except KeyError as error:
            raise NotFound(what=entity[:100]) from error

    def _writing(self, access: Access, model: EntityModel, manner: Manner = PLAIN) -> Writing:
        return Writing(self._work, access, model, manner)

    def _require(self, access: Access, model: EntityModel, action: str, what: Mapping[str, str]) -> None:
        if not access.rights(model.id).allows(action):
            raise Forbidden(what=what)

    def _save(self, writing: Writing, draft: Draft) -> None:
        writing.check([draft])
        findings = draft.all_findings()
        if not findings:
            writing.write([draft])
            findings = draft.all_findings()
        if findings:
            raise Refused(findings)

    def _echo(self, access: Access, draft: Draft) -> Record:
        """Return the written record as its writer may see it; with nothing but its id when that is not at all."""
        try:
            found = self.get(access.actor, draft.model.id, draft.id)
            notices = tuple(note.finding for note in draft.all_notes())
            return replace(found, notices=notices) if notices else found
        except NotFound:
            return Record(id=draft.id, entity=draft.model.id, rev=draft.rev, values={})

    def _forget(self) -> None:
        for access in self._access.values():
            access.forget()


def _may_ask(access: Access, model: EntityModel, spec: QuerySpec) -> bool:
    rights = access.rights(model.id)
    return rights.allows("read") and (not spec.trashed or rights.allows("delete"))


def _body(values: Any) -> Mapping[str, Any]:
    if not isinstance(values, Mapping):
        raise Refused([Finding("R322", "")])
    return values
