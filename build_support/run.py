"""``make run``: from a fresh checkout to a running product."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from environment import COMMAND, ROOT, prepare
from steps import say
from system_packages import ensure_pdf


def main() -> int:
    say("Preparing Dougong (the first time takes a few minutes)")
    prepare()
    ensure_pdf()
    demo = [] if os.environ.get("DEMO", "1") in ("0", "no", "") else ["--demo"]
    process = subprocess.Popen([str(COMMAND), "run", *demo, *sys.argv[1:]], cwd=ROOT)
    # The terminal sends Ctrl-C to the whole process group; the child stops itself and its own children.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    return process.wait()


if __name__ == "__main__":
    try:
        code = main()
    except KeyboardInterrupt:
        code = 130
    raise SystemExit(code)
