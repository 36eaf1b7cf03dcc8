"""Set-up steps that show that something is going on: a title, a sign of life, and the log only when one fails."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

HEARTBEAT = 10.0


class StepFailed(SystemExit):
    """A step ended with an error; its output has been shown."""


def say(text: str) -> None:
    print(text, flush=True)


def run_quietly(title: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> None:
    """Run a command, showing its title, its latest line as it goes, and all its output if it fails."""
    terminal = sys.stdout.isatty()
    started = time.monotonic()
    lines: list[str] = []
    say(f"  {title} ...")
    process = subprocess.Popen(
        list(command), cwd=cwd, env=dict(env) if env else None, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    finished = threading.Event()

    def heartbeat() -> None:
        while not finished.wait(HEARTBEAT):
            say(f"    still working, {time.monotonic() - started:.0f} s")

    beat = threading.Thread(target=heartbeat, daemon=True)
    if not terminal:
        beat.start()
    try:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if terminal:
                print(f"\r\033[K    {line.strip()[:100]}", end="", flush=True)
        code = process.wait()
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    finally:
        finished.set()
        if terminal:
            print("\r\033[K", end="", flush=True)
    if code:
        sys.stdout.write("".join(lines[-200:]))
        raise StepFailed(f"{title}: failed (exit code {code}). The lines above say why.")
    say(f"    done in {time.monotonic() - started:.1f} s")


def run_openly(
    title: str, command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None, at_once: bool = False
) -> bool:
    """Run a command whose output is the point (linters, tests). Returns whether it succeeded.

    What runs beside something else shows its output in one piece ``at_once``, when it has ended.
    """
    if not at_once:
        say(f"\n== {title}")
    started = time.monotonic()
    done = subprocess.run(
        list(command), cwd=cwd, env=dict(env) if env else None, check=False, encoding="utf-8", errors="replace",
        stdout=subprocess.PIPE if at_once else None, stderr=subprocess.STDOUT if at_once else None,
    )  # fmt: skip
    shown = f"\n== {title}\n{done.stdout}" if at_once else ""
    result = "ok" if done.returncode == 0 else f"FAILED ({done.returncode})"
    say(f"{shown}== {title}: {result}, {time.monotonic() - started:.1f} s")
    return done.returncode == 0
