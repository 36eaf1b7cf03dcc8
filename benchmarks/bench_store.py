"""The record store against hand-written SQLAlchemy Core, on the same tables in the same run.

    python benchmarks/bench_store.py [--rows 100000] [--url postgresql://...] [--json out.json]

The hand-written side does what a careful program without permissions, validation and audit would: one statement in
one transaction. The store's side is what the product does for a person with a role. Only ratios are compared.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine import clock, org
from engine.actor import Actor, system_actor
from engine.database import Database
from engine.expr.to_sql import register_sqlite_functions
from engine.records.backfill import recompute
from engine.records.publish import publish
from engine.records.search import index_pending
from engine.records.spec import AggregateSpec, BulkRow, GroupSpec, MeasureSpec, QuerySpec, SortSpec
from engine.records.workspace import Workspace
from engine.system import ensure_system_schema
from metadata.ids import new_record_id
from metadata.model import App, Entity, Field, Grant, Range, Role, Sort, View
from metadata.store import TABLES

OWNERS = 10
BARS = {
    "get": 3.0,
    "list page of 50": 2.0,
    "list page of 50, filtered": 2.0,
    "create": 4.0,
    "update": 4.0,
    "restricted list / admin's list": 1.3,
}
NOTE = "A note of some length about a customer, as sales people write them after a visit. " * 4


def options(name: str, count: int) -> dict[str, Any]:
    return {"options": [{"id": f"opt_{name}{i}", "label": {"en": f"{name} {i}"}} for i in range(count)]}


def field(name: str, kind: str, **rest: Any) -> Field:
    return Field(id=f"fld_{name}", key=name, type=kind, label={"en": name}, **rest)


def application() -> App:
    """One table as in ``docs/performance``: three selects, an amount, two dates, a long note."""
    fields = (
        field("name", "text", required=True),
        field("phone", "phone"),
        field("city", "text"),
        field("region", "select", options=options("region", 6)),
        field("level", "select", options=options("level", 3)),
        field("stage", "select", options=options("stage", 4)),
        field("amount", "currency"),
        field("signed", "date", indexed=True),
        field("next", "date"),
        field("active", "switch"),
        field("note", "textarea"),
    )
    entity = Entity(
        id="ent_customer",
        key="customer",
        label={"en": "Customer"},
        title="fld_name",
        fields=fields,
        sort=(Sort(field="fld_amount", dir="desc"),),
    )
    view = View(
        id="viw_east",
        entity=entity.id,
        label={"en": "East"},
        filter=["=", "fld_region", "opt_region1"],
        sort=(Sort(field="fld_signed", dir="desc"),),
    )
    everything = ("create", "read", "update", "delete", "bulk", "history")

    def grant(name: str, kind: Any, **levels: Any) -> Grant:
        return Grant(
            id=f"grt_{name}",
            entity=entity.id,
            actions=everything,
            range=Range(kind=kind),
            default_level="write",
            fields=levels,
        )

    roles = (
        Role(id="rol_admin", key="admin", label={"en": "Admin"}, grants=(grant("a", "all"),)),
        Role(id="rol_sales", key="sales", label={"en": "Sales"}, grants=(grant("s", "team", fld_phone="masked"),)),
    )
    return App(id="app_bench", key="bench", name={"en": "Bench"}, entities=(entity,), views=(view,), roles=roles)


def values(draw: random.Random) -> dict[str, Any]:
    start = date(2020, 1, 1)
    return {
        "name": f"Customer {draw.randrange(10**9)}",
        "phone": f"138{draw.randrange(10**8):08d}",
        "city": draw.choice(("Shanghai", "Beijing", "Shenzhen", "Chengdu")),
        "region": f"opt_region{draw.randrange(6)}",
        "level": f"opt_level{draw.randrange(3)}",
        "stage": f"opt_stage{draw.randrange(4)}",
        "amount": f"{draw.randrange(10**8) / 100:.2f}",
        "signed": (start + timedelta(days=draw.randrange(2000))).isoformat(),
        "next": (start + timedelta(days=draw.randrange(2000))).isoformat(),
        "active": draw.random() < 0.5,
        "note": NOTE,
    }


def person(number: int, role: str) -> Actor:
    return Actor(kind="user", id=f"u_{number}", name=f"User {number}", roles=frozenset({role}))


class Bench:
    """A database filled through the store, and the two sides of each comparison."""

    def __init__(self, url: str, rows: int):
        self.database = Database(url, sqlite_hooks=(register_sqlite_functions,), pool_size=12)
        ensure_system_schema(self.database)
        with self.database.write() as connection:
            TABLES.create_all(connection)
            users = [{"id": f"u_{n}", "username": f"u{n}", "name": f"User {n}"} for n in range(OWNERS)]
            connection.execute(insert(org.user), [{**user, "created_at": clock.instant_text()} for user in users])
            lines = [{"lead_id": user["id"], "member_id": user["id"], "depth": 0} for user in users]
            connection.execute(insert(org.reporting), lines)
        publish(self.database, application(), system_actor("bench"), recompute=recompute)
        self.space = Workspace(self.database)
        self.draw = random.Random(7)
        self.ids: list[str] = []
        self.rows_per_second = self._fill(rows)
        with self.space.read("bench") as store:
            self.table = store.catalog.entity("customer").table
            self.entity = store.catalog.entity("customer")

    def _fill(self, rows: int) -> float:
        started = time.perf_counter()
        done = 0
        for number in range(OWNERS):
            batch = [BulkRow(op="create", values=values(self.draw)) for _ in range(rows // OWNERS)]
            began = time.perf_counter()
            with self.space.write("bench") as store:
                result = store.bulk(person(number, "rol_admin"), "customer", batch)
            self.best = min(getattr(self, "best", 1e9), (time.perf_counter() - began) / len(batch))
            self.ids += [one.id for one in result.results]
            done += len(batch)
        rate = done / (time.perf_counter() - started)
        with self.space.read("bench") as store:
            tables = store.tables
        while True:
            with self.database.write() as connection:
                if not index_pending(connection, tables, "customer"):
                    break
        with self.database.write() as connection:
            connection.exec_driver_sql("ANALYZE")
        return rate

    # -- the two sides ------------------------------------------------------------------------------------------

    def core_get(self) -> None:
        with self.database.read() as connection:
            wanted = select(self.table).where(self.table.c.id == self.draw.choice(self.ids))
            dict(connection.execute(wanted).mappings().one())

    def store_get(self, actor: Actor) -> None:
        with self.space.read("bench") as store:
            store.get(actor, "customer", self.draw.choice(self.ids))

    def core_list(self, filtered: bool) -> None:
        t = self.table
        with self.database.read() as connection:
            wanted = select(t).where(t.c.deleted_at.is_(None))
            if filtered:
                wanted = wanted.where(t.c.f_region_select == f"opt_region{self.draw.randrange(6)}")
                wanted = wanted.order_by(t.c.f_signed_date.desc(), t.c.id.desc())
            else:
                wanted = wanted.order_by(t.c.f_amount_n2.desc(), t.c.id.desc())
            rows = [dict(row) for row in connection.execute(wanted.limit(50)).mappings()]
            names = select(org.user.c.id, org.user.c.name).where(org.user.c.id.in_({row["owner_id"] for row in rows}))
            dict(tuple(row) for row in connection.execute(names))

    def store_list(self, actor: Actor, filtered: bool) -> None:
        spec = QuerySpec(entity="customer", limit=50)
        if filtered:
            tree = ["=", "region", f"opt_region{self.draw.randrange(6)}"]
            sort = (SortSpec(path="signed", descending=True),)
            spec = QuerySpec(entity="customer", filter=tree, sort=sort, limit=50)
        with self.space.read("bench") as store:
            store.list(actor, spec)

    def _row(self) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for key, raw in values(self.draw).items():
            f = self.entity.by_key[key]
            stored = f.type.to_db(f.field, f.type.accept(f.field, raw))
            row.update(zip((column.name for column in f.columns), stored, strict=True))
        now = clock.now()
        stamps = {"created_at": now, "updated_at": now, "created_by": "u_1", "updated_by": "u_1"}
        return row | stamps | {"id": new_record_id(), "rev": 1, "owner_id": "u_1"}

    def core_create(self) -> None:
        row = self._row()
        with self.database.write() as connection:
            connection.execute(insert(self.table).values(row))

    def store_create(self, actor: Actor) -> None:
        body = values(self.draw)
        with self.space.write("bench") as store:
            store.create(actor, "customer", body)

    def core_update(self) -> None:
        t = self.table
        with self.database.write() as connection:
            wanted = self.draw.choice(self.ids)
            rev = connection.execute(select(t.c.rev).where(t.c.id == wanted)).scalar_one()
            change = {"f_city_text": "Xi'an", "rev": rev + 1, "updated_at": clock.now()}
            connection.execute(update(t).where(t.c.id == wanted, t.c.rev == rev).values(change))

    def store_update(self, actor: Actor) -> None:
        body = {"city": self.draw.choice(("Xi'an", "Wuhan", "Hangzhou"))}
        with self.space.write("bench") as store:
            store.update(actor, "customer", self.draw.choice(self.ids), body, None)

    def group_by(self, actor: Actor) -> None:
        spec = AggregateSpec(
            entity="customer",
            groups=(GroupSpec(id="r", path="region"),),
            measures=(MeasureSpec(id="s", aggregate="sum", path="amount"),),
        )
        with self.space.read("bench") as store:
            store.aggregate(actor, spec)

    def writers(self, count: int, each: int) -> tuple[int, float]:
        """Let several threads create records at once; return the errors and the creates a second."""
        errors: list[BaseException] = []

        def work(number: int) -> None:
            draw = random.Random(number)
            for _ in range(each):
                try:
                    with self.space.write("bench") as store:
                        store.create(person(number, "rol_admin"), "customer", values(draw))
                except BaseException as error:
                    errors.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(count)]
        started = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return len(errors), count * each / (time.perf_counter() - started)


def compare(one: Callable[[], None], other: Callable[[], None], times: int) -> tuple[float, float]:
    """Return median milliseconds of two things done in turns, so that both meet the same machine."""
    for _ in range(max(5, times // 20)):
        one()
        other()
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for what, times_of in zip((one, other), found, strict=True):
            started = time.perf_counter()
            what()
            times_of.append((time.perf_counter() - started) * 1000)
    return statistics.median(found[0]), statistics.median(found[1])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--url", default="")
    parser.add_argument("--times", type=int, default=400)
    parser.add_argument("--json", default="")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(arguments.url or f"sqlite:///{folder}/bench.db", arguments.rows)
        found = measure(bench, arguments.times)
        bench.database.close()
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(found, indent=2))
    return 0 if found["met"] else 1


def measure(bench: Bench, times: int) -> dict[str, Any]:
    """Run every comparison, print a table, return the figures."""
    admin, sales = person(1, "rol_admin"), person(1, "rol_sales")
    lines: list[tuple[str, float, float]] = []

    def line(name: str, core: Callable[[], None], store: Callable[[], None], count: int = times) -> None:
        lines.append((name, *compare(core, store, count)))

    line("get", bench.core_get, lambda: bench.store_get(admin))
    line("list page of 50", lambda: bench.core_list(False), lambda: bench.store_list(admin, False))
    line("list page of 50, filtered", lambda: bench.core_list(True), lambda: bench.store_list(admin, True))
    line("create", bench.core_create, lambda: bench.store_create(admin))
    line("update", bench.core_update, lambda: bench.store_update(admin))
    line(
        "restricted list / admin's list",
        lambda: bench.store_list(admin, False),
        lambda: bench.store_list(sales, False),
    )
    errors, rate = bench.writers(8, 40)
    print(f"{bench.database.dialect}, {len(bench.ids)} rows")
    met = errors == 0
    for name, core, store in lines:
        ratio = store / core
        ok = ratio <= BARS[name]
        met = met and ok
        print(
            f"  {name:34} {core:8.3f} ms {store:8.3f} ms  x{ratio:5.2f}  bar x{BARS[name]}  {'ok' if ok else 'MISSED'}"
        )
    print(f"  bulk create                        {bench.rows_per_second:8.0f} rows/s (best call {1 / bench.best:.0f})")
    print(f"  8 writers                          {rate:8.0f} creates/s, {errors} errors")
    return {
        "met": met,
        "rows": len(bench.ids),
        "ratios": {name: store / core for name, core, store in lines},
        "milliseconds": {name: [core, store] for name, core, store in lines},
        "bulk_rows_per_second": bench.rows_per_second,
        "writers": {"errors": errors, "creates_per_second": rate},
    }


if __name__ == "__main__":
    raise SystemExit(main())
