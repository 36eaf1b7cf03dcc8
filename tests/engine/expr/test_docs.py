"""What the documentation shows is what the language does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.expr.compile import check
from engine.expr.schema import NoSchema, Scope
from engine.expr.texts import to_text
from engine.expr.to_python import closure
from engine.expr.values import Env, ErrorValue

PAGE = Path(__file__).resolve().parents[3] / "docs" / "expressions.md"
BLOCKS = re.findall(r"```expr\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
LINES = [line.split("→") for block in BLOCKS for line in block.strip().splitlines()]


@pytest.mark.parametrize(("source", "shown"), [(source.strip(), shown.strip()) for source, shown in LINES])
def test_example(source: str, shown: str) -> None:
    tree = check(source, Scope(NoSchema())).tree
    assert tree is not None
    env = Env()
    got = closure(tree)(env)
    assert (str(got) if isinstance(got, ErrorValue) else to_text(env, got) or "") == shown


def test_there_are_examples() -> None:
    assert len(LINES) >= 20
