"""The rules of a version, bound once, and the order in which they settle a record together with its computed fields."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from engine.expr.deps import graph
from engine.expr.to_bytecode import evaluator
from engine.expr.tree import Tree
from engine.expr.types import BOOLEAN, PERSON, RecordType, Type
from engine.fields.base import FIELD_TYPES
from engine.graphs import Graph
from engine.records.catalog import Catalog
from engine.records.formulas import Formula, Formulas, formulas_of, leaving
from engine.records.hops import led_to
from engine.rules.compiling import compile_rules
from engine.rules.model import Bound, EntityRules, Path
from engine.rules.order import CONDITION, FIELD, arranged, dependencies
from metadata.model import Entity, Expr, Form
from metadata.snapshot import Snapshot


class Step(NamedTuple):
    """One thing to settle: a computed field, a condition, or a field rules decide about, by ``name``."""

    number: int
    entity: str
    name: str
    formula: Formula | None
    field: bool


class Rulebook:
    """All rules of a snapshot."""

    def __init__(self, formulas: Formulas):
        self.formulas = formulas
        snapshot = self.snapshot = formulas.snapshot
        self.entities: dict[str, EntityRules] = {
            entity.id: compile_rules(entity, forms_of(snapshot, entity), _Binder(formulas, entity))
            for entity in snapshot.entities
        }
        self._steps: dict[str, tuple[Step, ...]] = {}
        self._schedules: dict[tuple[str, frozenset[str]], tuple[Step, ...]] = {}
        self._lock = threading.Lock()

    def of(self, entity_id: str) -> EntityRules:
        """Return the rules of an entity; falsy when it has none."""
        return self.entities[entity_id]

    def any(self, entity_ids: Iterable[str]) -> bool:
        """Say whether one of these entities has rules."""
        return any(self.entities[one] for one in entity_ids)

    def form_of(self, entity_id: str, form: str) -> str:
        """Return the form of a write: the one named if it is one of the entity's, else the entity's default form."""
        entity = self.snapshot.entity(entity_id)
        if form and any(one.id == form for one in forms_of(self.snapshot, entity)):
            return form
        return self.snapshot.default_form(entity).id

    def schedule(self, form: str, entity_ids: frozenset[str]) -> tuple[Step, ...]:
        """Return the steps of records of these entities that are written together through a form."""
        found = self._schedules.get((form, entity_ids))
        if found is None:
            found = tuple(step for step in self.steps(form) if step.entity in entity_ids)
            self._schedules[form, entity_ids] = found
        return found

    def steps(self, form: str) -> tuple[Step, ...]:
        """Return every step of the application, in order, where a form is filled in."""
        if not any(one.of_forms.get(form) for one in self.entities.values()):
            form = ""  # without conditions of its own a form changes nothing
        with self._lock:
            found = self._steps.get(form)
            if found is None:
                found = self._steps[form] = tuple(self._ordered(form))
        return found

    def graph(self, form: str) -> Graph:
        """Return what is settled and what each step needs, where a form is filled in."""
        formulas = self.formulas.by_field
        trees = {name: formula.tree for name, formula in formulas.items()}
        reads = {name: family_reads(self.snapshot, one.entity, one.paths) for name, one in formulas.items()}
        return dependencies(self.entities.values(), form, graph(trees), reads)

    def _ordered(self, form: str) -> Iterable[Step]:
        formulas, made = self.formulas.by_field, self.graph(form)
        owners = {name: one.entity.id for one in self.entities.values() for name in (*one.conditions, *one.fields)}
        for number, step in enumerate(arranged(made, formulas)):
            name = step.removeprefix(CONDITION).removeprefix(FIELD)
            formula = formulas.get(name)
            entity_id = formula.entity if formula is not None else owners[name]
            if formula is not None and formula.volatile:
                formula = None
            field = step.startswith(FIELD) and name in self.entities[entity_id].fields
            yield Step(number, entity_id, name, formula, field and self.entities[entity_id].fields[name].settles)


class _Binder:
    """Implements :class:`engine.rules.compiling.Binder` for one entity."""

    def __init__(self, formulas: Formulas, entity: Entity):
        self._formulas, self._entity = formulas, entity
        self._fields = {f.id: f for f in formulas.snapshot.all_fields(entity)}

    def condition(self, expr: Expr, what: str) -> Bound | None:
        return self._bound(self._formulas.bound(expr, self._entity, what, BOOLEAN))

    def value(self, expr: Expr, field_id: str, what: str) -> Bound | None:
        wanted = self.type_of(field_id)
        if wanted is None or not settable(self._formulas.snapshot, self._entity, field_id):
            return None
        return self._bound(self._formulas.bound(expr, self._entity, what, wanted))

    def filter(self, expr: Expr, field_id: str, what: str) -> Bound | None:
        candidate = candidate_type(self._formulas.snapshot, self._entity, field_id)
        if candidate is None:
            return None
        return self._bound(self._formulas.bound(expr, self._entity, what, BOOLEAN, candidate=candidate))

    def type_of(self, field_id: str) -> Type | None:
        f = self._fields.get(field_id)
        kind = FIELD_TYPES.find(f.type) if f is not None else None
        return kind.expr_type(f) if kind is not None and f is not None else None

    def _bound(self, tree: Tree | None) -> Bound | None:
        if tree is None:
            return None
        snapshot, entity_id = self._formulas.snapshot, self._entity.id
        reads = tuple(sorted(tree.deps | tree.facts.old))
        return Bound(
            tree=tree,
            compute=evaluator(tree),
            reads=reads,
            loads=leaving(snapshot, entity_id, reads),
            family=family_reads(snapshot, entity_id, reads),
        )


def forms_of(snapshot: Snapshot, entity: Entity) -> list[Form]:
    """Return the forms of an entity."""
    return [form for form in snapshot.app.forms if form.entity == entity.id]


def settable(snapshot: Snapshot, entity: Entity, field_id: str) -> bool:
    """Say whether rules may write a field: one of the entity's own that people fill in, and no sub-table."""
    own = {f.id: f for f in snapshot.own_fields(entity)}
    f = own.get(field_id)
    kind = FIELD_TYPES.find(f.type) if f is not None else None
    return (
        kind is not None
        and kind.writable
        and kind.storage in ("columns", "links")
        and f is not None
        and f.type != "serial"
    )


def candidate_type(snapshot: Snapshot, entity: Entity, field_id: str) -> Type | None:
    """Return what may be chosen for a link or person field; None for any other."""
    if field_id not in snapshot.fields(entity) or snapshot.field_of(entity, field_id).type == "subtable":
        return None
    target = led_to(snapshot, entity.id, field_id)
    if not target:
        return None
    return RecordType(target) if snapshot.has_entity(target) else PERSON


def family_reads(snapshot: Snapshot, entity_id: str, paths: Iterable[Path]) -> frozenset[str]:
    """Return what paths read in records that are written together: the record, the one above, the rows below."""
    found: set[str] = set()
    for path in paths:
        current = entity_id
        for hop in path:
            found.add(hop)
            fields: Mapping[str, Any] = snapshot.fields(current)
            if hop != "sys_parent" and (hop not in fields or fields[hop].type != "subtable"):
                break
            current = led_to(snapshot, current, hop)
            if not current:
                break
    return frozenset(found)


def rulebook_of(catalog: Catalog) -> Rulebook:
    """Return the rules of a catalogue."""
    found = catalog.kept.get("rulebook")
    if found is None:
        found = catalog.kept["rulebook"] = Rulebook(formulas_of(catalog))
    return found
