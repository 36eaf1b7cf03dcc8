"""Commands about accounts."""

from __future__ import annotations

import argparse
import getpass
import sys
import time
from typing import Any

from engine import people
from metadata.findings import Refused
from runtime import passwords
from runtime.config import Config
from runtime.services import open_services


def add(commands: Any) -> None:
    user = commands.add_parser("user", help="add and change accounts").add_subparsers(
        dest="action", required=True, metavar="ACTION"
    )
    adding = user.add_parser("add", help="add an account; asks for the password")
    adding.add_argument("username")
    adding.add_argument("--name", required=True, help="name people see")
    adding.add_argument("--email", default="")
    adding.add_argument("--admin", action="store_true", help="may design, and administers every application")
    adding.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    adding.set_defaults(run=_add)
    reset = user.add_parser("password", help="set a new password; ends every session of the account")
    reset.add_argument("username")
    reset.add_argument("--password-stdin", action="store_true", help="read the password from standard input")
    reset.set_defaults(run=_password)
    for name, active in (("disable", False), ("enable", True)):
        switch = user.add_parser(name, help=f"{name} an account" + ("; its sessions end at once" if not active else ""))
        switch.add_argument("username")
        switch.set_defaults(run=_switch, active=active)


def _ask(given: argparse.Namespace, words: list[str]) -> str:
    if given.password_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Password again: "):
            raise SystemExit("The two passwords are not the same.")
    if findings := passwords.findings(password, words=words):
        raise Refused(findings)
    return password


def _add(given: argparse.Namespace, config: Config) -> int:
    password = _ask(given, [word for word in (given.username, given.name, config.company) if word])
    hashed = passwords.hash_of(password)
    services = open_services(config)
    with services.database.write() as connection:
        user_id = people.create_user(
            connection,
            username=given.username,
            name=given.name,
            email=given.email,
            locale=config.language,
            duties=people.DUTIES if given.admin else (),
        )
        passwords.store_hash(connection, user_id, hashed, at=int(time.time()))
        if given.admin:
            services.give_every_admin_role(connection, user_id)
    services.close()
    print(f"Account {people.fold_username(given.username)} added.")
    return 0


def _password(given: argparse.Namespace, config: Config) -> int:
    services = open_services(config)
    with services.database.read() as connection:
        person = people.user_by_name(connection, given.username)
    if person is None:
        raise SystemExit(f"There is no account {given.username}.")
    hashed = passwords.hash_of(_ask(given, [person.username, person.name]))
    with services.database.write() as connection:
        passwords.store_hash(connection, person.id, hashed, at=int(time.time()))
        services.sessions.end_all(connection, person.id)
    services.close()
    print(f"New password for {person.username}; every session of the account has ended.")
    return 0


def _switch(given: argparse.Namespace, config: Config) -> int:
    services = open_services(config)
    with services.database.write() as connection:
        person = people.user_by_name(connection, given.username)
        if person is None:
            raise SystemExit(f"There is no account {given.username}.")
        people.set_active(connection, person.id, given.active)
        if not given.active:
            services.sessions.end_all(connection, person.id)
    services.close()
    print(f"Account {person.username} is {'active' if given.active else 'disabled; its sessions have ended'}.")
    return 0
