"""The first station of a write: typing what was sent and asking who may send it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from engine.fields.base import InvalidValue
from engine.records.access import Access
from engine.records.catalog import EntityModel, FieldModel
from engine.records.drafts import Draft
from engine.records.rights import HIDDEN, EntityPolicy, covers

KEPT_BY_SYSTEM: Final = frozenset(
    {"sys_id", "sys_created_at", "sys_created_by", "sys_updated_at", "sys_updated_by", "sys_rev"}
)

_Taken = tuple[str, Callable[[Any], Any] | None]
"""A field that is sent, by id, and what types its value (None for the rows of a sub-table)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    """What to do with one name in a body: take it, or refuse it with a finding."""

    field: FieldModel | None
    refuse: str = ""
    unsettled: bool = False


class Intake:
    """Reads bodies for one entity and one action. Kept per roles, entity and action; ``bits`` differ per row."""

    def __init__(self, model: EntityModel, rights: EntityPolicy, action: str, system: bool):
        self.model, self.rights, self.action, self._system = model, rights, action, system
        self._slots: dict[str, _Slot] = {}
        self._plain: dict[str, _Taken] = {}
        """Names with nothing to ask: typed and taken."""

    def read(self, draft: Draft, body: Mapping[str, Any], typed: bool = False) -> dict[str, Any]:
        """Type a body into the draft (unless it is ``typed``); return the raw rows of sub-tables by field id.

        On update the bits of the row are known and every right is settled here; on create rights that hold only in
        some rows are left in ``draft.unsettled``.
        """
        below: dict[str, Any] = {}
        unsettled: list[str] = []
        new, sent = draft.new, draft.sent
        for name, raw in body.items():
            taken = self._plain.get(name) or self._asked(draft, name, unsettled)
            if taken is None:
                continue
            field_id, accept = taken
            if field_id in sent:
                self._refuse(draft, "R301", None, name)
                continue
            sent.add(field_id)
            if accept is None:
                below[field_id] = raw
                continue
            try:
                new[field_id] = raw if typed else accept(raw)
            except InvalidValue as error:
                draft.findings.append(error.at(f"{draft.place}/{self.model.by_id[field_id].key}"))
        draft.unsettled = tuple(unsettled)
        return below

    def _asked(self, draft: Draft, name: Any, unsettled: list[str]) -> _Taken | None:
        """Return how to take what a name means if it may be sent; None after leaving a finding."""
        slot = self._slots.get(name)
        if slot is None:
            slot = self._slot(name)
            if slot.field is not None:
                self._slots[name] = slot
        f = slot.field
        if slot.refuse or f is None:
            self._refuse(draft, slot.refuse, f, name)
            return None
        taken: _Taken = (f.id, None if f.storage == "children" else partial(f.type.accept, f.field))
        if slot.unsettled:
            if self.action == "create":
                unsettled.append(f.id)
            elif not self._may(f, draft.bits):
                shown = self.rights.read_level(f.id, draft.bits) > HIDDEN
                self._refuse(draft, "R303" if shown else "R301", f, name)
                return None
        else:
            self._plain[name] = taken
        return taken

    def _refuse(self, draft: Draft, code: str, f: FieldModel | None, name: str) -> None:
        if f is None or code == "R301":
            draft.reject("R301", str(name)[:200].replace("/", "~1"), name=str(name)[:200])
        else:
            draft.reject(code, f.key, label=f.field.label)

    def _slot(self, name: Any) -> _Slot:
        f = self.model.find(name) if isinstance(name, str) else None
        if f is None:
            return _Slot(field=None, refuse="R301")
        visible = f.id in self.rights.readable or f.id in self.rights.masked
        mask = self._mask(f)
        if f.id in KEPT_BY_SYSTEM or not self._settable(f):
            return _Slot(field=f, refuse="R302" if visible or mask else "R301")
        if f.id == "sys_parent" and self.action != "create":
            return _Slot(field=f, refuse="R302")
        if not mask:
            return _Slot(field=f, refuse="R303" if visible else "R301")
        if self.action == "create" and covers(self.rights.ranges, mask, self.rights.rows["create"]):
            return _Slot(field=f)
        return _Slot(field=f, unsettled=not mask & self.rights.whole)

    def _settable(self, f: FieldModel) -> bool:
        if f.id == "sys_flow_state":
            return self._system
        if f.field.type == "serial":  # records that are imported bring their numbers
            return self.action == "create" and self.rights.allows("import")
        return f.type.writable and not f.computed

    def _mask(self, f: FieldModel) -> int:
        if f.id == "sys_owner" and self.action == "update":
            return self.rights.rows["transfer"]
        return self.rights.writable.get(self.action, {}).get(f.id, 0)

    def _may(self, f: FieldModel, bits: int) -> bool:
        return bool(self._mask(f) & (bits | self.rights.whole))

    def settle(self, draft: Draft) -> None:
        """Judge what was left open, now that the bits of the written row are known."""
        for field_id in draft.unsettled:
            f = self.model.by_id[field_id]
            if not self._may(f, draft.bits):
                shown = self.rights.read_level(f.id, draft.bits) > HIDDEN
                self._refuse(draft, "R303" if shown else "R301", f, f.key)


def intake_of(access: Access, model: EntityModel, action: str) -> Intake:
    """Return the reader of bodies for an entity and an action."""
    system = access.actor.kind == "system"
    rights = access.rights(model.id)
    if not access.keeps(model.id):
        return Intake(model, rights, action, system)
    kept: dict[Any, Intake] = access.catalog.kept.setdefault("intakes", {})
    key = (access.roles, model.id, action, system)
    found = kept.get(key)
    if found is None or found.rights is not rights:
        found = kept[key] = Intake(model, rights, action, system)
    return found
