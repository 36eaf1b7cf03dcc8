"""Every example of the function table in both databases, where the table says that they compute it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import literal, select

from engine import calendars
from engine.database import SYSTEM, Database
from engine.expr import build
from engine.expr.compile import check
from engine.expr.functions.base import FUNCTIONS
from engine.expr.to_python import closure
from engine.expr.to_sql import blockers, compile_sql, read_value
from engine.expr.tree import Path
from engine.expr.values import ErrorValue
from tests.engine.expr.showcase import SCOPE, env
from tests.engine.expr.test_sql import comparable
from tests.engine.expr.world import WorldResolver

EXAMPLES = [(function.name, source) for function in FUNCTIONS for source, _ in function.examples]


def test_examples(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_folded", lambda node: node)
    with db.write() as connection:
        SYSTEM.create_all(connection, tables=[calendars.calendar, calendars.calendar_day, calendars.calendar_year])
        calendars.seed(connection)
    wrong, computed = [], 0
    with db.read() as connection:
        for name, source in EXAMPLES:
            tree = check(source, SCOPE).tree
            assert tree is not None, source
            if tree.facts.uses - {"ZONE", "NOW", "CALENDAR"} or any(
                isinstance(n, Path) and n.root == "" for n in tree.walk()
            ):
                continue  # about a record, a person or the organization: tests of their own
            if db.dialect not in tree.pushable:
                reasons = [reason for _, reason in blockers(tree, db.dialect)]
                assert reasons and all(reasons), name
                continue
            surroundings = env()
            made = compile_sql(tree, WorldResolver({}, "", None), db.dialect, surroundings)  # type: ignore[arg-type]
            guard = made.guard if made.guard is not None else literal(False)
            value, failed = connection.execute(select(made.value, guard)).one()
            got = ErrorValue("NUM") if failed else read_value(tree, value)
            wanted = closure(tree)(surroundings)
            if isinstance(wanted, Decimal) and isinstance(got, Decimal) and name == "SQRT":
                wanted, got = round(wanted, 10), round(got, 10)
            computed += 1
            if comparable(got) != comparable(wanted):
                wrong.append((source, wanted, got))
    assert not wrong
    assert computed > 200
