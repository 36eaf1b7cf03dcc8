"""Rules on the write path: every record with its rows is settled, then judged, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from engine.expr.values import Env, ErrorValue, Value
from engine.fields.base import InvalidValue
from engine.fields.numbers import NumberType
from engine.records import candidates
from engine.records.derive import Environments, know, work_out
from engine.records.drafts import Draft, grouped
from engine.records.rulebook import Rulebook, Step, rulebook_of
from engine.records.stored import stored_rows
from engine.rules.model import Bound
from engine.rules.settle import Remark, Settling, finding_of
from metadata.findings import Finding

if TYPE_CHECKING:
    from engine.records.writing import Writing

_RIGHTS: Final = frozenset({"R301", "R302", "R303"})
"""Findings about what a sender may do; they stand for hidden fields too."""


@dataclass(frozen=True, slots=True)
class Note:
    """A check that does not hold and yet did not stop the write: mended, logged, or accepted with a reason."""

    finding: Finding
    kind: str
    reason: str = ""

    def kept(self) -> dict[str, str]:
        """Return it as the log keeps it."""
        found = {"rule": self.finding.rule, "severity": self.kind}
        return {**found, "reason": self.reason} if self.reason else found


@dataclass(slots=True, eq=False)
class Ruling(Settling):
    """One draft as its rules see it."""

    draft: Draft = field(kw_only=True)
    writing: Writing = field(kw_only=True)
    environments: Environments = field(kw_only=True)
    given: dict[str, Value] = field(default_factory=dict)
    sheets: dict[str, list[Draft]] = field(default_factory=dict)
    leaving: list[Draft] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

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
                draft.old[field_id] = self.writing.loader.links(field_id, [draft.id])[draft.id]
            return draft.old.get(field_id)
        if field_id not in draft.sent:
            return self.given.setdefault(field_id, draft.new.get(field_id))
        return self.writing.untouched(draft, f)

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
        self.writing.loader.forget_children(target, draft.id)
        if self.fresh or field_id in draft.rows:
            rows = [row.new for row in draft.rows.get(field_id, ())]
            self.writing.loader.know_children(target, draft.id, rows)

    def _stored_rows(self, target: str) -> list[Draft]:
        """Return the rows of a sub-table that is emptied, as rows that go."""
        writing = self.writing
        model, lock = writing.catalog.entity(target), not writing.manner.preview
        rows = stored_rows(writing.access, writing.connection, model, self.draft, lock=lock)
        for row in rows:
            row.parent, row.kind = self.draft, "delete"
        return rows

    def same(self, field_id: str, one: Value, other: Value) -> bool:
        return bool(one == other)

    def shows(self, field_id: str) -> bool:
        return self.writing.access.rights(self.draft.model.id).best_level(field_id) > 0


def _ids(value: Any) -> Any:
    """Return linked records as their ids."""
    if isinstance(value, Mapping):
        return value["sys_id"]
    return [_ids(one) for one in value] if isinstance(value, list | tuple) else value


class Rulings:
    """The rules of one write: all drafts of a call, settled and judged together."""

    def __init__(self, writing: Writing, drafts: Sequence[Draft]):
        self.writing, self.drafts = writing, drafts
        self.book: Rulebook = rulebook_of(writing.catalog)
        self.family = [one for draft in drafts for one in draft.family()]
        self.form = self.book.form_of(writing.model.id, writing.manner.form)
        self.environments = Environments(writing.catalog, writing.loader, writing.env)
        for one in self.family:
            rules = self.book.of(one.model.id)
            if rules and one.ruling is None:
                one.ruling = self._ruling(one)

    def _ruling(self, draft: Draft) -> Ruling:
        fresh = draft.kind == "create"
        sent = {name for name in draft.sent if fresh or name in draft.changed or name in draft.rows}
        return Ruling(
            rules=self.book.of(draft.model.id),
            form=self.form if draft.parent is None else "",
            person=self.writing.access.actor.kind != "system",
            fresh=fresh,
            sent=sent,
            draft=draft,
            writing=self.writing,
            environments=self.environments,
            given={name: draft.new.get(name) for name in sent},
            sheets=dict(draft.rows),
            leaving=list(draft.removed),
        )

    def settle(self) -> None:
        """Work out every value; what was sent for fields that are not there is as if it had not been sent."""
        self.run()
        if self._mend():
            self.run()
        for one in self.family:
            if one.ruling is not None and one.ruling.hidden:
                one.findings = [finding for finding in one.findings if not _idle(one, finding)]

    def run(self) -> None:
        """Run every step once, in order."""
        for draft in self.drafts:
            know(self.writing.loader, draft)
        by_entity = grouped(self.family)
        for step in self.book.schedule(self.form, frozenset(by_entity)):
            self._step(step, by_entity[step.entity])

    def _step(self, step: Step, drafts: Sequence[Draft]) -> None:
        if step.formula is not None:
            work_out(self.environments, step.formula, drafts)
        rulings = [one.ruling for one in drafts if one.ruling is not None]
        rules = self.book.of(step.entity)
        if step.field:
            loads = [path for write in rules.fields[step.name].writes for path in write.value.loads]
            self.environments.prepare(step.entity, [one.draft.new for one in rulings] if loads else [], loads)
            for ruling in rulings:
                ruling.settle(step.name)
        elif step.name in rules.conditions:
            bound, formed = rules.conditions[step.name], rules.of_forms.get(self.form, ())
            due = [one for one in rulings if one.form or step.name not in formed]
            self.environments.prepare(step.entity, [one.draft.new for one in due], bound.loads)
            for ruling in due:
                ruling.decide(step.name)

    def _mend(self) -> bool:
        """Write what ``fix`` rules say where they do not hold; say whether there was anything."""
        mended = False
        for ruling in (one.ruling for one in self.family if one.ruling is not None):
            for check in ruling.rules.checks:
                if check.rule.severity != "fix" or not ruling.applies(check):
                    continue
                result = check.check.compute(ruling.env(check.check))
                if result is not True and not isinstance(result, ErrorValue):
                    ruling.mend(check)
                    ruling.notes.append(
                        Note(self._finding(ruling, Remark(check.rule, "fix", ruling.place(check))), "fix")
                    )
                    mended = True
        return mended

    def judge(self) -> None:
        """Leave a finding for everything the rules do not allow."""
        for one in self.drafts:
            for draft in one.family():
                if draft.ruling is not None:
                    self._judge(draft, draft.ruling)

    def _judge(self, draft: Draft, ruling: Ruling) -> None:
        model, reasons = draft.model, self.writing.manner.reasons
        for field_id, rule in ruling.trespasses():
            self._refuse(draft, "R330", field_id, rule.id, name=rule.label or rule.id)
        for field_id, rule in (*ruling.astray(), *candidates.astray(ruling)):
            self._refuse(draft, "R331", field_id, rule.id, name=rule.label or rule.id)
        for field_id in ruling.misfits - ruling.hidden:
            self._refuse(draft, "R333", field_id, "")
        wrong = [f.id for f in model if any(one.place == f"{draft.place}/{f.key}" for one in draft.findings)]
        if any(finding.code in _RIGHTS for finding in draft.findings):
            return  # what a person may not do says nothing of the values
        for remark in ruling.remarks(wrong):
            finding = self._finding(ruling, remark)
            reason = str(reasons.get(remark.rule.id, "")).strip()
            if remark.severity == "log":
                ruling.notes.append(Note(finding, "log"))
            elif remark.severity == "warn" and reason:
                ruling.notes.append(Note(finding, "warn", reason[:1_000]))
            else:
                draft.findings.append(finding)

    def _refuse(self, draft: Draft, code: str, field_id: str, rule: str, **params: Any) -> None:
        f = draft.model.by_id[field_id]
        params = {"label": f.field.label, **params}
        draft.findings.append(Finding(code, f"{draft.place}/{f.key}", params, "error", rule))

    def _finding(self, ruling: Ruling, remark: Remark) -> Finding:
        draft = ruling.draft
        f = draft.model.by_id.get(remark.field)
        place = f"{draft.place}/{f.key}" if f is not None else draft.place
        return finding_of(remark, place, f.field.label if f is not None else draft.model.entity.label)


def _idle(draft: Draft, finding: Finding) -> bool:
    """Say whether a finding is about the value of a field that is not there."""
    ruling = draft.ruling
    if ruling is None or finding.code in _RIGHTS:
        return False
    places = (f"{draft.place}/{draft.model.by_id[name].key}" for name in ruling.hidden if name in draft.model.by_id)
    return any(finding.place == place or finding.place.startswith(f"{place}/") for place in places)


def ruled(writing: Writing, drafts: Iterable[Draft]) -> bool:
    """Say whether any of these drafts, or a row in them, is of an entity with rules."""
    book = rulebook_of(writing.catalog)
    return book.any({one.model.id for draft in drafts for one in draft.family()})


def notes_of(draft: Draft) -> Iterator[Note]:
    """Yield what was noted of a draft and of its rows."""
    for one in draft.family():
        if one.ruling is not None:
            yield from one.ruling.notes
