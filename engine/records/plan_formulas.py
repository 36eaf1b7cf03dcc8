"""Which computed fields a new version has to compute again for the records that are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.expr.deps import fields
from engine.fields.base import FIELD_TYPES
from engine.records import sizes
from engine.records.formulas import Formula, Formulas
from engine.records.steps import Step, said
from metadata.model import Entity
from metadata.snapshot import Snapshot


def formula_steps(old: Snapshot | None, new: Snapshot, rows: Callable[[Entity], int]) -> Iterator[Step]:
    """Yield a step for every stored formula that is not as it was, or reads something that is not.

    They come in the order of what they read, so that each finds the new values of those before it.
    """
    if not any(_computed(f.type) for entity in new.entities for f in new.own_fields(entity)):
        return
    changed = _changed(old, new)
    for formula in Formulas(new).order:
        if formula.volatile or not _affected(formula, changed):
            continue
        changed.add(formula.id)
        entity = new.entity(formula.entity)
        count = rows(entity)
        if count:
            yield Step(
                op="recompute",
                kind="slow" if count > sizes.INLINE_ROWS else "instant",
                phase="finish",
                entity=entity.id,
                field=formula.id,
                rows=count,
                text=said("重新计算“{0}”", 'Compute "{0}" again', formula.field.label),
            )


def _affected(formula: Formula, changed: set[str]) -> bool:
    return formula.id in changed or not changed.isdisjoint(fields(formula.tree))


def _changed(old: Snapshot | None, new: Snapshot) -> set[str]:
    """Return the fields that came, went, or have another type or other options."""
    before = _definitions(old) if old else {}
    after = _definitions(new)
    return {field_id for field_id in before.keys() | after.keys() if before.get(field_id) != after.get(field_id)}


def _definitions(snapshot: Snapshot) -> dict[str, tuple[str, object]]:
    return {f.id: (f.type, f.options) for entity in snapshot.entities for f in snapshot.own_fields(entity)}


def _computed(kind: str) -> bool:
    found = FIELD_TYPES.find(kind)
    return found is not None and found.storage == "computed"
