"""A public form under a flood: 1,000 posts a minute and more against gunicorn with two workers.

    python -m benchmarks.bench_public [--seconds 60] [--rate 1000]

Half of the posts are the flood of one address at a link with the usual limits, half are visitors of a link without.
What must hold: no answer above 499, every refusal for being too often says when to come back, and every post that got
a 201 is a record, once.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks import bench_app
from benchmarks.bench_http import PASSWORD, sign_in
from benchmarks.client import Client, free_port, process
from benchmarks.customers import as_sent, customer

LINKS = "/api/v1/apps/bench/customer/links"
CLIENTS = 8
USUAL = {"min_seconds": 0}
OPEN = {"min_seconds": 0, "per_address_minute": 600, "per_minute": 10_000}


class Flood:
    """Posts at a steady pace from several connections; counts what came back."""

    def __init__(self, port: int, tokens: list[str], rate: float, seconds: float):
        self.port, self.tokens, self.rate, self.until = port, tokens, rate, time.monotonic() + seconds
        self.codes: Counter[tuple[str, int]] = Counter()
        self.taken: list[str] = []
        self.silent = 0
        self._lock = threading.Lock()

    def run(self) -> None:
        threads = [threading.Thread(target=self._work, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, number: int) -> None:
        client, dice, count = Client(self.port), random.Random(number), 0
        pause = CLIENTS / self.rate
        following = time.monotonic() + pause * number / CLIENTS
        while following < self.until:
            time.sleep(max(0.0, following - time.monotonic()))
            following += pause
            count += 1
            token = self.tokens[count % 2]
            self._post(client, token, {**as_sent(customer(dice, count)), "name": f"visitor {number} {count}"})

    def _post(self, client: Client, token: str, values: dict[str, Any]) -> None:
        kept = {name: values[name] for name in ("name",)}
        status, data, _ = client.call("POST", f"/api/v1/public/{token}/open", {})
        if status != 200:
            return self._note(token, status, "", {})
        sent = {"page": json.loads(data)["page"], "values": kept}
        status, _, headers = client.call("POST", f"/api/v1/public/{token}/answers", sent)
        if status == 201 and random.random() < 0.2:  # a double click, or a browser that tries again
            client.call("POST", f"/api/v1/public/{token}/answers", sent)
        return self._note(token, status, str(kept["name"]), headers)

    def _note(self, token: str, status: int, name: str, headers: dict[str, str]) -> None:
        with self._lock:
            self.codes[token, status] += 1
            self.silent += status == 429 and bool(name) and "Retry-After" not in headers
            if status == 201:
                self.taken.append(name)


def _link(client: Client, settings: dict[str, Any]) -> str:
    made = client.ok("POST", LINKS, {"label": "Flood", "settings": {"fields": ["name"], **settings}})
    return str(made["link"]["url"]).rpartition("/")[2]


def _names(client: Client) -> list[str]:
    found, cursor = [], ""
    while True:
        page = client.ok("GET", f"/api/v1/apps/bench/customer/records?fields=name&limit=200&cursor={cursor}")
        found += [one["values"]["name"] for one in page["records"]]
        cursor = page["next_cursor"]
        if not cursor:
            return found


def run(folder: Path, rate: float, seconds: float) -> bool:
    port = free_port()
    env = {
        "DOUGONG_DATA": str(folder / "var"),
        "DOUGONG_DATABASE": f"sqlite:///{folder / 'bench.db'}",
        "DOUGONG_BIND": f"127.0.0.1:{port}",
        "DOUGONG_WORKERS": "2",
        "DOUGONG_LOG_LEVEL": "error",
    }
    dice = random.Random(1)
    bench_app.fill(env, PASSWORD, (as_sent(customer(dice, n)) for n in range(100)), 100, duties=("builder",))
    with process([sys.executable, "-m", "runtime.cli", "serve"], env, port, "/healthz"):
        client = Client(port, sign_in(port))
        tokens = [_link(client, USUAL), _link(client, OPEN)]
        flood = Flood(port, tokens, rate, seconds)
        flood.run()
        names = Counter(_names(Client(port, client.headers)))
    kept = {name: names[name] for name in flood.taken}
    lost = sum(1 for count in kept.values() if count == 0)
    doubled = sum(1 for count in kept.values() if count > 1)
    worst = max((status for _, status in flood.codes), default=0)
    posts = sum(flood.codes.values())
    print(f"{posts} posts in {seconds:.0f} s ({posts / seconds * 60:.0f} a minute)")
    for label, token in zip(("usual limits", "open"), tokens, strict=True):
        print(f"  {label}: " + ", ".join(f"{s}: {n}" for (t, s), n in sorted(flood.codes.items()) if t == token))
    print(f"  acknowledged {len(flood.taken)}, lost {lost}, twice {doubled}, 429 without Retry-After {flood.silent}")
    return worst < 500 and not lost and not doubled and not flood.silent


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=60)
    asked.add_argument("--rate", type=float, default=1_000, help="posts a minute")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return 0 if run(Path(folder), given.rate / 60, given.seconds) else 1


if __name__ == "__main__":
    raise SystemExit(main())
