"""Records out as CSV or XLSX: what the viewer may read, page by page, logged with a count and a hash."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter

from engine.actor import Actor
from engine.clock import now
from engine.fields.base import FIELD_TYPES
from engine.fields.numbers import PercentType
from engine.problems import Forbidden
from engine.records import queries
from engine.records.audit import record_event
from engine.records.labels import DEPARTMENTS, USERS
from engine.records.spec import PAGE_LIMIT, QuerySpec, Record
from engine.records.store import RecordStore
from engine.records.transfer.importer import safe_cell
from metadata.findings import in_language
from metadata.model import Field

MAX_ROWS = 1_000_000
_FIRST_YEAR = 1901
"""Before it workbooks do not agree about days: some of them know a 29 February 1900."""
_STORED = ("columns", "links", "computed")
_FOUND = ("none",)
"""Storage of query fields: they are asked for each record anew."""
_NAMED = {"people": USERS, "departments": DEPARTMENTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What left the system."""

    rows: int
    sha256: str


class Exporter:
    """One export of one query for one viewer. Raises :class:`Forbidden` at once without the export action."""

    def __init__(self, store: RecordStore, actor: Actor, spec: QuerySpec):
        if "export" not in store.access(actor, spec.entity).actions:
            raise Forbidden(what="export")
        self.store, self.actor = store, actor
        readable = store.access(actor, spec.entity).levels
        named = store.snapshot.fields(store.snapshot.entity(spec.entity))
        wanted = spec.fields or tuple(f.key for f in store.snapshot.entity(spec.entity).fields if f.key in readable)
        asked = (*_STORED, *_FOUND) if spec.fields else _STORED  # what is looked up record by record wants to be named
        self.fields: tuple[Field, ...] = tuple(
            named[key] for key in wanted if key in named and _exportable(named[key], asked)
        )
        stored = tuple(f.key for f in self.fields if _exportable(f, _STORED))
        self.spec = replace(spec, fields=stored or ("id",), limit=PAGE_LIMIT, cursor="", offset=0)

    def headings(self) -> list[str]:
        return [in_language(f.label, self.actor.locale) for f in self.fields]

    def csv(self) -> Iterator[bytes]:
        """UTF-8 with a byte order mark, so that Excel reads Chinese; nothing a spreadsheet would run."""
        digest, count = hashlib.sha256(), 0
        yield self._hashed(digest, "\ufeff" + _line(self.headings()))
        for records, labels in self._pages():
            count += len(records)
            yield self._hashed(digest, "".join(_line([safe_cell(t) for t in self._texts(r, labels)]) for r in records))
        self._log("csv", count, digest.hexdigest())

    def xlsx(self, path: Path) -> Export:
        """A workbook with typed numbers and dates; text is never turned into formulas or links."""
        options = {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = xlsxwriter.Workbook(str(path), options)
        sheet, head = book.add_worksheet(), book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for column, text in enumerate(self.headings()):
            sheet.write_string(0, column, text, head)
        count = 0
        for records, labels in self._pages():
            for record in records:
                count += 1
                texts = self._texts(record, labels)
                for column, (f, text) in enumerate(zip(self.fields, texts, strict=True)):
                    write_cell(sheet, count, column, f, record.values.get(f.key), text, day)
        book.close()
        done = Export(rows=count, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
        self._log("xlsx", done.rows, done.sha256)
        return done

    def _pages(self) -> Iterator[tuple[Sequence[Record], Any]]:
        cursor, count = "", 0
        while count < MAX_ROWS:
            page = self.store.list(self.actor, replace(self.spec, cursor=cursor))
            count += len(page.records)
            yield page.records, page.labels
            cursor = page.next_cursor
            if not cursor:
                return

    def _texts(self, record: Record, labels: Any) -> list[str]:
        out = []
        for f in self.fields:
            value = record.values.get(f.key)
            typed = FIELD_TYPES.get(f.type)
            target = typed.target(f)
            if typed.storage in _FOUND:
                out.append(queries.text_of(self.store, self.actor, record.entity, record.id, f.key))
            elif value is None or value == ():
                out.append("")
            elif target or typed.holds in _NAMED:
                heading = _NAMED.get(typed.holds) or self.store.snapshot.entity(target).key
                ids = value if isinstance(value, tuple) else (value,)
                out.append("; ".join(labels.get(heading, {}).get(i, "") for i in ids))
            else:
                out.append(typed.format(f, value, self.actor.locale))
        return out

    @staticmethod
    def _hashed(digest: Any, text: str) -> bytes:
        data = text.encode()
        digest.update(data)
        return data

    def _log(self, form: str, rows: int, sha256: str) -> None:
        detail = {
            "format": form,
            "rows": rows,
            "sha256": sha256,
            "columns": [f.key for f in self.fields],
            "filter": self.spec.filter,
        }
        with self.store.surroundings.database.write() as connection:
            snapshot = self.store.snapshot
            entity = snapshot.entity(self.spec.entity).id
            record_event(
                connection, self.actor, "export", now(), app_id=snapshot.app.id, entity_id=entity, detail=detail
            )


def write_cell(sheet: Any, row: int, column: int, f: Field, value: Any, text: str, day: Any) -> None:
    """Write a value as a number or date where a cell can hold it whole, else as its text.

    A cell is binary floating point, so a number of many digits would lose some; and above 1 nobody could tell whether
    a percentage is meant.
    """
    exact = isinstance(value, Decimal) and Decimal(repr(float(value))) == value
    if exact and not (isinstance(FIELD_TYPES.get(f.type), PercentType) and abs(value) > 1):
        sheet.write_number(row, column, float(value))
    elif f.type == "date" and value is not None and value.year >= _FIRST_YEAR:
        sheet.write_datetime(row, column, value, day)
    else:
        sheet.write_string(row, column, text)


def _exportable(f: Field, storages: Collection[str]) -> bool:
    kind = FIELD_TYPES.find(f.type)
    return kind is not None and kind.storage in storages and kind.holds != "files"


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
