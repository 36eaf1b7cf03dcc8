"""The ``dougong`` command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from engine.problems import Problem
from metadata.findings import Refused
from runtime import logs, selfcheck
from runtime.commands import applications, audit, calendar, data, expressions, handover, people, serving, trash
from runtime.config import load_config

GROUPS = (serving, people, applications, data, handover, audit, trash, calendar, expressions)


def parser() -> argparse.ArgumentParser:
    """Return the parser with every command."""
    made = argparse.ArgumentParser(
        prog="dougong", description="Self-hosted no-code builder of business applications.", allow_abbrev=False
    )
    made.set_defaults(configured=True)  # whether a command is about an install
    commands = made.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for group in GROUPS:
        group.add(commands)
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. A refusal prints what is wrong, and where, one line each."""
    selfcheck.check()
    given = parser().parse_args(arguments)
    config = load_config() if given.configured else None
    if config is not None:
        logs.configure(config.log_format, config.log_level)
    try:
        return int(given.run(given, config) or 0)
    except Refused as refused:
        for finding in refused.findings:
            print(
                f"{finding.severity}: {finding.place + ': ' if finding.place else ''}{finding.text('en')}",
                file=sys.stderr,
            )
        return 2
    except Problem as problem:
        print(f"error: {problem.text('en')}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
