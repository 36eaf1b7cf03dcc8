"""Formulas made to cost time or memory are refused, or cheap: on every back end, measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from engine.expr.compile import check
from engine.expr.deps import graph
from engine.expr.schema import Scope, Symbol
from engine.expr.tree import Node
from engine.expr.types import NUMBER
from engine.graphs import circles
from runtime.expressions import BACKENDS
from tests.engine.expr.bombs import formulas

SECONDS, MIB = 10.0, 100
"""On a busy machine too: what is cheap takes a second at most, what is not takes minutes."""
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("backend", BACKENDS)
def test_bombs_are_refused_or_cheap(backend: str, request: pytest.FixtureRequest) -> None:
    options = [request.getfixturevalue("postgres_server")] if backend == "postgres" else []
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.expr.bombs", backend, *options],
        capture_output=True, encoding="utf-8", cwd=ROOT, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    sources = [source for source, _ in formulas()]
    assert [answer["bomb"] for answer in answers] == list(range(len(sources)))
    costly = [
        f"{sources[answer['bomb']][:80]}: {answer['seconds']} s, {answer['grown']} MiB"
        for answer in answers
        if answer["seconds"] > SECONDS or answer["grown"] > MIB
    ]
    assert not costly, "\n".join(costly)


class Fields:
    """Computed fields of one record; ``inline`` are those that stand inside what reads them."""

    def __init__(self, names: list[str]):
        self.symbols = {name: Symbol(name, name, {"en": name}, NUMBER) for name in names}

    def entities(self) -> Mapping[str, str]:
        return {}

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        return self.symbols

    def by_id(self, field_id: str) -> Symbol:
        return self.symbols[field_id]


def test_computed_fields_that_all_read_each_other() -> None:
    names = [f"f{at}" for at in range(60)]
    scope = Scope(Fields(names), "record")
    start = time.process_time()
    trees: dict[str, Node] = {}
    for name in names:
        tree = check(" + ".join(other for other in names if other != name), scope).tree
        assert tree is not None
        trees[name] = tree
    assert circles(graph(trees))
    assert time.process_time() - start < SECONDS


def test_computed_fields_that_double_each_other() -> None:
    """A formula with the clock stands inside what reads it; 2^30 steps are refused long before."""
    fields = Fields(["f0"])
    start = time.process_time()
    source = "YEAR(NOW())"
    for at in range(30):
        checked = check(source, Scope(fields, "record"))
        if checked.tree is None:
            assert [finding.kind for finding in checked.findings] == ["DEPTH"]
            break
        fields.symbols[f"f{at}"] = replace(fields.symbols["f0"], id=f"f{at}", key=f"f{at}", inline=checked.tree)
        source = f"f{at} + f{at}"
    else:
        pytest.fail("nothing was refused")
    assert time.process_time() - start < SECONDS
