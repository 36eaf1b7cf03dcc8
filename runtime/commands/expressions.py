"""The command about the expression language: formulas outside the product, one a line."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from engine.deferred import deferred
from engine.expr.values import DEFAULT_ZONE, Env, Fault, zone_of

expressions: Any = deferred("runtime.expressions")  # SQLAlchemy, and what each back end needs
cases: Any = deferred("engine.expr.cases")

_BACKENDS = ("python", "sqlite", "postgres", "browser", "pandas")


def add(commands: Any) -> None:
    command = commands.add_parser(
        "expr",
        help="evaluate formulas given as JSON lines",
        description=(
            'Reads {"id", "expr", "inputs": {name: {"type", "value"}}} a line from standard input and writes '
            '{"id", "type", "value"}, {"id", "error"} or {"id", "unsupported"}. The exit code is 1 when a line was '
            "no case, or when a back end contradicts itself."
        ),
    )
    command.add_argument("--backend", choices=_BACKENDS, default="python", help="what evaluates (default: %(default)s)")
    command.add_argument("--url", default="", help="database of the postgres back end (default: DOUGONG_DATABASE)")
    command.add_argument("--zone", default=DEFAULT_ZONE, help="the application zone (default: %(default)s)")
    command.add_argument("--now", default="", help="what NOW() is, such as 2024-06-01T12:00 (default: the clock)")
    command.set_defaults(run=_run, configured=False)


def _run(given: argparse.Namespace, _config: None) -> int:
    try:
        env = _environment(given)
        url = given.url or os.environ.get("DOUGONG_DATABASE", "")
        backend = expressions.open_backend(given.backend, env, url, partial(print, file=sys.stderr))
    except (expressions.Unavailable, ValueError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    good = True
    try:
        for answer, fine in answers(backend, sys.stdin.buffer):
            sys.stdout.buffer.write(_line(answer))
            sys.stdout.buffer.flush()
            good = good and fine
    except expressions.Unavailable as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    finally:
        backend.close()
    return 0 if good else 1


def _environment(given: argparse.Namespace) -> Env:
    try:
        zone = zone_of(given.zone)
    except (ZoneInfoNotFoundError, OSError, ValueError) as error:
        raise ValueError(f"--zone {given.zone}: no such zone; write it like Asia/Shanghai") from error
    try:
        now = cases.read_moment(given.now, zone) if given.now else datetime.now(UTC)
    except (ValueError, Fault) as error:
        raise ValueError(f"--now {given.now}: write it like 2024-06-01T12:00") from error
    return Env(now=now, zone=zone)


def answers(backend: Any, lines: Iterable[bytes]) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield the answer to every line in order, and whether the line and the back end were as they should be."""
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        try:
            case = cases.read_case(raw.decode("utf-8"), backend.env.zone)
        except (cases.BadCase, UnicodeDecodeError) as error:
            identifier = getattr(error, "identifier", None)
            yield {"id": identifier, "error": "INPUT", "line": number, "message": str(error)}, False
            continue
        try:
            yield {"id": case.identifier, **backend.answer(case)}, True
        except expressions.Disagreement as error:
            yield {"id": case.identifier, "error": "INTERNAL", "line": number, "message": str(error)}, False


def _line(answer: dict[str, Any]) -> bytes:
    try:
        return json.dumps(answer, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # half a surrogate pair has no UTF-8
        return json.dumps(answer).encode() + b"\n"
