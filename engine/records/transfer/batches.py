"""One batch of an import: read rows, find the records they mean, check or write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert

from engine.actor import Actor
from engine.fields.base import FIELD_TYPES
from engine.records.spec import PAGE_LIMIT, BulkRow, QuerySpec, Record
from engine.records.statements import ManyInsert
from engine.records.store import RecordStore
from engine.records.transfer.mapping import Mode, RowReader
from engine.records.transfer.tables import import_change, import_reject
from metadata.findings import Finding
from metadata.model import Entity, Field

_CHANGES = ManyInsert(import_change, ("run_id", "record_id", "rev", "before"))


@dataclass(slots=True, kw_only=True)
class Item:
    """One row: ``outcome`` is create, update, unchanged or errors."""

    row: int
    cells: Sequence[str]
    values: dict[str, Any]
    findings: list[Finding]
    outcome: str = "create"
    record_id: str = ""
    rev: int = 0
    before: Mapping[str, Any] | None = None


@dataclass(slots=True, kw_only=True)
class Batch:
    items: list[Item]


@dataclass(slots=True, kw_only=True)
class Match:
    """Finds the record a row means by its key field. ``seen`` maps a key to the row that had it first."""

    store: RecordStore
    actor: Actor
    entity: Entity
    key: Field | None
    mode: Mode
    seen: dict[str, int] = field(default_factory=dict)

    def apply(self, items: Sequence[Item]) -> None:
        """Set outcome, record id, rev and earlier values of every readable row."""
        if self.key is None:
            return
        typed = FIELD_TYPES.get(self.key.type)
        keys = {item.row: typed.unique_key(self.key, item.values.get(self.key.key)) for item in items}
        known = self._known([item.values[self.key.key] for item in items if keys[item.row] is not None])
        for item in items:
            key = keys[item.row]
            if key is None:
                if self.mode == "update":
                    item.findings.append(
                        Finding("I110", f"/{self.key.key}", {"entity": self.entity.label, "value": ""})
                    )
                continue
            first = self.seen.setdefault(key, item.row)
            if first != item.row:
                params = {"row": item.row, "other": first, "field": self.key.label}
                item.findings.append(Finding("I112", f"/{self.key.key}", params))
                continue
            self._match(item, known.get(key, []))

    def _match(self, item: Item, found: Sequence[Record]) -> None:
        assert self.key is not None
        value = item.values[self.key.key]
        if len(found) > 1:
            params = {"count": len(found), "entity": self.entity.label, "value": str(value)}
            item.findings.append(Finding("I111", f"/{self.key.key}", params))
        elif found:
            record = found[0]
            changed = {key: new for key, new in item.values.items() if record.values.get(key) != new}
            item.before = {key: record.values.get(key) for key in changed}
            item.values, item.record_id, item.rev = changed, record.id, record.rev
            item.outcome = "update" if changed else "unchanged"
        elif self.mode == "update":
            item.findings.append(
                Finding("I110", f"/{self.key.key}", {"entity": self.entity.label, "value": str(value)})
            )

    def _known(self, values: Sequence[Any]) -> dict[str, list[Record]]:
        assert self.key is not None
        typed = FIELD_TYPES.get(self.key.type)
        out: dict[str, list[Record]] = {}
        distinct = list(dict.fromkeys(values))
        for start in range(0, len(distinct), PAGE_LIMIT):
            part = distinct[start : start + PAGE_LIMIT]
            cursor = ""
            while True:
                spec = QuerySpec(
                    entity=self.entity.id, filter=["in", self.key.key, part], limit=PAGE_LIMIT, cursor=cursor
                )
                page = self.store.list(self.actor, spec)
                for record in page.records:
                    out.setdefault(typed.unique_key(self.key, record.values[self.key.key]) or "", []).append(record)
                cursor = page.next_cursor
                if not cursor:
                    break
        return out


def prepare(
    store: RecordStore,
    actor: Actor,
    entity: Entity,
    reader: RowReader,
    match: Match,
    chunk: Sequence[tuple[int, list[str]]],
    *,
    check: bool = True,
) -> Batch:
    """Type and match the rows; with ``check`` also run every rule of the store without writing."""
    items = []
    read = reader.read([cells for _, cells in chunk])
    for (number, cells), (values, findings) in zip(chunk, read, strict=True):
        if len(cells) > len(reader.headings):
            params = {"found": len(cells), "expected": len(reader.headings)}
            findings.append(Finding("I116", "", params))
        items.append(Item(row=number, cells=cells, values=values, findings=findings))
    match.apply([item for item in items if not item.findings])
    if check:
        rows = [item for item in items if not item.findings and item.outcome != "unchanged"]
        checked: Sequence[tuple[Finding, ...]] = store.validate(actor, entity.id, [_bulk_row(item) for item in rows])
        for item, found in zip(rows, checked, strict=True):
            item.findings.extend(found)
    for item in items:
        if item.findings:
            item.outcome = "errors"
    return Batch(items=items)


def _bulk_row(item: Item) -> BulkRow:
    if item.outcome == "update":
        return BulkRow(op="update", id=item.record_id, rev=item.rev, values=item.values, typed=True)
    return BulkRow(op="create", values=item.values, typed=True)


def _json(store: RecordStore, entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical values by key in JSON form, for the undo journal."""
    fields = store.snapshot.fields(entity)
    return {key: FIELD_TYPES.get(fields[key].type).to_json(fields[key], value) for key, value in values.items()}


def write(store: RecordStore, actor: Actor, entity: Entity, batch: Batch, run_id: str) -> dict[str, int]:
    """Write a prepared batch, journal what changed and keep what was refused. Returns the counts by outcome."""
    rows = [item for item in batch.items if item.outcome in ("create", "update")]
    result = store.bulk(actor, entity.id, [_bulk_row(item) for item in rows], atomic=False, right="import")
    changes = []
    for item, outcome in zip(rows, result.results, strict=True):
        if outcome.findings:
            item.findings.extend(outcome.findings)
            item.outcome = "errors"
        else:
            before = None if item.before is None else _json(store, entity, item.before)
            changes.append((run_id, outcome.id, outcome.rev, before))
    refused = [
        {
            "run_id": run_id,
            "row": item.row,
            "cells": list(item.cells),
            "findings": [{"code": f.code, "place": f.place, "params": dict(f.params)} for f in item.findings],
        }
        for item in batch.items
        if item.findings
    ]
    if changes:
        _CHANGES.execute(store.connection, changes)
    if refused:
        store.connection.execute(insert(import_reject), refused)
    tally = {"create": "created", "update": "updated", "unchanged": "unchanged", "errors": "failed"}
    counts = dict.fromkeys(tally.values(), 0)
    for item in batch.items:
        counts[tally[item.outcome]] += 1
    return counts
