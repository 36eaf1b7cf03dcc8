"""The browser back end gives Python's answers: examples, the corpus, letters, clocks, patterns, random expressions."""

from __future__ import annotations

import json
import subprocess
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import re2  # type: ignore[import-untyped]

from engine.expr import build
from engine.expr.cases import case_of
from engine.expr.compile import check
from engine.expr.functions.base import FUNCTIONS
from engine.expr.functions.patterns import pattern
from engine.expr.to_python import closure
from engine.expr.tree import Node
from engine.expr.types import DATETIME, TEXT
from engine.expr.values import CurrentUser, Env
from tests.conformance.runner import ZONE, read, read_as
from tests.engine.expr import showcase
from tests.engine.expr.browser import SOURCE, Case, differences, node_command
from tests.engine.expr.generate import Maker, random_deals
from tests.engine.expr.test_functions import EXAMPLES
from tests.engine.expr.world import DEALS, SCOPE

CORPUS = sorted((Path(__file__).resolve().parents[2] / "conformance").glob("*.jsonl"))
NOW = datetime(2024, 6, 1, 20, 30, tzinfo=UTC)
USER = CurrentUser("u1", frozenset({"rol_sales"}), ("d2",), {"usr_name": "陈静"})
ZONES = ("Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Europe/London", "Pacific/Apia", "Asia/Kathmandu")
SEED = 20_240_331
VALUES_FOR_SERVER = ("PHONEVALID", "calendar")
"""What functions of the browser may ask the server for: other numbering plans, calendars not sent along."""


