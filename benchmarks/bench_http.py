"""Records over HTTP against a hand-written application, both on gunicorn with two workers, in one run.

    python -m benchmarks.bench_http [--rows 100000] [--seconds 4] [--clients 8] [--only search]

Ours does all it does in production: sign-in, permission, validation, history. The yardstick does nothing of that.
Only ratios of one run mean anything; the bars are create and update >= 0.25, read >= 0.4, lists >= 0.3.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote, urlencode

from sqlalchemy import insert

from benchmarks import bench_app, plain_app
from benchmarks.client import (
    Client,
    Operation,
    Side,
    asking,
    bulk,
    change,
    create,
    free_port,
    memory,
    process,
    rate,
    read,
)
from benchmarks.customers import as_sent, customer

PASSWORD = "lantern tiger 92 roof"
BATCH = 5_000
FARTHEST = 100_000
"""Largest offset our API takes; pages beyond are asked for by cursor."""


def fill_plain(path: Path, rows: int) -> list[str]:
    engine = plain_app.open_engine(str(path))
    plain_app.metadata.create_all(engine)
    dice, ids = random.Random(1), []
    for start in range(0, rows, BATCH):
        batch = [{"id": f"{number:016x}", "rev": 1, **customer(dice, number)} for number in range(start, start + BATCH)]
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
    our_ids = bench_app.fill(env, PASSWORD, (as_sent(customer(dice, number)) for number in range(rows)), rows)
    print(f"  ours through the record store: {rows / (time.perf_counter() - begun):,.0f} rows/s", flush=True)
    text, middle = quote("通7"), min(rows // 2, FARTHEST)
    plain = Side(
        name="plain", port=ports[0], base="/customers", headers={}, to_values=dict,
        sort="/customers?sort=1", stage="/customers?sort=1&stage=won", search=f"/customers?search={text}",
        middle=f"/customers?sort=1&offset={middle}", count="/customers/count?stage=won", ids=plain_ids,
    )  # fmt: skip
    base = "/api/v1/apps/bench/customer/records"
    won = quote(json.dumps(["=", "stage", "opt_stage_won"]))
    mine = Side(
        name="ours", port=ports[1], base=base, headers={}, to_values=as_sent,
        sort=f"{base}?sort=-amount", stage=f"{base}?sort=-amount&filter={won}", search=f"{base}?search={text}",
        middle=f"{base}?sort=-amount&offset={middle}", count=f"{base}?limit=1&fields=name&count=exact&filter={won}",
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


def compare(plain: Side, mine: Side, seconds: float, clients: int, only: str) -> int:
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
        if only not in name:
            continue
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
    parser.add_argument("--only", default="", help="part of the name of the lines to measure")
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
            misses = compare(plain, mine, given.seconds, given.clients, given.only)
    print("all bars held" if not misses else f"{misses} bars missed")
    return 1 if misses else 0


if __name__ == "__main__":
    sys.exit(main())
