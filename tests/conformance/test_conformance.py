"""Cases of the language as data, on every back end: our own corpus."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.expressions import Backend, PythonBackend
from tests.conformance.runner import read, tried

OWN = sorted(Path(__file__).resolve().parent.glob("*.jsonl"))


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_own_cases(path: Path, backend: Backend) -> None:
    """Python gives what is expected; another back end gives it too, or says why it does not."""
    allowed = {"pass"} if isinstance(backend, PythonBackend) else {"pass", "unsupported"}
    wrong = [f"{case['expr']}: {found.got}" for case, found in tried(read(path), backend) if found.state not in allowed]
    assert not wrong, "\n".join(wrong)


def test_own_corpus_names_each_case_once() -> None:
    identifiers = [case["id"] for path in OWN for case in read(path)]
    assert len(identifiers) == len(set(identifiers)) > 100