@pytest.fixture(autouse=True)
def unfolded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Constants are not computed beforehand, or there would be nothing left to compare."""
    monkeypatch.setattr(build, "_folded", lambda node: node)


def compare(cases: Sequence[Case], *declined: str) -> None:
    """Evaluate here and there. Answers must be the same; a reason to decline must be one of the functions or given."""
    names = sorted({node.name for case in cases for node in case.tree.walk() if hasattr(node, "name")})
    server = [f"{name} is computed by the server" for name in names if FUNCTIONS.get(name).browser]
    python = [closure(case.tree)(case.env) for case in cases]
    wrong = differences(cases, python, declined=(*server, *VALUES_FOR_SERVER, *declined))
    assert not wrong, f"{len(wrong)} of {len(cases)}\n" + "\n".join(sorted(wrong, key=len)[:40])


def bound(source: str, **inputs: str) -> Node:
    """A tree over inputs of the types named."""
    given = {name: {"type": kind, "value": None} for name, kind in inputs.items()}
    tree = case_of(source, source, given, ZONE).tree
    assert tree is not None, source
    return tree


def test_every_function_is_here_or_asks_the_server() -> None:
    table = SOURCE.parent / "functions" / "index.ts"
    script = f"console.log(JSON.stringify(Object.keys((await import({str(table)!r})).FUNCTIONS)))"
    done = subprocess.run(
        [*node_command(), "--input-type=module", "-e", script], capture_output=True, encoding="utf-8", check=True
    )
    computed = {one.name for one in FUNCTIONS if one.python is not None or one.form is not None}
    asked = {one.name for one in FUNCTIONS if one.browser}
    assert set(json.loads(done.stdout)) == computed - asked


def test_examples() -> None:
    cases = []
    for name, source, _ in EXAMPLES:
        tree = check(source, showcase.SCOPE).tree
        if tree is not None and name not in ("UUID", "RAND", "SEQ"):
            cases.append(Case(source, tree, showcase.env()))
    assert len(cases) > 200
    compare(cases)


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_corpus(path: Path) -> None:
    compare(list(corpus(path)))


def corpus(path: Path) -> Iterator[Case]:
    """The cases of a file that are well typed."""
    for case in read(path):
        given = read_as(case)
        if given.tree is not None:
            env = Env(given.inputs, now=NOW, zone=ZONE, user=USER)
            yield Case(f"{given.identifier} {given.source}", given.tree, env)


# -- letters --------------------------------------------------------------------------------------------------------

YOUNGER = {"\u019b", "\u0264", "\ua7d3", "\ua7d5"}
"""Letters that got a capital after the Unicode of Python; others are not assigned there at all."""


def test_letters_change_case_as_in_python() -> None:
    known = [
        chr(code)
        for code in range(1, 0x110000)
        if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co") and chr(code) not in YOUNGER
    ]
    texts = ["".join(known[at : at + 500]) for at in range(0, len(known), 500)]
    texts += ["ΑΣ Σ ΑΣΑ Α.Σ ΑΣ'", "İIıi ŉǰΐ ǅ ǆ ﬁ ß ẞ", "e\u0301Σ\u0301"]
    trees = [bound(f"{name}(t)", t="text") for name in ("UPPER", "LOWER", "PROPER", "REVERSE", "LEN")]
    compare([Case(f"{at}", tree, Env({"t": text}, now=NOW)) for tree in trees for at, text in enumerate(texts)])


# -- clocks ---------------------------------------------------------------------------------------------------------


def changes(zone: ZoneInfo, first: int, last: int) -> list[datetime]:
    """The instants between two years at which the clocks change."""
    found = []
    at, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last, 1, 1, tzinfo=UTC)
    while at < end:
        later = at + timedelta(days=9)
        if later.astimezone(zone).utcoffset() != at.astimezone(zone).utcoffset():
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                same = middle.astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset()
                low, high = (middle, high) if same else (low, middle)
            found.append(high)
        at = later
    return found


@pytest.mark.parametrize("name", ZONES)
def test_clocks_are_those_of_python(name: str) -> None:
    zone = ZoneInfo(name)
    shown = bound('t & " " & TEXT(t, "yyyy-mm-dd hh:mm:ss") & WEEKDAY(t)', t="datetime")
    made = bound("DATETIME(y, m, d, h, n, s)", **dict.fromkeys("ymdhns", "number"))
    moved = bound('DATEADD(DATEADD(t, 1, "day"), -1, "month")', t="datetime")
    cases = []
    for change in [*changes(zone, 1890, 1995), *changes(zone, 2005, 2030), *changes(zone, 2090, 2093)]:
        for step in (-7200, -1800, -1, 0, 1, 1799, 3600, 86_400):
            moment = change + timedelta(seconds=step)
            wall = change.astimezone(zone).replace(tzinfo=None) + timedelta(seconds=step)
            parts = zip("ymdhns", wall.timetuple()[:6], strict=True)
            clock = {key: Decimal(value) for key, value in parts}
            cases += [Case(f"{moment}", tree, Env({"t": moment}, now=NOW, zone=name)) for tree in (shown, moved)]
            cases.append(Case(f"{wall}", made, Env(clock, now=NOW, zone=name)))
    assert len(cases) > 20
    assert (shown.type, made.type) == (TEXT, DATETIME)
    compare(cases)


# -- patterns -------------------------------------------------------------------------------------------------------

ATOMS = (
    *("a", "b", "k", "S", ".", "é", "中", "😀", "\\d", "\\w", "\\s", "\\W", "[ab]", "[^a]", "[a-c中]", "[[:alpha:]]"),
    *("[^\\d]", "[]a]", "[-a]", "[a\\-z]", "^", "$", "\\b", "(?i)", "(?i:k)", "\\.", "\\x41", "\\x{4e2d}", "(?s)."),
    *("(?m)^b", "(?-i)s", "[[:^digit:]x]", "\\A", "\\z", "{", "a{,2}", "\n", "\\B", "\\pL"),
)
AGAIN = ("", "", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,}", "{2,3}?", "{0}")
LETTERS = "aabbkKsSxſK é中😀1_.\n -\tA"


def some_pattern(random: Random, depth: int) -> str:
    pick = random.random()
    inner = lambda: some_pattern(random, depth - 1)  # noqa: E731
    if depth == 0 or pick < 0.35:
        made = random.choice(ATOMS)
    elif pick < 0.55:
        made = f"({inner()})"
    elif pick < 0.7:
        made = f"(?:{inner()}|{inner()})"
    elif pick < 0.75:
        made = f"(?P<n>{inner()})"
    else:
        return inner() + inner()
    return made + random.choice(AGAIN)


def test_patterns_match_as_in_python() -> None:
    random, cases = Random(SEED), []
    while len(cases) < 3_000:
        source = some_pattern(random, 3)
        try:
            pattern(source)
        except re2.error:
            continue
        text = "".join(random.choice(LETTERS) for _ in range(random.randrange(10)))
        quoted = source.replace('"', '""')
        for form in (f'REGEXMATCH(t, "{quoted}")', f'REGEXEXTRACT(t, "{quoted}")', f'REGEXREPLACE(t, "{quoted}", "#")'):
            cases.append(Case(f"{source!r} {text!r}", bound(form, t="text"), Env({"t": text}, now=NOW)))
    compare(cases, "pattern:")


# -- chance ---------------------------------------------------------------------------------------------------------


def random_cases(seed: int, count: int) -> list[Case]:
    """Random well-typed expressions, each for a deal of the world and two random ones, in several zones."""
    maker, random = Maker(Random(seed)), Random(seed + 1)
    cases: list[Case] = []
    for at in range(count):
        source = maker.expression(random.choice((2, 3, 4)))
        tree = check(source, SCOPE).tree
        records: list[dict[str, Any]] = [random.choice(DEALS), *random_deals(random, 2)] if tree is not None else []
        for record in records:
            assert tree is not None
            around = Env(record, old=DEALS[0], now=NOW, zone=ZONES[at % len(ZONES)], user=USER)
            cases.append(Case(f"{source} {around.zone.key} {record['sys_id']}", tree, around))
    return cases


def test_random_expressions() -> None:
    compare(random_cases(SEED, 300), "a value of unknown type")


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_many_random_expressions() -> None:
    for part in range(10):
        compare(random_cases(SEED + 1 + part, 1_000), "a value of unknown type")
