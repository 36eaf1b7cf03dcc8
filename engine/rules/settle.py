"""What the rules make of one record that is being written: values first, in dependency order, then judgement.

A record (or a row of a sub-table) is settled step by step, because its steps stand between those of the record above
and of the rows below; the caller runs them in the order of ``engine.rules.order``. The same is done in the browser.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import engine.rules.messages  # noqa: F401 - registers the sentences
from engine.expr.values import Env, ErrorValue, Value
from engine.rules.model import Bound, Check, EntityRules, FieldRules, Write
from metadata.findings import Finding
from metadata.findings import Severity as FindingSeverity
from metadata.model import Rule, Severity, Text

NO_RULES = FieldRules(id="")


@dataclass(frozen=True, slots=True)
class Remark:
    """A rule that does not hold for the record. ``field`` is where it is shown ("" for the whole record)."""

    rule: Rule
    severity: Severity
    field: str
    failed: str = ""
    """Error code of a check that could not be computed."""


@dataclass(slots=True, eq=False)
class Settling(ABC):
    """One record on its way: what was sent, what the rules found out so far.

    ``form`` is the form of the write ("" for a row of a sub-table, which stands on no form). ``person`` says that a
    person writes, whom locks keep out; the product itself may write what is locked.
    """

    rules: EntityRules
    form: str
    person: bool
    fresh: bool
    sent: set[str]
    conditions: dict[str, bool] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    mended: set[str] = field(default_factory=set)
    misfits: set[str] = field(default_factory=set)

    # -- what the record layer answers --------------------------------------------------------------------------------

    @abstractmethod
    def env(self, bound: Bound) -> Env:
        """Return the environment an expression is evaluated in, with everything it reads."""

    @abstractmethod
    def value(self, field_id: str) -> Value:
        """Return the value a field has by now."""

    @abstractmethod
    def entered(self, field_id: str) -> Value:
        """Return the value that was sent for a field."""

    @abstractmethod
    def initial(self, field_id: str) -> Value:
        """Return what is stored of a field, or what it holds in a new record nobody has filled in."""

    @abstractmethod
    def put(self, field_id: str, value: Value) -> None:
        """Take a value for a field."""

    @abstractmethod
    def fitted(self, field_id: str, value: Value) -> tuple[Value, bool]:
        """Return a computed value as one of the field, and whether it fits; blank where it does not."""

    @abstractmethod
    def blank(self, field_id: str) -> Value:
        """Return the empty value of a field."""

    @abstractmethod
    def changed(self, field_id: str) -> bool:
        """Say whether a field of the record is not what is stored; in a new record, whether anything is there."""

    @abstractmethod
    def changed_above(self, field_id: str) -> bool:
        """Say the same of the record this is a row of."""

    @abstractmethod
    def has_rows(self, field_id: str) -> bool:
        """Say whether a field is a sub-table."""

    @abstractmethod
    def computed(self, field_id: str) -> bool:
        """Say whether a field is computed, so that no rule writes it."""

    @abstractmethod
    def show_rows(self, field_id: str, shown: bool, clear: bool) -> None:
        """Take the rows of a sub-table as they were sent; those of one that is not there stay as stored, or go."""

    @abstractmethod
    def shows(self, field_id: str) -> bool:
        """Say whether the writer may know of a field."""

    @abstractmethod
    def same(self, field_id: str, one: Value, other: Value) -> bool:
        """Say whether two values of a field are the same."""

    # -- values -------------------------------------------------------------------------------------------------------

    def holds(self, rule: Rule) -> bool:
        """Say whether a rule's condition is true; a rule without one always holds."""
        return rule.when is None or self.conditions.get(rule.id, False)

    def decide(self, name: str) -> None:
        """Evaluate a condition. Blank and errors count as false."""
        bound = self.rules.conditions[name]
        self.conditions[name] = bound.compute(self.env(bound)) is True

    def settle(self, field_id: str) -> None:
        """Work out whether a field is there and what it holds; all it depends on is settled."""
        one = self.rules.fields[field_id]
        gone, clear = self._gone(one)
        if gone:
            self.hidden.add(field_id)
        else:
            self.hidden.discard(field_id)
        if self.has_rows(field_id):
            self.show_rows(field_id, not gone, clear)
            return
        if self.computed(field_id) or field_id in self.mended:
            return
        self.misfits.discard(field_id)
        if clear:
            self.put(field_id, self.blank(field_id))
            return
        sent = field_id in self.sent and not gone
        value = self.entered(field_id) if sent else self.initial(field_id)
        for write in one.writes:
            if self._due(write, value, sent):
                value = self._worked_out(field_id, write.value)
        self.put(field_id, value)

    def _gone(self, one: FieldRules) -> tuple[bool, bool]:
        """Say whether a field is not there, and whether it is emptied then."""
        against = [rule for rule in one.show if not self.holds(rule)]
        chains = one.places.get(self.form, ())
        placed = not chains or any(all(self.conditions.get(name, False) for name in chain) for chain in chains)
        return bool(against) or not placed, any(rule.hidden == "clear" for rule in against)

    def _due(self, write: Write, value: Value, sent: bool) -> bool:
        if not self.holds(write.rule):
            return False
        if write.rule.moment == "always":
            return True
        if write.rule.moment == "blank":
            return value is None or value == ()
        condition = self.rules.conditions.get(write.rule.id)
        reads = [bound for bound in (write.value, condition) if bound is not None]
        if sent:
            return False
        if any(bound.reads for bound in reads):
            return any(self._read_changed(bound) for bound in reads)
        return self.fresh

    def _read_changed(self, bound: Bound) -> bool:
        for path in bound.reads:
            if path[0] == "sys_parent":
                if len(path) > 1 and self.changed_above(path[1]):
                    return True
            elif self.changed(path[0]):
                return True
        return False

    def _worked_out(self, field_id: str, bound: Bound) -> Value:
        self.misfits.discard(field_id)
        result = bound.compute(self.env(bound))
        if result is None or isinstance(result, ErrorValue):
            return self.blank(field_id)
        value, fits = self.fitted(field_id, result)
        if not fits:
            self.misfits.add(field_id)
        return value

    # -- judgement ----------------------------------------------------------------------------------------------------

    def required(self, field_id: str, always: bool) -> bool:
        """Say whether a field must be filled in; ``always`` is what its definition says."""
        if field_id in self.hidden:
            return False
        return always or any(self.holds(rule) for rule in self.rules.fields.get(field_id, NO_RULES).require)

    def asked_now(self, field_id: str) -> bool:
        """Say whether something changes with this write that the rules read which ask for a field, or show it."""
        one = self.rules.fields.get(field_id, NO_RULES)
        bounds = (self.rules.conditions.get(rule.id) for rule in (*one.require, *one.show) if self.holds(rule))
        return any(bound is not None and self._read_changed(bound) for bound in bounds)

    def locked(self, field_id: str) -> Rule | None:
        """Return the rule that keeps people from changing a field, if one does."""
        one = self.rules.fields.get(field_id, NO_RULES)
        locks = [rule for rule in one.lock if self.holds(rule)]
        return locks[0] if locks else self._filled(one)

    def _filled(self, one: FieldRules) -> Rule | None:
        """Return the rule that gives a field its value whatever is sent."""
        rules = (write.rule for write in one.writes)
        return next((rule for rule in rules if rule.moment == "always" and self.holds(rule)), None)

    def trespasses(self) -> Iterator[tuple[str, Rule]]:
        """Yield the fields a person changed although they are locked, with the rule."""
        for one in self.rules.demanding if self.person else ():
            if one.id not in self.sent or one.id in self.hidden:
                continue
            rule = self.locked(one.id)
            if rule is not None and self._moved(one, rule):
                yield one.id, rule

    def _moved(self, one: FieldRules, rule: Rule) -> bool:
        if self.has_rows(one.id):
            return self.changed(one.id)
        entered = self.entered(one.id)
        if self.same(one.id, entered, self.initial(one.id)):
            return False
        return rule.kind == "lock" or not self.same(one.id, entered, self.value(one.id))

    def choosing(self) -> Iterator[tuple[FieldRules, tuple[Rule, ...]]]:
        """Yield the fields whose values are limited now, with the rules that do it."""
        for one in self.rules.demanding:
            rules = tuple(rule for rule in one.choose if self.holds(rule))
            if rules and one.id not in self.hidden:
                yield one, rules

    def judged(self, field_id: str, rule: Rule) -> bool:
        """Say whether a choice is to be judged: it, or what decides about it, changes with this write."""
        if self.fresh or self.changed(field_id):
            return True
        bounds = (self.rules.conditions.get(rule.id), self.rules.filters.get(rule.id))
        return any(bound is not None and self._read_changed(bound) for bound in bounds)

    def astray(self) -> Iterator[tuple[str, Rule]]:
        """Yield the fields that hold an option which may not be chosen, with the rule."""
        for one, rules in self.choosing():
            chosen = chosen_of(self.value(one.id))
            for rule in rules:
                if rule.options and not set(chosen) <= set(rule.options) and self.judged(one.id, rule):
                    yield one.id, rule
                    break

    def options(self) -> Mapping[str, tuple[str, ...]]:
        """Return the options that may be chosen, by field that is limited."""
        found: dict[str, tuple[str, ...]] = {}
        for one, rules in self.choosing():
            lists = [rule.options for rule in rules if rule.options]
            if lists:
                found[one.id] = tuple(name for name in lists[0] if all(name in each for each in lists[1:]))
        return found

    def remarks(self, wrong: Iterable[str] = ()) -> Iterator[Remark]:
        """Yield the checks that do not hold. Those that read a field already found ``wrong`` are not asked."""
        taken = set(wrong)
        for check in self.rules.checks:
            if not self.applies(check) or taken & {*(path[0] for path in check.check.reads), *check.fields}:
                continue
            result = check.check.compute(self.env(check.check))
            if result is not True:
                failed = str(result) if isinstance(result, ErrorValue) else ""
                severity = "block" if failed or check.rule.severity == "fix" else check.rule.severity
                yield Remark(check.rule, severity, self.place(check), failed)

    def place(self, check: Check) -> str:
        """Return the field a check is shown at; "" for the whole record."""
        return next((name for name in check.fields if name not in self.hidden and self.shows(name)), "")

    def applies(self, check: Check) -> bool:
        """Say whether a check is asked: it holds now, something it is about is there, something it reads changed."""
        if not self.holds(check.rule) or (check.about and all(name in self.hidden for name in check.about)):
            return False
        condition = self.rules.conditions.get(check.rule.id)
        return (
            self.fresh or self._read_changed(check.check) or (condition is not None and self._read_changed(condition))
        )

    def mend(self, check: Check) -> None:
        """Write what a ``fix`` rule says."""
        worked_out = {name: self._worked_out(name, bound) for name, bound in check.values.items()}
        for name, value in worked_out.items():
            self.mended.add(name)
            self.put(name, value)


def chosen_of(value: Any) -> tuple[str, ...]:
    """Return the ids in a value of a choice, a link or a person field."""
    if value is None:
        return ()
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def finding_of(remark: Remark, place: str, label: Text) -> Finding:
    """Return what people are told of a check that does not hold; it refuses the write, or needs a reason."""
    rule = remark.rule
    if remark.failed:
        return Finding("R323", place, {"label": label, "code": remark.failed}, "error", rule.id)
    if remark.severity == "warn":
        return Finding("R332", place, {"message": rule.message}, "warning", rule.id)
    severity: FindingSeverity = "error" if remark.severity == "block" else "info"
    return Finding("R325", place, {"message": rule.message}, severity, rule.id)
