"""``make test``: everything that must hold before a change is merged, in the order that fails fastest.

``make test ONLY=lint,types`` runs some of the stages; ``E2E=0`` leaves the browser out. The stages that need no
database share the cores. A stage that fails does not stop the next ones, so one run tells all; the exit code is 1 if
any failed.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import system_packages
import web_assets
from environment import PYTHON, ROOT, SCRIPTS, prepare
from steps import run_openly, say

Stage = Callable[[], bool]
WORKERS = os.environ.get("WORKERS", "2")
WAITING_WORKERS = str(int(WORKERS) + 1)
"""Tests of databases and jobs wait a quarter of their time: one process more keeps the cores busy."""
SCRATCH_BYTES = 4 << 30


def _python(title: str, *arguments: str, at_once: bool = False) -> bool:
    return run_openly(title, [str(PYTHON), "-m", *arguments], cwd=ROOT, env=_environment(), at_once=at_once)


def _lint() -> bool:
    return all(
        [
            _python("ruff", "ruff", "check", ".", at_once=True),
            _python("layers", "pytest", "-q", "tests/test_layers.py", at_once=True),
        ]
    )


def _environment() -> dict[str, str]:
    browser = system_packages.browser()
    known = {system_packages.BROWSER_VARIABLE: browser} if browser else {}
    return {**os.environ, **known, **_SCRATCH, "PATH": f"{SCRIPTS}{os.pathsep}{os.environ.get('PATH', '')}"}


_SCRATCH: dict[str, str] = {}


@contextmanager
def _scratch_in_memory() -> Iterator[None]:
    """Keep the thousands of throw-away databases in memory where there is room: their tests wait for no disk."""
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK) or shutil.disk_usage(memory).free < SCRATCH_BYTES:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="dougong-", dir=memory, ignore_cleanup_errors=True) as folder:
        _SCRATCH["TMPDIR"] = folder
        yield
    _SCRATCH.clear()


def _npm(script: str) -> bool:
    if not web_assets.buildable():
        return True
    command = [str(PYTHON), "-c", f"import web_assets; web_assets.npm('run', {script!r})"]
    environment = {**_environment(), "PYTHONPATH": str(ROOT / "build_support")}
    return run_openly(f"web: {script}", command, cwd=ROOT, env=environment)


def _modules() -> bool:
    if not web_assets.buildable():
        return True
    command = [str(PYTHON), "-c", "import web_assets; web_assets.install_modules(development=True)"]
    environment = {**_environment(), "PYTHONPATH": str(ROOT / "build_support")}
    return run_openly("web: packages", command, cwd=ROOT, env=environment)


STAGES: dict[str, Stage] = {
    "lint": _lint,
    "types": lambda: _python("mypy --strict", "mypy", at_once=True),
    "web": lambda: _modules() and all([_npm("check"), _npm("test")]),
    "python": lambda: _python("pytest", "pytest", "-q", "-n", WAITING_WORKERS, "-m", "not e2e and not long"),
    "e2e": lambda: _python("end to end", "pytest", "-q", "-n", WORKERS, "--dist", "loadfile", "-m", "e2e", "tests/e2e"),
}

TOGETHER = (("lint", "types", "web"), ("python",), ("e2e",))
"""What runs side by side; the tests of the last two keep both cores busy on their own."""


def _failed(chosen: Iterable[str]) -> list[str]:
    failed: list[str] = []
    for names in TOGETHER:
        running = [name for name in names if name in chosen]
        with ThreadPoolExecutor(len(names)) as threads:
            passed = list(threads.map(lambda name: STAGES[name](), running))
        failed += [name for name, good in zip(running, passed, strict=True) if not good]
    return failed


def main() -> int:
    chosen = [name for name in os.environ.get("ONLY", "").split(",") if name] or list(STAGES)
    unknown = sorted(set(chosen) - set(STAGES))
    if unknown:
        raise SystemExit(f"no such stage: {', '.join(unknown)}; there are {', '.join(STAGES)}")
    if os.environ.get("E2E") == "0":
        chosen = [name for name in chosen if name != "e2e"]
    say("Preparing the tests")
    if "e2e" in chosen:
        system_packages.ensure()
    if "python" in chosen or "e2e" in chosen:
        system_packages.ensure_pdf()
    prepare(tests=True)
    with _scratch_in_memory():
        failed = _failed(chosen)
    say(f"\n{len(chosen) - len(failed)} of {len(chosen)} stages passed")
    if failed:
        say(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
