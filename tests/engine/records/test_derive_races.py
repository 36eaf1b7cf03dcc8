"""Formulas are right whoever writes at the same time: real threads, real transactions."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from decimal import Decimal

from derive_world import ROBOT, Edits, app, wrong_values
from sqlalchemy.exc import OperationalError
from support import workspace

from engine.database import Database
from engine.problems import Busy
from engine.records.workspace import Workspace


def together(*work: Callable[[], None]) -> None:
    """Run functions at the same time; the first error of any is raised."""
    start = threading.Barrier(len(work))
    errors: list[BaseException] = []

    def run(one: Callable[[], None]) -> None:
        start.wait()
        try:
            one()
        except BaseException as error:  # to be raised where the test sees it
            errors.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_rows_added_at_once_are_all_in_the_total(db: Database) -> None:
    space = workspace(db, app())
    with space.write("test") as store:
        deal = store.create(ROBOT, "deal", {"base": 1}).id

    def add() -> None:
        for _ in range(5):
            with space.write("test") as store:
                store.create(ROBOT, "line", {"qty": 1, "price": 10, "parent": deal})

    together(*(add,) * 4)
    with space.read("test") as store:
        assert store.get(ROBOT, "deal", deal).values["total"] == Decimal(200)
        assert not wrong_values(store)


def test_a_link_made_while_its_record_changes_sees_the_change(db: Database) -> None:
    space = workspace(db, app())
    with space.write("test") as store:
        company = store.create(ROBOT, "company", {"cname": "A", "rate": 1}).id
        tags = [store.create(ROBOT, "tag", {"weight": 1}).id for _ in range(8)]

    def change() -> None:
        for rate in range(2, 10):
            with space.write("test") as store:
                store.update(ROBOT, "company", company, {"rate": rate}, None)

    def relink() -> None:
        for tag in tags:
            with space.write("test") as store:
                store.update(ROBOT, "tag", tag, {"of": company}, None)

    together(change, relink)
    with space.read("test") as store:
        assert not wrong_values(store)
        assert store.get(ROBOT, "tag", tags[0]).values["score"] == Decimal(9)


def test_a_row_and_its_record_are_edited_at_once_without_a_deadlock(db: Database) -> None:
    space = workspace(db, app())
    with space.write("test") as store:
        deal = store.create(ROBOT, "deal", {"base": 1, "lines": [{"qty": 1, "price": 1}]})
        line = deal.values["lines"][0].id

    def rows() -> None:
        for price in range(8):
            with space.write("test") as store:
                store.update(ROBOT, "line", line, {"price": price}, None)

    def whole() -> None:
        for qty in range(8):
            with space.write("test") as store:
                store.update(ROBOT, "deal", deal.id, {"base": qty, "lines": [{"id": line, "qty": qty}]}, None)

    together(rows, whole)
    with space.read("test") as store:
        assert not wrong_values(store)


def edit(space: Workspace, seed: int, steps: int) -> None:
    draw = random.Random(seed)
    for _ in range(steps):
        try:
            with space.write("test") as store:
                Edits(store, draw).step()
        except Busy:
            continue
        except OperationalError as error:  # two random writes that want each other's records: one of them tries again
            if getattr(error.orig, "sqlstate", "") != "40P01":
                raise


def test_random_writers(db: Database) -> None:
    space = workspace(db, app())
    with space.write("test") as store:
        edits = Edits(store, random.Random(0))
        for _ in range(40):
            edits.step()
    together(*(lambda seed=seed: edit(space, seed, 12) for seed in range(4)))  # type: ignore[misc]
    with space.read("test") as store:
        assert not wrong_values(store)
