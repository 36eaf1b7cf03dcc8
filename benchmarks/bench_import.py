"""A table of customers imported through the product's own import, against a few lines of csv and INSERT by hand.

    python -m benchmarks.bench_import [--rows 100000] [--url postgresql://...]

Ours reads the file in a child process, checks every row (dry run), then writes it in batches with validation,
permission, history, undo journal and progress. The yardstick reads the file, converts four columns and inserts.
The bar is 12 seconds for reading, dry run and run of 100,000 rows of ten columns.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import sys
import tempfile
import time
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from sqlalchemy import MetaData, create_engine, insert, make_url

from benchmarks import bench_app, plain_app
from benchmarks.customers import customer
from engine import people
from engine.actor import Actor, system_actor
from engine.publishing import publish
from engine.records.spec import QuerySpec
from engine.records.transfer.importer import Importer, ImportPlan
from engine.records.transfer.mapping import ImportMapping
from runtime import heap
from runtime.config import load_config
from runtime.services import Services, open_services

BAR = 12.0
BATCH = 5_000


def write_csv(path: Path, rows: int) -> list[str]:
    """Write the file as a person would send it: labels of options, amounts with a fraction."""
    dice = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        names = list(customer(dice, 0))
        lines.writerow(names)
        for number in range(rows):
            values = customer(dice, number)
            lines.writerow([f"{v / 100:.2f}" if name == "amount" else v for name, v in values.items()])
    return names


def by_hand(source: Path, folder: Path, url: str) -> float:
    """Seconds of the yardstick."""
    begun = time.perf_counter()
    engine = (
        create_engine(make_url(url).set(drivername="postgresql+psycopg"))
        if url
        else plain_app.open_engine(str(folder / "plain.db"))
    )
    table = plain_app.customer
    if url:  # a table of this session only
        table = table.to_metadata(MetaData(), schema="pg_temp")
    with source.open(encoding="utf-8", newline="") as text, engine.connect() as connection:
        if not url:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        table.metadata.create_all(connection)
        batch = []
        for number, row in enumerate(csv.DictReader(text)):
            typed = {**row, "amount": int(Decimal(row["amount"]) * 100), "visits": int(row["visits"])}
            batch.append({"id": f"{number:016x}", "rev": 1, **typed})
            if len(batch) == BATCH:
                connection.execute(insert(table), batch)
                batch = []
        if batch:
            connection.execute(insert(table), batch)
        connection.commit()
    engine.dispose()
    return time.perf_counter() - begun


def opened(folder: Path, url: str) -> tuple[Services, Actor]:
    """Publish the application and return it with an ordinary person who may import."""
    env = {**os.environ, "DOUGONG_DATA": str(folder), "DOUGONG_LOG_LEVEL": "warning", "DOUGONG_DATABASE": url}
    services = open_services(load_config(env))
    app = bench_app.definition()
    role = app.roles[0]
    grant = replace(role.grants[0], actions=(*role.grants[0].actions, "import"))
    app = replace(app, roles=(replace(role, grants=(grant,)),))
    publish(services.database, app, system_actor("bench"))
    with services.database.write() as connection:
        user = people.create_user(connection, username="bench", name="Bench")
        people.add_role(connection, user, role.id, app.id)
        actor = people.actor_for(connection, user, app.id)
    return services, actor


def through_us(
    source: Path, services: Services, actor: Actor, names: list[str], folder: Path
) -> list[tuple[str, float]]:
    """Seconds of reading, guessing, dry run and run."""
    importer = Importer(services.workspace, folder / "imports")
    mapping = ImportMapping(columns={name: name for name in names}, locale="en")
    times = [time.perf_counter()]
    with source.open("rb") as stream:
        run_id, _ = importer.receive(stream, source.name)
    table = importer.read(run_id, name=source.name)
    times.append(time.perf_counter())
    importer.guesses(table, "en")
    times.append(time.perf_counter())
    with services.workspace.write("bench") as store:
        importer.begin(store, actor, "customer", run_id, table, source.name)
    with services.workspace.read("bench") as store:
        run = importer.run_of(store.connection, actor, run_id)
        plan: ImportPlan = importer.plan(store, actor, run, mapping)
        assert plan.create == plan.total == table.rows, plan
    times.append(time.perf_counter())
    with services.database.write() as connection:
        importer.keep_plan(connection, run, mapping)
        importer.mark(connection, importer.run_of(connection, actor, run_id), "running", ("planned",))
    importer.run(actor, run_id)
    times.append(time.perf_counter())
    with services.workspace.read("bench") as store:
        run = importer.run_of(store.connection, actor, run_id)
        assert run.state == "done" and run.created == table.rows, run
        assert store.count(actor, QuerySpec(entity="customer", count="exact")) == table.rows
    parts = ("read", "guess", "dry run", "run")
    return [(name, after - before) for name, (before, after) in zip(parts, pairwise(times), strict=True)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--url", default="", help="a PostgreSQL database; without, a new SQLite file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        source = folder / "customers.csv"
        names = write_csv(source, given.rows)
        hand = by_hand(source, folder, given.url)
        services, actor = opened(folder / "ours", given.url)
        heap.settle()  # as the worker does
        parts = through_us(source, services, actor, names, folder)
        services.close()
    total = sum(seconds for part, seconds in parts if part != "guess")
    print(f"{given.rows:,} rows, {len(names)} columns: by hand {hand:.2f} s ({given.rows / hand:,.0f} rows/s)")
    for part, seconds in parts:
        print(f"  {part:8} {seconds:6.2f} s  {given.rows / seconds:9,.0f} rows/s")
    bar = BAR * given.rows / 100_000
    print(f"read, dry run and run {total:.2f} s (bar {bar:.1f}), {total / hand:.1f} times by hand")
    return 0 if total <= bar else 1


if __name__ == "__main__":
    sys.exit(main())
