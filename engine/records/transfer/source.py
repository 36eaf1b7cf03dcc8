"""An uploaded table, made safe: read once by the child process, then walked as plain rows of text."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

import engine.records.transfer.messages  # noqa: F401  (registers the texts)
from metadata.findings import Finding, Refused

READ_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTable:
    """``path`` holds JSON lines: the header, then one list of cell texts a row."""

    path: Path
    columns: tuple[str, ...]
    rows: int
    sheets: tuple[str, ...] = ()

    def walk(self, start: int = 0) -> Iterator[tuple[int, list[str]]]:
        """Yield (row number from 1, cells padded to the header's width), beginning after ``start`` rows."""
        width = len(self.columns)
        with self.path.open("rb") as lines:
            for number, line in enumerate(islice(lines, start + 1, None), start=start + 1):
                cells: list[str] = orjson.loads(line)
                yield number, cells if len(cells) >= width else cells + [""] * (width - len(cells))


def read_table(source: Path, target: Path, *, sheet: str = "", name: str = "") -> SourceTable:
    """Read ``source`` (CSV or XLSX) into ``target``. Raises :class:`Refused` with what is wrong and the way out."""
    command = [sys.executable, "-m", "engine.records.transfer.reader", str(source), str(target), sheet]
    root = Path(__file__).resolve().parents[3]
    try:
        done = subprocess.run(command, capture_output=True, timeout=READ_SECONDS, check=False, cwd=root)
    except subprocess.TimeoutExpired as error:
        raise Refused([Finding("I105", "/file")]) from error
    facts: dict[str, Any] = (
        orjson.loads(done.stdout) if done.returncode == 0 and done.stdout else {"code": "I105", "params": {}}
    )
    if "code" in facts:
        params = {**facts["params"], "name": name or source.name}
        raise Refused([Finding(facts["code"], "/file", params)])
    return SourceTable(path=target, columns=tuple(facts["columns"]), rows=facts["rows"], sheets=tuple(facts["sheets"]))
