"""Formulas made to cost time or memory, and the process that measures what they cost: run it with a back end's name.

    python -m tests.engine.expr.bombs python|sqlite|postgres|browser|pandas [url]

Writes one JSON line a bomb: its number, the seconds it took (of this process, where it does the work), by how many MiB
the process that computes grew at most (this one, Node, or the server's for our connection), the answer.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from engine.expr.cases import case_of
from engine.expr.values import Env, zone_of
from runtime.expressions import Backend, BrowserBackend, SqlBackend, open_backend

ZONE = zone_of("Asia/Shanghai")
ROWS = 10_000
LONG = "a" * 60_000
PIECES = ", ".join(str(at) for at in range(300))


def formulas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every bomb with its inputs."""
    text = {"t": {"type": "text", "value": LONG}}
    rows = {"l": {"type": "list<number>", "value": [str(at) for at in range(ROWS)]}}
    texts = {"l": {"type": "list<text>", "value": [f"{at}-{LONG[:60]}" for at in range(ROWS)]}}
    for source in (
        "9^9^9",
        "9^9^9^9^9",
        "-9^(9^9)",
        "1.000000000001^1000",
        "10^-1000",
        "FACT(1e17)",
        "FACT(100000)",
        "COMBIN(1e9, 5e8)",
        "WORKDAY(DATE(2024, 1, 1), 1e9)",
        "NETWORKDAYS(DATE(1, 1, 1), DATE(9999, 12, 31))",
        "DATE(1e17, 1, 1)",
        'LPAD("x", 1e17)',
        'REPT("x", 1e17)',
        'REPT(REPT(REPT(REPT("x", 32767), 32767), 32767), 32767)',
        " & ".join(['REPT("x", 32767)'] * 40),
        'SUBSTITUTE(REPT("a", 32767), "a", REPT("b", 32767))',
        'SUBSTITUTE(SUBSTITUTE(REPT("a", 60), "a", REPT("b", 1000)), "b", REPT("c", 1000))',
        'SUBSTITUTE(SUBSTITUTE(SUBSTITUTE("aa", "a", "aaaaaaaaaa"), "a", "aaaaaaaaaa"), "a", REPT("a", 999))',
        'REGEXREPLACE(REPT("a", 32767), "a", REPT("b", 32767))',
        f'TEXT(1, "{"0" * 3_000}")',
        "+".join(["1"] * 50_000),
        "1" + "+1" * 1_900,
        "(" * 100_000,
        "(" * 100_000 + "1" + ")" * 100_000,
        "-" * 3_999 + "1",
        "NOT " * 990 + "TRUE",
        '"' * 3_999,
        "{" * 3_999,
        "[" * 2_000 + "]" * 2_000,
        "f(" * 1_300 + ")" * 1_300,
        "/*" * 2_000,
        "LET(a, 1, " * 39 + "a" + ")" * 39,
        "LET(a, 1 + 1, " + "+".join(["a"] * 200) + ")",
        *(f"LET({', '.join(names)})" for names in [doubling(30)]),
        "IF(1 > 2, " * 39 + "1" + ", 2)" * 39,
        "9" * 3_999,
        "0." + "9" * 3_990,
        "1e" + "9" * 3_000,
        f"SUM([{PIECES}])",
        f"SUM(MAP([{PIECES}], x -> SUM(MAP([{PIECES[:200]}], y -> x * y))))",
    ):
        yield source, {}
    for pattern in ("(a+)+$", "(a|a|aa)*c", "(a*)*b", "(.*a){20}", "((a{1,30}){1,30}){1,30}", "(?:a?){200}a{200}"):
        for form in ('REGEXMATCH(t, "{}")', 'REGEXREPLACE(t, "{}", "x")', 'REGEXEXTRACT(t, "{}")'):
            yield form.replace("{}", pattern), text
    for source in (
        'SUBSTITUTE(t, "a", "bbbb")',
        'LEN(t & t & t & t) + LEN(SUBSTITUTE(t, "a", ""))',
        'COUNTALL(SPLIT(t, "a"))',
        "PROPER(REVERSE(TRIM(UPPER(LOWER(t)))))",
        "PINYIN(t) & RMBCAP(999999999999999)",
    ):
        yield source, text
    for source in (
        "SUM(l, x -> SUM(l, y -> x * y))",
        "EXISTS(l, x -> ALL(l, y -> x + y > 0))",
        "SUM(MAP(l, x -> COUNT(FILTER(l, y -> y > x))))",
        "MEDIAN(SORTBY(l, x -> -x)) + STDEV(l) + LARGE(l, 5000)",
        "COUNTALL(DISTINCT(UNION(l, l)))",
        "COUNTALL(FLATTEN(MAP(l, x -> l)))",
    ):
        yield source, rows
    for source in (
        'COUNTALL(FILTER(l, x -> CONTAINS(UPPER(t & x), "zz")))',
        'COUNTALL(FILTER(l, x -> REGEXMATCH(t & x, "(.*a){20}b")))',
        'SUM(MAP(l, x -> LEN(REGEXREPLACE(t, "(.*a){20}", x & ""))))',
        'EXISTS(l, x -> PINYIN(t & x) = "")',
        "COUNTALL(MAP(l, x -> LEFT(t, 30000 + x)))",
        "SUM(SORTBY(l, x -> REVERSE(t & x)))",
        " & ".join(f'REGEXREPLACE(t, "(.*a){{2{at % 10}}}", "{at}")' for at in range(80)),
    ):
        yield source, text | rows
    for source in ('TEXTJOIN("-", TRUE, l)', "COUNTALL(DISTINCT(l))", "COUNTALL(MAP(l, x -> REPT(x, 1000)))"):
        yield source, texts


