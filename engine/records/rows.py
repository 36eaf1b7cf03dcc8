"""From database rows to records: typed values by key, masks, and the level of each field where rows differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement

from engine.fields.base import FieldType
from engine.records.catalog import FieldModel
from engine.records.faults import errors_of
from engine.records.paths import Reached
from engine.records.rights import HIDDEN, LEVELS, MASKED, READ, EntityPolicy
from engine.records.secured import Secured
from engine.records.spec import Record

Convert = Callable[[Any], Any]
Step = tuple[str, Convert | None, int, int]
"""Key, conversion (None: take the column as it is), first and last column."""


def converter(f: FieldModel) -> Convert | None:
    """Return the conversion of the columns of a field; None when its one column is the value."""
    if len(f.columns) == 1 and type(f.type).from_db is FieldType.from_db:
        return None
    return partial(f.type.from_db, f.field)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """One field of the answer: where its columns and its mask are in the row."""

    key: str
    field: FieldModel
    first: int
    last: int
    mask: int
    convert: Convert | None
    alias: Secured


class Reader:
    """Reads rows of ``columns``, which begin with id, rev and, where levels differ, the bits."""

    def __init__(self, alias: Secured, wanted: Sequence[Reached]):
        self.alias = alias
        self.columns: list[ColumnElement[Any]] = [alias.id, alias.columns["sys_rev"][0]]
        self._varies = alias.bits is not None
        if alias.bits is not None:
            self.columns.append(alias.bits)
        self._extra = -1
        if alias.extra is not None and any(reached.direct and reached.field.computed for reached in wanted):
            self._extra = len(self.columns)
            self.columns.append(alias.extra)
        self.shown: list[_Shown] = []
        self.later: list[Reached] = []
        """Fields without columns (links, sub-tables); filled in by whoever reads them, where ``level`` allows."""
        for reached in wanted:
            if reached.field.storage in ("links", "children"):
                self.later.append(reached)
            else:
                self._add(reached)
        self._plans: dict[int, tuple[tuple[Step, ...], frozenset[str]]] = {}
        self._blank = {r.path: r.field.type.blank(r.field.field) for r in self.later}

    def _add(self, reached: Reached) -> None:
        first = len(self.columns)
        self.columns.extend(reached.columns or ())
        last = len(self.columns)
        mask = -1
        if reached.mask is not None:
            mask = len(self.columns)
            self.columns.append(reached.mask)
        shown = _Shown(
            key=reached.path,
            field=reached.field,
            first=first,
            last=last,
            mask=mask,
            convert=converter(reached.field),
            alias=reached.alias,
        )
        self.shown.append(shown)

    def record(self, row: Sequence[Any]) -> Record:
        """Return the record of a row."""
        steps, masked = self.plan(row[2] if self._varies else 0)
        values = {
            key: row[first] if convert is None else convert(row[first:last]) for key, convert, first, last in steps
        }
        found = Record(id=row[0], entity=self.alias.model.id, rev=row[1], values=values, masked=masked)
        if self._extra >= 0 and row[self._extra]:
            return replace(found, errors=self._errors(row[self._extra], values))
        return found

    def _errors(self, extra: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, str]:
        """Return why computed fields are blank; only of fields that are readable in this row."""
        by_id = self.alias.model.by_id
        codes = {by_id[field_id].key: code for field_id, code in errors_of(extra).items() if field_id in by_id}
        return {key: code for key, code in codes.items() if key in values}

    def plan(self, bits: int) -> tuple[tuple[Step, ...], frozenset[str]]:
        """Return what to read from a row that lies in the ranges ``bits``."""
        found = self._plans.get(bits)
        if found is None:
            steps: list[Step] = []
            masked = set()
            for one in self.shown:
                level = self._level(one, bits)
                if level == MASKED and one.mask >= 0:
                    masked.add(one.key)
                    steps.append((one.key, None, one.mask, one.mask + 1))
                elif level > MASKED:
                    steps.append((one.key, one.convert, one.first, one.last))
            found = self._plans[bits] = (tuple(steps), frozenset(masked))
        return found

    def _level(self, one: _Shown, bits: int) -> int:
        if one.alias is not self.alias:  # over a link: the alias there has blanked what may not be read
            return READ if one.field.id in one.alias.rights.readable else MASKED
        return self.alias.rights.read_level(one.field.id, bits)

    def level(self, row: Sequence[Any], f: FieldModel) -> int:
        """Return the level of a field without columns in a row."""
        return self.alias.rights.read_level(f.id, row[2] if self._varies else 0)


def levels_of(alias: Secured, rights: EntityPolicy, bits: int, may_transfer: bool) -> dict[str, str]:
    """Return ``{field key: level}`` of every field that shows in a row that lies in ``bits``, ``write`` for update."""
    found: dict[str, str] = {}
    for f in alias.model:
        level = rights.read_level(f.id, bits)
        if level == READ and f.type.writable and not f.computed:
            writable = may_transfer if f.id == "sys_owner" else rights.may_write("update", f.id, bits)
            level += writable and f.id != "sys_parent"
        if level > HIDDEN:
            found[f.key] = LEVELS[level]
    return found
