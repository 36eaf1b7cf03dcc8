"""From an entity's definition to its bound rules. A rule that cannot be bound does nothing; publishing refuses it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from engine.expr.types import Type
from engine.rules.model import Bound, Check, EntityRules, FieldRules, Path, Write
from metadata.model import Entity, Expr, Form, FormItem, Rule


class Binder(Protocol):
    """Binds expressions about one entity."""

    def condition(self, expr: Expr, what: str) -> Bound | None:
        """Return a bound condition; None when it cannot be bound."""

    def value(self, expr: Expr, field_id: str, what: str) -> Bound | None:
        """Return a bound value for a field."""

    def filter(self, expr: Expr, field_id: str, what: str) -> Bound | None:
        """Return a bound condition on candidates (``it``) for a field."""

    def type_of(self, field_id: str) -> Type | None:
        """Return the type of a field of the entity; None when there is no such field."""


def compile_rules(entity: Entity, forms: Sequence[Form], binder: Binder) -> EntityRules:
    """Return the bound rules of an entity. ``forms`` are all of its forms."""
    return _Compiling(entity, forms, binder).run()


class _Compiling:
    def __init__(self, entity: Entity, forms: Sequence[Form], binder: Binder):
        self.entity, self.forms, self.binder = entity, forms, binder
        self.conditions: dict[str, Bound] = {}
        self.fields: dict[str, dict[str, list[Rule]]] = {}
        self.writes: dict[str, list[Write]] = {}
        self.places: dict[str, dict[str, list[Path]]] = {}
        self.items: dict[str, list[Rule]] = {}
        self.checks: list[Check] = []
        self.filters: dict[str, Bound] = {}
        self.within = fields_within(forms)

    def run(self) -> EntityRules:
        of_forms = {form.id: frozenset(self._form(form)) for form in self.forms}
        for rule in self.entity.rules:
            if not rule.off and self._conditioned(rule):
                self._rule(rule)
        every = dict.fromkeys([*self.fields, *self.writes, *self.places])
        fields = {name: self._field(name) for name in every}
        return EntityRules(
            entity=self.entity,
            conditions=self.conditions,
            fields={name: one for name, one in fields.items() if _decides(one)},
            items={name: tuple(rules) for name, rules in self.items.items()},
            checks=tuple(self.checks),
            filters=self.filters,
            of_forms=of_forms,
        )

    def _field(self, name: str) -> FieldRules:
        kinds = self.fields.get(name, {})
        return FieldRules(
            id=name,
            show=tuple(kinds.get("show", ())),
            require=tuple(kinds.get("require", ())),
            lock=tuple(kinds.get("lock", ())),
            choose=tuple(kinds.get("choose", ())),
            writes=tuple(self.writes.get(name, ())),
            places={form: tuple(chains) for form, chains in self.places.get(name, {}).items()},
        )

    def _conditioned(self, rule: Rule) -> bool:
        """Bind the condition of a rule; say whether the rule can do anything."""
        if rule.when is None:
            return True
        bound = self.binder.condition(rule.when, rule.id)
        if bound is not None:
            self.conditions[rule.id] = bound
        return bound is not None

    def _rule(self, rule: Rule) -> None:
        if rule.kind == "check":
            self._check(rule)
        elif rule.kind == "set":
            for name, expr in rule.values.items():
                value = self.binder.value(expr, name, rule.id)
                if value is not None:
                    self.writes.setdefault(name, []).append(Write(rule=rule, value=value))
        elif rule.kind == "choose" and rule.filter is not None and not self._filter(rule):
            return
        else:
            for name in self.targets(rule.fields):
                self.fields.setdefault(name, {}).setdefault(rule.kind, []).append(rule)
            if rule.kind == "show":
                for name in rule.fields:
                    if name in self.within:
                        self.items.setdefault(name, []).append(rule)

    def _filter(self, rule: Rule) -> bool:
        fields = self.targets(rule.fields)
        bound = self.binder.filter(rule.filter, fields[0], rule.id) if rule.filter is not None and fields else None
        if bound is not None:
            self.filters[rule.id] = bound
        return bound is not None

    def _check(self, rule: Rule) -> None:
        bound = self.binder.condition(rule.check, rule.id) if rule.check is not None else None
        if bound is None:
            return
        values = {}
        if rule.severity == "fix":
            for name, expr in rule.values.items():
                value = self.binder.value(expr, name, rule.id)
                if value is not None:
                    values[name] = value
        read = (path[0] for path in bound.reads if self.binder.type_of(path[0]) is not None)
        fields = self.targets(rule.fields)
        about = fields or tuple(dict.fromkeys(read))
        self.checks.append(Check(rule=rule, check=bound, fields=fields, about=about, values=values))

    def targets(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return fields, with those in a layout element in its place."""
        found: dict[str, None] = {}
        for name in names:
            found.update(dict.fromkeys(self.within.get(name, (name,))))
        return tuple(name for name in found if self.binder.type_of(name) is not None)

    def _form(self, form: Form) -> Iterable[str]:
        """Note the conditions above every place of every field of a form; return their ids."""
        bound: set[str] = set()

        def visit(items: Sequence[FormItem], chain: Path) -> None:
            for item in items:
                here = chain
                if item.when is not None:
                    found = self.binder.condition(item.when, item.id)
                    if found is not None:
                        self.conditions[item.id] = found
                        bound.add(item.id)
                        here = (*chain, item.id)
                if item.kind == "field":
                    self.places.setdefault(item.field, {}).setdefault(form.id, []).append(here)
                visit(item.items, here)

        visit(form.items, ())
        return bound


def _decides(one: FieldRules) -> bool:
    return one.settles or bool(one.require or one.lock or one.choose)


def fields_within(forms: Iterable[Form]) -> Mapping[str, tuple[str, ...]]:
    """Return the fields in every part of forms, by the id of the part; a part that is a field has itself."""
    found: dict[str, tuple[str, ...]] = {}

    def visit(item: FormItem) -> tuple[str, ...]:
        inside = (item.field,) if item.kind == "field" else tuple(name for one in item.items for name in visit(one))
        found[item.id] = inside
        return inside

    for form in forms:
        for item in form.items:
            visit(item)
    return found
