"""Computed values: given a group of records being written, work out formulas in dependency order.

Records of one group see each other's new values (a contract and its items); everything else a formula reads over
links is loaded once for the whole group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from engine.expr.values import Env, ErrorValue
from engine.fields.base import InvalidValue
from engine.fields.computed import FormulaType
from engine.fields.numbers import NumberType
from engine.records.catalog import Catalog, EntityModel, FieldModel, target_of
from engine.records.drafts import Draft
from engine.records.formulas import Formula, Path, formulas_of
from engine.records.loading import Loader, Values


class Environments:
    """Environments of expressions over records being written."""

    def __init__(self, catalog: Catalog, loader: Loader, base: Env):
        self._catalog, self._loader, self._base = catalog, loader, base

    def of(self, draft: Draft, paths: Sequence[Path]) -> Env:
        """Return the environment of a draft with everything ``paths`` lead to loaded."""
        if not paths:
            return self._base.at(draft.new, draft.old)
        record = dict(draft.new)
        self._hang(record, draft.model.id, paths)
        return self._base.at(record, draft.old)

    def values(self, entity_id: str, values: Values, paths: Sequence[Path]) -> Env:
        """Return the environment of a record that is not being written."""
        record = dict(values)
        self._hang(record, entity_id, paths)
        return self._base.at(record, values)

    def _hang(self, record: Values, entity_id: str, paths: Iterable[Path]) -> None:
        """Replace ids by loaded records along the paths; ``record`` must be a copy."""
        below: dict[str, list[Path]] = {}
        for path in paths:
            rest = below.setdefault(path[0], [])
            if len(path) > 1:
                rest.append(path[1:])
        for field_id, rest in below.items():
            storage = _storage(self._catalog, entity_id, field_id)
            if not rest and storage == "columns":
                continue
            target = target_of(self._catalog, entity_id, field_id)
            record[field_id] = self._led_to(record, entity_id, field_id, target, rest)

    def _led_to(self, record: Values, entity_id: str, field_id: str, target: str, rest: list[Path]) -> Any:
        held = record.get(field_id)
        if _storage(self._catalog, entity_id, field_id) == "children":
            rows = [dict(row) for row in self._loader.children(target, [record["sys_id"]])[record["sys_id"]]]
        elif _storage(self._catalog, entity_id, field_id) == "links" or isinstance(held, tuple):
            if held is None:
                held = self._loader.links(field_id, [record["sys_id"]])[record["sys_id"]]
            loaded = self._loader.rows(target, held)
            rows = [dict(loaded[one]) for one in held if one in loaded]
        else:
            one = self._loader.rows(target, [held]).get(held) if held is not None else None
            if one is None:
                return None
            copy = dict(one)
            self._hang(copy, target, rest)
            return copy
        for row in rows:
            self._hang(row, target, rest)
        return rows


def _storage(catalog: Catalog, entity_id: str, field_id: str) -> str:
    if not catalog.has(entity_id):
        return "columns"
    f = catalog.entity(entity_id).by_id.get(field_id)
    return f.storage if f else "columns"


def compute(catalog: Catalog, loader: Loader, base: Env, drafts: Sequence[Draft]) -> None:
    """Recompute the stored formulas of a group of drafts that read something the group changes."""
    formulas = formulas_of(catalog)
    by_entity: dict[str, list[Draft]] = {}
    for draft in drafts:
        for one in draft.family():
            by_entity.setdefault(one.model.id, []).append(one)
    if not any(formulas.stored.get(entity_id) for entity_id in by_entity):
        return
    environments = Environments(catalog, loader, base)
    for draft in drafts:
        know(loader, draft)
    for formula in formulas.order:
        if formula.volatile:
            continue
        for draft in by_entity.get(formula.entity, ()):
            if touched(formula, draft):
                model = draft.model
                field_id = formula.field.id
                value = settle(model.by_id[field_id], formula.compute(environments.of(draft, formula.loads)))
                draft.new[field_id] = value
                if draft.kind != "create" and value != draft.old.get(field_id):
                    draft.changed.add(field_id)


def know(loader: Loader, draft: Draft) -> None:
    """Let a loader answer with the values of drafts instead of what is stored."""
    for one in draft.family():
        loader.know(one.model.id, one.id, one.new)
        for field_id, rows in one.rows.items():
            target = one.model.by_id[field_id].target
            loader.know_children(target, one.id, [row.new for row in rows])


def touched(formula: Formula, draft: Draft) -> bool:
    """Say whether what a formula reads may have changed with this write."""
    if draft.kind == "create":
        return True
    for path in formula.paths:
        if path[0] in draft.changed or path[0] in draft.rows:
            return True
        if path[0] == "sys_parent" and draft.parent is not None and len(path) > 1 and path[1] in draft.parent.changed:
            return True
    return False


def settle(f: FieldModel, value: Any) -> Any:
    """Fit a computed value into its field: rounded to its scale; an error or a misfit is blank."""
    blank = f.type.blank(f.field)
    if value is None or isinstance(value, ErrorValue):
        return blank
    try:
        if isinstance(value, Decimal) and isinstance(f.type, FormulaType):
            result = f.type.result(f.field)
            if isinstance(result, NumberType):
                return result.rounded(f.field, value)
        return f.type.accept(f.field, value)
    except InvalidValue:
        return blank


def computed_values(
    catalog: Catalog, environments: Environments, model: EntityModel, values: Values, formulas: Sequence[Formula]
) -> Mapping[str, Any]:
    """Return the formulas of a stored record that come out different now."""
    changed: dict[str, Any] = {}
    now = dict(values)
    for formula in formulas:
        value = settle(
            model.by_id[formula.field.id], formula.compute(environments.values(model.id, now, formula.loads))
        )
        if value != values.get(formula.field.id):
            changed[formula.field.id] = value
        now[formula.field.id] = value
    return changed
