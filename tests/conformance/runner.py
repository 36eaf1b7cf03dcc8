"""Runs conformance cases (one JSON object a line) through a back end of the language and says what came out."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.expr.cases import Case, case_of
from runtime.expressions import Backend

ZONE = ZoneInfo("Asia/Shanghai")
LARGER = Path(os.environ.get("DOUGONG_CONFORMANCE", ""))
UNKNOWN_FUNCTION = frozenset({"X203", "X204"})
REFUSED = frozenset({"SYNTAX", "NAME", "TYPE", "ARITY", "DEPTH"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """``state`` is pass, fail or unsupported; ``got`` says what came out."""

    state: str
    got: str = ""


def read_as(case: Mapping[str, Any]) -> Case:
    """Return a line of a corpus as a case of the language."""
    return case_of(case["id"], case["expr"], case.get("inputs", {}), ZONE)


def run(case: Mapping[str, Any], backend: Backend) -> Outcome:
    """Run one case on a back end."""
    given = read_as(case)
    unknown = sorted(finding.params["name"] for finding in given.findings if finding.code in UNKNOWN_FUNCTION)
    if unknown:
        return Outcome("unsupported", "; ".join(unknown))
    answer = backend.answer(given)
    if "unsupported" in answer:
        return Outcome("unsupported", answer["unsupported"])
    return Outcome("pass" if matches(case, answer) else "fail", json.dumps(answer, ensure_ascii=False))


def tried(cases: list[dict[str, Any]], backend: Backend) -> list[tuple[dict[str, Any], Outcome]]:
    """Run cases on a back end, each with what came out."""
    return [(case, run(case, backend)) for case in cases]


def matches(case: Mapping[str, Any], answer: Mapping[str, Any]) -> bool:
    """Say whether an answer is the one a case expects."""
    if case["expected_type"] == "error":
        wanted = REFUSED if case["error"] == "TYPE" else {case["error"], case.get("error_alt")}
        return answer.get("error") in wanted
    return "value" in answer and equals(case["expected_type"], case["expected"], answer["value"], case.get("tolerance"))


def equals(kind: str, expected: Any, got: Any, tolerance: float | None) -> bool:
    if kind == "null" or expected is None:
        return got is None
    if kind == "text":
        return (got or "") == expected
    if kind == "number":
        return isinstance(got, str) and near(Decimal(expected), Decimal(got), tolerance)
    if kind == "list":
        return isinstance(got, list) and len(got) == len(expected) and all(map(same_item, expected, got))
    return bool(got == expected)


def same_item(expected: Any, got: Any) -> bool:
    return bool(expected == got)


def near(expected: Decimal, got: Decimal, tolerance: float | None) -> bool:
    if tolerance is None:
        return expected == got
    return abs(got - expected) <= Decimal(tolerance) * max(Decimal(1), abs(expected))


def read(path: Path) -> list[dict[str, Any]]:
    """Return the cases of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
