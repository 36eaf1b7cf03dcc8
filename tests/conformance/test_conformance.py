"""Cases of the language as data: our own corpus, and a larger one when it lies beside the checkout.

``DOUGONG_CONFORMANCE`` may name the folder of the larger corpus; else ``../shared/conformance`` is tried.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.conformance.runner import read, run

HERE = Path(__file__).resolve().parent
CHECKOUT = HERE.parents[1]
OWN = sorted(HERE.glob("*.jsonl"))
SHARED = Path(os.environ.get("DOUGONG_CONFORMANCE", CHECKOUT.parent / "shared" / "conformance")) / "expressions.jsonl"

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


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_own_cases(path: Path) -> None:
    failed = [f"{case['expr']}: {outcome.got}" for case in read(path) if (outcome := run(case)).state != "pass"]
    assert not failed, "\n".join(failed)


@pytest.mark.skipif(not SHARED.is_file(), reason="the larger corpus is not beside the checkout")
def test_larger_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    failed: list[str] = []
    counts: Counter[tuple[str, str]] = Counter()
    missing: Counter[str] = Counter()
    for case in read(SHARED):
        outcome = run(case)
        counts[case["profile"], outcome.state] += 1
        if outcome.state == "unsupported":
            missing[outcome.got] += 1
        elif (outcome.state == "pass") is (case["id"] in CONTRADICTIONS):
            failed.append(f"{case['id']} {case['expr']}: {outcome.got}")
    with capsys.disabled():
        print("\n" + report(counts, missing))
    assert not failed, "\n".join(failed)


def report(counts: Mapping[tuple[str, str], int], missing: Mapping[str, int]) -> str:
    """Pass rate per profile, of the functions there are."""
    lines = []
    for profile in sorted({profile for profile, _ in counts}):
        passed, failed = counts.get((profile, "pass"), 0), counts.get((profile, "fail"), 0)
        rest = counts.get((profile, "unsupported"), 0)
        rate = 100 * passed / max(1, passed + failed)
        lines.append(f"{profile:10} {passed:5} of {passed + failed:5} = {rate:5.1f} %, {rest} of functions to come")
    if missing:
        lines.append("to come: " + ", ".join(sorted(missing)))
    return "\n".join(lines)


def test_own_corpus_names_each_case_once() -> None:
    identifiers = [case["id"] for path in OWN for case in read(path)]
    assert len(identifiers) == len(set(identifiers)) > 100
