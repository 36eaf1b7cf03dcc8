"""Schema changes and search at size: ``python -m benchmarks.bench_schema [--rows 1000000] [--url postgresql://...]``.

Publishes an application, fills one entity, and measures what a person would feel: a new field while others read and
write, a changed type, the quick search, a sorted page, a grouped total. Prints one line a figure.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update

import metadata.store
from engine.actor import system_actor
from engine.database import Database
from engine.expr.to_sql import register_sqlite_functions
from engine.fields.columns import instant_text
from engine.records.publish import publish
from engine.records.search import index_pending, narrow, queue_rows
from engine.records.tables import Tables, tables_for
from engine.system import ensure_system_schema
from metadata.ids import new_record_id
from metadata.model import App, Dashboard, Entity, Field, Sort, Widget
from metadata.snapshot import Snapshot

ACTOR = system_actor("benchmark")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
REGIONS = ("east", "south", "north", "central", "west", "northeast")
WORDS = (
    "科技",
    "贸易",
    "实业",
    "电子",
    "机械",
    "医药",
    "食品",
    "物流",
    "建设",
    "能源",
    "环保",
    "教育",
    "传媒",
    "软件",
    "材料",
    "纺织",
)
PLACES = (
    "上海",
    "北京",
    "深圳",
    "广州",
    "杭州",
    "苏州",
    "成都",
    "武汉",
    "南京",
    "西安",
    "重庆",
    "青岛",
    "厦门",
    "长沙",
)
SYLLABLES = (
    "an",
    "bei",
    "chen",
    "dong",
    "en",
    "fu",
    "gao",
    "hai",
    "jin",
    "kai",
    "lan",
    "ming",
    "nuo",
    "ou",
    "peng",
    "qi",
    "rui",
    "sheng",
    "tian",
    "wei",
    "xin",
    "yuan",
    "zhong",
)
HAN = "".join(chr(code) for code in range(0x4E00, 0x4E00 + 3_000))


def name_of(body: str) -> dict[str, str]:
    return {"zh-CN": body, "en": body}


def field(body: str, kind: str, **rest: Any) -> Field:
    return Field(id=f"fld_{body}", key=body, type=kind, label=name_of(body), options=rest.pop("options", {}), **rest)


def application() -> App:
    """One entity like a customer list: eleven fields, a long note, a default order, a board."""
    options = {"options": [{"id": f"opt_{one}", "label": name_of(one)} for one in REGIONS]}
    customer = Entity(
        id="ent_customer",
        key="customer",
        label=name_of("客户"),
        title="fld_name",
        sort=(Sort(field="fld_amount", dir="desc"),),
        fields=(
            field("name", "text", options={"sort": "pinyin"}),
            field("region", "select", options=options, indexed=True),
            field("amount", "currency"),
            field("signed", "date", indexed=True),
            field("phone", "phone"),
            field("code", "text"),
            field("note", "textarea"),
        ),
    )
    widget = Widget(
        id="wdg_region",
        type="bar",
        label=name_of("区域"),
        dataset={"entity": "ent_customer"},
        dims=({"id": "d1", "field": "fld_region"},),
        measures=({"id": "m1", "agg": "sum", "field": "fld_amount"},),
    )
    board = Dashboard(id="dsh_board", key="board", label=name_of("看板"), widgets=(widget,))
    return App(id="app_bench", key="bench", name=name_of("bench"), entities=(customer,), dashboards=(board,))


def rows(tables: Tables, count: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Made records in stored form; the note is 320 characters of Chinese and Latin text."""
    draw = random.Random(seed)
    kinds = {one.key: (one, tables.columns(one)) for one in tables.snapshot.own_fields("customer")}
    names = [
        f"{draw.choice(PLACES)}{draw.choice(HAN)}{draw.choice(HAN)}{draw.choice(WORDS)}有限公司" for _ in range(20_000)
    ]
    notes = [
        "".join(draw.choices(HAN, k=120)) + " ".join("".join(draw.choices(SYLLABLES, k=2)) for _ in range(22))
        for _ in range(4_000)
    ]
    keys = {key: [column.name for column in columns] for key, (_, columns) in kinds.items()}
    stamp = instant_text(NOW) if tables.dialect == "sqlite" else NOW
    for number in range(count):
        name = draw.choice(names)
        day = date(2024, 1, 1) + timedelta(days=draw.randrange(1_000))
        yield {
            "id": new_record_id(),
            "rev": 1,
            "created_at": stamp,
            "created_by": "u",
            "updated_at": stamp,
            "updated_by": "u",
            "owner_id": f"u{number % 50}",
            keys["name"][0]: name,
            keys["name"][1]: name,
            keys["region"][0]: f"opt_{draw.choice(REGIONS)}",
            keys["amount"][0]: draw.randrange(100, 10_000_000),
            keys["signed"][0]: day.isoformat() if tables.dialect == "sqlite" else day,
            keys["phone"][0]: f"138{draw.randrange(10**8):08d}",
            keys["code"][0]: f"K{number:08d}",
            keys["note"][0]: draw.choice(notes) + f" 单号{number:07d}",
        }


