"""The column back end gives what Python gives, over records and over frames, and keeps decimals exact."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from engine.expr.compile import check
from engine.expr.schema import NoSchema, Scope
from engine.expr.to_pandas import evaluate, evaluate_rows
from engine.expr.to_python import closure
from engine.expr.tree import Node
from tests.engine.expr.test_sql import ENV, EXPRESSIONS, comparable
from tests.engine.expr.world import DEALS, SCOPE


def tree_of(source: str, scope: Scope = SCOPE) -> Node:
    tree = check(source, scope).tree
    assert tree is not None, source
    return tree


@pytest.mark.parametrize("at", range(0, len(EXPRESSIONS), 40))
def test_columns_agree_with_rows(at: int) -> None:
    for source in EXPRESSIONS[at : at + 40]:
        tree = tree_of(source)
        one = closure(tree)
        wanted = [comparable(one(ENV.at(record))) for record in DEALS]
        assert [comparable(value) for value in evaluate_rows(tree, DEALS, ENV)] == wanted, source


def test_one_row_and_none() -> None:
    for source in ("amount * rate", "name & code", 'SUM(items.price) + IF(stage = "won", 1, 0)', "1 + 1", "NULL"):
        tree = tree_of(source)
        assert evaluate_rows(tree, [], ENV) == []
        assert evaluate_rows(tree, DEALS[:1], ENV) == evaluate_rows(tree, DEALS, ENV)[:1]


def frame() -> pd.DataFrame:
    """Deals as a database gives them: whole numbers, decimals, texts, dates, a path through a link."""
    made = pd.DataFrame(
        {
            "fld_amount": pd.Series([600000, None, -1], dtype=pd.ArrowDtype(pa.decimal128(19, 2))),
            "fld_rate": [Decimal("0.15"), None, Decimal("-0.0001")],
            "fld_score": pd.Series([7, None, 0], dtype="Int64"),
            "fld_name": pd.Series(["Big Deal", "", None], dtype="string"),
            "fld_stage": pd.Series(["opt_won", None, "opt_lost"], dtype="category"),
            "fld_hot": pd.Series([True, None, False], dtype=pd.ArrowDtype(pa.bool_())),
            "fld_due": pd.Series([date(2024, 1, 31), None, date(9999, 12, 31)], dtype=pd.ArrowDtype(pa.date32())),
            "fld_at": pd.to_datetime(["2024-03-10T07:30:00Z", None, "1999-12-31T16:00:00Z"]),
            "fld_account": ["a1", None, "a2"],
            "fld_account.fld_region": ["north", None, None],
        }
    )
    return made.set_axis([10, 20, 30])


@pytest.mark.parametrize(
    ("source", "values", "errors"),
    [
        ("amount * rate", ["90000", None, "0.0001"], [None, None, None]),
        ("amount / score", ["85714.285714285714", None, None], [None, None, "DIV0"]),
        ('IF(stage = "won", amount, 0)', ["600000", "0", "0"], [None] * 3),
        ("hot", [True, False, False], [None] * 3),
        ("LEN(name)", ["8", "0", "0"], [None] * 3),
        ("due + 1", [date(2024, 2, 1), None, None], [None, None, "NUM"]),
        ("HOUR(at)", ["3", None, "11"], [None] * 3),
        ('account.region = "north" OR ISBLANK(account)', [True, True, False], [None] * 3),
        ('TEXT(amount, "0.0") & account.region', ["600000.0north", None, "-1.0"], [None] * 3),
        ("account.region & PROPER(account.region)", ["northNorth", None, None], [None] * 3),
        ("VALUE(name)", [None] * 3, ["VALUE", None, None]),
        ("2 + 3", ["5"] * 3, [None] * 3),
        ("1 / 0", [None] * 3, ["DIV0"] * 3),
    ],
)
def test_frames(source: str, values: list[Any], errors: list[Any]) -> None:
    tree = tree_of(source)
    found, failed = evaluate(tree, frame(), ENV)
    assert list(found.index) == list(failed.index) == [10, 20, 30]
    got = [None if value is pd.NA or pd.isna(value) else value for value in found]
    if tree.type.kind == "number":
        assert found.dtype == pd.ArrowDtype(pa.decimal128(38, 12))
        values = [None if value is None else Decimal(value) for value in values]
    assert got == values
    assert [None if pd.isna(code) else code for code in failed] == errors


def test_floats_are_refused() -> None:
    with pytest.raises(TypeError, match="fld_amount"):
        evaluate(tree_of("amount + 1"), pd.DataFrame({"fld_amount": [0.1]}), ENV)
    with pytest.raises(KeyError):
        evaluate(tree_of("amount + 1"), pd.DataFrame({"fld_rate": [1]}), ENV)


def test_lists_come_as_they_are() -> None:
    values, errors = evaluate(tree_of("items.price"), DEALS, ENV)
    assert list(values[0]) == [Decimal("10.00"), Decimal("2.50"), Decimal("0.00")]
    assert errors.isna().all()


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("99999999999999.99 * 9999.9999 + amount - amount", "999999989999999900.000001"),
        ("amount * amount * amount / amount / amount / amount", "1"),
        ("1 / 3 * 3", "1"),
        ("0 / (2 / amount)", "0"),
        ("(amount - amount) / (2 / amount)", "0"),
        ("ROUND(amount / 7, 12) * 7", "599999.999999999998"),
        ("ROUND(-amount / 1000000 * 2.5, 0)", "-2"),
        ("ROUND(amount, -6)", "1000000"),
        ("ROUNDUP(amount, -18)", None),
        ("999999999999999999 + amount", None),
        ("999999999999999999.999999999999 * 0.9999999999999", "999999999999899999.999999999999"),
    ],
)
def test_digits_are_never_lost(source: str, wanted: str | None) -> None:
    tree = tree_of(source)
    one = closure(tree)(ENV.at(DEALS[0]))
    (got,) = evaluate_rows(tree, DEALS[:1], ENV)
    assert comparable(got) == comparable(one)
    if wanted is not None:
        assert got == Decimal(wanted)


def test_clocks_of_a_day_on_which_they_change() -> None:
    instants = [datetime(2024, 3, 10, hour, 59, 59, 999999, tzinfo=UTC) for hour in range(24)]
    instants += [datetime(2024, 11, 3, hour, tzinfo=UTC) for hour in range(24)]
    instants += [datetime(1883, 11, 18, 17, minute, 30, tzinfo=UTC) for minute in range(60)]
    records = [{"fld_at": instant} for instant in instants]
    for source in ("HOUR(at)", "DATE(at)", "SECOND(at) + MINUTE(at) * 60", "DAY(at)"):
        tree = tree_of(source)
        one = closure(tree)
        assert evaluate_rows(tree, records, ENV) == [one(ENV.at(record)) for record in records]


def test_pandas_loads_when_first_needed() -> None:
    code = "import sys, engine.expr.to_pandas; sys.exit(any(n in sys.modules for n in ('pandas', 'numpy', 'pyarrow')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_constants_need_no_records() -> None:
    assert evaluate_rows(tree_of("2 ^ 0.5", Scope(NoSchema())), [{}, {}], ENV) == [Decimal("1.414213562373")] * 2
