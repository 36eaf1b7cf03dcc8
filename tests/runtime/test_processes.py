"""The real processes: server and worker started, used, stopped in order, and killed in the middle of writes."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.runtime.conftest import PASSWORD

ROOT = Path(__file__).resolve().parents[2]
DEALS = "/api/v1/apps/shop/deal/records"


class Install:
    """One install on disk and the processes over it."""

    def __init__(self, folder: Path):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.env = {
            **os.environ,
            "DOUGONG_DATA": str(folder / "var"),
            "DOUGONG_DATABASE": f"sqlite:///{folder / 'test.db'}",
            "DOUGONG_BIND": f"127.0.0.1:{self.port}",
            "DOUGONG_LOG_LEVEL": "warning",
            "PYTHONWARNINGS": "ignore",
        }
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, command: str) -> subprocess.Popen[bytes]:
        arguments = [sys.executable, "-m", "runtime.cli", command]
        process = subprocess.Popen(arguments, env=self.env, cwd=ROOT, start_new_session=True)
        self.running.append(process)
        return process

    def serve(self) -> subprocess.Popen[bytes]:
        process = self.start("serve")
        wait(lambda: self.call("GET", "/healthz")[0] == 200)
        return process

    def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
            kind = {"Content-Type": "application/json"} if data is not None else {}
            connection.request(method, path, data, {**kind, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def sign_in(self, username: str) -> dict[str, str]:
        _, page, headers = self.call("GET", "/signin")
        token = re.search(rb'name="csrf_token" value="([^"]+)"', page)[1].decode()  # type: ignore[index]
        form = urlencode({"csrf_token": token, "username": username, "password": PASSWORD}).encode()
        kind = {"Cookie": headers["Set-Cookie"].split(";")[0], "Content-Type": "application/x-www-form-urlencoded"}
        status, _, headers = self.call("POST", "/signin", form, kind)
        assert status == 303
        cookie = next(one for one in headers.get_all("Set-Cookie") if one.startswith("dougong=")).split(";")[0]
        _, data, headers = self.call("GET", "/api/v1/me", headers={"Cookie": cookie})
        return {"Cookie": headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": json.loads(data)["csrf"]}


def wait(ready: Callable[[], bool], seconds: float = 90.0) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            if ready():
                return
        except OSError:
            pass
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.1)


@pytest.fixture
def install(tmp_path: Path, sqlite_seed: tuple[Path, dict[str, str]]) -> Iterator[Install]:
    shutil.copy(sqlite_seed[0], tmp_path / "test.db")
    made = Install(tmp_path)
    yield made
    for process in made.running:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_server_and_worker_work_together_and_stop_in_order(install: Install) -> None:
    server, worker = install.serve(), install.start("worker")
    ann = install.sign_in("ann")
    status, data, _ = install.call("POST", DEALS, {"values": {"title": "斗拱结构检测"}}, ann)
    assert status == 201, data
    boundary = "----x"
    table = "title\n" + "".join(f"Row {n}\n" for n in range(50))
    parts = [("entity", "", "deal"), ("file", '; filename="a.csv"', table)]
    form = "".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
        for name, more, value in parts
    )
    kind = {**ann, "Content-Type": f"multipart/form-data; boundary={boundary}"}
    _, data, _ = install.call("POST", "/api/v1/apps/shop/imports", f"{form}--{boundary}--\r\n".encode(), kind)
    run = json.loads(data)["id"]
    base = f"/api/v1/apps/shop/imports/{run}"
    _, data, _ = install.call("POST", f"{base}/plan", {"mapping": {"title": "title"}}, ann)
    assert json.loads(data)["create"] == 50, data
    assert install.call("POST", f"{base}/run", headers=ann)[0] == 202
    wait(lambda: json.loads(install.call("GET", base, headers=ann)[1])["state"] == "done")
    search = f"{DEALS}?search={quote('结构')}"
    wait(lambda: len(json.loads(install.call("GET", search, headers=ann)[1])["records"]) == 1)
    for process in (server, worker):
        process.terminate()
    assert [process.wait(40) for process in (server, worker)] == [0, 0]


def test_what_was_acknowledged_survives_a_kill(install: Install) -> None:
    acknowledged: list[str] = []
    for round_number in range(2):
        server = install.serve()
        ann = install.sign_in("ann")
        stop = threading.Event()

        def write(
            number: int, ann: dict[str, str] = ann, stop: threading.Event = stop, turn: int = round_number
        ) -> None:
            for count in range(10_000):
                title = f"{turn}-{number}-{count}"
                try:
                    rows = [{"product": "a"}, {"product": "b"}]
                    status, data, _ = install.call("POST", DEALS, {"values": {"title": title, "lines": rows}}, ann)
                except (OSError, http.client.HTTPException):
                    return
                if status == 201:
                    acknowledged.append(json.loads(data)["record"]["id"])
                if stop.is_set():
                    return

        threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        wanted = len(acknowledged) + 15
        wait(lambda wanted=wanted: len(acknowledged) >= wanted)  # type: ignore[misc]
        os.killpg(server.pid, signal.SIGKILL)
        stop.set()
        for thread in threads:
            thread.join()
        server.wait()
    install.serve()
    ann = install.sign_in("ann")
    found: dict[str, Any] = {}
    cursor = ""
    while True:
        _, data, _ = install.call("GET", f"{DEALS}?limit=200&cursor={quote(cursor)}", headers=ann)
        page = json.loads(data)
        found |= {record["id"]: record for record in page["records"]}
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert set(acknowledged) <= set(found)
    for record_id in found:  # also the unacknowledged ones are whole
        _, data, _ = install.call("GET", f"{DEALS}/{record_id}", headers=ann)
        assert len(json.loads(data)["record"]["values"]["lines"]) == 2
