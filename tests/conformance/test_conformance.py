"""Cases of the language as data, on every back end: our own corpus, and a larger one when there is one.

``DOUGONG_CONFORMANCE`` may name the file of a larger corpus.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.expr.values import Env
from runtime.expressions import BACKENDS, Backend, PythonBackend, open_backend
from tests.conformance.runner import ZONE, Outcome, read, run

HERE = Path(__file__).resolve().parent
OWN = sorted(HERE.glob("*.jsonl"))
LARGER = Path(os.environ.get("DOUGONG_CONFORMANCE", ""))
NOW = datetime(2024, 6, 1, 4, 0, tzinfo=UTC)

CONTRADICTIONS: Mapping[str, str] = {
    # IF, COALESCE, IFERROR need one type of result
    "core-a67ab0515d": "3.4",
    "core-8b5006b9aa": "3.4",
    "core-9f12beae90": "3.4",
    "core-f2434d9c74": "3.4",
    "core-5aa0b4f0b2": "3.4",
    "core-9ff163fd1f": "3.4",
    "blank-97b08c1817": "3.4",
    "blank-6b85a57d59": "3.4",
    # more than 18 integer digits
    "core-d7aafe22bb": "N1",
    # a number where text is wanted is refused when checked, so the error inside never happens
    "error-9d666f8426": "3.5",
    "error-158e9b4c88": "3.5",
    "error-7d51065682": "3.5",
    "error-e0b0167eac": "3.5",
    "error-ca9d5572b9": "3.5",
    "error-5a2bbf76fa": "3.5",
    "error-fd68888d01": "3.5",
    "error-7331ed4831": "3.5",
}
"""Cases of the larger corpus that say otherwise than our rules: id and rule."""


def tried(cases: list[dict[str, Any]], backend: Backend) -> list[tuple[dict[str, Any], Outcome]]:
    return [(case, run(case, backend)) for case in cases]


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    url = request.getfixturevalue("postgres_server") if request.param == "postgres" else ""
    made = open_backend(request.param, Env(now=NOW, zone=ZONE), url)
    yield made
    made.close()


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_own_cases(path: Path, backend: Backend) -> None:
    """Python gives what is expected; another back end gives it too, or says why it does not."""
    allowed = {"pass"} if isinstance(backend, PythonBackend) else {"pass", "unsupported"}
    wrong = [f"{case['expr']}: {found.got}" for case, found in tried(read(path), backend) if found.state not in allowed]
    assert not wrong, "\n".join(wrong)


@pytest.mark.skipif(not LARGER.is_file(), reason="DOUGONG_CONFORMANCE names no larger corpus")
def test_larger_corpus(backend: Backend, capsys: pytest.CaptureFixture[str]) -> None:
    failed: list[str] = []
    counts: Counter[tuple[str, str]] = Counter()
    missing: Counter[str] = Counter()
    for case, found in tried(read(LARGER), backend):
        counts[case["profile"], found.state] += 1
        if found.state == "unsupported":
            missing[found.got] += 1
        elif (found.state == "pass") is (case["id"] in CONTRADICTIONS):
            failed.append(f"{case['id']} {case['expr']}: {found.got}")
    with capsys.disabled():
        print("\n" + report(counts, missing))
    assert not failed, "\n".join(failed)
    assert not missing or not isinstance(backend, PythonBackend)


def report(counts: Mapping[tuple[str, str], int], missing: Mapping[str, int]) -> str:
    """Pass rate per profile, of what the back end supports."""
    lines = []
    for profile in sorted({profile for profile, _ in counts}):
        passed, failed = counts.get((profile, "pass"), 0), counts.get((profile, "fail"), 0)
        rest = counts.get((profile, "unsupported"), 0)
        rate = 100 * passed / max(1, passed + failed)
        lines.append(f"{profile:10} {passed:5} of {passed + failed:5} = {rate:5.1f} %, {rest} not supported")
    lines += [f"{count:5} not supported: {why}" for why, count in sorted(missing.items())]
    return "\n".join(lines)


def test_own_corpus_names_each_case_once() -> None:
    identifiers = [case["id"] for path in OWN for case in read(path)]
    assert len(identifiers) == len(set(identifiers)) > 100
