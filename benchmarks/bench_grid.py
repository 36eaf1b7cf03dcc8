"""The table of a list at size: its first rows, far jumps, and groups with totals, over HTTP.

    python -m benchmarks.bench_grid [--rows 1000000] [--times 15]

Asked as the browser asks: a stretch of sixty rows of the sorted list. The bar for the first rows is 300 ms.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import bench_app
from benchmarks.bench_http import PASSWORD, sign_in
from benchmarks.client import Client, free_port, process
from benchmarks.customers import as_sent, customer

BASE = "/api/v1/apps/bench/customer"
ROWS = 60
FIRST_MS = 300.0
FIELDS = ["name", "stage", "region", "phone", "amount", "signed_on", "visits"]


def _window(offset: int, sort: str = "-amount") -> tuple[str, dict[str, Any]]:
    return f"{BASE}/window", {"fields": FIELDS, "sort": sort, "parts": [{"offset": offset, "limit": ROWS}]}


def _groups(*by: str) -> tuple[str, dict[str, Any]]:
    levels = [{"field": one} for one in by]
    return f"{BASE}/groups", {
        "fields": FIELDS, "sort": "-amount", "groups": levels, "rows": ROWS,
        "totals": {"amount": "sum", "visits": "avg"},
    }  # fmt: skip


def questions(rows: int) -> list[tuple[str, str, dict[str, Any], float | None]]:
    """What is asked: title, path, body and the bar in milliseconds where there is one."""
    won = {"filter": ["=", "stage", "opt_stage_won"]}
    first, last = _window(0), max(rows - ROWS, 0)
    return [
        ("first rows", *first, FIRST_MS),
        ("first rows of a stage", first[0], {**first[1], **won}, FIRST_MS),
        ("first rows by name", *_window(0, "name"), None),
        ("jump to the middle", *_window(rows // 2), None),
        ("jump to the end", *_window(last), None),
        ("totals of all", *_groups(), None),
        ("groups by stage, totals", *_groups("stage"), None),
        ("groups by stage and region, totals", *_groups("stage", "region"), None),
    ]


def measure(client: Client, rows: int, times: int) -> int:
    """Ask each question some times, print the first, median and slowest answer; returns how many bars were missed."""
    misses = 0
    for _ in range(8):  # every worker has opened the application, as a browser has it done before it shows a list
        client.ok("GET", "/api/v1/apps/bench")
    print(f"{'':38}{'first ms':>10}{'median ms':>11}{'slowest':>10}{'bar':>7}", flush=True)
    for title, path, body, bar in questions(rows):
        spent = []
        for _ in range(times):
            begun = time.perf_counter()
            client.ok("POST", path, body)
            spent.append((time.perf_counter() - begun) * 1000)
        median = statistics.median(spent)
        missed = bar is not None and max(spent[0], median) > bar
        misses += missed
        shown = "".join(f"{figure:{width}.0f}" for figure, width in ((spent[0], 10), (median, 11), (max(spent), 10)))
        print(f"{title:38}{shown}{bar or '':>7}{'  MISSED' if missed else ''}", flush=True)
    return misses


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=15)
    given = parser.parse_args()
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        env = {
            "DOUGONG_DATA": str(Path(folder)),
            "DOUGONG_BIND": f"127.0.0.1:{port}",
            "DOUGONG_LOG_LEVEL": "warning",
        }
        dice = random.Random(1)
        print(f"filling {given.rows:,} rows ...", flush=True)
        bench_app.fill(env, PASSWORD, (as_sent(customer(dice, number)) for number in range(given.rows)), given.rows)
        with process([sys.executable, "-m", "runtime.cli", "serve"], env, port, "/healthz"):
            misses = measure(Client(port, sign_in(port)), given.rows, given.times)
    print("all bars held" if not misses else f"{misses} bars missed")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
