"""Rules on the write path: every record with its rows is settled, then judged, before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from engine.expr.values import ErrorValue
from engine.records import candidates
from engine.records.derive import Environments, know, work_out
from engine.records.drafting import Drafting
from engine.records.drafts import Draft, Note, grouped
from engine.records.rulebook import Rulebook, Step, rulebook_of
from engine.records.ruling import Ruling, ruling_of
from engine.rules.settle import Remark, finding_of
from metadata.findings import Finding

_RIGHTS: Final = frozenset({"R301", "R302", "R303"})
"""Findings about what a sender may do; they stand for hidden fields too."""


class Rulings:
    """The rules of one write: all drafts of a call, settled and judged together."""

    def __init__(self, drafting: Drafting, drafts: Sequence[Draft]):
        self.drafting, self.drafts = drafting, drafts
        self.book: Rulebook = rulebook_of(drafting.catalog)
        self.family = [one for draft in drafts for one in draft.family()]
        self.form = self.book.form_of(drafting.model.id, drafting.manner.form)
        self.environments = Environments(drafting.catalog, drafting.loader, drafting.env)
        for one in self.family:
            if self.book.of(one.model.id) and one.ruling is None:
                one.ruling = self._ruling(one)

    def _ruling(self, draft: Draft) -> Ruling:
        fresh = draft.kind == "create"
        sent = {name for name in draft.sent if fresh or name in draft.changed or name in draft.rows}
        return Ruling(
            rules=self.book.of(draft.model.id),
            form=self.form if draft.parent is None else "",
            person=self.drafting.access.actor.kind != "system",
            fresh=fresh,
            sent=sent,
            draft=draft,
            drafting=self.drafting,
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
            know(self.drafting.loader, draft)
        by_entity = grouped(self.family)
        for step in self.book.schedule(self.form, frozenset(by_entity)):
            self._step(step, by_entity[step.entity])

    def _step(self, step: Step, drafts: Sequence[Draft]) -> None:
        if step.formula is not None:
            work_out(self.environments, step.formula, drafts)
        rulings = _rulings(drafts)
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
        for ruling in _rulings(self.family):
            for check in ruling.rules.checks:
                if check.rule.severity != "fix" or not ruling.applies(check):
                    continue
                result = check.check.compute(ruling.env(check.check))
                if result is not True and not isinstance(result, ErrorValue):
                    ruling.mend(check)
                    finding = self._finding(ruling.draft, Remark(check.rule, "fix", ruling.place(check)))
                    ruling.draft.notes.append(Note(finding, "fix"))
                    mended = True
        return mended

    def judge(self) -> None:
        """Leave a finding for everything the rules do not allow."""
        for ruling in _rulings(one for draft in self.drafts for one in draft.family()):
            self._judge(ruling)

    def _judge(self, ruling: Ruling) -> None:
        draft, reasons = ruling.draft, self.drafting.manner.reasons
        for field_id, rule in ruling.trespasses():
            self._refuse(draft, "R330", field_id, rule.id, name=rule.label or rule.id)
        for field_id, rule in (*ruling.astray(), *candidates.astray(ruling)):
            self._refuse(draft, "R331", field_id, rule.id, name=rule.label or rule.id)
        for field_id in ruling.misfits - ruling.hidden:
            self._refuse(draft, "R333", field_id, "")
        wrong = [f.id for f in draft.model if any(one.place == f"{draft.place}/{f.key}" for one in draft.findings)]
        if any(finding.code in _RIGHTS for finding in draft.findings):
            return  # what a person may not do says nothing of the values
        for remark in ruling.remarks(wrong):
            finding = self._finding(draft, remark)
            reason = str(reasons.get(remark.rule.id, "")).strip()
            if remark.severity == "log":
                draft.notes.append(Note(finding, "log"))
            elif remark.severity == "warn" and reason:
                draft.notes.append(Note(finding, "warn", reason[:1_000]))
            else:
                draft.findings.append(finding)

    def _refuse(self, draft: Draft, code: str, field_id: str, rule: str, **params: Any) -> None:
        f = draft.model.by_id[field_id]
        params = {"label": f.field.label, **params}
        draft.findings.append(Finding(code, f"{draft.place}/{f.key}", params, "error", rule))

    def _finding(self, draft: Draft, remark: Remark) -> Finding:
        f = draft.model.by_id.get(remark.field)
        place = f"{draft.place}/{f.key}" if f is not None else draft.place
        return finding_of(remark, place, f.field.label if f is not None else draft.model.entity.label)


def _rulings(drafts: Iterable[Draft]) -> list[Ruling]:
    return [found for draft in drafts if (found := ruling_of(draft)) is not None]


def _idle(draft: Draft, finding: Finding) -> bool:
    """Say whether a finding is about the value of a field that is not there."""
    ruling = draft.ruling
    if ruling is None or finding.code in _RIGHTS:
        return False
    places = (f"{draft.place}/{draft.model.by_id[name].key}" for name in ruling.hidden if name in draft.model.by_id)
    return any(finding.place == place or finding.place.startswith(f"{place}/") for place in places)


def ruled(drafting: Drafting, drafts: Iterable[Draft]) -> bool:
    """Say whether any of these drafts, or a row in them, is of an entity with rules."""
    book = rulebook_of(drafting.catalog)
    return book.any({one.model.id for draft in drafts for one in draft.family()})
