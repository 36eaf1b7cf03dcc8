"""``dougong run``: the server and a worker as children of one process that starts, watches and stops both."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from urllib.error import URLError

import structlog

log = structlog.get_logger("dougong.run")

STOP_WITHIN = 25.0
READY_WITHIN = 60.0
_RESTART_AFTER = (1.0, 2.0, 5.0, 15.0, 30.0)


class Child:
    """One child process, started again when it dies."""

    def __init__(self, name: str, arguments: list[str], env: Mapping[str, str]):
        self.name, self._arguments, self._env = name, arguments, env
        self._deaths = 0
        self._next_start = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "runtime.cli", *self._arguments]
        # A session of its own: Ctrl-C reaches only us, and we stop the children in order.
        self.process = subprocess.Popen(command, env=dict(self._env), start_new_session=os.name != "nt")

    def look(self) -> None:
        """Start again a child that died, more slowly each time."""
        if self.process is None or self.process.poll() is None:
            return
        moment = time.monotonic()
        if not self._next_start:
            wait = _RESTART_AFTER[min(self._deaths, len(_RESTART_AFTER) - 1)]
            self._deaths += 1
            self._next_start = moment + wait
            log.error("process ended, starting again", process=self.name, code=self.process.returncode, in_seconds=wait)
        elif moment >= self._next_start:
            self._next_start = 0.0
            self.start()

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self, deadline: float) -> None:
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.error("process did not stop in time", process=self.name)
            self.process.kill()
            self.process.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # our own address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def run(bind: str, env: Mapping[str, str], ready: Callable[[], None]) -> int:
    """Run server and worker until Ctrl-C or SIGTERM; ``ready`` is called once the server answers."""
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    server, worker = Child("server", ["serve"], env), Child("worker", ["worker"], env)
    server.start()
    worker.start()
    try:
        started = time.monotonic()
        while not stopping.is_set() and not _answers(f"http://{bind}/healthz"):
            if server.process is not None and server.process.poll() is not None:
                return server.process.returncode or 1
            if time.monotonic() - started > READY_WITHIN:
                log.error("the server did not answer in time")
                return 1
            stopping.wait(0.1)
        if not stopping.is_set():
            ready()
        while not stopping.wait(0.5):
            server.look()
            worker.look()
        return 0
    finally:
        print("\nStopping ...", flush=True)
        deadline = time.monotonic() + STOP_WITHIN
        for child in (server, worker):
            child.ask_to_stop()
        for child in (server, worker):
            child.stop(deadline)
        print("Stopped.", flush=True)
