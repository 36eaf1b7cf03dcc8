"""A record that is being written, as its rules see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from engine.expr.values import Env, Value
from engine.fields.base import InvalidValue
from engine.fields.numbers import NumberType
from engine.records.derive import Environments
from engine.records.drafting import Drafting
from engine.records.drafts import Draft
from engine.records.stored import stored_rows
from engine.rules.model import Bound
from engine.rules.settle import Settling


@dataclass(slots=True, eq=False)
class Ruling(Settling):
    """One draft as its rules see it."""

    draft: Draft = field(kw_only=True)
    drafting: Drafting = field(kw_only=True)
    environments: Environments = field(kw_only=True)
    given: dict[str, Value] = field(default_factory=dict)
    sheets: dict[str, list[Draft]] = field(default_factory=dict)
    leaving: list[Draft] = field(default_factory=list)

    def env(self, bound: Bound) -> Env:
        return self.environments.of(self.draft, bound.loads)

    def value(self, field_id: str) -> Value:
        draft = self.draft
        if field_id in draft.new or draft.model.by_id[field_id].storage != "links":
            return draft.new.get(field_id)
        return self.initial(field_id)

    def entered(self, field_id: str) -> Value:
        return self.given[field_id]

    def initial(self, field_id: str) -> Value:
        draft, f = self.draft, self.draft.model.by_id[field_id]
        if not self.fresh:
            if f.storage == "links" and field_id not in draft.old:
                draft.old[field_id] = self.drafting.loader.links(field_id, [draft.id])[draft.id]
            return draft.old.get(field_id)
        if field_id not in draft.sent:
            return self.given.setdefault(field_id, draft.new.get(field_id))
        return self.drafting.untouched(draft, f)

    def put(self, field_id: str, value: Value) -> None:
        draft = self.draft
        before = None if self.fresh else self.initial(field_id)
        draft.new[field_id] = value
        differs = (value is not None and value != ()) if self.fresh else value != before
        if differs:
            draft.changed.add(field_id)
        else:
            draft.changed.discard(field_id)

    def fitted(self, field_id: str, value: Value) -> tuple[Value, bool]:
        f = self.draft.model.by_id[field_id]
        try:
            if isinstance(value, Decimal) and isinstance(f.type, NumberType):
                return f.type.within(f.field, f.type.rounded(f.field, value)), True
            return f.type.accept(f.field, _ids(value)), True
        except InvalidValue:
            return f.type.blank(f.field), False

    def blank(self, field_id: str) -> Value:
        f = self.draft.model.by_id[field_id]
        return f.type.blank(f.field)

    def changed(self, field_id: str) -> bool:
        draft = self.draft
        f = draft.model.by_id.get(field_id)
        if f is not None and f.storage == "children":
            rows = draft.rows.get(field_id)
            if self.fresh:
                return bool(rows)
            removed = any(row.model.id == f.target for row in draft.removed)
            return removed or any(row.different for row in rows or ())
        if self.fresh:
            value = draft.new.get(field_id)
            return value is not None and value != () and value is not False
        return field_id in draft.changed

    def changed_above(self, field_id: str) -> bool:
        parent = self.draft.parent
        return parent is not None and parent.ruling is not None and parent.ruling.changed(field_id)

    def computed(self, field_id: str) -> bool:
        return self.draft.model.by_id[field_id].computed

    def has_rows(self, field_id: str) -> bool:
        return self.draft.model.by_id[field_id].storage == "children"

    def show_rows(self, field_id: str, shown: bool, clear: bool) -> None:
        draft, target = self.draft, self.draft.model.by_id[field_id].target
        draft.rows.pop(field_id, None)
        draft.removed = [row for row in draft.removed if row.model.id != target]
        if shown:
            draft.removed += [row for row in self.leaving if row.model.id == target]
            if field_id in self.sheets:
                draft.rows[field_id] = self.sheets[field_id]
        elif clear and not self.fresh:
            draft.removed += self._stored_rows(target)
            draft.rows[field_id] = []
        self.drafting.loader.forget_children(target, draft.id)
        if self.fresh or field_id in draft.rows:
            rows = [row.new for row in draft.rows.get(field_id, ())]
            self.drafting.loader.know_children(target, draft.id, rows)

    def _stored_rows(self, target: str) -> list[Draft]:
        """Return the rows of a sub-table that is emptied, as rows that go."""
        drafting = self.drafting
        model, lock = drafting.catalog.entity(target), not drafting.manner.preview
        rows = stored_rows(drafting.access, drafting.connection, model, self.draft, lock=lock)
        for row in rows:
            row.parent, row.kind = self.draft, "delete"
        return rows

    def same(self, field_id: str, one: Value, other: Value) -> bool:
        return bool(one == other)

    def shows(self, field_id: str) -> bool:
        return self.drafting.access.rights(self.draft.model.id).best_level(field_id) > 0


def _ids(value: Any) -> Any:
    """Return linked records as their ids."""
    if isinstance(value, Mapping):
        return value["sys_id"]
    return [_ids(one) for one in value] if isinstance(value, list | tuple) else value


def ruling_of(draft: Draft) -> Ruling | None:
    """Return what the rules made of a draft; None when its entity has none."""
    return draft.ruling if isinstance(draft.ruling, Ruling) else None
