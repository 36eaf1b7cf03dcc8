"""What a view needs of its request: who asks, and a record store in the right kind of transaction.

Reading: one read transaction serves the sign-in and the view, so both see the same state. Writing: it is closed first,
and the store is opened on a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from flask import Flask, current_app, g, request
from flask_login import current_user
from sqlalchemy import Connection

from engine.actor import Actor
from engine.problems import NotFound
from engine.records.store import RecordStore
from runtime.services import Services
from runtime.sessions import Visitor

SERVICES = "dougong_services"


def services_of(app: Flask) -> Services:
    """The services of an application."""
    found: Services = app.extensions[SERVICES]
    return found


def services() -> Services:
    """The services of the application serving this request."""
    found: Services = current_app.extensions[SERVICES]
    return found


def connection() -> Connection:
    """The read transaction of this request; opened on first use, closed at its end."""
    found: Connection | None = g.get("connection")
    if found is None:
        g.reader = services().database.read()
        found = g.connection = g.reader.__enter__()
    return found


def release() -> None:
    """Close the read transaction, if there is one."""
    reader: AbstractContextManager[Connection] | None = g.pop("reader", None)
    if reader is not None:
        g.pop("connection")
        reader.__exit__(None, None, None)


def load_visitor(token: str) -> Visitor | None:
    """Who holds the token of the cookie (flask-login asks this once a request)."""
    found = services().sessions.load(
        connection(), token, address=request.remote_addr or "", request_id=g.get("request_id", "")
    )
    g.visitor = found
    return found


def visitor() -> Visitor:
    """Whoever is signed in; only for routes behind sign-in."""
    found: Visitor = g.get("visitor") or current_user
    return found


def reading(app: str) -> tuple[RecordStore, Actor]:
    """Return a store on the read transaction of this request, and who asks. Raises :class:`NotFound` for outsiders."""
    try:
        store = services().workspace.store(connection(), app)
    except KeyError:
        raise NotFound(what=app) from None
    return store, _member(store, app)


@contextmanager
def writing(app: str, *, members_only: bool = True) -> Iterator[tuple[RecordStore, Actor]]:
    """Open a write transaction with a store in it; commits when the block ends well.

    Raises :class:`NotFound` for an unknown application, and for people without a role in it unless told otherwise.
    """
    visitor()
    release()
    try:
        opened = services().workspace.write(app)
        store = opened.__enter__()
    except KeyError:
        raise NotFound(what=app) from None
    try:
        yield store, _member(store, app) if members_only else visitor().actor(store.snapshot.app.id)
    except BaseException as error:
        if not opened.__exit__(type(error), error, error.__traceback__):
            raise
    else:
        opened.__exit__(None, None, None)


class _Rehearsed(Exception):
    """Ends the transaction of a rehearsal, so that nothing of it stays."""


@contextmanager
def rehearsing(app: str) -> Iterator[tuple[RecordStore, Actor]]:
    """Open a write transaction that never commits: what is written in it only shows what would come of it.

    Whoever listens for committed changes hears nothing.
    """
    try:
        with writing(app) as opened:
            yield opened
            raise _Rehearsed
    except _Rehearsed:
        return


def _member(store: RecordStore, app: str) -> Actor:
    actor = visitor().actor(store.snapshot.app.id)
    if not actor.roles:
        raise NotFound(what=app)
    return actor
