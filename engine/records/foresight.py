"""What a write would come to, told before anything is written: for forms, and for pickers that offer candidates.

Rules are evaluated with all there is; of the outcome only fields the asker may read are told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.problems import Forbidden, NotFound
from engine.records.catalog import FieldModel
from engine.records.checks import check_references, check_required, required_fields
from engine.records.derive import Environments, compute, settle
from engine.records.drafting import stamp
from engine.records.drafts import Draft
from engine.records.formulas import formulas_of
from engine.records.rights import READ
from engine.records.rulings import Rulings, ruled
from engine.records.stored import stored_drafts
from engine.records.writing import Writing
from metadata.findings import Finding

_NO_LEAD = frozenset({"R306", "R307", "R347"})
_OF_TYPES = "F"
"""Beginning of the codes of values a field's type refuses: what reads them is not judged."""
_KINDS: Mapping[str, str] = {"error": "block", "warning": "warn", "info": "log"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a record, or a row of it, would hold and what rules say of it; everything by field key, values canonical.

    ``findings`` are with the severity of their rule. ``rows`` are those of the sub-tables that were sent.
    """

    values: Mapping[str, Any]
    conditions: Mapping[str, bool]
    hidden: tuple[str, ...]
    required: tuple[str, ...]
    locked: tuple[str, ...]
    choices: Mapping[str, tuple[str, ...]]
    findings: tuple[tuple[Finding, str], ...]
    rows: Mapping[str, tuple[Outcome, ...]]


def foresee(writing: Writing, values: Mapping[str, Any], record_id: str = "") -> Outcome:
    """Return what writing these values would come to. Raises NotFound or Forbidden."""
    draft, rulings = drafted(writing, values, record_id)
    check_required(writing.access, writing.loader, list(draft.family()))
    if rulings is not None:
        rulings.judge()
    _work_out_when_read(writing, draft)
    return _outcome(writing, draft)


def _work_out_when_read(writing: Writing, draft: Draft) -> None:
    """Give the formulas that are never stored, because of the clock or of who asks, the value a reader would see."""
    environments = Environments(writing.catalog, writing.loader, writing.env)
    for formula in formulas_of(writing.catalog).order:
        for one in draft.family() if formula.volatile else ():
            if one.model.id == formula.entity:
                result = formula.compute(environments.of(one, formula.loads))
                one.new[formula.id], _ = settle(one.model.by_id[formula.id], result)


def drafted(writing: Writing, values: Mapping[str, Any], record_id: str = "") -> tuple[Draft, Rulings | None]:
    """Return the draft of a new record, or of changes to one, settled. What cannot be taken is left out.

    A link to something its sender may not see leads nowhere, so that no rule tells of it.
    """
    draft = _opened(writing, values, record_id)
    every = list(draft.family())
    for one in every:
        one.findings = [finding for finding in one.findings if finding.code.startswith(_OF_TYPES)]
    check_references(writing.access, writing.connection, every)
    cut = [one for one in every if _cut(one)]
    for one in every if cut else ():
        if one.kind == "create":
            writing.begin(one)
    if not ruled(writing, [draft]):
        compute(writing.catalog, writing.loader, writing.env, [draft])
        return draft, None
    rulings = Rulings(writing, [draft])
    rulings.settle()
    return draft, rulings


def _opened(writing: Writing, values: Mapping[str, Any], record_id: str) -> Draft:
    access, model = writing.access, writing.model
    rights = access.rights(model.id)
    if not record_id:
        if not rights.allows("create"):
            raise Forbidden(what={"zh-CN": "新建", "en": "create"})
        return writing.new(values)
    draft = stored_drafts(access, writing.connection, model, [record_id], "update", lock=False).get(record_id)
    if draft is None:
        raise NotFound(what=model.entity.label)
    if not draft.bits & rights.rows["update"]:
        raise Forbidden(what={"zh-CN": "修改", "en": "change this"})
    writing.change(draft, values)
    stamp(writing.access, draft)
    return draft


def _cut(draft: Draft) -> bool:
    """Take links that lead nowhere out of a draft; say whether there were any."""
    places = {finding.place for finding in draft.findings if finding.code in _NO_LEAD}
    draft.findings = [finding for finding in draft.findings if finding.code not in _NO_LEAD]
    for f in draft.model.references:
        if f"{draft.place}/{f.key}" in places:
            draft.new[f.id] = f.type.blank(f.field)
            draft.changed.discard(f.id)
    return bool(places)


def _outcome(writing: Writing, draft: Draft) -> Outcome:
    shown = {f.id: f for f in readable(writing, draft)}
    ruling = draft.ruling
    rows = {
        f.key: tuple(_outcome(writing, row) for row in draft.rows[name])
        for name, f in shown.items()
        if f.storage == "children" and name in draft.rows
    }
    values = {f.key: draft.new[name] for name, f in shown.items() if name in draft.new and f.storage != "children"}
    told = [(finding, _KINDS[finding.severity]) for finding in draft.findings]
    needed = {f.id for f in required_fields(writing.access, draft)}
    required = _keys(shown, [name for name in shown if name in needed])
    if ruling is None:
        return Outcome(
            values=values,
            conditions={},
            hidden=(),
            required=required,
            locked=(),
            choices={},
            findings=tuple(told),
            rows=rows,
        )
    told += [(note.finding, note.kind) for note in draft.notes]
    return Outcome(
        values=values,
        conditions=dict(ruling.conditions),
        hidden=_keys(shown, [name for name in shown if name in ruling.hidden]),
        required=required,
        locked=_keys(shown, [name for name in shown if ruling.locked(name) is not None]),
        choices={shown[name].key: options for name, options in ruling.options().items() if name in shown},
        findings=tuple(told),
        rows=rows,
    )


def readable(writing: Writing, draft: Draft) -> Iterator[FieldModel]:
    """Yield the fields of a draft that the asker may read in this very record."""
    rights = writing.access.rights(draft.model.id)
    for f in draft.model:
        level = rights.read_level(f.id, draft.bits) if draft.kind == "update" else rights.best_level(f.id)
        if level >= READ:
            yield f


def _keys(shown: Mapping[str, FieldModel], names: Sequence[str]) -> tuple[str, ...]:
    return tuple(shown[name].key for name in names)
