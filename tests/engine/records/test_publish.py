"""Publishing: what changes, what stays, what is refused, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update

from engine.database import Database
from engine.problems import Busy, Conflict
from engine.records import sizes
from engine.records.journal import publish_journal, schema_trash, unfinished
from engine.records.originals import originals
from engine.records.physical import physical
from engine.records.plan import table_names
from engine.records.publish import preview, publish, resume
from engine.records.tables import tables_for
from metadata.findings import Refused
from metadata.model import Sort, Unique, View
from metadata.snapshot import Snapshot
from metadata.store import MetadataStore
from tests.engine.records.schema_apps import ACTOR, add_rows, app, entity, field, go_live, read_rows, ready
from tests.engine.records.schema_apps import text as label

OPTIONS = {"options": [{"id": "opt_a", "label": label("甲")}, {"id": "opt_b", "label": label("乙")}]}


@pytest.fixture
def database(db: Database) -> Database:
    return ready(db)


@pytest.fixture(params=["inline", "beside"])
def moved(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Run a test with data moved inside the switch, and with it moved beside the live version."""
    if request.param == "beside":
        monkeypatch.setattr(sizes, "INLINE_ROWS", 2)
        monkeypatch.setattr(sizes, "INLINE_INDEX_ROWS", 2)
        monkeypatch.setattr(sizes, "BATCH", 3)
    yield request.param


def test_first_publish_makes_tables_and_the_version_goes_live(database: Database) -> None:
    shop = app(
        entity(
            "item",
            field("name"),
            field("price", "currency"),
            field("tags", "link_many", options={"entity": "ent_item"}),
        )
    )
    result = publish(database, shop, ACTOR, "first")
    assert (result.version, result.changed, result.finished) == (1, True, True)
    with database.read() as connection:
        assert MetadataStore(connection).live("shop") == (1, shop)
        found = physical(connection, table_names(shop))
        tables = tables_for(Snapshot(shop, 1), database.dialect)
        assert found.columns["r_item"] == {column.name for column in tables.record("item").c}
        assert {"left_id", "right_id", "pos"} == found.columns["l_tags"]
        assert "v_shop_item" in found.views
        assert connection.execute(text("SELECT count(*) FROM v_shop_item")).scalar() == 0


def test_publishing_the_same_again_makes_no_version(database: Database) -> None:
    shop = app(entity("item", field("name")))
    publish(database, shop, ACTOR)
    assert publish(database, shop, ACTOR).changed is False
    renamed = replace(shop, entities=(replace(shop.entities[0], label=label("改名")),))
    result = publish(database, renamed, ACTOR)
    assert result.changed and result.version == 2
    assert not [step for step in result.plan.steps if step.op != "views"], "a rename touches no table"


def test_expected_version_guards_against_another_publish(database: Database) -> None:
    shop = app(entity("item", field("name")))
    publish(database, shop, ACTOR, expected=0)
    with pytest.raises(Conflict):
        publish(database, replace(shop, description=label("x")), ACTOR, expected=0)


def test_only_one_publish_at_a_time(database: Database) -> None:
    shop = app(entity("item", field("name")))
    publish(database, shop, ACTOR)
    with database.write() as connection:
        MetadataStore(connection).lock(shop.id, "elsewhere:1:1")
    with pytest.raises(Busy):
        publish(database, replace(shop, description=label("x")), ACTOR)


def test_wrong_options_are_refused_before_anything(database: Database) -> None:
    with pytest.raises(Refused) as refused:
        publish(database, app(entity("item", field("name", options={"max_length": "long"}))), ACTOR)
    assert refused.value.findings[0].code == "F911"
    with database.read() as connection:
        assert MetadataStore(connection).apps() == ()


def test_a_taken_key_is_refused(database: Database) -> None:
    publish(database, app(entity("item", field("name"))), ACTOR)
    with pytest.raises(Refused) as refused:
        publish(database, replace(app(entity("thing", field("label"))), id="app_other"), ACTOR)
    assert refused.value.findings[0].code == "R109"


def test_new_field_with_a_default_fills_old_rows_only(database: Database, moved: str) -> None:
    item = entity("item", field("name"))
    tables = go_live(database, app(item))
    with database.write() as connection:
        add_rows(connection, tables, "ent_item", [{"fld_name": f"n{n}"} for n in range(8)])
    new = app(replace(item, fields=(*item.fields, field("state", "select", options=OPTIONS, default="opt_a"))))
    tables = go_live(database, new)
    with database.read() as connection:
        assert {row["fld_state"] for row in read_rows(connection, tables, "ent_item").values()} == {"opt_a"}


