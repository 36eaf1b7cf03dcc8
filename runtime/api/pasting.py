"""What a block of cells from a spreadsheet would become, before anything is written.

Each text is read by its field's own type, names of people and records are looked up as the person may see them, and
every row is checked as a write would check it. The answer holds the values to send, and what is wrong, cell by cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Response

from engine.actor import Actor
from engine.fields.base import FIELD_TYPES, InvalidValue
from engine.problems import Forbidden, NotFound
from engine.records import present
from engine.records.spec import BulkRow
from engine.records.store import RecordStore
from engine.records.transfer.mapping import ImportMapping, importable
from engine.records.transfer.resolve import row_reader
from metadata.findings import Finding, Refused
from metadata.model import Entity, Field
from runtime import jsonio, query
from runtime.access import Routes
from runtime.context import reading
from runtime.jsonio import answer
from runtime.language import language

routes = Routes("pasting", "/api/v1/apps/<app>/<entity>")

MAX_ROWS: Final = 5_000
MAX_COLUMNS: Final = 100
MAX_TEXT: Final = 100_000


@routes.route("/paste", methods=("POST",), who="member", body="bulk", limit="120/minute")
def paste(app: str, entity: str) -> Response:
    """Rows ``{id?, rev?, cells: [text], values: {key: JSON}}`` (no id: a new record) under ``columns``."""
    body = jsonio.body(allowed=("columns", "rows"), required=("columns", "rows"))
    columns, rows = _columns(body["columns"]), _rows(body["rows"], len(body["columns"]))
    store, actor = reading(app)
    if not store.snapshot.has_entity(entity) or "read" not in store.access(actor, entity).actions:
        raise NotFound(what=entity)
    found = store.snapshot.entity(entity)
    missing = {"create" if "id" not in one else "update" for one in rows} - set(store.access(actor, entity).actions)
    if missing:
        words = {"zh-CN": "修改这些记录", "en": "change these records"}
        raise Forbidden(what={"zh-CN": "新建", "en": "create"} if "create" in missing else words)
    return answer({"rows": _read(store, actor, found, columns, rows)})


def _read(
    store: RecordStore, actor: Actor, entity: Entity, columns: list[str], rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    fields = store.snapshot.fields(entity)
    levels = store.access(actor, entity.id).levels
    bound = [
        (position, key, fields[key])
        for position, key in enumerate(columns)
        if key in fields and levels.get(fields[key].key) == "write" and importable(fields[key])
    ]
    bad = [key for key in columns if key not in {one for _, one, _ in bound}]
    reader = row_reader(store, actor, entity, columns, bound, ImportMapping(columns={}, locale=language()))
    read = reader.read([one["cells"] for one in rows]) if bound else [({}, []) for _ in rows]
    made: list[BulkRow] = []
    found: list[list[Finding]] = []
    for one, (values, findings) in zip(rows, read, strict=True):
        values, findings = dict(values), list(findings)
        values = {key: value for key, value in values.items() if key not in one["values"]}
        findings = [finding for finding in findings if finding.place.lstrip("/") not in one["values"]]
        for key, raw in one["values"].items():
            _accept(fields.get(key), key, raw, values, findings)
        texts = dict(zip(columns, one["cells"], strict=True))
        findings += [
            Finding("R301", f"/{key}", {"name": key}) for key in bad if texts[key] and key not in one["values"]
        ]
        made.append(_operation(one, values))
        found.append(findings)
    return _answers(store, actor, entity, made, found)


def _accept(f: Field | None, key: str, raw: Any, values: dict[str, Any], findings: list[Finding]) -> None:
    if f is None:
        findings.append(Finding("R301", f"/{key}", {"name": key[:100]}))
        return
    try:
        values[f.key] = FIELD_TYPES.get(f.type).accept(f, raw)
    except InvalidValue as error:
        findings.append(error.at(f"/{key}"))


def _operation(one: Mapping[str, Any], values: dict[str, Any]) -> BulkRow:
    if "id" in one:
        return BulkRow(op="update", id=one["id"], rev=one.get("rev"), values=values, typed=True)
    return BulkRow(op="create", values=values, typed=True)


def _answers(
    store: RecordStore, actor: Actor, entity: Entity, made: list[BulkRow], found: list[list[Finding]]
) -> list[dict[str, Any]]:
    checked = store.validate(actor, entity.key, made)
    shown = []
    for row, findings, more in zip(made, found, checked, strict=True):
        places = {finding.place for finding in findings}
        # a text that could not be read is the reason already; that its field is then blank is none
        findings += [finding for finding in more if finding.place not in places]
        body: dict[str, Any] = {"values": store.values_json(entity.key, row.values)}
        if findings:
            body["findings"] = [present.finding_json(finding, language()) for finding in findings]
        shown.append(body)
    return shown


def _columns(given: Any) -> list[str]:
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_COLUMNS or len(set(map(str, given))) != len(given):
        raise query.bad("columns", f"1 到 {MAX_COLUMNS} 个不同的字段", f"a list of 1 to {MAX_COLUMNS} different fields")
    if not all(isinstance(one, str) for one in given):
        raise query.bad("columns", "字段列表", "a list of fields")
    return given


def _rows(given: Any, width: int) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not 1 <= len(given) <= MAX_ROWS:
        raise query.bad("rows", f"1 到 {MAX_ROWS} 行", f"1 to {MAX_ROWS} rows")
    findings = [
        Finding("H110", f"/rows/{number}", {"key": "rows", "expected": _SHAPE})
        for number, one in enumerate(given)
        if not _is_row(one, width)
    ]
    if findings:
        raise Refused(findings[:20])
    return [{"cells": [""] * width, "values": {}, **one} for one in given]


def _is_row(one: Any, width: int) -> bool:
    if not isinstance(one, dict) or not one.keys() <= {"id", "rev", "cells", "values"}:
        return False
    cells, rev = one.get("cells", [""] * width), one.get("rev")
    return (
        isinstance(cells, list)
        and len(cells) == width
        and all(isinstance(cell, str) and len(cell) <= MAX_TEXT for cell in cells)
        and isinstance(one.get("values", {}), dict)
        and isinstance(one.get("id", ""), str)
        and (rev is None or (isinstance(rev, int) and not isinstance(rev, bool)))
    )


_SHAPE: Final = {"zh-CN": "{id, rev, cells, values}", "en": "{id, rev, cells, values}"}
