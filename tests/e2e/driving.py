"""Driving the product: start it by its own command, open tabs that remember complaints, sign in, check with axe."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, ViewportSize

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
DESKTOP, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
START_SECONDS = 120
SETTLED = """
Promise.allSettled(document.getAnimations()
  .filter(one => one.effect?.getTiming().iterations !== Infinity)
  .map(one => one.finished)).then(() => null)
"""


@dataclass(frozen=True, slots=True)
class Product:
    """A running install with the CRM and its demo people. ``signed_in`` keeps the cookies of who came before."""

    url: str
    password: str
    backend: str
    data: Path
    signed_in: dict[str, list[Any]] = field(default_factory=dict)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise AssertionError(f"the product did not start:\n{log.read_text()[-4000:]}")


def start_product(data: Path, database: str, backend: str, rows: int = 60) -> tuple[Product, subprocess.Popen[bytes]]:
    """Start server and worker on a fresh install with demo data; the caller stops the process group."""
    url = f"http://127.0.0.1:{_free_port()}"
    data.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "DOUGONG_DATA": str(data), "DOUGONG_BIND": url.removeprefix("http://"), "DOUGONG_WORKERS": "1"}
    if database:
        env["DOUGONG_DATABASE"] = database
    log = data / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "runtime.cli", "run", "--demo", "--rows", str(rows)],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _wait(url, process, log)
    return Product(url, (data / "demo-password").read_text().strip(), backend, data), process


def stop_product(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        raise AssertionError("the product did not stop within 30 s of Ctrl-C") from None


@dataclass(slots=True)
class Tab:
    """A page with what it complained about. ``expected`` are statuses a test provokes on purpose."""

    page: Page
    complaints: list[str]
    expected: set[int]

    def check(self) -> None:
        bad = [text for text in self.complaints if not any(f"status of {status}" in text for status in self.expected)]
        assert not bad, bad


Open = Callable[..., Tab]


def sign_in(tab: Tab, product: Product, username: str, anew: bool = False) -> Page:
    """Sign in through the page, as a person does, the first time and if wanted ``anew``; be still signed in later."""
    page = tab.page
    known = product.signed_in.get(username)
    if known and not anew:
        page.context.add_cookies(known)
        page.goto(f"{product.url}/app/")
        return page
    page.goto(f"{product.url}/signin")
    page.locator("input[name=username]").fill(username)
    page.locator("input[name=password]").fill(product.password)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{product.url}/app/**")
    product.signed_in.setdefault(username, list(page.context.cookies()))
    return page


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for what no page shows, such as what is stored."""
    for _ in range(600):
        if holds():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come to that")


def axe(page: Page, only: str = "") -> list[str]:
    """Accessibility violations (WCAG 2.2 AA and best practice) of what the page shows now; ``only`` names one rule.

    A blank page passes every rule, so landmarks and a minimum of elements are asserted first. What is still fading in
    has the colours of neither state.
    """
    page.evaluate(SETTLED)
    assert page.locator("main").count() == 1
    assert page.locator("main *").count() > 10
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    options = {"resultTypes": ["violations"], **({"runOnly": [only]} if only else {})}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [f"{v['id']}: {n['target']} {n['failureSummary']}" for v in found["violations"] for n in v["nodes"]]
