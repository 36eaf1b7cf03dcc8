"""A text field becomes a number under load, and text again: ``python -m benchmarks.bench_retype [--rows 100000]``.

500 values are no numbers. Eight clients read and write over HTTP all the while. Bars: the plan within 2 s, no answer
but success, and after the undo every text as it was, byte for byte.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks import bench_app
from benchmarks.bench_http import PASSWORD, sign_in
from benchmarks.client import Client, free_port, process
from benchmarks.customers import as_sent, customer
from metadata.model import App, Field

CLIENTS, JUNK, SECONDS = 8, 500, 2.0
BASE = "/api/v1/apps/bench/customer/records"
BUILDER = "/api/v1/builder/apps/bench"


def definition() -> App:
    """The application of the other benchmarks, with a text field that holds numbers."""
    app = bench_app.definition()
    (entity,) = app.entities
    figure = Field(id="fld_figure", key="figure", type="text", label={"en": "Figure"})
    return replace(app, entities=(replace(entity, fields=(*entity.fields, figure)),))


def text_of(number: int, rows: int) -> str:
    """Numbers as people write them, and every few rows something else."""
    if number % (rows // JUNK) == 0:
        return f"about {number}"
    return (f"{number}", f"{number}.50", f"{number:,}", f" {number}.07")[number % 4]


class Load:
    """Clients that read and write until told to stop."""

    def __init__(self, port: int, headers: dict[str, str], ids: list[str]):
        self.seen: Counter[int] = Counter()
        self.longest = 0.0
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(Client(port, headers), ids[at::CLIENTS], at))
            for at in range(CLIENTS)
        ]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, client: Client, ids: list[str], seed: int) -> None:
        dice = random.Random(seed)
        while not self._stop.is_set():
            began, status = time.perf_counter(), 0
            match dice.randrange(4):
                case 0:
                    status = client.call("GET", f"{BASE}/{dice.choice(ids)}")[0]
                case 1:
                    status = client.call("GET", f"{BASE}?sort=-amount&limit=50")[0]
                case 2:
                    values = as_sent(customer(dice, dice.randrange(10**6)))
                    status = client.call("POST", BASE, {"values": values})[0]
                case _:
                    status = client.call("PATCH", f"{BASE}/{dice.choice(ids)}", {"rev": 1, "values": {"note": "x"}})[0]
            self.seen[status] += 1
            self.longest = max(self.longest, time.perf_counter() - began)


def figures(client: Client, ids: list[str]) -> list[Any]:
    """The field of every record, in pages of 200 by id."""
    found: dict[str, Any] = {}
    cursor = ""
    while True:
        page = client.ok("GET", f"{BASE}?fields=figure&sort=id&limit=200{cursor and f'&cursor={cursor}'}")
        found |= {record["id"]: record["values"]["figure"] for record in page["records"]}
        cursor = page["next_cursor"] or ""
        if not cursor:
            return [found[one] for one in ids]


def publish(client: Client, app: dict[str, Any], rev: int) -> float:
    began = time.perf_counter()
    saved = client.ok("PUT", f"{BUILDER}/draft", {"rev": rev, "app": app})
    client.ok("POST", f"{BUILDER}/publish", {"rev": saved["rev"]})
    return time.perf_counter() - began


def measure(port: int, ids: list[str], rows: int) -> int:
    headers = sign_in(port)
    client, misses = Client(port, headers), 0
    app = client.ok("GET", f"{BUILDER}/draft")["app"]
    figure = next(f for f in app["entities"][0]["fields"] if f["id"] == "fld_figure")
    figure |= {"type": "number", "options": {"scale": 2}}
    began = time.perf_counter()
    planned = client.ok("POST", f"{BUILDER}/plan", {"app": app})
    seconds = time.perf_counter() - began
    told = planned["conversions"]["fld_figure"]
    print(f"plan with counts and samples: {seconds:.2f} s (bar {SECONDS}): {told}")
    misses += seconds > SECONDS or told["refused"] != JUNK
    for name, version in (("text to number", 0), ("undo: number to text", 1)):
        with Load(port, headers, ids) as load:
            time.sleep(1)
            if version:
                saved = client.ok("POST", f"{BUILDER}/versions/{version}/draft", {"rev": 0})
                began = time.perf_counter()
                client.ok("POST", f"{BUILDER}/publish", {"rev": saved["rev"]})
                took = time.perf_counter() - began
            else:
                took = publish(client, app, 0)
        wrong = {status: count for status, count in load.seen.items() if status >= 400 and status != 409}
        print(f"{name}: {took:.1f} s beside {sum(load.seen.values())} requests, errors {wrong or 'none'}, "
              f"longest answer {load.longest * 1000:.0f} ms")  # fmt: skip
        misses += bool(wrong)
    same = figures(client, ids) == [text_of(number, rows).strip() for number in range(rows)]
    print(f"after the undo every text is as it was: {same}")
    return misses + (not same)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        env = {
            "DOUGONG_DATA": str(Path(name) / "ours"),
            "DOUGONG_BIND": f"127.0.0.1:{port}",
            "DOUGONG_LOG_LEVEL": "warning",
        }
        dice = random.Random(1)
        made = ({**as_sent(customer(dice, at)), "figure": text_of(at, rows)} for at in range(rows))
        ids = bench_app.fill(env, PASSWORD, made, rows, definition(), duties=("builder",))
        with process([sys.executable, "-m", "runtime.cli", "serve"], env, port, "/healthz"):
            misses = measure(port, ids, rows)
    print("all bars held" if not misses else f"{misses} bars missed")
    return int(bool(misses))


if __name__ == "__main__":
    sys.exit(main())
