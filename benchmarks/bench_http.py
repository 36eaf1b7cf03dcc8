"""Records over HTTP against a hand-written application, both on gunicorn with two workers, in one run.

    python benchmarks/bench_http.py [--rows 100000] [--seconds 4] [--clients 8]

Ours does all it does in production: sign-in, permission, validation, history. The yardstick does nothing of that.
Only ratios of one run mean anything; the bars are create and update >= 0.25, read >= 0.4, lists >= 0.3.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import insert  # noqa: E402

from benchmarks import bench_app, plain_app  # noqa: E402

STAGES = ("contact", "offer", "won", "lost")
REGIONS = ("east", "south", "north")
SOURCES = ("web", "fair", "friend")
NOTE = "客户对交付周期和售后响应很关心，希望先做试点再扩大范围。" * 11
PASSWORD = "lantern tiger 92 roof"
BATCH = 5_000


def row(dice: random.Random, number: int) -> dict[str, Any]:
    """One customer; both sides get the same values."""
    return {
        "name": f"{dice.choice('华东海天安信宏远')}{dice.choice('达通利科创')}{number}有限公司",
        "stage": dice.choice(STAGES),
        "region": dice.choice(REGIONS),
        "source": dice.choice(SOURCES),
        "phone": f"1{dice.randrange(3_000_000_000, 9_999_999_999)}",
        "amount": dice.randrange(1_000_00, 5_000_000_00),
        "signed_on": f"20{dice.randrange(20, 26)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}",
        "next_on": f"2026-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}",
        "visits": dice.randrange(0, 60),
        "note": NOTE,
    }


def ours(values: dict[str, Any]) -> dict[str, Any]:
    """The same values as our API takes them."""
    shown = {key: value for key, value in values.items() if key != "amount"}
    for key in ("stage", "region", "source"):
        shown[key] = f"opt_{key}_{values[key]}"
    return {**shown, "amount": f"{values['amount'] / 100:.2f}"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Client:
    """One connection that is kept."""

    def __init__(self, port: int, headers: dict[str, str] | None = None):
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._connection.connect()
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.headers = headers or {}

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, bytes, dict[str, str]]:
        headers = dict(self.headers)
        data = None
        if body is not None:
            data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
            headers.setdefault("Content-Type", "application/json")
        self._connection.request(method, path, data, headers)
        response = self._connection.getresponse()
        return response.status, response.read(), dict(response.getheaders())

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        status, data, _ = self.call(method, path, body)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {data[:500]!r}")
        return json.loads(data) if data else None


@contextmanager
def process(command: list[str], env: dict[str, str], port: int, path: str) -> Iterator[tuple[int, float]]:
    """A server; yields its process id and the seconds from start to its first answer."""
    started = time.perf_counter()
    child = subprocess.Popen(command, env={**os.environ, **env}, cwd=ROOT)
    try:
        while True:
            try:
                if Client(port).call("GET", path)[0] < 500:
                    break
            except OSError:
                if child.poll() is not None or time.perf_counter() - started > 60:
                    raise
                time.sleep(0.02)
        yield child.pid, time.perf_counter() - started
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(30)


@dataclass
class Side:
    """One of the two servers, and how to ask it."""

    name: str
    port: int
    base: str
    headers: dict[str, str]
    to_values: Callable[[dict[str, Any]], dict[str, Any]]
    sort: str
    stage: str
    search: str
    middle: str
    count: str
    process: int = 0
    ids: list[str] = field(default_factory=list)
    revs: dict[str, int] = field(default_factory=dict)

    def client(self) -> Client:
        return Client(self.port, self.headers)


Operation = Callable[[Side, Client, random.Random], None]


def create(side: Side, client: Client, dice: random.Random) -> None:
    client.ok("POST", side.base, {"values": side.to_values(row(dice, dice.randrange(10**9)))})


def read(side: Side, client: Client, dice: random.Random) -> None:
    client.ok("GET", f"{side.base}/{dice.choice(side.ids)}")


def change(side: Side, client: Client, dice: random.Random) -> None:
    record = side.ids[dice.randrange(threading.get_ident() % 97, len(side.ids), 97)]
    for _ in range(3):
        rev = side.revs.get(record, 1)
        values = side.to_values(row(dice, 1))
        body = {"rev": rev, "values": {"amount": values["amount"], "stage": values["stage"]}}
        status, data, _ = client.call("PATCH", f"{side.base}/{record}", body)
        if status == 200:
            shown = json.loads(data)
            side.revs[record] = shown.get("record", shown)["rev"]
            return
        if status != 409:
            raise RuntimeError(f"update: {status} {data[:300]!r}")
        side.revs[record] = json.loads(data)["conflict"]["rev"]
    raise RuntimeError("update: three conflicts in a row")


def asking(query: str) -> Operation:
    def ask(side: Side, client: Client, _dice: random.Random) -> None:
        client.ok("GET", getattr(side, query))

    return ask


TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(root: int) -> float:
    """Processor time of a process and its children: what counts on a machine that others use too."""
    total, wanted = 0.0, {root}
    for entry in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: int(path.name)):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(entry.name) in wanted or int(fields[1]) in wanted:
            wanted.add(int(entry.name))
            total += (int(fields[11]) + int(fields[12])) / TICKS
    return total


@dataclass(frozen=True)
class Rate:
    """Operations a second, the median and the server's processor time for one, both in milliseconds."""

    a_second: float
    median: float
    cpu: float


