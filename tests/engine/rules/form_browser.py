"""The browser's rules in one long-living Node process: a form is opened and filled in, line by line."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.engine.expr.browser import node_command

SOURCE = Path(__file__).parents[3] / "web" / "src" / "rules" / "cli.ts"
TIME_LIMIT = 60


class FormBrowser:
    """Asks ``web/src/rules/cli.ts``; use as a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [*node_command(), str(SOURCE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def __enter__(self) -> FormBrowser:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, line: Mapping[str, Any]) -> Any:
        """Send a line and return what the browser answers to it; one that takes too long ends the process."""
        given, told = self._process.stdin, self._process.stdout
        assert given is not None
        assert told is not None
        timer = threading.Timer(TIME_LIMIT, self._process.kill)
        timer.start()
        try:
            given.write(json.dumps(line) + "\n")
            given.flush()
            answer = told.readline()
        finally:
            timer.cancel()
        assert answer, f"the browser's rules stopped; its last question was {json.dumps(line)[:4000]}"
        return json.loads(answer)
