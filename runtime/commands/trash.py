"""Commands about the schema trash: what deleted fields and changed types left behind."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from engine.clock import instant_text, now
from engine.records.purge import Trashed, purge, trashed
from metadata.findings import in_language
from runtime.config import Config
from runtime.services import open_services


def add(commands: Any) -> None:
    trash = commands.add_parser(
        "trash", help="columns and tables of deleted fields, kept until they are purged"
    ).add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = trash.add_parser("list", help="what is in the trash, with how many values")
    listing.set_defaults(run=_list)
    purging = trash.add_parser("purge", help="take old things away for good; without --yes only say what would go")
    purging.add_argument("--older", type=int, default=90, metavar="DAYS", help="in the trash for longer (default: 90)")
    purging.add_argument("--yes", action="store_true", help="really do it; it cannot be undone")
    purging.set_defaults(run=_purge)


def _show(found: Sequence[Trashed], language: str) -> None:
    for one in found:
        place = f"{one.table}.{one.column}" if one.column else one.table
        label = in_language(one.label, language)
        print(f"{one.at[:10]}  {one.reason:<9}  {one.values:>9,} values  {label}  ({place}, version {one.version})")


def _list(_given: argparse.Namespace, config: Config) -> int:
    services = open_services(config)
    with services.database.read() as connection:
        found = trashed(connection)
    services.close()
    _show(found, config.language)
    print(f"{len(found)} in the trash.")
    return 0


def _purge(given: argparse.Namespace, config: Config) -> int:
    before = instant_text(now() - timedelta(days=given.older))
    services = open_services(config)
    if given.yes:
        found = purge(services.database, before=before)
    else:
        with services.database.read() as connection:
            found = trashed(connection, before=before)
    services.close()
    _show(found, config.language)
    print(f"{len(found)} purged." if given.yes else f"{len(found)} would be purged; add --yes to do it.")
    return 0
