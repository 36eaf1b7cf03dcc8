"""Computed values: given a group of records being written, work out formulas in dependency order.

Records of one group see each other's new values (a contract and its items); everything else a formula reads over
links is loaded at once for the whole group. A formula that fails is blank; why is noted beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from engine.expr.values import LIMIT, NUM, Env, ErrorValue
from engine.fields.base import InvalidValue
from engine.fields.computed import FormulaType
from engine.fields.numbers import NumberType
from engine.records import faults
from engine.records.catalog import Catalog, FieldModel
from engine.records.drafts import Draft
from engine.records.formulas import Formula, Path, formulas_of
from engine.records.hops import led_to
from engine.records.loading import Loader, Values
from engine.records.outside import DatabaseOutside


class Environments:
    """Environments of expressions over records being written."""

    def __init__(self, catalog: Catalog, loader: Loader, base: Env):
        self._catalog, self._loader = catalog, loader
        self._base = base.looking(DatabaseOutside(catalog, loader))

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

    def prepare(self, entity_id: str, records: Sequence[Values], paths: Iterable[Path]) -> None:
        """Load what paths lead to for many records at once, so that their environments ask for nothing more."""
        for field_id, rest in _below(paths).items():
            storage = _storage(self._catalog, entity_id, field_id)
            if not records or (not rest and storage == "columns"):
                continue
            target = led_to(self._catalog.snapshot, entity_id, field_id)
            self.prepare(target, self._reached(records, field_id, storage, target), rest)

    def _reached(self, records: Sequence[Values], field_id: str, storage: str, target: str) -> list[Values]:
        ids = [record["sys_id"] for record in records]
        if storage == "children":
            return [row for rows in self._loader.children(target, ids).values() for row in rows]
        held = [record.get(field_id) for record in records]
        if storage == "links":
            unknown = [one for one, value in zip(ids, held, strict=True) if value is None]
            held = [*(value for value in held if value is not None), *self._loader.links(field_id, unknown).values()]
        each = (one for value in held for one in (value if isinstance(value, tuple) else (value,)))
        return list(self._loader.rows(target, each).values())

    def _hang(self, record: Values, entity_id: str, paths: Iterable[Path]) -> None:
        """Replace ids by loaded records along the paths; ``record`` must be a copy."""
        for field_id, rest in _below(paths).items():
            storage = _storage(self._catalog, entity_id, field_id)
            if not rest and storage == "columns":
                continue
            target = led_to(self._catalog.snapshot, entity_id, field_id)
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


def _below(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """Return paths by their first field, without it."""
    found: dict[str, list[Path]] = {}
    for path in paths:
        rest = found.setdefault(path[0], [])
        if len(path) > 1:
            rest.append(path[1:])
    return found


def _storage(catalog: Catalog, entity_id: str, field_id: str) -> str:
    """Return where a field is kept: ``links``, ``children``, or ``columns`` for whatever stands in the row itself."""
    f = catalog.entity(entity_id).by_id.get(field_id) if catalog.has(entity_id) else None
    return f.storage if f is not None and f.storage in ("links", "children") else "columns"


def compute(catalog: Catalog, loader: Loader, base: Env, drafts: Sequence[Draft]) -> None:
    """Recompute the stored formulas of a group of drafts that read something the group changes."""
    formulas = formulas_of(catalog)
    by_entity: dict[str, list[Draft]] = {}
    for draft in drafts:
        for one in draft.family():
            by_entity.setdefault(one.model.id, []).append(one)
    wanted = sorted(
        (formula for entity_id in by_entity for formula in formulas.stored.get(entity_id, ())),
        key=lambda formula: formula.number,
    )
    if not wanted:
        return
    environments = Environments(catalog, loader, base)
    for draft in drafts:
        know(loader, draft)
    for formula in wanted:
        work_out(environments, formula, by_entity[formula.entity])


def work_out(environments: Environments, formula: Formula, drafts: Iterable[Draft]) -> None:
    """Recompute a stored formula in those of its drafts where something it reads changes."""
    due = [draft for draft in drafts if touched(formula, draft)]
    environments.prepare(formula.entity, [draft.new for draft in due], formula.loads)
    for draft in due:
        value, code = settle(draft.model.by_id[formula.id], formula.compute(environments.of(draft, formula.loads)))
        draft.new[formula.id] = value
        faults.note(draft.errors, formula.id, code)
        if draft.kind != "create" and value != draft.old.get(formula.id):
            draft.changed.add(formula.id)


def know(loader: Loader, draft: Draft) -> None:
    """Let a loader answer with the values of drafts instead of what is stored."""
    for one in draft.family():
        loader.know(one.model.id, one.id, one.new)
        for f in one.model.children:
            if one.kind == "create":  # nothing can hang on it but what comes with it
                loader.know_children(f.target, one.id, [])
        for field_id, rows in one.rows.items():
            target = one.model.by_id[field_id].target
            loader.know_children(target, one.id, [row.new for row in rows])


def touched(formula: Formula, draft: Draft) -> bool:
    """Say whether what a formula reads may have changed with this write."""
    if draft.kind == "create" or formula.reads_here(draft.changed) or formula.reads_here(draft.rows):
        return True
    above = draft.parent.changed if draft.parent is not None else ()
    return any(path[0] == "sys_parent" and len(path) > 1 and path[1] in above for path in formula.paths)


def settle(f: FieldModel, value: Any) -> tuple[Any, str]:
    """Fit a computed value into its field, rounded to its scale; with the error code of one that does not fit."""
    blank = f.type.blank(f.field)
    if isinstance(value, ErrorValue):
        return blank, value.code
    if value is None:
        return blank, ""
    try:
        kind = f.type.result(f.field) if isinstance(f.type, FormulaType) else f.type
        if isinstance(value, Decimal) and isinstance(kind, NumberType):
            return kind.rounded(f.field, value), ""
        return f.type.accept(f.field, value), ""
    except InvalidValue:
        return blank, NUM if isinstance(value, Decimal) else LIMIT
