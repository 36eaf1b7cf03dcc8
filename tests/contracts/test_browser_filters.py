"""A condition of a filter means in the browser what it means on the server (which agrees with both databases)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from engine.fields.base import APP_ZONE, InvalidValue
from engine.fields.operands import Asking
from tests.contracts.field_values import FILTERABLE, NOW, Case, raw_operand
from tests.engine.expr.browser import node_command

SOURCE = Path(__file__).parents[2] / "web" / "src" / "fields" / "matchesCli.ts"
ASKING = Asking(now=NOW, zone=APP_ZONE, user="u_chen")
EXAMPLES = 12
DECLINED = {"tags", "matrix", "cascader", "dept", "depts", "address", "location"}
"""Types with operators that need the server: their conditions are not decided in the browser."""


def _drawn(case: Case) -> list[dict[str, Any]]:
    """Conditions with what Python answers for some values."""
    field, kind = case.field, case.type
    lines: list[dict[str, Any]] = []

    @seed(20_261_121)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        values = data.draw(st.lists(case.values, min_size=1, max_size=6))
        for operator in kind.operators(field):
            raw = raw_operand(case, operator, data.draw)
            try:
                asked = kind.accept_operand(field, operator, raw)
            except InvalidValue:
                continue
            operand = kind.resolve_operand(field, operator, asked, ASKING)
            told = raw if not isinstance(asked, str) else asked
            if isinstance(asked, tuple) and all(isinstance(one, str) for one in asked):
                told = list(asked)
            lines.append(
                {
                    "field": {"type": field.type, "options": dict(field.options)},
                    "values": [kind.to_json(field, value) for value in values],
                    "operator": operator,
                    "operand": told,
                    "asking": {"user": ASKING.user, "today": ASKING.today.isoformat(), "zone": "Asia/Shanghai"},
                    "meant": [kind.matches(field, value, operator, operand) for value in values],
                }
            )

    draw()
    return lines


def test_the_browser_agrees() -> None:
    lines = [line for case in FILTERABLE for line in _drawn(case)]
    sent = "\n".join(json.dumps(line) for line in lines)
    done = subprocess.run(
        [*node_command(), str(SOURCE)], input=sent, capture_output=True, encoding="utf-8", timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(lines)
    for line, answer in zip(lines, answers, strict=True):
        meant = [None] * len(answer) if line["field"]["type"] in DECLINED else line["meant"]
        assert answer == meant, {key: line[key] for key in ("field", "operator", "operand", "values")}