def doubling(levels: int) -> list[str]:
    """Names that each use the one before twice: 2^levels when written out."""
    parts = ["a0", "1"]
    for at in range(1, levels):
        parts += [f"a{at}", f"a{at - 1} + a{at - 1}"]
    return [*parts, f"a{levels - 1}"]


def memory(pid: int) -> float:
    """The most memory of its own a process had since :func:`forget`, in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    found = {key: rest for key, _, rest in (line.partition(":") for line in lines)}
    return int(found["VmHWM"].split()[0]) / 1024


def forget(pid: int) -> None:
    """Let the most memory of a process start from what it has now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def worker(backend: Backend) -> int:
    """The process that computes."""
    if isinstance(backend, BrowserBackend):
        return backend.process.pid
    if isinstance(backend, SqlBackend) and backend.dialect == "postgresql":
        with backend.engine.connect() as connection:  # the pool has one, and gives it again
            return int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
    return os.getpid()


def main() -> None:
    url = sys.argv[2] if len(sys.argv) > 2 else ""
    tell = partial(print, file=sys.stderr)
    backend = open_backend(sys.argv[1], Env(now=datetime(2024, 6, 1, tzinfo=UTC), zone=ZONE), url, tell)
    backend.answer(case_of(0, 'UPPER("a") & RMBCAP(1) & PINYIN("重庆")', {}, ZONE))  # what loads once is no cost
    pid = worker(backend)
    clock = time.perf_counter if sys.argv[1] in ("postgres", "browser") else time.process_time
    for at, (source, inputs) in enumerate(formulas()):
        forget(pid)
        before, start = memory(pid), clock()
        answer = backend.answer(case_of(at, source, inputs, ZONE))
        seconds, grown = clock() - start, memory(pid) - before
        if "value" in answer:
            answer = {"type": answer["type"], "value": str(answer["value"])[:40]}
        print(json.dumps({"bomb": at, "seconds": round(seconds, 3), "grown": round(grown, 1), **answer}), flush=True)
    backend.close()


if __name__ == "__main__":
    main()
