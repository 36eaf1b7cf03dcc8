"""Random sources, from well typed to noise, through the checks and the Python and SQL back ends.

    python -m tests.engine.expr.fuzz [--seconds 60] [--seed 1]

Nothing may raise, take long, or give something else in another form. Prints every source that does, and ends with 1.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from engine.expr.budget import spend
from engine.expr.cases import BadCase, read_case
from engine.expr.compile import Checked, check, to_expr
from engine.expr.functions.base import FUNCTIONS, function_names
from engine.expr.rewrite import rewrite
from engine.expr.schema import Scope
from engine.expr.to_bytecode import bytecode
from engine.expr.to_json import decode, encode
from engine.expr.to_python import closure
from engine.expr.to_sql import NotPushable, compile_sql, condition
from engine.expr.tree import Node
from engine.expr.values import Env, ErrorValue, Value
from metadata.findings import Refused
from tests.engine.expr.generate import Maker, random_deals
from tests.engine.expr.test_python import NOW
from tests.engine.expr.world import DEALS, SCOPE, WorldResolver, tables

SLOW = 10.0
EXAMPLES = [source for function in FUNCTIONS for source, _ in function.examples]
NAMES = "amount rate stage name hot due at items account tags owner USER OLD it x 金额 nothing it.qty x.price"
MARKS = "( ) ( ) [ ] , , + - * / ^ & = <> < >= % . -> => == != && || ! AND OR NOT IN TRUE NULL LET { } // /* */"
ODD = (
    "；",
    "“",
    "”",
    "（",
    "，",
    "#",
    "{客户 名称}",
    "\n",
    "\t",
    "\x00",
    "\ufeff",
    "\u2028",
    "😀",
    "é",
    "\ud800",
    "İ",
    "ß",
    "\\",
    "$",
    "@",
    "__class__",
)
LITERALS = ('"won"', '"b"', '"', "'", "1", "0", "2.5", "1e17", "1e99")
WORDS = (*sorted(function_names()), *str.split(NAMES), *str.split(MARKS), *ODD, *LITERALS)
SURROUNDED = Scope(SCOPE.schema, SCOPE.entity_id, frozenset({"OLD", "USER"}))


class Wrong(AssertionError):
    """Something that must not happen."""


def mutated(random: Random, source: str) -> str:
    """A source with a few things wrong with it."""
    for _ in range(random.choice((1, 1, 2, 3, 8))):
        at, to = sorted((random.randrange(len(source) + 1), random.randrange(len(source) + 1)))
        pick = random.randrange(7)
        if pick == 0:
            source = source[:at] + source[to:][:4_000]
        elif pick == 1:
            source = source[:to] + source[at:to] + source[to:]
        elif pick == 2:
            source = source[:at] + random.choice(WORDS) + source[at:]
        elif pick == 3:
            source = source[:at] + f" {random.choice(WORDS)} " + source[min(len(source), at + 3) :]
        elif pick == 4:
            source = (
                source[:at]
                + chr(random.choice((random.randrange(32, 127), random.randrange(1, 0x11000))))
                + source[at + 1 :]
            )
        elif pick == 5:
            source = source[:at] + source[at:to][::-1] + source[to:]
        else:
            source = source[:at] + random.choice(EXAMPLES) + source[at:]
        source = source[:5_000]
    return source


def made_up(random: Random) -> str:
    """A source of some kind."""
    pick = random.randrange(10)
    if pick < 3:
        return Maker(random).expression(random.randrange(1, 5))
    if pick < 7:
        base = Maker(random).expression(random.randrange(1, 4)) if random.random() < 0.6 else random.choice(EXAMPLES)
        return mutated(random, base)
    if pick < 9:
        return random.choice((" ", "")).join(random.choices(WORDS, k=random.randrange(1, 40)))
    return random.randbytes(random.randrange(1, 80)).decode("latin-1" if random.random() < 0.5 else "utf-8", "replace")


class Fuzzer:
    """Tries sources; ``counts`` says what came of them."""

    def __init__(self, seed: int):
        self.random = Random(seed)
        self.counts: Counter[str] = Counter()
        self.resolvers = {
            dialect: WorldResolver(made, "ent_deal", made["ent_deal"])
            for dialect, (_, made) in ((dialect, tables(dialect)) for dialect in ("sqlite", "postgresql"))
        }
        self.records = [*DEALS, *random_deals(self.random, 6)]

    def one(self) -> str:
        """Try a source; return it. Raises what it raises."""
        source = made_up(self.random)
        self.source(source)
        if self.random.random() < 0.05:
            self.line(
                mutated(self.random, '{"id": 1, "expr": "a + 1", "inputs": {"a": {"type": "number", "value": "2"}}}')
            )
        return source

    def source(self, source: str) -> None:
        """Try one source."""
        checked = check(source, SURROUNDED, blank_as_zero=self.random.random() < 0.3)
        if (checked.tree is None) != any(finding.severity == "error" for finding in checked.findings):
            raise Wrong("a tree, or an error: one of the two")
        self.counts["typed" if checked.tree is not None else "refused"] += 1
        self.findings(source, checked)
        if checked.tree is not None:
            self.stored(source)
            self.tree(checked.tree)

    def findings(self, source: str, checked: Checked) -> None:
        for finding in checked.findings:
            if not 0 <= finding.start <= finding.end <= len(source):
                raise Wrong(f"{finding.code} is at {finding.start} to {finding.end}")
            for language in ("zh-CN", "en"):
                finding.text(language)
            for fix in finding.fixes:
                if fix.apply(source) == source:
                    raise Wrong(f"a fix of {finding.code} changes nothing")

    def stored(self, source: str) -> None:
        """As it is kept: with ids, renamed."""
        expr = to_expr(source, SURROUNDED)
        again = rewrite(expr, SURROUNDED, {"fld_amount": "sum total", "fld_items": "rows"})
        kept, renamed = (check(one.src, SURROUNDED, refs=dict(one.refs)).tree for one in (expr, again))
        if kept is None or renamed is None or encode(kept) != encode(renamed):
            raise Wrong(f"renamed to {again.src!r}")

    def tree(self, tree: Node) -> None:
        made = encode(tree)
        if encode(decode(made)) != made:
            raise Wrong("JSON and back gives another tree")
        first, second = closure(tree), bytecode(tree)
        outside = tree.facts.uses & {"RECORDS", "ORG", "CALENDAR"}
        for record in [] if outside else self.random.sample(self.records, 4):
            wanted, got = first(self.env(record)), second(self.env(record))
            if wanted != got and ErrorValue("LIMIT") not in (wanted, got):
                raise Wrong(f"closures give {wanted!r}, byte-code gives {got!r} for {record['sys_id']}")
        for dialect, resolver in self.resolvers.items():
            self.sql(tree, dialect, resolver)

    def sql(self, tree: Node, dialect: str, resolver: WorldResolver) -> None:
        env = self.env(DEALS[0])
        for compiled in (compile_sql, condition if tree.type.kind == "boolean" else compile_sql):
            try:
                compiled(tree, resolver, dialect, env)
            except NotPushable:
                self.counts[f"not in {dialect}"] += 1

    def env(self, record: Mapping[str, Value]) -> Env:
        env = Env(record, old=DEALS[1], now=NOW)
        spend(env, 0)
        return env

    def line(self, line: str) -> None:
        """Try a line of ``dougong expr``."""
        try:
            read_case(line, ZoneInfo("Asia/Shanghai"))
        except BadCase:
            self.counts["no case"] += 1


def run(fuzzer: Fuzzer, more: Callable[[int], bool], report: Callable[[str], Any]) -> int:
    """Try sources as long as ``more`` says; return how many went wrong."""
    wrong = done = 0
    while more(done):
        done += 1
        state, start = fuzzer.random.getstate(), time.process_time()
        try:
            fuzzer.one()
        except (Exception, Refused) as error:
            wrong += 1
            fuzzer.random.setstate(state)
            report(f"{made_up(fuzzer.random)!r}\n    {type(error).__name__}: {str(error)[:300]}")
        if time.process_time() - start > SLOW:
            wrong += 1
            report(f"slow: {time.process_time() - start:.1f} s")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    fuzzer, end = Fuzzer(given.seed), time.monotonic() + given.seconds
    wrong = run(fuzzer, lambda _: time.monotonic() < end, lambda text: print(text, flush=True))
    print(f"seed {given.seed}: {wrong} wrong, {dict(fuzzer.counts)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
