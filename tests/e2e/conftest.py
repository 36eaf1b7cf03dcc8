"""A running product and a real Chromium for the tests here.

Every test fails on a console error, an uncaught exception or a content-security-policy violation.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect, sync_playwright

from tests.e2e.driving import DESKTOP, PHONE, Open, Product, Tab, start_product, stop_product

PATIENCE = 30_000
"""Milliseconds a slow machine may take to come to a state."""
HERE = Path(__file__).resolve().parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective, e.blockedURI))
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.path).is_relative_to(HERE):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a fresh install on SQLite, to be copied."""
    data = tmp_path_factory.mktemp("install")
    _, process = start_product(data, "", "sqlite")
    stop_product(process)
    return data


@pytest.fixture(scope="module")
def product(install: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product on SQLite, shared by the tests of a file: whichever process runs it, it finds the same."""
    data = shutil.copytree(install, tmp_path_factory.mktemp("product") / "data")
    running, process = start_product(data, "", "sqlite")
    yield running
    stop_product(process)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    path = os.environ.get("DOUGONG_CHROMIUM") or next((p for p in map(shutil.which, BROWSERS) if p), None)
    assert path, "no Chromium found; set DOUGONG_CHROMIUM"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=CHROMIUM)
        yield chromium
        chromium.close()


@pytest.fixture
def open_tab(browser: Browser) -> Iterator[Open]:
    """Open a fresh, signed-out tab: ``open_tab(viewport=PHONE, locale="en-US", dark=True)``."""
    contexts: list[BrowserContext] = []
    tabs: list[Tab] = []

    def opened(viewport: ViewportSize = DESKTOP, locale: str = "zh-CN", dark: bool = False) -> Tab:
        context = browser.new_context(
            viewport=viewport,
            locale=locale,
            color_scheme="dark" if dark else "light",
            timezone_id="Asia/Shanghai",
            has_touch=viewport is PHONE,
            accept_downloads=True,
        )
        context.add_init_script(REPORT_VIOLATIONS)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        tab = Tab(page, [], set())
        page.on("console", lambda message: tab.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: tab.complaints.append(f"uncaught: {error}"))
        tabs.append(tab)
        return tab

    yield opened
    for context in contexts:
        context.close()
    for tab in tabs:
        tab.check()
