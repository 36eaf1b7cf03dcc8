"""Read an untrusted CSV or XLSX file into JSON lines, in a child process with limits.

Run as ``python -m engine.records.transfer.reader SOURCE TARGET SHEET``. A hostile workbook makes the decoder abort the
interpreter (there is no exception to catch), so the parent only ever sees a child that failed. Standard output holds
one JSON object: what was found, or the finding.
"""

from __future__ import annotations

import csv
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import orjson
import python_calamine

try:
    import resource
except ImportError:  # Windows has no resource limits; size checks still hold
    resource = None  # type: ignore[assignment]

MEMORY_LIMIT = 2 << 30
CPU_SECONDS = 300
MAX_ROWS = 1_000_000
MAX_COLUMNS = 1_000
MAX_UNPACKED = 1 << 30
MAX_CELLS = 60_000_000
_ENCODINGS = ("utf-8-sig", "gb18030")
_DELIMITERS = ",\t;|"
_CELL = re.compile(rb'<c[^>]*? r="([A-Z]{1,3})([0-9]{1,7})"')
_SHEET_FILE = re.compile(r"^xl/worksheets/[^/]+\.xml$")


class Unreadable(Exception):
    """Carries the code and params of the finding."""

    def __init__(self, code: str, **params: Any):
        self.code, self.params = code, params
        super().__init__(code)


def main(source: str, target: str, sheet: str) -> int:
    """Convert one file; returns the exit code."""
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        facts = _convert(Path(source), Path(target), sheet)
    except Unreadable as error:
        facts = {"code": error.code, "params": error.params}
    sys.stdout.buffer.write(orjson.dumps(facts))
    return 0


def _convert(source: Path, target: Path, sheet: str) -> dict[str, Any]:
    packed = zipfile.is_zipfile(source)
    if packed:
        _check_archive(source)
        sheets, rows = workbook_rows(source, sheet)
    else:
        sheets, rows = [], _csv(source)
    count, header = 0, None
    with target.open("wb") as out:
        for row in rows:
            if header is None:
                if not any(row):
                    continue
                header = _header(row)
                out.write(orjson.dumps(header) + b"\n")
                continue
            if not any(row):
                continue
            count += 1
            if count > MAX_ROWS:
                raise Unreadable("I115", limit=MAX_ROWS)
            out.write(orjson.dumps(row) + b"\n")
    if not count:
        raise Unreadable("I102")
    return {"columns": header, "rows": count, "sheets": sheets}


def _header(row: list[str]) -> list[str]:
    """Column names: blanks get a letter, doubles a number, so that each names one column."""
    names: list[str] = []
    for i, cell in enumerate(row):
        name = re.sub(r"\s+", " ", cell).strip() or f"列 {i + 1}"
        base, n = name, 2
        while name in names:
            name, n = f"{base} ({n})", n + 1
        names.append(name)
    return names


def _csv(source: Path) -> Iterator[list[str]]:
    with source.open("rb") as raw:
        head = raw.read(1 << 16)
    if b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("I101", name=source.name)
    encoding = _encoding(source, head)
    csv.field_size_limit(1 << 20)
    with source.open(encoding=encoding, newline="") as text:
        yield from csv.reader(text, delimiter=_delimiter(head.decode(encoding, "replace")))


def _encoding(source: Path, head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in _ENCODINGS:
        try:
            with source.open(encoding=encoding) as text:
                for _ in iter(lambda: text.read(1 << 20), ""):
                    pass
        except UnicodeDecodeError:
            continue
        return encoding
    raise Unreadable("I101", name=source.name)


def _delimiter(head: str) -> str:
    """The separator that splits the first lines into the most, and evenly many, cells."""
    lines = [line for line in head.splitlines()[:20] if line][:-1] or head.splitlines()[:1]

    def score(mark: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark)]
        return (min(widths, default=0), -len(set(widths)))

    return max(_DELIMITERS, key=score)


def _check_archive(source: Path) -> None:
    """Look before unpacking: total size, and how far the farthest cell lies."""
    with zipfile.ZipFile(source) as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise Unreadable("I101", name=source.name)
        size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_UNPACKED:
            raise Unreadable("I104", size=size >> 20, limit=MAX_UNPACKED >> 20)
        for name in filter(_SHEET_FILE.match, archive.namelist()):
            with archive.open(name) as part:
                _check_cells(iter(lambda: part.read(1 << 20), b""))


def _check_cells(chunks: Iterable[bytes]) -> None:
    """Decoders allocate the whole rectangle up to the last cell, so a far cell is refused by its address."""
    rest, widest, deepest = b"", 0, 0
    for chunk in chunks:
        block = rest + chunk
        for match in _CELL.finditer(block):
            column = 0
            for letter in match[1]:
                column = column * 26 + letter - 64
            row = int(match[2])
            widest, deepest = max(widest, column), max(deepest, row)
            if row > MAX_ROWS + 1 or column > MAX_COLUMNS or widest * deepest > MAX_CELLS:
                raise Unreadable("I103", cell=f"{match[1].decode()}{row}", rows=MAX_ROWS, columns=MAX_COLUMNS)
        rest = block[-64:]


def workbook_rows(source: Path, sheet: str) -> tuple[list[str], Iterator[list[str]]]:
    """Return the names of the sheets of a workbook and the rows of one as texts. Raises :class:`Unreadable`."""
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(str(source))
    except (python_calamine.CalamineError, OSError) as error:
        raise Unreadable("I105") from error
    names = list(workbook.sheet_names)
    chosen = sheet or (names[0] if names else "")
    if chosen not in names:
        raise Unreadable("I106", sheet=chosen, sheets=", ".join(names))
    rows = workbook.get_sheet_by_name(chosen).iter_rows()
    return names, ([_text(cell) for cell in row] for row in rows)


def _text(cell: Any) -> str:
    """A typed cell as the text a person would write: whole numbers without decimals, ISO dates."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell).strip()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
