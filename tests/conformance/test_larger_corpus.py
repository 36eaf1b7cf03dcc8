"""The larger corpus on every back end: what passes, and the cases that say otherwise than our rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from runtime.expressions import Backend, PythonBackend
from tests.conformance.runner import LARGER, read, tried

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
