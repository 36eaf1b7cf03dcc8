"""docs/metadata.md says what is true: its code runs, every module, table and structural code is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import metadata
from metadata.findings import message_codes
from metadata.store import TABLES
from metadata.validate import KINDS, schema

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "metadata.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_code_runs(block: str) -> None:
    exec(compile(block, "docs/metadata.md", "exec"), {})


def test_modules_tables_and_codes_are_named() -> None:
    names = {path.name for path in Path(metadata.__path__[0]).glob("*.py")} - {"__init__.py", "tree.py"}
    names -= {"schema_findings.py"}  # part of validate.py
    names |= set(TABLES.tables) | {code for code in message_codes() if code.startswith("M1")}
    assert {name for name in names if name not in TEXT} == set()


def test_the_word_list_has_both_languages_and_no_word_twice() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "CONTEXT.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and not line.startswith("| ---") and "| 中文 |" not in line
    ]
    assert len(rows) > 40 and all(len(row) == 4 and all(row) for row in rows)
    words = [word.strip() for row in rows for word in row[0].split(",")]
    assert len(words) == len(set(words))
    assert all(any("一" <= char <= "鿿" for char in row[1]) for row in rows)


def test_every_kind_of_definition_is_in_the_word_list() -> None:
    text = (ROOT / "CONTEXT.md").read_text(encoding="utf-8").lower()
    for kind in KINDS:
        assert schema(kind)["title"].split()[0].lower() in text
