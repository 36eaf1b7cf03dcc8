"""Records as JSON for the API: typed values in their JSON form, files described, names for every id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine import clock
from engine.actor import Actor
from engine.expr.values import error_text
from engine.records import files
from engine.records.catalog import EntityModel, FieldModel
from engine.records.labels import USERS, collect, named
from engine.records.spec import BulkResult, Grouping, GroupSpec, HistoryEntry, Page, Record
from engine.records.store import RecordStore
from metadata.findings import Finding

Json = dict[str, Any]


def record_json(record: Record, store: RecordStore, actor: Actor) -> Json:
    """Return ``{"record": {id, rev, values, masked?, errors?}, "labels": {"user" or entity key: {id: name}}}``."""
    access = store.access_of(actor)
    model = store.catalog.entity(record.entity)
    people: set[str] = set()
    linked: dict[str, set[str]] = {}
    for key, value in record.values.items():
        f = model.by_key.get(key)
        if f is not None and key not in record.masked:
            collect(f, (value,), people, linked, access)
    shown = _record(record, model, store, _described(store, model, [record]))
    labels = named(access, store.connection, people, linked)
    return {"record": shown, "labels": labels, **_computing(store, model, [record])}


def page_json(page: Page, store: RecordStore) -> Json:
    """Return ``{"records": [...], "next_cursor", "count", "labels", "at_least"?, "computing"?}``.

    ``at_least`` says that there may be more than counted; ``computing`` names the fields whose values may still be
    old, because the worker is at them.
    """
    records: list[Json] = []
    if page.records:
        model = store.catalog.entity(page.records[0].entity)
        described = _described(store, model, page.records)
        records = [_record(record, model, store, described) for record in page.records]
    labels = {name: dict(found) for name, found in page.labels.items()}
    more = _computing(store, model, page.records) if page.records else {}
    if page.at_least:
        more = {**more, "at_least": True}
    return {"records": records, "next_cursor": page.next_cursor, "count": page.count, "labels": labels, **more}


def bulk_json(result: BulkResult, language: str = "zh-CN") -> list[Json]:
    """Return one ``{"status": "done", "id", "rev"}`` or ``{"status": "refused", "findings"}`` a row."""
    found: list[Json] = []
    for one in result.results:
        if one.findings:
            found.append({"status": "refused", "findings": [finding_json(each, language) for each in one.findings]})
        else:
            notices = [finding_json(each, language) for each in one.notices]
            found.append({"status": "done", "id": one.id, "rev": one.rev, **({"notices": notices} if notices else {})})
    return found


def finding_json(finding: Finding, language: str) -> Json:
    """Return a finding as the API shows it."""
    text = finding.text(language)
    shown = {"code": finding.code, "place": finding.place, "text": text, "severity": finding.severity}
    return {**shown, "rule": finding.rule} if finding.rule else shown


def history_json(entries: Sequence[HistoryEntry], store: RecordStore, entity: str, actor: Actor) -> Json:
    """Return ``{"entries": [{id, at, actor, action, rev, changes: [{field, label, before, after}]}], "labels"}``."""
    access = store.access_of(actor)
    model = store.catalog.entity(entity)
    people: set[str] = set()
    linked: dict[str, set[str]] = {}
    shown = []
    for entry in entries:
        changes = []
        for key, (before, after) in entry.changes.items():
            f = model.by_key[key]
            collect(f, (_ids(before), _ids(after)), people, linked, access)
            changes.append({"field": key, "label": f.field.label, "before": before, "after": after})
        shown.append((entry, changes))
        people.update(one for one in (entry.actor, entry.on_behalf_of) if one and entry.actor_kind == "user")
    labels = named(access, store.connection, people, linked)
    names = labels.get(USERS, {})
    found = [
        {
            "id": str(entry.id),
            "at": entry.at,
            "actor": _who(entry, names),
            "action": entry.action,
            "rev": entry.rev,
            "changes": changes,
        }
        for entry, changes in shown
    ]
    return {"entries": found, "labels": labels}


def aggregate_json(rows: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Return rows of totals in JSON form."""
    return [{key: scalar_json(value) for key, value in row.items()} for row in rows]


