"""Saves that change what other records derive from, against the same done by hand-written SQL in the same run.

    python benchmarks/bench_derive.py [--rows 10000] [--saves 100] [--url postgresql://...] [--json out.json]

One order with ``--rows`` lines, 20 formulas and 5 totals over the lines. A save changes one line on its own (so the
order follows), or the order itself. The hand-written side keeps the same 25 columns with the statements a careful
programmer would write: one UPDATE of the line, one UPDATE of the order from one aggregate.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select, text

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.actor import system_actor
from engine.database import Database
from engine.expr.to_sql import register_sqlite_functions
from engine.records.backfill import recompute
from engine.records.publish import publish
from engine.records.spec import BulkRow
from engine.records.workspace import Workspace
from engine.system import ensure_system_schema
from metadata.model import App, Entity, Field
from metadata.store import TABLES

ROBOT = system_actor("bench")
TOTALS = {
    "sum": "SUM(lines.amount)",
    "count": "COUNT(lines)",
    "mean": "AVERAGE(lines.price)",
    "most": "MAX(lines.amount)",
    "large": "SUM(FILTER(lines, it.qty > 5).amount)",
}
P95_LIMIT_MS = 150.0
"""What one save may take at the 95th percentile with 20 formulas and 5 totals (over rows a sub-table may have)."""


def field(name: str, kind: str = "number", **options: Any) -> Field:
    return Field(id=f"fld_{name}", key=name, type=kind, label={"en": name}, options=options)


def formula(name: str, source: str) -> Field:
    return field(name, "formula", expr={"src": source}, result="number", scale=2)


def application() -> App:
    line = Entity(
        id="ent_line",
        key="line",
        label={"en": "Line"},
        parent="ent_order",
        fields=(field("qty", scale=2), field("price", scale=2), formula("amount", "qty * price")),
    )
    steps = [formula("f0", "sum + discount")]
    steps += [formula(f"f{n}", f"ROUND(f{n - 1} * 1.01 + {list(TOTALS)[n % 5]}, 2)") for n in range(1, 10)]
    steps += [formula(f"g{n}", f"IF(discount > {n}, base * {n}, base - discount)") for n in range(10)]
    totals = [formula(name, source) for name, source in TOTALS.items()]
    lines = field("lines", "subtable", entity="ent_line")
    own = (field("base", scale=2), field("discount", scale=2))
    order = Entity(id="ent_order", key="order", label={"en": "Order"}, fields=(*own, lines, *totals, *steps))
    return App(id="app_bench", key="bench", name={"en": "Bench"}, entities=(order, line))


class Bench:
    """One order with many lines, and the two sides."""

    def __init__(self, url: str, rows: int):
        self.database = Database(url, sqlite_hooks=(register_sqlite_functions,))
        ensure_system_schema(self.database)
        with self.database.write() as connection:
            TABLES.create_all(connection)
        publish(self.database, application(), ROBOT, recompute=recompute)
        self.space = Workspace(self.database)
        with self.space.write("bench") as store:
            self.order = store.create(ROBOT, "order", {"base": 100, "discount": 3}).id
            made = [
                BulkRow(op="create", values={"qty": n % 10, "price": n % 90 + 1, "parent": self.order})
                for n in range(rows)
            ]
            self.lines = [one.id for one in store.bulk(ROBOT, "line", made).results]
            catalog = store.catalog
            order, line = catalog.entity("order"), catalog.entity("line")
            self.order_table, self.line_table = order.table.name, line.table.name
            self.column = {f.key: f.columns[0].name for model in (order, line) for f in model.own if f.columns}
            self.calculated = [(f.key, f.columns[0].name) for f in order.own if f.computed]
        self._by_hand_order = text(self._statement())
        self._by_hand_line = text(
            f"UPDATE {self.line_table} SET {self.column['price']} = :price, "
            f"{self.column['amount']} = {self.column['qty']} * :price / 100, rev = rev + 1 WHERE id = :id"
        )

    def _statement(self) -> str:
        """One aggregate, one UPDATE: what somebody would write who knows the formulas."""
        c = self.column
        aggregate = (
            f"SELECT SUM({c['amount']}) AS a, COUNT(*) AS n, AVG({c['price']}) AS m, MAX({c['amount']}) AS x, "
            f"SUM(CASE WHEN {c['qty']} > 500 THEN {c['amount']} ELSE 0 END) AS l "
            f"FROM {self.line_table} WHERE parent_id = :order AND deleted_at IS NULL"
        )
        value = {"sum": "t.a", "count": "t.n * 100", "mean": "t.m", "most": "t.x", "large": "t.l"}
        expressions = {key: value.get(key, "") for key, _ in self.calculated}
        expressions["f0"] = f"t.a + o.{c['discount']}"
        for n in range(1, 10):
            expressions[f"f{n}"] = f"({expressions['f0']}) * 1.01 + {value[list(TOTALS)[n % 5]]}"
        for n in range(10):
            base, discount = f"o.{c['base']}", f"o.{c['discount']}"
            expressions[f"g{n}"] = f"CASE WHEN {discount} > {n * 100} THEN {base} * {n} ELSE {base} - {discount} END"
        sets = ", ".join(f"{column} = CAST({expressions[key]} AS BIGINT)" for key, column in self.calculated)
        return f"UPDATE {self.order_table} AS o SET {sets}, rev = o.rev + 1 FROM ({aggregate}) AS t WHERE o.id = :order"

    def save_line(self, number: int) -> None:
        with self.space.write("bench") as store:
            store.update(ROBOT, "line", self.lines[number % len(self.lines)], {"price": 100 + number}, None)

    def save_order(self, number: int) -> None:
        with self.space.write("bench") as store:
            store.update(ROBOT, "order", self.order, {"base": number + 1, "discount": number % 9}, None)

    def line_by_hand(self, number: int) -> None:
        with self.database.write() as connection:
            line = self.lines[number % len(self.lines)]
            connection.execute(self._by_hand_line, {"price": (200 + number) * 100, "id": line})
            connection.execute(self._by_hand_order, {"order": self.order})

    def order_by_hand(self, number: int) -> None:
        with self.database.write() as connection:
            sets = f"{self.column['base']} = :base, {self.column['discount']} = :discount"
            statement = text(f"UPDATE {self.order_table} SET {sets} WHERE id = :order")
            values = {"base": number * 100, "discount": number % 9 * 100, "order": self.order}
            connection.execute(statement, values)
            connection.execute(self._by_hand_order, {"order": self.order})

    def check(self) -> None:
        """The totals the product keeps are those of the rows."""
        self.save_line(0)
        with self.space.read("bench") as store:
            rows = store.catalog.entity("line").table
            amounts = store.connection.execute(select(rows.c[self.column["amount"]])).scalars()
            assert int(store.get(ROBOT, "order", self.order, fields=("sum",)).values["sum"] * 100) == sum(amounts)


def measured(work: Callable[[int], None], saves: int) -> tuple[float, float]:
    """Return median and 95th percentile in milliseconds."""
    for number in range(5):
        work(number)
    times = []
    for number in range(saves):
        began = time.perf_counter()
        work(number + 5)
        times.append((time.perf_counter() - began) * 1_000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000)
    parser.add_argument("--saves", type=int, default=100)
    parser.add_argument("--url", default="")
    parser.add_argument("--json", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(given.url or f"sqlite:///{folder}/bench.db", given.rows)
        bench.check()
        found: dict[str, Any] = {"rows": given.rows, "database": bench.database.dialect}
        for name, product, by_hand in (
            ("one line", bench.save_line, bench.line_by_hand),
            ("the order", bench.save_order, bench.order_by_hand),
        ):
            middle, late = measured(product, given.saves)
            hand, _ = measured(by_hand, given.saves)
            found[name] = {"p50": middle, "p95": late, "by hand": hand, "ratio": middle / hand}
            print(f"{name}: p50 {middle:.1f} ms, p95 {late:.1f} ms; by hand {hand:.1f} ms; {middle / hand:.1f} x")
        bench.check()
        bench.database.close()
    if given.json:
        Path(given.json).write_text(json.dumps(found, indent=2))
    slow = [name for name, one in found.items() if isinstance(one, dict) and one["p95"] > P95_LIMIT_MS]
    if slow and given.rows <= 1_000:
        sys.exit(f"above {P95_LIMIT_MS:.0f} ms at p95: {', '.join(slow)}")


if __name__ == "__main__":
    main()
