"""Commands about the audit log."""

from __future__ import annotations

import argparse
from typing import Any

from engine.clock import now
from engine.records import audit
from runtime.config import Config
from runtime.services import open_services


def add(commands: Any) -> None:
    log = commands.add_parser("audit", help="the audit log").add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    verify = log.add_parser("verify", help="seal what is open, then walk the whole chain")
    verify.set_defaults(run=_verify)


def _verify(_given: argparse.Namespace, config: Config) -> int:
    services = open_services(config)
    with services.database.write() as connection:
        sealed = audit.seal(connection, now())
    while sealed:
        with services.database.write() as connection:
            sealed = audit.seal(connection, now())
    with services.database.read() as connection:
        broken = audit.verify(connection)
    services.close()
    if broken is None:
        print("The audit log is whole.")
        return 0
    print(f"The audit log is broken at batch {broken.seal}, row {broken.event}: {broken.why}.")
    return 1
