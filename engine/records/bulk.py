"""Many writes in one call: the pipeline of one record, fed with a few thousand at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from engine.problems import Conflict, Forbidden, NotFound
from engine.records.access import Access
from engine.records.catalog import EntityModel
from engine.records.drafting import stamp
from engine.records.drafts import Draft
from engine.records.removal import discard, judge, removable
from engine.records.serials import serial_fields
from engine.records.spec import BULK_LIMIT, BulkOutcome, BulkResult, BulkRow, Manner
from engine.records.stored import stored_drafts
from engine.records.work import Work
from engine.records.writing import Writing
from metadata.findings import Finding, Refused

PART: Final = 2_000
_OPERATIONS: Final = ("create", "update", "delete")
_Numbered = tuple[int, BulkRow]


def run_bulk(
    work: Work, access: Access, model: EntityModel, rows: Sequence[BulkRow], manner: Manner, *, atomic: bool
) -> BulkResult:
    """Write rows in order. Raises Refused for the whole call when ``atomic`` and anything is wrong."""
    if len(rows) > BULK_LIMIT:
        raise Refused([Finding("R316", "/operations", {"limit": BULK_LIMIT, "found": len(rows)})])
    outcomes: dict[int, BulkOutcome] = {}
    for part in _parts(rows):
        outcomes.update(_Part(work, access, model, manner, atomic=atomic).run(part))
        if atomic and any(one.findings for one in outcomes.values()):
            raise Refused([finding for _, one in sorted(outcomes.items()) for finding in one.findings])
    return BulkResult(results=tuple(outcomes[number] for number in range(len(rows))))


def validate_rows(work: Work, access: Access, model: EntityModel, rows: Sequence[BulkRow]) -> list[tuple[Finding, ...]]:
    """Check creates and updates as a write would, without writing; ranges are settled only when rows are written."""
    found: dict[int, tuple[Finding, ...]] = {}
    for part in _parts(rows):
        dry = _Part(work, access, model, Manner(preview=True), atomic=False)
        drafts, refused = dry.drafts(part)
        dry.writing.check(list(drafts.values()))
        found.update({number: tuple(draft.all_findings()) for number, draft in drafts.items()})
        found.update({number: one.findings for number, one in refused.items()})
    return [found.get(number, ()) for number in range(len(rows))]


def _parts(rows: Sequence[BulkRow]) -> Iterator[list[_Numbered]]:
    """Cut rows into runs of one operation, each not too long; order is kept."""
    for _, run in groupby(enumerate(rows), key=lambda numbered: numbered[1].op):
        part: list[_Numbered] = []
        for numbered in run:
            part.append(numbered)
            if len(part) == PART:
                yield part
                part = []
        if part:
            yield part


class _Part:
    def __init__(self, work: Work, access: Access, model: EntityModel, manner: Manner, *, atomic: bool):
        self.work, self.access, self.model, self.atomic = work, access, model, atomic
        self.writing = Writing(work, access, model, manner)

    def run(self, part: Sequence[_Numbered]) -> dict[int, BulkOutcome]:
        operation = part[0][1].op
        if operation == "delete":
            return self._delete(part)
        drafts, outcomes = self.drafts(part)
        self.writing.check(list(drafts.values()))
        good = {number: draft for number, draft in drafts.items() if not draft.all_findings()}
        if not self.atomic or (len(good) == len(part) and not outcomes):
            self._write(good)
        for number, draft in drafts.items():
            findings = tuple(draft.all_findings())
            rev = draft.rev if draft.different else draft.rev - 1
            if findings:
                outcomes[number] = BulkOutcome(findings=findings)
            else:
                notices = tuple(note.finding for note in draft.all_notes())
                outcomes[number] = BulkOutcome(id=draft.id, rev=rev, notices=notices)
        return outcomes

    def drafts(self, part: Sequence[_Numbered]) -> tuple[dict[int, Draft], dict[int, BulkOutcome]]:
        """Return the drafts of rows, and outcomes of those that cannot become one."""
        writing = self.writing
        refused: dict[int, BulkOutcome] = {}
        if part[0][1].op not in _OPERATIONS:
            for number, row in part:
                refused[number] = _refused(Finding("R317", self._place(number, ""), {"operation": str(row.op)[:40]}))
            return {}, refused
        found: dict[int, Draft] = {}
        if part[0][1].op == "create":
            if not self.access.rights(self.model.id).allows("create"):
                raise Forbidden(what={"zh-CN": "新建", "en": "create"})
            for number, row in part:
                place = self._place(number, "/values")
                found[number] = writing.new(_body(row.values), place=place, record_id=row.id or None, typed=row.typed)
            return found, refused
        ids = [row.id for _, row in part]
        lock = not writing.manner.preview
        wanted = list(dict.fromkeys(ids))
        held = stored_drafts(self.access, self.work.connection, self.model, wanted, "update", lock=lock)
        updates = self.access.rights(self.model.id).rows["update"]
        for number, row in part:
            draft = held.pop(row.id, None)  # a second change of one record in a run is refused, not merged
            if draft is None or not draft.bits & updates:
                refused[number] = _refused(Finding("R319", self._place(number, "/id"), {"id": str(row.id)[:64]}))
            elif row.rev is not None and row.rev != draft.rev - 1:
                params = {"id": row.id, "rev": draft.rev - 1}
                refused[number] = _refused(Finding("R320", self._place(number, "/rev"), params))
            else:
                draft.place = self._place(number, "/values")
                writing.change(draft, _body(row.values), typed=row.typed)
                stamp(writing.access, draft)
                found[number] = draft
        return found, refused

    def _write(self, drafts: Mapping[int, Draft]) -> None:
        """Write drafts; without ``atomic`` those that fail at the last moment are left out and the rest tried again."""
        waiting = [draft for draft in drafts.values() if draft.different]
        while waiting:
            if self.atomic:
                self.writing.write(waiting)
                return
            with self.work.connection.begin_nested() as savepoint:
                self.writing.write(waiting)
                if not any(draft.all_findings() for draft in waiting):
                    return
                savepoint.rollback()
            waiting = [draft for draft in waiting if not draft.all_findings()]
            for draft in waiting:
                for one in draft.family():
                    for field_id in serial_fields(one.model) if one.kind == "create" else ():
                        one.new[field_id] = None  # the counter was rolled back with the rows

    def _delete(self, part: Sequence[_Numbered]) -> dict[int, BulkOutcome]:
        """Delete rows together; where something objects, one after the other, so that each says for itself why."""
        writing = self.writing
        outcomes: dict[int, BulkOutcome] = {}
        found: dict[int, Draft] = {}
        held = removable(writing, list(dict.fromkeys(row.id for _, row in part)))
        for number, row in part:
            draft = held.pop(row.id, None)
            try:
                if draft is None:
                    raise NotFound(what=self.model.entity.label)
                judge(writing, draft, row.rev)
            except (NotFound, Forbidden):
                outcomes[number] = _refused(Finding("R319", self._place(number, "/id"), {"id": str(row.id)[:64]}))
            except Conflict as error:
                params = {"id": row.id, "rev": error.rev}
                outcomes[number] = _refused(Finding("R320", self._place(number, "/rev"), params))
            else:
                found[number] = draft
                outcomes[number] = BulkOutcome(id=draft.id, rev=draft.rev)
        if found and (len(found) == len(part) or not self.atomic):
            outcomes.update(self._discard(found))
        return outcomes

    def _discard(self, drafts: Mapping[int, Draft]) -> dict[int, BulkOutcome]:
        """Put records into the trash; returns the outcomes of those that something objects to."""
        objections = self._objections(list(drafts.values()))
        if not objections:
            return {}
        if len(drafts) == 1:
            (number,) = drafts
            place = self._place(number, "/id")
            return {number: BulkOutcome(findings=tuple(Finding(f.code, place, f.params) for f in objections))}
        found: dict[int, BulkOutcome] = {}
        for number, draft in drafts.items():
            found.update(self._discard({number: removable(self.writing, [draft.id])[draft.id]}))
        return found

    def _objections(self, drafts: Sequence[Draft]) -> Sequence[Finding]:
        """Put records into the trash and return nothing, or say why not and leave everything as it was."""
        with self.work.connection.begin_nested() as savepoint:
            try:
                discard(self.writing, drafts)
            except Refused as error:
                savepoint.rollback()
                return error.findings
        return ()

    def _place(self, number: int, rest: str) -> str:
        return f"/operations/{number}{rest}" if self.atomic else rest.removeprefix("/values")


def _refused(finding: Finding) -> BulkOutcome:
    return BulkOutcome(findings=(finding,))


def _body(values: Any) -> Mapping[str, Any]:
    return values if isinstance(values, Mapping) else {"": values}