def fill(database: Database, tables: Tables, count: int) -> None:
    table = tables.record("customer")
    source = rows(tables, count)
    raw = insert(table)
    while batch := [row for _, row in zip(range(5_000), source, strict=False)]:
        with database.write() as connection:
            before = connection.execute(select(func.max(table.c.rid))).scalar() or 0
            if database.dialect == "sqlite":
                columns = list(batch[0])
                marks = ", ".join("?" * len(columns))
                statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})"
                connection.exec_driver_sql(statement, [tuple(row.values()) for row in batch])
            else:
                connection.execute(raw, batch)
            queue_rows(connection, "ent_customer", range(before + 1, before + len(batch) + 1))


@contextmanager
def others(database: Database, tables: Tables) -> Iterator[dict[str, list[float]]]:
    """Read and write all the time in two threads; yields their waits in milliseconds."""
    waits: dict[str, list[float]] = {"read": [], "write": []}
    stop = threading.Event()
    table = tables.record("customer")
    column = tables.columns("fld_code")[0]

    def loop(kind: str, work: Callable[[int], None]) -> None:
        draw = random.Random(kind)
        while not stop.is_set():
            began = time.perf_counter()
            work(draw.randrange(1, 50_000))
            waits[kind].append((time.perf_counter() - began) * 1000)
            time.sleep(0.002)

    def read(rid: int) -> None:
        with database.read() as connection:
            connection.execute(select(table).where(table.c.rid == rid)).first()

    def write(rid: int) -> None:
        with database.write() as connection:
            connection.execute(
                update(table).where(table.c.rid == rid).values({column.name: bindparam("v")}), {"v": "x"}
            )

    threads = [threading.Thread(target=loop, args=("read", read)), threading.Thread(target=loop, args=("write", write))]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    try:
        yield waits
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def median_ms(work: Callable[[], Any], times: int = 9) -> float:
    return statistics.median(timed(work) for _ in range(times)) * 1000


def say(what: str, value: str) -> None:
    print(f"{what:<58} {value}", flush=True)


def searched(database: Database, tables: Tables, query: str) -> int:
    """A page of a quick search as the record store asks it: proposal, then comparison, newest amount first."""
    table = tables.record("customer")
    fields = [
        (one, tables.columns(one))
        for one in tables.snapshot.own_fields("customer")
        if one.key in ("name", "phone", "code", "note")
    ]
    with database.read() as connection:
        near = narrow(connection, tables, "customer", query, table.c.rid)
        like = [columns[0].like(f"%{query}%") for _, columns in fields]
        condition = like[0]
        for one in like[1:]:
            condition |= one
        statement = select(table.c.id).where(table.c.deleted_at.is_(None), condition)
        if near is not None:
            statement = statement.where(near)
        return len(connection.execute(statement.order_by(table.c.id.desc()).limit(50)).all())


