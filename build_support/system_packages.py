"""What the browser tests need from the system: a Chromium and a font with Chinese glyphs."""

from __future__ import annotations

import ctypes.util
import os
import shutil
import subprocess
from pathlib import Path

from steps import run_quietly, say

BROWSERS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
BROWSER_VARIABLE = "DOUGONG_CHROMIUM"
PDF_PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
FONT = "fonts-noto-cjk"

INSTRUCTION = """The browser tests need {missing}.
  Debian, Ubuntu:  apt-get install chromium fonts-noto-cjk
  Fedora:          dnf install chromium google-noto-sans-cjk-fonts
  macOS, Windows:  install Chrome or Chromium and set {variable} to its program
Then run `make test` again, or `make test E2E=0` to leave them out."""


def browser() -> str | None:
    """Path of a Chromium to drive, or None."""
    named = os.environ.get(BROWSER_VARIABLE)
    if named:
        return named
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def chinese_font() -> bool:
    """Say whether Chinese text can be drawn (assumed where fontconfig is not the font system)."""
    if not shutil.which("fc-list"):
        return os.name == "nt" or not Path("/etc/debian_version").exists()
    found = subprocess.run(["fc-list", ":lang=zh", "family"], capture_output=True, text=True, check=False)
    return bool(found.stdout.strip())


def install_on_debian(*packages: str) -> bool:
    """Install packages with apt when that is possible (Debian or Ubuntu, as root). Returns whether it was done."""
    if not shutil.which("apt-get") or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    root = Path("/")
    run_quietly("Reading the package lists (apt-get update)", ["apt-get", "update"], cwd=root, env=quiet)
    install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    run_quietly(f"Installing {' and '.join(packages)}", install, cwd=root, env=quiet)
    return True


def ensure_pdf() -> None:
    """Install what draws PDF files where it is missing on Debian when root; else say what lacks, and go on without."""
    missing = [*([] if ctypes.util.find_library("pango-1.0") else PDF_PACKAGES), *([] if chinese_font() else [FONT])]
    if missing and not install_on_debian(*missing):
        say(f"PDF files cannot be printed without Pango and a Chinese font: apt-get install {' '.join(missing)}")


def ensure() -> None:
    """Install what the browser tests lack on Debian when root; else stop with an instruction."""
    missing = [*([] if browser() else ["chromium"]), *([] if chinese_font() else ["fonts-noto-cjk"])]
    if missing and not install_on_debian(*missing):
        say(INSTRUCTION.format(missing=" and ".join(missing), variable=BROWSER_VARIABLE))
        raise SystemExit(1)
