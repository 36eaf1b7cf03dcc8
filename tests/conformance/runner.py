"""Runs conformance cases (one JSON object a line) through the language and says what came out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.expr.compile import check
from engine.expr.schema import Scope, Symbol
from engine.expr.to_python import closure
from engine.expr.types import ANY, BOOLEAN, DATE, DATETIME, NUMBER, TEXT, ListType, Type
from engine.expr.values import Env, ErrorValue

ZONE = ZoneInfo("Asia/Shanghai")
TYPES: Mapping[str, Type] = {
    "number": NUMBER,
    "text": TEXT,
    "boolean": BOOLEAN,
    "date": DATE,
    "datetime": DATETIME,
    "null": ANY,
    "any": ANY,
}
UNKNOWN_FUNCTION = frozenset({"X203", "X204"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """``state`` is pass, fail or unsupported; ``got`` says what came out."""

    state: str
    got: str = ""


class CaseSchema:
    """The inputs of a case as fields of one record."""

    def __init__(self, inputs: Mapping[str, Any]):
        self.symbols = {name: Symbol(name, name, {"en": name}, input_type(spec)) for name, spec in inputs.items()}

    def entities(self) -> Mapping[str, str]:
        return {}

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        return self.symbols

    def by_id(self, field_id: str) -> Symbol:
        return self.symbols[field_id]


def input_type(spec: Mapping[str, Any]) -> Type:
    """Return the type of an input; a list of anything has the type of its texts, if it holds any."""
    if spec["type"] == "list<any>" and any(isinstance(item, str) for item in spec["value"]):
        return ListType(TEXT)
    return type_of(spec["type"])


def type_of(name: str) -> Type:
    """Return the type a case names, such as ``list<number>``."""
    if name.startswith("list<"):
        return ListType(type_of(name[5:-1]))
    return TYPES[name]


def value_of(name: str, raw: Any) -> Any:
    """Return the run-time value of an input."""
    if name.startswith("list<"):
        return [value_of(name[5:-1], item) for item in raw]
    if raw is None or name in ("text", "boolean", "null", "any"):
        return raw
    if name == "number":
        return Decimal(raw)
    if name == "date":
        return date.fromisoformat(raw)
    return datetime.fromisoformat(raw).replace(tzinfo=ZONE)


def run(case: Mapping[str, Any]) -> Outcome:
    """Run one case on the Python back end."""
    inputs = case.get("inputs", {})
    checked = check(case["expr"], Scope(CaseSchema(inputs), "case"))
    if checked.tree is None:
        codes = {finding.code for finding in checked.findings}
        if codes & UNKNOWN_FUNCTION:
            return Outcome(
                "unsupported",
                "; ".join(sorted(f.params["name"] for f in checked.findings if f.code in UNKNOWN_FUNCTION)),
            )
        refused = case["expected_type"] == "error" and case.get("error") == "TYPE"
        return Outcome("pass" if refused else "fail", "; ".join(f.text("en") for f in checked.findings))
    record = {name: value_of(spec["type"], spec["value"]) for name, spec in inputs.items()}
    got = closure(checked.tree)(Env(record, zone=ZONE))
    return Outcome("pass" if matches(case, got) else "fail", repr(got))


def matches(case: Mapping[str, Any], got: Any) -> bool:
    """Say whether a value is the one a case expects."""
    expected, kind = case.get("expected"), case["expected_type"]
    if kind == "error":
        return isinstance(got, ErrorValue) and got.code in (case["error"], case.get("error_alt"))
    return equals(kind, expected, got, case.get("tolerance"))


def equals(kind: str, expected: Any, got: Any, tolerance: float | None = None) -> bool:
    if isinstance(got, ErrorValue):
        return False
    if kind == "null" or expected is None:
        return got is None
    if kind == "text":
        return (got or "") == expected
    if kind == "number":
        return isinstance(got, Decimal) and near(Decimal(expected), got, tolerance)
    if kind == "boolean":
        return got is expected
    if kind == "date":
        return got == date.fromisoformat(expected)
    if kind == "datetime":
        return bool(got == datetime.fromisoformat(expected).replace(tzinfo=ZONE))
    if kind == "list":
        return (
            isinstance(got, list)
            and len(got) == len(expected)
            and all(equals(guess_kind(value), want, value) for want, value in zip(expected, got, strict=True))
        )
    raise ValueError(kind)


def near(expected: Decimal, got: Decimal, tolerance: float | None) -> bool:
    if tolerance is None:
        return expected == got
    return abs(got - expected) <= Decimal(tolerance) * max(Decimal(1), abs(expected))


def guess_kind(value: Any) -> str:
    return "number" if isinstance(value, Decimal) else "boolean" if isinstance(value, bool) else "text"


def read(path: Path) -> list[dict[str, Any]]:
    """Return the cases of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