def test_deleted_field_keeps_its_data_and_comes_back(database: Database) -> None:
    item = entity("item", field("name"), field("code"), field("tags", "link_many", options={"entity": "ent_item"}))
    tables = go_live(database, app(item))
    with database.write() as connection:
        ids = add_rows(connection, tables, "ent_item", [{"fld_name": "a", "fld_code": "c1", "fld_tags": ("x" * 16,)}])
    without = app(replace(item, fields=(item.fields[0], replace(item.fields[1], trashed=True))))
    plan, _ = preview(database, without)
    assert [step.field for step in plan.steps if step.kind == "trash"] == ["fld_code", "fld_tags"]
    go_live(database, without)
    with database.read() as connection:
        trash = {(row.table_name, row.column_name, row.reason) for row in connection.execute(schema_trash.select())}
        assert trash == {("r_item", "f_code_text", "deleted"), ("l_tags", "", "deleted")}
    tables = go_live(database, app(item))
    with database.read() as connection:
        assert read_rows(connection, tables, "ent_item") == {
            ids[0]: {"fld_name": "a", "fld_code": "c1", "fld_tags": ("x" * 16,)}
        }
        assert connection.execute(schema_trash.select()).all() == []


def test_deleted_entity_keeps_its_data_and_comes_back(database: Database) -> None:
    both = app(entity("item", field("name")), entity("extra", field("note")))
    tables = go_live(database, both)
    with database.write() as connection:
        add_rows(connection, tables, "ent_extra", [{"fld_note": "keep me"}])
    go_live(database, app(both.entities[0]))
    with database.read() as connection:
        assert "v_shop_extra" not in physical(connection, ()).views
    tables = go_live(database, both)
    with database.read() as connection:
        assert [row["fld_note"] for row in read_rows(connection, tables, "ent_extra").values()] == ["keep me"]


def test_changed_type_converts_keeps_originals_and_can_be_undone(database: Database, moved: str) -> None:
    before = app(entity("item", field("name"), field("value")))
    tables = go_live(database, before)
    texts = ["12", "1,200.50", "abc", None, "-3", "0012", "x" * 30, "7"]
    with database.write() as connection:
        ids = add_rows(connection, tables, "ent_item", [{"fld_name": "n", "fld_value": one} for one in texts])
    after = app(entity("item", field("name"), field("value", "number", options={"scale": 2})))
    _, dry = preview(database, after, samples=True)
    assert dry["fld_value"]["refused"] == 2 and dry["fld_value"]["complete"]
    assert {sample["before"] for sample in dry["fld_value"]["samples"]} >= {"abc", "1,200.50"}
    result = publish(database, after, ACTOR)
    assert result.conversions["fld_value"]["refused"] == 2 and result.conversions["fld_value"]["lossy"] == 2
    tables = tables_for(Snapshot(after, result.version), database.dialect)
    with database.read() as connection:
        rows = read_rows(connection, tables, "ent_item")
        assert [rows[one]["fld_value"] for one in ids] == [
            Decimal("12.00"), Decimal("1200.50"), None, None, Decimal("-3.00"), Decimal("12.00"), None, Decimal("7.00"),
        ]  # fmt: skip
        assert originals(connection, "ent_item", ids[2]) == {"fld_value": "abc"}
        assert originals(connection, "ent_item", ids[0]) == {}
    with database.write() as connection:  # people go on working
        table, column = tables.record("ent_item"), tables.columns("fld_value")[0]
        connection.execute(update(table).where(table.c.id == ids[0]).values({column.name: 9900}))
    tables = go_live(database, before)
    with database.read() as connection:
        rows = read_rows(connection, tables, "ent_item")
        assert [rows[one]["fld_value"] for one in ids] == ["99.00", *texts[1:]]
        assert originals(connection, "ent_item", ids[2]) == {}


