"""The rules of an entity as one person's browser gets them: trees over fields that person may read, and no others.

What reads more is settled by the server (``POST .../settle``); the browser only learns which fields to ask about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from engine.expr.functions.base import find_function
from engine.expr.to_json import encode
from engine.expr.tree import Call, Path, Tree
from engine.fields.base import FIELD_TYPES, FieldType
from engine.fields.computed import FormulaType
from engine.fields.numbers import CurrencyType, NumberType, PercentType
from engine.fields.texts import TextareaType, TextType
from engine.records.formulas import formulas_of
from engine.records.hops import led_to
from engine.records.rulebook import family_reads, rulebook_of
from engine.records.spec import EntityAccess
from engine.records.store import RecordStore
from engine.rules.model import Bound, Check, EntityRules, Write
from engine.rules.order import CONDITION, FIELD
from metadata.model import Entity, Field, Form, Rule
from metadata.snapshot import Snapshot

_SEEN = frozenset({"read", "write"})
_PLAIN = frozenset({"date", "datetime", "switch", "select", "multi_select", "user", "users", "link_one", "link_many"})
"""Types of which every value of the right expression type is one."""
_DECIMALS = (NumberType, CurrencyType, PercentType)
"""Numbers that fit by their scale and bounds alone; scores have steps of their own."""
_PERSON = ("usr_name", "usr_email", "usr_phone", "usr_active")

Json = dict[str, Any]


class RulesDescription:
    """Encodes rules for one actor; ``access`` is what that actor may do, by entity id."""

    def __init__(self, store: RecordStore, access: Mapping[str, EntityAccess]):
        self._access = access
        self._snapshot: Snapshot = store.snapshot
        self._book = rulebook_of(store.catalog)
        self._formulas = formulas_of(store.catalog)

    # -- an entity -------------------------------------------------------------------------------------------------

    def entity(self, entity: Entity) -> Json | None:
        """Return the rules of an entity; None where there is nothing to settle."""
        rules = self._book.of(entity.id)
        own = [f for f in self._snapshot.own_fields(entity) if self._sees(entity.id, f.id)]
        computed = {f.id: formula for f in own if (formula := self._formulas.by_field.get(f.id)) is not None}
        defaults = [one for one in self._formulas.defaults[entity.id] if self._sees(entity.id, one.field.id)]
        if not rules and not computed and not defaults:
            return None
        fields = [one for one in rules.fields.values() if self._sees(entity.id, one.id)]
        key = {f.id: f.key for f in self._snapshot.all_fields(entity)}
        written = {one.id for one in fields if one.writes} | {one.field.id for one in defaults} | set(computed)
        written |= {name for check in rules.checks for name in check.values if self._sees(entity.id, name)}
        show = {**{key[one.id]: one.show for one in fields}, **rules.items}
        return {
            "conditions": self.conditions(entity.id, rules, ""),
            "show": {
                name: [{"rule": rule.id, "clear": rule.hidden == "clear"} for rule in found]
                for name, found in show.items()
                if found
            },
            "require": {key[one.id]: _ids(one.require) for one in fields if one.require},
            "needed": [one.field.key for one in defaults if one.field.required],
            "lock": {key[one.id]: _ids(one.lock) for one in fields if one.lock},
            "set": {
                key[one.id]: [
                    {
                        "rule": write.rule.id,
                        "moment": write.rule.moment,
                        "value": self._sent(entity.id, write.value.tree),
                    }
                    for write in one.writes
                ]
                for one in fields
                if one.writes
            },
            "choose": {
                key[one.id]: [{"rule": rule.id, "options": list(rule.options) or None} for rule in one.choose]
                for one in fields
                if one.choose
            },
            "checks": [self._check(entity, key, check) for check in rules.checks],
            "formulas": {key[name]: self._sent(entity.id, one.tree) for name, one in computed.items()},
            "defaults": {one.field.key: self._sent(entity.id, one.tree) for one in defaults},
            "fit": {key[name]: self._fit(self._snapshot.field_of(entity, name)) for name in sorted(written)},
            "asks": self._asks(entity),
        }

    def conditions(self, entity_id: str, rules: EntityRules, form: str) -> Json:
        """Return the conditions of the parts of a form, or those of rules."""
        formed = frozenset(name for names in rules.of_forms.values() for name in names)
        names = rules.of_forms.get(form, frozenset()) if form else frozenset(rules.conditions) - formed
        return {name: self._sent(entity_id, rules.conditions[name].tree) for name in sorted(names)}

    def _write(self, entity: Entity, write: Write) -> Json:
        rule = write.rule
        return {"rule": rule.id, "moment": rule.moment, "value": self._sent(entity.id, write.value.tree)}

    def _check(self, entity: Entity, key: Mapping[str, str], check: Check) -> Json:
        shown = [key[name] for name in check.fields if self._sees(entity.id, name)]
        values = {name: bound for name, bound in check.values.items() if self._sees(entity.id, name)}
        return {
            "rule": check.rule.id,
            "severity": check.rule.severity,
            "fields": shown,
            "about": [key[name] if self._sees(entity.id, name) else "" for name in check.about],
            "check": encode(check.check.tree) if self._judges(entity.id, check) else None,
            "message": dict(check.rule.message),
            "values": {key[name]: self._sent(entity.id, bound.tree) for name, bound in values.items()},
        }

    def _judges(self, entity_id: str, check: Check) -> bool:
        """Say whether this person's browser has all a check reads, and knows all it is about and writes."""
        names = (*check.about, *check.values)
        return self._here(entity_id, check.check.tree) and all(self._sees(entity_id, name) for name in names)

    def _fit(self, f: Field) -> Json:
        """Say what a worked out value must fit into; ``server`` where only the server can tell."""
        kind = FIELD_TYPES.get(f.type)
        made: FieldType = kind.result(f) if isinstance(kind, FormulaType) else kind
        if isinstance(made, NumberType) and type(made) in _DECIMALS:
            limits = {} if made is not kind else {name: f.options.get(name) for name in ("min", "max")}
            return {"scale": made.scale(f), **{name: str(one) for name, one in limits.items() if one is not None}}
        if isinstance(made, TextType) and (made is not kind or type(made) in (TextType, TextareaType)):
            return {"length": made.max_length(f), "lines": made.line_breaks, "server": bool(f.options.get("pattern"))}
        return {} if made is not kind or f.type in _PLAIN else {"server": True}

    # -- what may be sent ------------------------------------------------------------------------------------------

    def _sent(self, entity_id: str, tree: Tree) -> Json | None:
        return encode(tree) if self._here(entity_id, tree) else None

    def _here(self, entity_id: str, tree: Tree) -> bool:
        """Say whether this person's browser has all a tree reads, and every function in it."""
        if tree.facts.scans or not all(self._at_hand(entity_id, path) for path in tree.deps | tree.facts.old):
            return False
        for node in tree.walk():
            if isinstance(node, Call) and (found := find_function(node.name)) is not None and found.browser:
                return False
            if isinstance(node, Path) and node.root == "USER" and node.ids and node.ids[0] not in _PERSON:
                return False
        return True

    def _at_hand(self, entity_id: str, path: Sequence[str]) -> bool:
        """Say whether a path stays in the record, the one above and the rows below, in fields that may be read."""
        current = entity_id
        for at, hop in enumerate(path):
            if not self._sees(current, hop) and hop != "sys_parent":
                return False
            f = self._snapshot.field_of(current, hop)
            if at < len(path) - 1 and hop != "sys_parent" and f.type != "subtable":
                return path[at + 1 :] == ("sys_id",)
            if f.id in self._snapshot.fields(current) and not _travels(f):
                return False
            current = led_to(self._snapshot, current, hop)
        return True

    def _sees(self, entity_id: str, field_id: str) -> bool:
        access = self._access.get(entity_id)
        if access is None or field_id not in self._snapshot.fields(entity_id):
            return False
        return access.levels.get(self._snapshot.field_of(entity_id, field_id).key, "") in _SEEN

    # -- what is asked for -----------------------------------------------------------------------------------------

    def _asks(self, entity: Entity) -> list[str]:
        """Return the fields whose change something only the server evaluates may read."""
        found: set[str] = set()
        for entity_id in (entity.id, *self._below(entity)):
            for bound in self._left_over(entity_id):
                found |= family_reads(self._snapshot, entity_id, bound)
        return sorted(f.key for f in self._snapshot.all_fields(entity) if f.id in found and self._sees(entity.id, f.id))

    def _below(self, entity: Entity) -> Iterator[str]:
        for _, child in self._snapshot.children(entity):
            yield child.id
            yield from self._below(child)

    def _left_over(self, entity_id: str) -> Iterator[Iterable[tuple[str, ...]]]:
        rules = self._book.of(entity_id)
        yield from (check.check.reads for check in rules.checks if not self._judges(entity_id, check))
        bounds: list[Bound] = list(rules.conditions.values())
        bounds += [write.value for one in rules.fields.values() for write in one.writes]
        yield from (bound.reads for bound in bounds if not self._here(entity_id, bound.tree))
        yield from (bound.reads for bound in rules.filters.values())
        limited = (one for one in rules.fields.values() if any(rule.filter is not None for rule in one.choose))
        yield from ([(one.id,)] for one in limited)
        for one in rules.fields.values():
            if one.writes and self._fit(self._snapshot.field_of(entity_id, one.id)).get("server"):
                yield from (write.value.reads for write in one.writes)
        for default in self._formulas.defaults[entity_id]:
            if not self._here(entity_id, default.tree) or self._fit(default.field).get("server"):
                yield default.tree.deps
        for formula in self._formulas.by_field.values():
            if formula.entity == entity_id and not self._here(entity_id, formula.tree):
                yield formula.paths

    # -- a form ----------------------------------------------------------------------------------------------------

    def form(self, entity: Entity, form: Form) -> Json:
        """Return ``{"conditions": {part: tree}, "steps": {entity key: [[number, step]]}}`` of a form."""
        family = (entity.id, *self._below(entity))
        steps: dict[str, list[list[Any]]] = {}
        for step in self._book.schedule(form.id, frozenset(family)):
            here = self._snapshot.entity(step.entity)
            if step.name in self._snapshot.fields(here):
                if self._sees(here.id, step.name):
                    name = FIELD + self._snapshot.field_of(here, step.name).key
                    steps.setdefault(here.key, []).append([step.number, name])
            else:
                steps.setdefault(here.key, []).append([step.number, CONDITION + step.name])
        return {"conditions": self.conditions(entity.id, self._book.of(entity.id), form.id), "steps": steps}


def _travels(f: Field) -> bool:
    """Say whether a value in its API form is one an expression reads."""
    kind = FIELD_TYPES.find(f.type)
    if kind is None or kind.expr_type(f).kind == "duration":
        return False
    if f.id.startswith("sys_") or kind.storage in ("links", "children"):
        return True
    shape = kind.value_schema(f).get("type", ())
    return "object" not in (shape if isinstance(shape, list) else [shape])


def _ids(rules: Iterable[Rule]) -> list[str]:
    return [rule.id for rule in rules]
