"""Rows of sub-tables inside the body of their parent.

The list is the whole sub-table as the sender sees it: a row with an id is changed, one without is new, one that is
missing goes to the trash, the order is the order of the list. Rows the sender may not see are left alone. Every row
needs the right of its own entity: create, update, delete.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from engine.fields.base import InvalidValue
from engine.records.catalog import EntityModel, FieldModel
from engine.records.drafts import Draft
from engine.records.spec import Record
from engine.records.stored import stored_rows

if TYPE_CHECKING:
    from engine.records.writing import Writing


def read_rows(writing: Writing, draft: Draft, below: Mapping[str, Any]) -> None:
    """Turn the raw rows of each sub-table field into drafts under ``draft``."""
    for field_id, raw in below.items():
        f = draft.model.by_id[field_id]
        try:
            rows = f.type.accept(f.field, [_plain(row) for row in raw] if isinstance(raw, list | tuple) else raw)
        except InvalidValue as error:
            draft.findings.append(error.at(f"{draft.place}/{f.key}"))
            continue
        _Rows(writing, draft, f).read(rows)


def _plain(row: Any) -> Any:
    return {"id": row.id, **row.values} if isinstance(row, Record) else row


class _Rows:
    def __init__(self, writing: Writing, parent: Draft, f: FieldModel):
        self.writing, self.parent, self.field = writing, parent, f
        self.model: EntityModel = writing.catalog.entity(f.target)
        self.rights = writing.access.rights(self.model.id)
        self.place = f"{parent.place}/{f.key}"

    def read(self, rows: tuple[Mapping[str, Any], ...]) -> None:
        writing, parent = self.writing, self.parent
        held: dict[str, Draft] = {}
        if parent.kind == "update":
            lock = not writing.manner.preview
            rows_held = stored_rows(writing.access, writing.connection, self.model, parent, lock=lock)
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
        draft = self.writing.child(self.parent, self.model, body, place)
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
        self.writing.change(draft, wanted)
        if draft.pos != number:
            draft.pos, draft.moved = number, True
        self.writing.stamp(draft)
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
