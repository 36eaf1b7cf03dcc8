"""A list is never blank, only empty, whatever stands for it: a branch not taken, a choice without number, a name."""

from __future__ import annotations

import pytest

from engine.expr.compile import check
from engine.expr.to_bytecode import bytecode
from engine.expr.to_python import closure
from engine.expr.values import Env
from tests.engine.expr.world import DEALS, SCOPE

EMPTY = [
    "COUNT(IF(FALSE, items))",
    "COUNT(IF(COALESCE(score, 0) < -1, items))",
    "COUNT(IFS(FALSE, items))",
    "COUNT(CHOOSE(NULL, items, items))",
    "COUNT(SWITCH(1, 2, items))",
    "COUNT(LET(x, IF(FALSE, items), x))",
    "COUNT(LET(x, IF(FALSE, tags), x))",
    "COUNT(FILTER(IF(FALSE, items), it.qty > 0))",
    "COUNT(IF(FALSE, items, NULL))",
    "COUNT(COALESCE(IF(FALSE, tags), NULL))",
    "COUNT(LET(x, IF(FALSE, NULL), IF(FALSE, tags, x)))",
    "SUM(MAP(IF(FALSE, items), it.qty))",
]


@pytest.mark.parametrize("source", EMPTY)
def test_nothing_stands_for_an_empty_list(source: str) -> None:
    checked = check(source, SCOPE)
    assert checked.tree is not None, [finding.text("en") for finding in checked.findings]
    for record in DEALS:
        env = Env(record)
        assert closure(checked.tree)(env) == bytecode(checked.tree)(env) == 0
    assert checked.tree.nullable is False or source.startswith("SUM")
