"""A record on its way to the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.events import Kind
from engine.records.catalog import EntityModel
from engine.records.faults import Errors
from engine.rules.settle import Settling
from metadata.findings import Finding


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


@dataclass(slots=True, eq=False, kw_only=True)
class Draft:
    """One record being written. ``old`` and ``new`` are canonical values by field id, system fields included.

    ``sent`` are the fields the sender named, ``changed`` those that differ in the end. ``rows`` has, for each sub-table
    field that was sent, its rows after the write; ``removed`` the rows that go. ``place`` prefixes findings.
    """

    model: EntityModel
    kind: Kind
    id: str
    rid: int = 0
    rev: int = 1
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    place: str = ""
    bits: int = 0
    sent: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)
    parent: Draft | None = None
    pos: int = 0
    moved: bool = False
    rows: dict[str, list[Draft]] = field(default_factory=dict)
    removed: list[Draft] = field(default_factory=list)
    deleted_at: datetime | None = None
    unsettled: tuple[str, ...] = ()
    """Sent fields whose right depends on the row; judged once the row is written."""
    extra: Mapping[str, Any] | None = None
    """What is kept beside the fields of a stored record."""
    errors: Errors = field(default_factory=dict)
    """Why computed fields are blank after the write."""
    uncomputed: bool = False
    """Whether its formulas are still those from before the change."""
    derived: bool = False
    """Whether only computed fields change, because of something they read elsewhere."""
    ruling: Settling | None = None
    """What the rules of its entity made of it; None without rules."""
    notes: list[Note] = field(default_factory=list)

    def family(self) -> Iterator[Draft]:
        """Yield this draft and every row under it, those that go not included."""
        yield self
        for rows in self.rows.values():
            for row in rows:
                yield from row.family()

    def all_findings(self) -> list[Finding]:
        """Return the findings of this draft and of the rows under it."""
        found = list(self.findings)
        for rows in self.rows.values():
            for row in rows:
                found.extend(row.all_findings())
        for row in self.removed:
            found.extend(row.all_findings())
        return found

    def all_notes(self) -> list[Note]:
        """Return what was noted of this draft and of the rows under it."""
        return [note for one in self.family() for note in one.notes]

    def reject(self, code: str, key: str, /, **params: Any) -> None:
        """Add a finding at a field (by key), or on the whole record for an empty key."""
        self.findings.append(Finding(code, f"{self.place}/{key}" if key else self.place, params))

    @property
    def different(self) -> bool:
        """Say whether there is anything to write for the record itself."""
        return self.kind == "create" or self.moved or bool(self.changed or self.removed) or self._below()

    def _below(self) -> bool:
        return any(row.different for rows in self.rows.values() for row in rows)


def grouped(drafts: Iterable[Draft]) -> dict[str, list[Draft]]:
    """Return drafts by entity, in order of first appearance."""
    found: dict[str, list[Draft]] = {}
    for draft in drafts:
        found.setdefault(draft.model.id, []).append(draft)
    return found
