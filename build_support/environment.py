"""Makes the project's own virtual environment: Python packages, Node from PyPI, built browser assets.

Each step is skipped when nothing it depends on has changed since it last succeeded.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys

import system_packages
from steps import run_quietly, say
from web_assets import NODE, NODE_BIN_VARIABLE, ROOT, buildable, current

FLOOR = (3, 11)
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / ("python.exe" if os.name == "nt" else "python")
COMMAND = SCRIPTS / ("dougong.exe" if os.name == "nt" else "dougong")


def check_python() -> None:
    """Stop with a plain sentence when this Python cannot run the product."""
    if sys.version_info < FLOOR:
        found = ".".join(map(str, sys.version_info[:3]))
        raise SystemExit(f"Dougong needs Python {FLOOR[0]}.{FLOOR[1]} or newer; this is {found}. "
                         "Name another with `make PYTHON=/path/to/python3.11 ...`.")  # fmt: skip
    if importlib.util.find_spec("ensurepip") is None and not system_packages.install_on_debian("python3-venv"):
        raise SystemExit(
            "This Python comes without venv support. On Debian and Ubuntu: `apt-get install python3-venv`, then again."
        )


def _digest(*names: str) -> str:
    seen = hashlib.sha256(sys.version.encode())
    for name in names:
        file = ROOT / name
        seen.update(file.read_bytes() if file.is_file() else b"-")
    return seen.hexdigest()


def _done(step: str, digest: str) -> bool:
    stamp = VENV / f".done-{step}"
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == digest


def _mark(step: str, digest: str) -> None:
    (VENV / f".done-{step}").write_text(digest, encoding="utf-8")


def _pip(title: str, *arguments: str) -> None:
    """Install packages; what is imported of them is compiled then, most of it never."""
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-compile", *arguments]
    run_quietly(title, command, cwd=ROOT)


def prepare(*, tests: bool = False) -> None:
    """Bring .venv up to date; with ``tests`` the test tools too (Python and web)."""
    check_python()
    if not PYTHON.is_file():
        run_quietly("Creating .venv", [sys.executable, "-m", "venv", str(VENV)], cwd=ROOT)
    if buildable() and (tests or not current()) and not os.environ.get(NODE_BIN_VARIABLE) and not _done("node", NODE):
        _pip("Installing the Node tool chain into .venv", NODE)
        _mark("node", NODE)
    if not current():
        assets = ROOT / "build_support" / "web_assets.py"
        run_quietly("Building the browser assets", [str(PYTHON), str(assets)], cwd=ROOT)
    packages = _digest("setup.cfg", "pyproject.toml", "build_support/constraints.txt")
    step = "tests" if tests else "packages"
    if _done("tests", packages) or _done(step, packages):
        return
    constraints = ROOT / "build_support" / "constraints.txt"
    pins = ["--constraint", str(constraints)] if constraints.is_file() else []
    _pip("Installing Python packages into .venv", *pins, "--editable", f"{ROOT}[test]" if tests else str(ROOT))
    _mark(step, packages)


if __name__ == "__main__":
    prepare(tests="--tests" in sys.argv[1:])
    say("  .venv is ready")