def groups_json(found: Grouping, store: RecordStore, entity: str, by: Sequence[GroupSpec]) -> Json:
    """Return ``{"groups": [{values, count, totals}], "count", "totals", "labels"}``; periods by their first day."""
    model = store.catalog.entity(entity)
    fields = [_over(store, model, one.path) or model.find(one.path) for one in by] if found.groups else []

    def value(level: int, raw: Any) -> Any:
        f = fields[level]
        return scalar_json(raw) if by[level].grain or f is None or raw is None else f.type.to_json(f.field, raw)

    def totals(given: Mapping[str, Any]) -> Json:
        return {path: scalar_json(total) for path, total in given.items()}

    shown = [
        {
            "values": [value(level, raw) for level, raw in enumerate(one.values)],
            "count": one.count,
            "totals": totals(one.totals),
        }
        for one in found.groups
    ]
    labels = {kind: dict(names) for kind, names in found.labels.items()}
    return {"groups": shown, "count": found.count, "totals": totals(found.totals), "labels": labels}


def value_text(record: Record, store: RecordStore, key: str, language: str = "zh-CN") -> str:
    """Return a value of a record as text for people; blank for what is not there. Ids of links stay ids."""
    model = store.catalog.entity(record.entity)
    f = model.find(key)
    value = record.values.get(key)
    if key in record.errors:
        return error_text(record.errors[key])
    if f is None or value is None or f.storage == "children":
        return ""
    return str(value) if key in record.masked else f.type.format(f.field, value, language)


def scalar_json(value: Any) -> Any:
    """Return a canonical value without its field as JSON: decimals as text, instants in UTC, durations as seconds."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return clock.instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value // timedelta(seconds=1)
    return list(value) if isinstance(value, tuple) else value


def _record(record: Record, model: EntityModel, store: RecordStore, described: Mapping[str, files.StoredFile]) -> Json:
    values: Json = {}
    for key, value in record.values.items():
        f = model.by_key.get(key) or _over(store, model, key)
        if f is None or key in record.masked:
            values[key] = value
        elif f.storage == "children":
            below = store.catalog.entity(f.target)
            values[key] = [_row(one, below, store, described) for one in value]
        elif f.holds == "files":
            values[key] = files.to_json(described, value)
        else:
            values[key] = f.type.to_json(f.field, value)
    shown: Json = {"id": record.id, "rev": record.rev, "values": values}
    if record.masked:
        shown["masked"] = sorted(record.masked)
    if record.originals:
        shown["originals"] = dict(record.originals)
    if record.errors:
        shown["errors"] = {key: error_text(code) for key, code in sorted(record.errors.items())}
    if record.marks:
        shown["marks"] = list(record.marks)
    return shown


def _computing(store: RecordStore, model: EntityModel, records: Sequence[Record]) -> Json:
    """Name the fields shown whose values may still be old, because the worker is at them."""
    shown = {key for record in records for key in record.values} if model.computes else set()
    found = sorted(store.computing(model.id) & shown) if shown else []
    return {"computing": found} if found else {}


def _row(record: Record, model: EntityModel, store: RecordStore, described: Mapping[str, files.StoredFile]) -> Json:
    """A row of a sub-table as it may be sent back: its id and the fields the designer made."""
    shown = _record(record, model, store, described)["values"]
    own = {f.key for f in model.own}
    return {"id": record.id, **{key: value for key, value in shown.items() if key in own}}


def _over(store: RecordStore, model: EntityModel, path: str) -> FieldModel | None:
    """Return the field a dotted path ends in."""
    if "." not in path:
        return None
    f = store.snapshot.path(model.entity, path)[-1]
    chain = store.snapshot.path(model.entity, path)[:-1]
    target = str(chain[-1].options.get("entity", ""))
    return store.catalog.entity(target).by_id.get(f.id) if store.catalog.has(target) else None


def _described(store: RecordStore, model: EntityModel, records: Sequence[Record]) -> dict[str, files.StoredFile]:
    ids: set[str] = set()
    _file_ids(store, model, records, ids)
    return files.describe(store.connection, ids) if ids else {}


def _file_ids(store: RecordStore, model: EntityModel, records: Iterable[Record], ids: set[str]) -> None:
    for f in model.own:
        if f.holds == "files":
            for record in records:
                ids.update(record.values.get(f.key) or () if f.key not in record.masked else ())
        elif f.storage == "children":
            below = store.catalog.entity(f.target)
            for record in records:
                _file_ids(store, below, record.values.get(f.key) or (), ids)


def _ids(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _who(entry: HistoryEntry, names: Mapping[str, str]) -> Json | None:
    if entry.actor_kind != "user":
        behalf = entry.on_behalf_of
        return {"id": entry.actor, "name": names.get(behalf, "")} if behalf else None
    return {"id": entry.actor, "name": names.get(entry.actor, "")}
