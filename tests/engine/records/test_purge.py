"""The schema trash: what is in it, and that a purge takes only what is old and named by nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.clock import instant_text
from engine.database import Database
from engine.records.publish import publish
from engine.records.purge import purge, trashed
from tests.engine.records.schema_apps import ACTOR, add_rows, app, entity, field, go_live, read_rows, ready

LATER = "2999-01-01T00:00:00.000000Z"


@pytest.fixture
def database(db: Database) -> Database:
    return ready(db)


def test_old_trash_goes_and_the_rest_stays(database: Database) -> None:
    item = entity("item", field("name"), field("code", indexed=True), field("note"))
    other = entity("other", field("label"))
    tables = go_live(database, app(item, other))
    with database.write() as connection:
        rows = [{"fld_name": "a", "fld_code": "c1", "fld_note": "n"}, {"fld_name": "b", "fld_code": "c2"}]
        ids = add_rows(connection, tables, "ent_item", rows)
    with database.read() as connection:
        assert trashed(connection) == ()
    slim = app(replace(item, fields=(item.fields[0], item.fields[2])))
    tables = go_live(database, slim)
    with database.read() as connection:
        found = {(one.table, one.column): one for one in trashed(connection)}
    assert set(found) == {("r_item", "f_code_text"), ("r_other", "")}
    assert found["r_item", "f_code_text"].values == 2 and found["r_item", "f_code_text"].reason == "deleted"
    assert found["r_item", "f_code_text"].label["en"] == "item · code" and found["r_other", ""].label["en"] == "other"
    moment = instant_text()
    assert purge(database, before="2000-01-01T00:00:00.000000Z") == ()
    assert {(one.table, one.column) for one in purge(database, before=moment)} == set(found)
    with database.read() as connection:
        assert trashed(connection) == ()
        assert len(read_rows(connection, tables, "ent_item")) == 2
    tables = go_live(database, app(item, other))  # the field comes back, its values do not
    with database.read() as connection:
        assert read_rows(connection, tables, "ent_item")[ids[0]]["fld_code"] is None
        assert read_rows(connection, tables, "ent_item")[ids[0]]["fld_note"] == "n"


def test_a_field_in_use_is_never_purged(database: Database) -> None:
    item = entity("item", field("name"), field("code"))
    tables = go_live(database, app(item))
    with database.write() as connection:
        ids = add_rows(connection, tables, "ent_item", [{"fld_name": "a", "fld_code": "c1"}])
    publish(database, app(replace(item, fields=item.fields[:1])), ACTOR)
    tables = go_live(database, app(item))
    assert purge(database, before=LATER) == ()
    with database.read() as connection:
        assert read_rows(connection, tables, "ent_item")[ids[0]]["fld_code"] == "c1"


def test_what_is_no_instant_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="does not match"):
        purge(database, before="yesterday")
