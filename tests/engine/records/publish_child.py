"""Publishes in a process of its own, which a fail point may kill."""

from __future__ import annotations

import multiprocessing
import os
from decimal import Decimal

from engine.database import Database
from engine.expr.to_sql import register_sqlite_functions
from engine.records import sizes
from engine.records.publish import publish, resume
from metadata.model import App, Unique
from tests.engine.records.schema_apps import ACTOR, add_rows, app, entity, field, go_live, ready, text

ROWS = 12
OPTIONS = {"options": [{"id": "opt_a", "label": text("甲")}]}


def before() -> App:
    """What is live when the publish starts."""
    return app(
        entity("item", field("name"), field("value"), field("price", "currency"), field("extra", "date")),
        entity("gone", field("note")),
    )


def after() -> App:
    """A version that makes every kind of step: conversion, keys, default, sort key, indexes, trash, new tables."""
    return app(
        entity(
            "item",
            field("name", unique=Unique(), options={"sort": "pinyin"}),
            field("value", "number", options={"scale": 2}, indexed=True),
            field("price", "currency", indexed=True),
            field("state", "select", options=OPTIONS, default="opt_a"),
            field("links", "link_many", options={"entity": "ent_item"}),
        ),
        entity("fresh", field("title")),
    )


def opened(url: str) -> Database:
    return Database(url, sqlite_hooks=(register_sqlite_functions,))


def child(url: str, what: str, size: str, failpoint: str = "") -> int:
    """Publish or resume in a process of its own and return its exit code (137: killed at the fail point).

    The process is forked, not started: it needs no connection of its parent and saves seconds of imports.
    """
    process = multiprocessing.get_context("fork").Process(target=_run, args=(url, what, size, failpoint))
    process.start()
    process.join(120)
    assert process.exitcode is not None
    return process.exitcode


def _run(url: str, what: str, size: str, failpoint: str) -> None:
    os.environ["DOUGONG_FAILPOINT"] = failpoint
    if size == "beside":
        sizes.INLINE_ROWS = sizes.INLINE_INDEX_ROWS = 3
        sizes.BATCH = 5
    database = opened(url)
    if what == "publish":
        publish(database, after(), ACTOR, "next")
    else:
        resume(database)
    os._exit(0)


def set_up(database: Database) -> None:
    """The old version, with rows."""
    tables = go_live(ready(database), before())
    rows = [
        {"fld_name": f"名 {n}", "fld_value": "bad" if n == 3 else f"{n}", "fld_price": Decimal(n)} for n in range(ROWS)
    ]
    with database.write() as connection:
        add_rows(connection, tables, "ent_item", rows, prefix="r")
