"""Single stories of computed fields over several tables; the laws are in ``test_derive_laws``."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from derive_world import ROBOT, app, wrong_values
from sqlalchemy import event
from support import application, entity, field, formula, person, publish, workspace

from engine.database import Database
from engine.events import Events, RecordChange
from engine.publishing import check
from engine.records.spec import BulkRow
from engine.records.store import RecordStore
from engine.records.workspace import Workspace


@pytest.fixture
def space(db: Database) -> Workspace:
    return workspace(db, app())


def deal_with(store: RecordStore, *prices: float, **values: Any) -> str:
    lines = [{"qty": 1, "price": price} for price in prices]
    return store.create(ROBOT, "deal", {"base": 10, "lines": lines, **values}).id


def test_totals_over_computed_fields_of_rows(space: Workspace) -> None:
    with space.write("test") as store:
        deal = deal_with(store, 5, 7)
        assert store.get(ROBOT, "deal", deal).values["total"] == Decimal(12)
        line = store.get(ROBOT, "deal", deal).values["lines"][0]
        store.update(ROBOT, "line", line.id, {"qty": 3}, None)
        assert store.get(ROBOT, "deal", deal).values["total"] == Decimal(22)


def test_the_last_follow_up(space: Workspace) -> None:
    with space.write("test") as store:
        first, second = (store.create(ROBOT, "company", {"cname": name}).id for name in "AB")
        deal = deal_with(store, 100, company=first)
        deal_with(store, 40, company=first)
        assert store.get(ROBOT, "company", first).values["largest"] == Decimal(100)
        store.update(ROBOT, "deal", deal, {"company": second}, None)
        assert [store.get(ROBOT, "company", one).values["largest"] for one in (first, second)] == [40, 100]
        store.delete(ROBOT, "deal", deal)
        assert store.get(ROBOT, "company", second).values["largest"] is None


def test_what_comes_back_is_computed_again(space: Workspace) -> None:
    with space.write("test") as store:
        deal = deal_with(store, 1)
        store.delete(ROBOT, "deal", deal)
        store.create(ROBOT, "tag", {"tname": "x"})
        assert store.restore(ROBOT, "deal", deal).values["constant"] == 1, "it was not there when the tag came"
        assert not wrong_values(store)


def test_a_link_taken_away_by_a_deletion_counts(space: Workspace) -> None:
    with space.write("test") as store:
        company = store.create(ROBOT, "company", {"cname": "A", "rate": 2}).id
        tag = store.create(ROBOT, "tag", {"weight": 3, "of": company}).id
        deal = deal_with(store, 10, company=company, tags=[tag])
        values = store.get(ROBOT, "deal", deal).values
        assert (values["rated"], values["weights"], values["customer"]) == (20, 6, "A/")
        store.delete(ROBOT, "company", company)
        values = store.get(ROBOT, "deal", deal).values
        assert (values["rated"], values["weights"], values["customer"]) == (None, 0, None)


def test_one_told_change_for_a_record_when_all_values_agree(db: Database) -> None:
    told: list[tuple[str, str, tuple[str, ...], bool]] = []

    def listen(store: RecordStore, change: RecordChange) -> None:
        assert not wrong_values(store)
        told.append((change.kind, change.entity, tuple(sorted(change.changed)), change.derived))

    plain = workspace(db, app())
    with plain.write("test") as store:
        deal = deal_with(store, 5)
        row = store.get(ROBOT, "deal", deal).values["lines"][0].id
    events = Events()
    events.subscribe("after", "listen", listen)
    space = Workspace(db, clock=plain.clock, events=events)
    ann = person("u_ann", "rol_system")
    with space.write("test") as store:
        store.update(ann, "line", row, {"price": 6}, None)
        derived = ("fld_average", "fld_quota", "fld_ratio", "fld_total", "fld_worst")
        assert told == [
            ("update", "ent_line", ("fld_amount", "fld_price", "fld_share"), False),
            ("update", "ent_deal", derived, True),
        ]
        entry = store.history(ann, "deal", deal)[0]
        assert (entry.action, entry.actor, entry.on_behalf_of) == ("derive", "system:derive", "u_ann")
        assert entry.changes["total"] == ("5.00", "6.00")


def test_totals_load_no_rows_and_take_few_statements(space: Workspace) -> None:
    with space.write("test") as store:
        deal = store.create(ROBOT, "deal", {"base": 1}).id
        rows = [BulkRow(op="create", values={"qty": 1, "price": 1, "parent": deal}) for _ in range(300)]
        line = store.bulk(ROBOT, "line", rows).results[0].id
        read: list[str] = []

        def note(*args: Any) -> None:
            read.append(args[2])

        event.listen(store.connection, "before_cursor_execute", note)
        store.update(ROBOT, "line", line, {"price": 2}, None)
        event.remove(store.connection, "before_cursor_execute", note)
        assert store.get(ROBOT, "deal", deal).values["total"] == Decimal(301)
        assert not any("parent_id IN" in one and "f_price" in one.split("FROM")[0] for one in read), "rows were loaded"
        assert len(read) < 40


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (formula("a", "b + 1"), formula("b", "a + 1")),
        (formula("a", "SUM(peers.b)"), formula("b", "a * 2")),
        (formula("a", "boss.a + 1"), formula("b", "1")),
        (formula("a", 'LOOKUP(thing, t -> t.boss = RECORDID(), t -> t.a, "sum")'), formula("b", "1")),
    ],
)
def test_circles_are_refused_over_records_too(one: Any, other: Any) -> None:
    thing = entity(
        "thing",
        field("name"),
        field("boss", "link_one", options={"entity": "ent_thing"}),
        field("peers", "link_many", options={"entity": "ent_thing"}),
        one,
        other,
    )
    (found,) = (finding for finding in check(application(thing)) if finding.severity == "error")
    assert found.code == "X602"
    assert "a" in found.text("en") and "→" in found.text("en")


def test_publishing_computes_what_reads_a_changed_field(db: Database) -> None:
    """A formula that stays as it is follows one that does not, a field of another type, and one that goes."""
    first = app()
    space = workspace(db, first)
    with space.write("test") as store:
        company = store.create(ROBOT, "company", {"cname": "A", "rate": 2}).id
        deal = deal_with(store, 10, company=company)
    changed = {
        "fld_amount": formula("amount", "qty * price + 1"),
        "fld_rate": field("rate", "text"),
        "fld_score": formula("score", "weight"),
        "fld_rated": formula("rated", "total * LEN(company.rate)"),
        "fld_grand": formula("grand", "total"),
        "fld_rates": formula("rates", "total"),
        "fld_owned": formula("owned", "total"),
        "fld_namesakes": formula("namesakes", "rate", "text"),
    }
    entities = tuple(
        replace(one, fields=tuple(changed.get(f.id, f) for f in one.fields if f.id != "fld_mother"))
        for one in first.entities
    )
    kept = {"fld_label": formula("label", "cname", "text"), "fld_standing": formula("standing", "company.deals")}
    entities = tuple(replace(one, fields=tuple(kept.get(f.id, f) for f in one.fields)) for one in entities)
    publish(db, replace(first, entities=entities))
    with space.read("test") as store:
        assert not wrong_values(store)
        values = store.get(ROBOT, "deal", deal).values
        assert (values["total"], values["ratio"], values["rated"]) == (11, Decimal("1.1"), 44)


def test_a_formula_without_a_circle_is_published() -> None:
    assert not [finding for finding in check(replace(app(), roles=())) if finding.severity == "error"]
