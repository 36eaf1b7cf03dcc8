"""Asking a server as a client does, and how fast and at what cost it answers."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.customers import customer

ROOT = Path(__file__).resolve().parents[1]


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
    client.ok("POST", side.base, {"values": side.to_values(customer(dice, dice.randrange(10**9)))})


def read(side: Side, client: Client, dice: random.Random) -> None:
    client.ok("GET", f"{side.base}/{dice.choice(side.ids)}")


def change(side: Side, client: Client, dice: random.Random) -> None:
    record = side.ids[dice.randrange(threading.get_ident() % 97, len(side.ids), 97)]
    for _ in range(3):
        rev = side.revs.get(record, 1)
        values = side.to_values(customer(dice, 1))
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
    operations = [{"op": "create", "values": side.to_values(customer(dice, number))} for number in range(rows)]
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
