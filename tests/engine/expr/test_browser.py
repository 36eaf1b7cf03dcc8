"""The browser back end gives Python's answers: examples, the corpus, random expressions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from engine.expr import build
from engine.expr.compile import check
from engine.expr.functions.base import FUNCTIONS
from engine.expr.schema import NoSchema, Scope
from engine.expr.to_python import closure
from engine.expr.values import CurrentUser, Env
from tests.conformance.runner import ZONE, CaseSchema, read, value_of
from tests.engine.expr.browser import Case, differences
from tests.engine.expr.generate import expression
from tests.engine.expr.test_python import NOW
from tests.engine.expr.world import DEALS, SCOPE

CORPUS = sorted((Path(__file__).resolve().parents[2] / "conformance").glob("*.jsonl"))
USER = CurrentUser("u1", frozenset({"rol_sales"}), fields={"usr_name": "陈静"})
ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Europe/London")
ANSWERED_BY_SERVER: tuple[str, ...] = ()


@pytest.fixture(autouse=True)
def unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Constants are not computed beforehand, or there would be nothing left to compare."""
    monkeypatch.setattr(build, "_folded", lambda node: node)


def compare(cases: list[Case]) -> None:
    """Evaluate here and there. Answers must be the same."""
    wrong = differences(cases, [closure(case.tree)(case.env) for case in cases], unsupported=ANSWERED_BY_SERVER)
    assert not wrong, f"{len(wrong)} of {len(cases)}\n" + "\n".join(wrong[:40])


def test_examples_of_the_functions() -> None:
    scope, cases = Scope(NoSchema()), []
    for function in FUNCTIONS:
        for source, _ in function.examples:
            tree = check(source, scope).tree
            if tree is not None:
                cases.append(Case(source, tree, Env(now=NOW, user=USER)))
    compare(cases)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_corpus(path: Path) -> None:
    compare(list(corpus(path)))


def corpus(path: Path) -> Iterator[Case]:
    """The cases of a file that are well typed."""
    for case in read(path):
        inputs = case["inputs"]
        tree = check(case["expr"], Scope(CaseSchema(inputs), "case")).tree
        if tree is not None:
            record = {name: value_of(spec["type"], spec["value"]) for name, spec in inputs.items()}
            yield Case(f"{case['id']} {case['expr']}", tree, Env(record, now=NOW, zone=ZONE, user=USER))


def random_cases(count: int) -> list[Case]:
    """Random well-typed expressions over the deals of the world, each for every deal, in zones with and without DST."""
    sources: list[str] = []

    @settings(
        max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(expression())
    def collect(source: str) -> None:
        sources.append(source)

    collect()
    cases = []
    for at, source in enumerate(dict.fromkeys(sources)):
        tree = check(source, SCOPE).tree
        if tree is not None:
            for deal in DEALS:
                cases.append(Case(source, tree, Env(deal, now=NOW, zone=ZONES[at % len(ZONES)], user=USER)))
    return cases


def test_random_expressions() -> None:
    compare(random_cases(300))


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_many_random_expressions() -> None:
    compare(random_cases(10_000))
