"""Calendars of working days: show a year, change days, begin a calendar of one's own."""

from __future__ import annotations

import argparse
from datetime import date
from typing import Any

from engine import calendars
from runtime.config import Config
from runtime.services import open_services


def add(commands: Any) -> None:
    group = commands.add_parser("calendar", help="working days: holidays, make-up days, calendars of your own")
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    listed = actions.add_parser("list", help="the calendars and the years they know")
    listed.set_defaults(run=_list)
    shown = actions.add_parser("show", help="the days of a year that differ from Monday to Friday")
    shown.add_argument("year", type=int)
    shown.set_defaults(run=_show)
    for name, worked, what in (
        ("free", False, "make days free, such as 2027-02-05..2027-02-11"),
        ("work", True, "make days worked, such as a make-up Saturday"),
    ):
        changed = actions.add_parser(name, help=what)
        changed.add_argument("days", nargs="+", type=_days, metavar="DAY or FIRST..LAST")
        changed.add_argument("--label", default="", help="what the days are called")
        changed.set_defaults(run=_change, worked=worked)
    known = actions.add_parser("know", help="say that a year is complete as it stands")
    known.add_argument("year", type=int)
    known.set_defaults(run=_know)
    cleared = actions.add_parser("clear", help="forget a year")
    cleared.add_argument("year", type=int)
    cleared.set_defaults(run=_clear)
    made = actions.add_parser("add", help="begin a calendar of your own")
    made.set_defaults(run=_add)
    for parser in (shown, *(actions.choices[name] for name in ("free", "work", "know", "clear", "add"))):
        parser.add_argument("--calendar", default=calendars.CHINA, help=f"name (default: {calendars.CHINA})")


def _days(text: str) -> list[date]:
    first, _, last = text.partition("..")
    try:
        found = calendars.between(date.fromisoformat(first), date.fromisoformat(last or first))
    except ValueError:
        found = []
    if not found:
        raise argparse.ArgumentTypeError(f"{text} is no day (2027-02-05) and no span (2027-02-05..2027-02-11)")
    return found


def _list(given: argparse.Namespace, config: Config) -> None:
    services = open_services(config)
    with services.database.read() as connection:
        for name in calendars.names(connection):
            years = sorted(calendars.load(connection, name).years)
            print(f"{name}: {', '.join(str(year) for year in years) or 'knows no year yet'}")
    services.close()


def _show(given: argparse.Namespace, config: Config) -> None:
    services = open_services(config)
    with services.database.read() as connection:
        for day, worked, label in calendars.entries(connection, given.calendar, given.year):
            print(f"{day.isoformat()} {day:%a}  {'worked' if worked else 'free'}  {label}".rstrip())
        if given.year not in calendars.load(connection, given.calendar).years:
            print(f"{given.calendar} does not know {given.year}: Monday to Friday count as worked.")
    services.close()


def _change(given: argparse.Namespace, config: Config) -> None:
    days = [day for span in given.days for day in span]
    services = open_services(config)
    with services.database.write() as connection:
        calendars.set_days(connection, given.calendar, days, worked=given.worked, label=given.label)
    services.close()
    print(f"{len(days)} {'day is' if len(days) == 1 else 'days are'} {'worked' if given.worked else 'free'} now.")


def _know(given: argparse.Namespace, config: Config) -> None:
    services = open_services(config)
    with services.database.write() as connection:
        calendars.know_year(connection, given.calendar, given.year)
    services.close()


def _clear(given: argparse.Namespace, config: Config) -> None:
    services = open_services(config)
    with services.database.write() as connection:
        calendars.clear_year(connection, given.calendar, given.year)
    services.close()


def _add(given: argparse.Namespace, config: Config) -> None:
    services = open_services(config)
    with services.database.write() as connection:
        calendars.create(connection, given.calendar)
    services.close()