def test_changed_scale_and_kindred_types(database: Database, moved: str) -> None:
    before = app(
        entity(
            "item",
            field("a", "number", options={"scale": 2}),
            field("b", "datetime"),
            field("c", "select", options=OPTIONS),
        )
    )
    tables = go_live(database, before)
    moment = datetime(2026, 11, 21, 16, tzinfo=UTC)
    rows = [{"fld_a": Decimal("1.25"), "fld_b": moment, "fld_c": "opt_b"}, {"fld_a": Decimal("2.00")}, {}, {}]
    with database.write() as connection:
        ids = add_rows(connection, tables, "ent_item", rows)
    after = app(
        entity(
            "item",
            field("a", "percent", options={"scale": 1}),
            field("b", "date"),
            field("c", "multi_select", options=OPTIONS),
        )
    )
    tables = go_live(database, after)
    with database.read() as connection:
        found = read_rows(connection, tables, "ent_item")
        assert found[ids[0]] == {"fld_a": Decimal("1.250"), "fld_b": date(2026, 11, 22), "fld_c": ("opt_b",)}
        assert found[ids[1]] == {"fld_a": Decimal("2.000"), "fld_b": None, "fld_c": ()}
    same = app(
        entity(
            "item",
            field("a", "percent", options={"scale": 1}),
            field("b", "date"),
            field("c", "multi_select", options=OPTIONS),
            field("d", "textarea"),
        )
    )
    go_live(database, same)
    plan, _ = preview(database, app(*(replace(e, fields=(*e.fields[:3], field("d", "text"))) for e in same.entities)))
    assert not [step for step in plan.steps if step.op == "convert"], "long text and text are stored alike"


def test_link_types_convert_into_each_other(database: Database) -> None:
    one = app(entity("item", field("name"), field("other", "link_one", options={"entity": "ent_item"})))
    tables = go_live(database, one)
    with database.write() as connection:
        target = add_rows(connection, tables, "ent_item", [{"fld_name": "t"}])[0]
        add_rows(connection, tables, "ent_item", [{"fld_other": target}, {}], prefix="source")
    many = app(entity("item", field("name"), field("other", "link_many", options={"entity": "ent_item"})))
    tables = go_live(database, many)
    with database.read() as connection:
        assert read_rows(connection, tables, "ent_item")["source0"]["fld_other"] == (target,)
    tables = go_live(database, one)
    with database.read() as connection:
        assert read_rows(connection, tables, "ent_item")["source0"]["fld_other"] == target


def test_changes_that_cannot_keep_data_are_refused(database: Database) -> None:
    first = app(
        entity("item", field("name"), field("other", "link_one", options={"entity": "ent_item"})),
        entity("extra", field("note")),
    )
    tables = go_live(database, first)
    with database.write() as connection:
        add_rows(connection, tables, "ent_item", [{"fld_name": "a"}])
    moved = app(
        entity("item", field("name"), field("other", "link_one", options={"entity": "ent_extra"})), first.entities[1]
    )
    with pytest.raises(Refused) as refused:
        preview(database, moved)
    assert refused.value.findings[0].code == "R101"


def test_unique_rule_is_refused_with_samples_then_kept(database: Database, moved: str) -> None:
    item = entity("item", field("name"))
    tables = go_live(database, app(item))
    with database.write() as connection:
        rows = [{"fld_name": one} for one in ("Acme", "ＡＣＭＥ ", "other", "third", None, None)]
        ids = add_rows(connection, tables, "ent_item", rows)
    unique = app(replace(item, fields=(field("name", unique=Unique()),)))
    with pytest.raises(Refused) as refused:
        publish(database, unique, ACTOR)
    assert refused.value.findings[0].code == "R104" and "acme" in refused.value.findings[0].text("en")
    with database.read() as connection:
        assert MetadataStore(connection).live_version("shop") == 1
        assert unfinished(connection) == ()
    with database.write() as connection:
        table, column = tables.record("ent_item"), tables.columns("fld_name")[0]
        connection.execute(update(table).where(table.c.id == ids[1]).values({column.name: "Acme 2"}))
    tables = go_live(database, unique)
    key = tables.unique_column("fld_name")
    assert key is not None
    with database.read() as connection:
        keys = connection.execute(select(key).order_by(tables.record("ent_item").c.rid)).scalars().all()
        assert keys == ["acme", "acme 2", "other", "third", None, None]
        assert [name for name in physical(connection, ["r_item"]).indexes if name.startswith("ux_")]


