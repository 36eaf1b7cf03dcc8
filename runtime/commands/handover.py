"""The command that hands over what one person owns in an application to another, as a named person."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from engine import people
from engine.records.around import handover
from engine.records.around.handover import Handed
from engine.records.store import RecordStore
from runtime.commands.data import actor_of
from runtime.config import Config
from runtime.services import Services, open_services

SHOWN = 5


def add(commands: Any) -> None:
    group = commands.add_parser("handover", help="hand over what one person owns to another").add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    giving = group.add_parser("give", help="hand over; without --yes only say how much there is")
    giving.add_argument("app", help="key of the application")
    giving.add_argument("--from", dest="giver", required=True, help="account that owns the records")
    giving.add_argument("--to", dest="taker", required=True, help="account that takes them over")
    giving.add_argument("--as", dest="username", required=True, help="account whose rights decide, and who is noted")
    giving.add_argument("--entity", action="append", default=[], help="only this entity (key); may be repeated")
    giving.add_argument("--yes", action="store_true")
    giving.set_defaults(run=_give)
    back = group.add_parser("back", help="take a handover back; what belongs to somebody else by now stays")
    back.add_argument("app", help="key of the application")
    back.add_argument("handover", help="its number, as `give` said")
    back.add_argument("--as", dest="username", required=True, help="account that handed over")
    back.set_defaults(run=_back)


def _give(given: argparse.Namespace, config: Config) -> int:
    services = open_services(config)
    try:
        giver, taker = _person(services, given.giver), _person(services, given.taker)
        actor = actor_of(services, given.username, given.app)
        with services.workspace.read(given.app) as store:
            found = [(store.snapshot.entity(one.entity).key, one) for one in handover.owned(store, actor, giver)]
        refused = 0
        for key, one in found:
            if given.entity and key not in given.entity:
                continue
            print(f"{key}: {one.movable} of {one.seen}")
            if given.yes and one.movable:

                def part(store: RecordStore, run: str, after: str, key: str = key) -> Handed:
                    return handover.hand_over(store, actor, key, giver, taker, run=run, after=after)

                refused += _all(services, given.app, part)
        return 1 if refused else 0
    finally:
        services.close()


def _back(given: argparse.Namespace, config: Config) -> int:
    services = open_services(config)
    try:
        actor = actor_of(services, given.username, given.app)

        def part(store: RecordStore, run: str, after: str) -> Handed:
            return handover.take_back(store, actor, given.handover, after)

        return 1 if _all(services, given.app, part) else 0
    finally:
        services.close()


def _all(services: Services, app: str, part: Callable[[RecordStore, str, str], Handed]) -> int:
    """Work through every part; returns how many records were refused."""
    run = after = ""
    done, refused = 0, 0
    while True:
        with services.workspace.write(app) as store:
            found = part(store, run, after)
        done, refused = done + found.done, refused + len(found.refused)
        for record, findings in list(found.refused.items())[:SHOWN]:
            print(f"  {record}: " + "; ".join(finding.text("en") for finding in findings))
        run, after = found.run, found.after
        if not after:
            print(f"  {done} handed over, {refused} refused (handover {run})")
            return refused


def _person(services: Services, username: str) -> str:
    with services.database.read() as connection:
        found = people.user_by_name(connection, username)
    if found is None:
        raise SystemExit(f"There is no account {username}.")
    return found.id
