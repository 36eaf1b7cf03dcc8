"""From the bodies of a write to drafts, the rows of sub-tables inside the body of their parent included.

The list of a sub-table is the whole of it as the sender sees it: a row with an id is changed, one without is new, one
that is missing goes to the trash, the order is the order of the list. Rows the sender may not see are left alone. Every
row needs the right of its own entity: create, update, delete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.expr.values import Env, ErrorValue
from engine.fields.base import InvalidValue
from engine.records.access import Access
from engine.records.catalog import EntityModel, FieldModel
from engine.records.derive import Environments, settle
from engine.records.drafts import Draft
from engine.records.formulas import Path, formulas_of
from engine.records.intake import Intake, intake_of
from engine.records.loading import Loader
from engine.records.spec import PLAIN, Manner, Record
from engine.records.stored import stored_rows
from engine.records.work import Work
from metadata.ids import new_record_id


class Drafting:
    """One write of an actor, as far as its drafts: what was sent, typed and allowed, beside what is stored."""

    def __init__(self, work: Work, access: Access, model: EntityModel, manner: Manner = PLAIN):
        self.work, self.access, self.model, self.manner = work, access, model, manner
        self.connection = work.connection
        self.catalog = access.catalog
        self.loader = Loader(self.connection, self.catalog)
        self.env = access.env
        self._intakes: dict[tuple[str, str], Intake] = {}
        self._templates: dict[str, dict[str, Any]] = {}

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
        self.begin(draft)
        self._read_rows(draft, below)
        return draft

    def begin(self, draft: Draft) -> None:
        """Let what nobody sent for a new record begin with what its expression gives; nothing else is known yet."""
        new = draft.new
        for default in formulas_of(self.catalog).defaults[draft.model.id]:
            if default.field.id not in draft.sent:
                new[default.field.id] = self.untouched(draft, draft.model.by_id[default.field.id])
        draft.changed = {field_id for field_id, value in new.items() if value is not None and value != ()}

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
        for default in formulas_of(self.catalog).defaults[draft.model.id]:
            if default.field.id == f.id:
                value = default.compute(self._around(draft, default.loads))
                if value is not None and value not in ((), []) and not isinstance(value, ErrorValue):
                    return settle(f, value)[0]
        return self._template(draft.model).get(f.id)

    def _around(self, draft: Draft, loads: Sequence[Path]) -> Env:
        if not loads:
            return self.env.at(draft.new)
        if draft.parent is not None:
            self.loader.know(draft.parent.model.id, draft.parent.id, draft.parent.new)
        return Environments(self.catalog, self.loader, self.env).of(draft, loads)

    def child(self, parent: Draft, model: EntityModel, body: Mapping[str, Any], place: str) -> Draft:
        """Return the draft of a new row of a sub-table."""
        return self._new(model, body, place, new_record_id(), parent)

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
        self._read_rows(draft, below)

    def _read_rows(self, draft: Draft, below: Mapping[str, Any]) -> None:
        """Turn the raw rows of each sub-table field into drafts under ``draft``."""
        for field_id, raw in below.items():
            f = draft.model.by_id[field_id]
            try:
                rows = f.type.accept(f.field, [_plain(row) for row in raw] if isinstance(raw, list | tuple) else raw)
            except InvalidValue as error:
                draft.findings.append(error.at(f"{draft.place}/{f.key}"))
                continue
            _Rows(self, draft, f).read(rows)


def stamp(access: Access, draft: Draft) -> None:
    """Set who changed a record and when."""
    draft.new["sys_rev"] = draft.rev
    draft.new["sys_updated_at"], draft.new["sys_updated_by"] = access.asking.now, access.actor.id


def _plain(row: Any) -> Any:
    return {"id": row.id, **row.values} if isinstance(row, Record) else row


class _Rows:
    def __init__(self, drafting: Drafting, parent: Draft, f: FieldModel):
        self.drafting, self.parent, self.field = drafting, parent, f
        self.model: EntityModel = drafting.catalog.entity(f.target)
        self.rights = drafting.access.rights(self.model.id)
        self.place = f"{parent.place}/{f.key}"

    def read(self, rows: tuple[Mapping[str, Any], ...]) -> None:
        drafting, parent = self.drafting, self.parent
        held: dict[str, Draft] = {}
        if parent.kind == "update":
            lock = not drafting.manner.preview
            rows_held = stored_rows(drafting.access, drafting.connection, self.model, parent, lock=lock)
            held = {row.id: row for row in rows_held}
        kept: list[Draft] = []
        for number, body in enumerate(rows):
            row_id = body.get("id")
            place = f"{self.place}/{number}"
            rest = {key: value for key, value in body.items() if key not in ("id", "rev")}
            if row_id is None or row_id == "":
                kept.append(self._created(rest, place, number))
            elif row_id in held:
                kept.append(self._changed(held.pop(row_id), rest, place, number))
            else:
                parent.reject("R313", f"{self.field.key}/{number}", label=self.field.field.label, id=str(row_id)[:64])
        for gone in held.values():
            self._removed(gone)
        parent.rows[self.field.id] = kept

    def _created(self, body: Mapping[str, Any], place: str, number: int) -> Draft:
        draft = self.drafting.child(self.parent, self.model, body, place)
        draft.pos = number
        if not self.rights.allows("create"):
            draft.reject("R303", "", label=self.field.field.label)
        return draft

    def _changed(self, draft: Draft, body: Mapping[str, Any], place: str, number: int) -> Draft:
        draft.place, draft.parent = place, self.parent
        wanted = {name: value for name, value in body.items() if not self._same(draft, name, value)}
        if wanted and not draft.bits & self.rights.rows["update"]:
            draft.reject("R303", "", label=self.field.field.label)
            return draft
        self.drafting.change(draft, wanted)
        if draft.pos != number:
            draft.pos, draft.moved = number, True
        stamp(self.drafting.access, draft)
        return draft

    def _same(self, draft: Draft, name: str, value: Any) -> bool:
        """Rows come back whole, with what the sender may only read: a value that is as it was asks for nothing."""
        f = self.model.find(name)
        if f is None or f.storage in ("links", "children"):
            return False
        shown = f.id in self.rights.readable and self.rights.read_level(f.id, draft.bits) >= 2
        if not shown:
            return False
        try:
            return bool(f.type.accept(f.field, value) == draft.old.get(f.id))
        except InvalidValue:
            return False

    def _removed(self, draft: Draft) -> None:
        draft.place, draft.parent, draft.kind = self.place, self.parent, "delete"
        if not draft.bits & self.rights.rows["delete"]:
            draft.reject("R303", "", label=self.field.field.label)
        self.parent.removed.append(draft)


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