def measure(database: Database, count: int) -> None:
    app = application()
    ensure_system_schema(database)
    with database.write() as connection:
        metadata.store.TABLES.create_all(connection)
    publish(database, app, ACTOR)
    tables = tables_for(Snapshot(app, 1), database.dialect)
    seconds = timed(lambda: fill(database, tables, count))
    say(f"fill {count:,} rows, all indexes on, search queued", f"{count / seconds:,.0f} rows/s")

    def index_all() -> None:
        while True:
            with database.write() as connection:
                if not index_pending(connection, tables, "customer", limit=5_000):
                    return

    seconds = timed(index_all)
    say("index for search (worker)", f"{count / seconds:,.0f} rows/s")
    with database.write() as connection:
        connection.execute(text("ANALYZE"))
    for query in (f"{count // 2:07d}", f"K{count // 3:08d}", "上海", "有限公司", "zhongxin", "能", "没有这样的客户"):
        found = searched(database, tables, query)
        say(
            f"contains-search {query!r} ({found} shown)",
            f"{median_ms(lambda q=query: searched(database, tables, q)):.1f} ms",
        )

    table = tables.record("customer")
    amount, region = tables.columns("fld_amount")[0], tables.columns("fld_region")[0]
    order = amount.desc() if database.dialect == "sqlite" else amount.desc().nulls_last()
    page = select(table.c.id, amount).where(table.c.deleted_at.is_(None)).order_by(order, table.c.id.desc()).limit(50)
    filtered = page.where(region == "opt_east", amount > 5_000_000)
    group = select(region, func.sum(amount)).where(table.c.deleted_at.is_(None)).group_by(region)
    with database.read() as connection:
        say("sorted page of 50", f"{median_ms(lambda: connection.execute(page).all()):.2f} ms")
        say("filtered, sorted page of 50", f"{median_ms(lambda: connection.execute(filtered).all()):.2f} ms")
        say("group by region, sum of amount", f"{median_ms(lambda: connection.execute(group).all(), 5):.0f} ms")

    customer = app.entities[0]
    version = app
    took = []
    with others(database, tables) as waits:
        before = {kind: max(values) for kind, values in waits.items()}
        for values in waits.values():
            values.clear()
        for number in range(5):
            customer = replace(customer, fields=(*customer.fields, field(f"extra{number}", "text")))
            version = replace(version, entities=(customer,))
            took.append(timed(lambda one=version: publish(database, one, ACTOR)))
        during = {kind: max(values) for kind, values in waits.items()}
    say("new field: publish", f"{statistics.median(took) * 1000:.0f} ms (worst {max(took) * 1000:.0f})")
    for kind in ("read", "write"):
        say(f"new field: longest {kind} of others before → during", f"{before[kind]:.0f} → {during[kind]:.0f} ms")

    changed = replace(
        customer,
        fields=tuple(
            replace(one, type="textarea", options={}) if one.key == "code" else one for one in customer.fields
        ),
    )
    say(
        "text to long text (stored alike)",
        f"{timed(lambda: publish(database, replace(version, entities=(changed,)), ACTOR)) * 1000:.0f} ms",
    )
    converted = replace(
        customer,
        fields=tuple(replace(one, type="email", options={}) if one.key == "code" else one for one in customer.fields),
    )
    with others(database, tables) as waits:
        seconds = timed(lambda: publish(database, replace(version, entities=(converted,)), ACTOR))
        worst = {kind: max(values) for kind, values in waits.items()}
    say(
        f"change a type over {count:,} rows, all refused and kept",
        f"{seconds:.1f} s; longest read {worst['read']:.0f}, write {worst['write']:.0f} ms",
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--url", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{Path(folder) / 'bench.db'}"
        database = Database(url, sqlite_hooks=(register_sqlite_functions,))
        try:
            measure(database, options.rows)
        finally:
            database.close()


if __name__ == "__main__":
    main()