def test_indexes_follow_the_definition(database: Database, moved: str) -> None:
    item = entity("item", field("name"), field("price", "currency"), field("day", "date"))
    tables = go_live(database, app(item))
    with database.write() as connection:
        add_rows(connection, tables, "ent_item", [{"fld_name": f"{n}"} for n in range(5)])
    view = View(id="viw_all", entity="ent_item", label=label("v"), sort=(Sort(field="fld_price", dir="desc"),))
    go_live(database, app(item, views=(view,)))
    with database.read() as connection:
        before = physical(connection, ["r_item"]).indexes_of("r_item")
        table = "pragma_index_list('r_item')" if database.dialect == "sqlite" else "pg_indexes"
        assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar()
    go_live(database, app(item))
    with database.read() as connection:
        after = physical(connection, ["r_item"]).indexes_of("r_item")
    assert len(before - after) == 1 and after < before


def test_pinyin_order_is_filled_for_old_rows(database: Database, moved: str) -> None:
    item = entity("item", field("name"))
    tables = go_live(database, app(item))
    with database.write() as connection:
        add_rows(connection, tables, "ent_item", [{"fld_name": one} for one in ("张伟", "陈静", "李雷", "Bob", None)])
    tables = go_live(database, app(replace(item, fields=(field("name", options={"sort": "pinyin"}),))))
    table, (name, key) = tables.record("ent_item"), tables.columns("fld_name")
    with database.read() as connection:
        found = connection.execute(select(name).where(name.is_not(None)).order_by(key)).scalars().all()
        assert found == ["Bob", "陈静", "李雷", "张伟"]
        assert table.name == "r_item"


def test_readable_view_speaks_in_keys_and_labels(database: Database) -> None:
    tables = go_live(
        database,
        app(entity("item", field("name"), field("price", "currency"), field("state", "select", options=OPTIONS))),
    )
    with database.write() as connection:
        row = {"fld_name": "a:b%c", "fld_price": Decimal("12.50"), "fld_state": "opt_b"}
        add_rows(connection, tables, "ent_item", [row])
        found = connection.execute(text("SELECT name, price, state FROM v_shop_item")).one()
    assert (found[0], Decimal(str(found[1])), found[2]) == ("a:b%c", Decimal("12.5"), "乙")


def test_recompute_waits_for_the_record_layer(database: Database) -> None:
    item = entity("item", field("name"))
    tables = go_live(database, app(item))
    with database.write() as connection:
        add_rows(connection, tables, "ent_item", [{"fld_name": "a"}, {"fld_name": "b"}])
    formula = field("shout", "formula", options={"expr": {"src": "UPPER(name)"}, "result": "text"})
    new = app(replace(item, fields=(*item.fields, formula)))
    result = publish(database, new, ACTOR)
    assert result.changed and not result.finished
    asked: list[tuple[str, tuple[str, ...], int]] = []

    def recompute(
        connection: object, snapshot: Snapshot, entity_id: str, fields: tuple[str, ...], after: int, size: int
    ) -> int:
        asked.append((entity_id, fields, after))
        return 2 if after < 2 else 0

    assert resume(database, recompute=recompute) == 1
    assert asked == [("ent_item", ("fld_shout",), 0), ("ent_item", ("fld_shout",), 2)]
    with database.read() as connection:
        assert unfinished(connection) == ()
        assert connection.execute(select(publish_journal.c.state)).scalars().all() == ["done"]


def test_a_failing_companion_leaves_everything_as_it_was(database: Database, moved: str) -> None:
    before = app(entity("item", field("name"), field("value")))
    tables = go_live(database, before)
    with database.write() as connection:
        add_rows(connection, tables, "ent_item", [{"fld_value": f"{n}"} for n in range(6)])
        was = read_rows(connection, tables, "ent_item")

    def fail(*_: object) -> None:
        raise RuntimeError("flow engine says no")

    after = app(entity("item", field("name"), field("value", "number"), field("more", "date")))
    with pytest.raises(RuntimeError):
        publish(database, after, ACTOR, companions=[fail])
    with database.write() as connection:
        assert MetadataStore(connection).live("shop") == (1, before)
        assert read_rows(connection, tables, "ent_item") == was
        assert unfinished(connection) == ()
        add_rows(connection, tables, "ent_item", [{"fld_value": "no trigger is left behind"}])
    assert publish(database, after, ACTOR).version == 2
