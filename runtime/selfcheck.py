"""Makes sure the five packages are ours: their names are common, and another distribution may ship the same one."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from metadata.model import PROVENANCE

PACKAGES = ("apps", "builder", "engine", "metadata", "runtime")
OPTIONAL = ("builder",)
MARKER = "dougong.txt"


def foreign_packages(here: Path | None = None) -> list[str]:
    """Return one sentence for each package that is missing or comes from elsewhere; empty when all is well."""
    home = here or Path(__file__).resolve().parents[1]
    wrong = []
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        found = Path(spec.origin).resolve().parent if spec and spec.origin else None
        if found is None:
            if name not in OPTIONAL:
                wrong.append(f"package {name!r} is missing")
        elif found != home / name:
            wrong.append(f"package {name!r} comes from {found}, not from {home / name}")
        elif _marker(found) != PROVENANCE:
            wrong.append(f"package {name!r} in {home} is not the one of this product")
    return wrong


def _marker(package: Path) -> str:
    path = package / MARKER
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


def check() -> None:
    """Stop with a plain sentence when the install is mixed up."""
    if wrong := foreign_packages():
        raise SystemExit(
            "This install is mixed up with another one: " + "; ".join(wrong) + ".\n"
            "Install Dougong into a virtual environment of its own: python3 -m venv dougong-env."
        )