def rate(side: Side, operation: Operation, clients: int, seconds: float) -> Rate:
    """Ask for some seconds, each client on a connection of its own."""
    times: list[list[float]] = [[] for _ in range(clients)]
    errors: list[BaseException] = []
    before = cpu_seconds(side.process)
    until = time.perf_counter() + seconds

    def work(number: int) -> None:
        client, dice = side.client(), random.Random(number)
        try:
            while (begun := time.perf_counter()) < until:
                operation(side, client, dice)
                times[number].append(time.perf_counter() - begun)
        except BaseException as error:  # reported by the main thread
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    every = [one for part in times for one in part]
    used = cpu_seconds(side.process) - before
    return Rate(len(every) / seconds, statistics.median(every) * 1000, used / len(every) * 1000)


def bulk(side: Side, rows: int) -> float:
    dice = random.Random(5)
    operations = [{"op": "create", "values": side.to_values(row(dice, number))} for number in range(rows)]
    path = f"{side.base}/bulk"
    client = side.client()
    body = json.dumps({"operations": operations}, ensure_ascii=False).encode()
    begun = time.perf_counter()
    client.ok("POST", path, body)
    return rows / (time.perf_counter() - begun)


def memory(port: int) -> float:
    """Proportional memory of the server listening on a port with its workers, in MB (Linux)."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if f":{port}".encode() in (entry / "cmdline").read_bytes() or _has_environment(entry, port):
                rollup = (entry / "smaps_rollup").read_text()
                total += int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1])  # type: ignore[index]
        except (OSError, TypeError):
            continue
    return total / 1024


def _has_environment(entry: Path, port: int) -> bool:
    return f"DOUGONG_BIND=127.0.0.1:{port}\0".encode() in (entry / "environ").read_bytes()


def fill_plain(path: Path, rows: int) -> list[str]:
    engine = plain_app.open_engine(str(path))
    plain_app.metadata.create_all(engine)
    dice, ids = random.Random(1), []
    for start in range(0, rows, BATCH):
        batch = [{"id": f"{number:016x}", "rev": 1, **row(dice, number)} for number in range(start, start + BATCH)]
        ids += [one["id"] for one in batch]
        with engine.begin() as connection:
            connection.exec_driver_sql("BEGIN")
            connection.execute(insert(plain_app.customer), batch)
            connection.exec_driver_sql("COMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return ids


def sign_in(port: int) -> dict[str, str]:
    client = Client(port)
    _, page, headers = client.call("GET", "/signin")
    token = re.search(rb'name="csrf_token" value="([^"]+)"', page)[1].decode()  # type: ignore[index]
    form = urlencode({"csrf_token": token, "username": "bench", "password": PASSWORD}).encode()
    client.headers = {
        "Cookie": headers["Set-Cookie"].split(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
    }
    status, _, headers = client.call("POST", "/signin", form)
    assert status == 303, status
    cookie = re.search(r"dougong=[^;]+", headers["Set-Cookie"])[0]  # type: ignore[index]
    client.headers = {"Cookie": cookie}
    _, data, headers = client.call("GET", "/api/v1/me")
    cookie = headers["Set-Cookie"].split(";")[0]  # now with the form token in it
    return {"Cookie": cookie, "X-CSRF-Token": json.loads(data)["csrf"]}


def sides(folder: Path, rows: int, ports: tuple[int, int]) -> tuple[Side, Side, dict[str, str]]:
    print(f"filling {rows:,} rows twice ...", flush=True)
    plain_ids = fill_plain(folder / "plain.db", rows)
    env = {
        "DOUGONG_DATA": str(folder / "ours"),
        "DOUGONG_BIND": f"127.0.0.1:{ports[1]}",
        "DOUGONG_LOG_LEVEL": "warning",
    }
    begun = time.perf_counter()
    dice = random.Random(1)
    our_ids = bench_app.fill(env, PASSWORD, (ours(row(dice, number)) for number in range(rows)), rows)
    print(f"  ours through the record store: {rows / (time.perf_counter() - begun):,.0f} rows/s", flush=True)
    text = quote("通7")
    plain = Side(
        name="plain", port=ports[0], base="/customers", headers={}, to_values=dict,
        sort="/customers?sort=1", stage="/customers?sort=1&stage=won", search=f"/customers?search={text}",
        middle=f"/customers?sort=1&offset={rows // 2}", count="/customers/count?stage=won", ids=plain_ids,
    )  # fmt: skip
    base = "/api/v1/apps/bench/customer/records"
    won = quote(json.dumps(["=", "stage", "opt_stage_won"]))
    mine = Side(
        name="ours", port=ports[1], base=base, headers={}, to_values=ours,
        sort=f"{base}?sort=-amount", stage=f"{base}?sort=-amount&filter={won}", search=f"{base}?search={text}",
        middle=f"{base}?sort=-amount&offset={rows // 2}", count=f"{base}?limit=1&fields=name&count=exact&filter={won}",
        ids=our_ids,
    )  # fmt: skip
    return plain, mine, env


LINES: tuple[tuple[str, Operation, float], ...] = (
    ("read", read, 0.4),
    ("create", create, 0.25),
    ("update", change, 0.25),
    ("sorted page", asking("sort"), 0.3),
    ("filtered page", asking("stage"), 0.3),
    ("middle page", asking("middle"), 0.3),
    ("search", asking("search"), 0.3),
    ("count", asking("count"), 0.3),
)


def compare(plain: Side, mine: Side, seconds: float, clients: int) -> int:
    misses = 0
    heads = (
        "clients",
        "plain/s",
        "ours/s",
        "plain ms",
        "ours ms",
        "plain cpu",
        "ours cpu",
        "cpu ratio",
        "ratio",
        "bar",
    )
    print(f"{'':14}" + "".join(f"{head:>10}" for head in heads))
    for name, operation, bar in LINES:
        for number in (1, clients):
            theirs, we = rate(plain, operation, number, seconds), rate(mine, operation, number, seconds)
            ratio = we.a_second / theirs.a_second
            misses += ratio < bar
            figures = (
                theirs.a_second,
                we.a_second,
                theirs.median,
                we.median,
                theirs.cpu,
                we.cpu,
                theirs.cpu / we.cpu,
                ratio,
            )
            shown = "".join(f"{figure:10.0f}" for figure in figures[:2]) + "".join(
                f"{one:10.2f}" for one in figures[2:]
            )
            print(f"{name:14}{number:10}{shown}{bar:10}{'' if ratio >= bar else '  MISSED'}", flush=True)
    their_rows, our_rows = bulk(plain, 10_000), bulk(mine, 10_000)
    misses += our_rows < 8_000
    print(
        f"bulk of 10,000 in one call: plain {their_rows:,.0f} rows/s, ours {our_rows:,.0f} rows/s (bar 8,000)",
        flush=True,
    )
    return misses


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    ports = (free_port(), free_port())
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        plain, mine, env = sides(folder, given.rows, ports)
        gunicorn = [
            sys.executable,
            "-m",
            "gunicorn",
            "-w",
            "2",
            "-k",
            "gthread",
            "--threads",
            "4",
            "--log-level",
            "error",
        ]
        command = [*gunicorn, "-b", f"127.0.0.1:{ports[0]}", "benchmarks.plain_app:create_app()"]
        server = [sys.executable, "-m", "runtime.cli", "serve"]
        with (
            process(command, {"BENCH_DATABASE": str(folder / "plain.db")}, ports[0], "/none") as (
                plain.process,
                plain_start,
            ),
            process(server, env, ports[1], "/healthz") as (mine.process, our_start),
        ):
            idle = memory(ports[1])
            mine.headers = sign_in(ports[1])
            print(f"start: plain {plain_start:.2f} s, ours {our_start:.2f} s (bar 1.5)")
            print(f"idle memory of ours: {idle:.0f} MB (bar 150)")
            misses = compare(plain, mine, given.seconds, given.clients)
    print("all bars held" if not misses else f"{misses} bars missed")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
