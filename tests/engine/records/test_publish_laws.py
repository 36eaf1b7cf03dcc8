"""Random applications, random edits: the tables always become those of the new version, and no value is lost."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.database import Database
from engine.fields.base import FIELD_TYPES, InvalidValue
from engine.records import sizes
from engine.records.indexes import wanted_indexes
from engine.records.journal import schema_trash, unfinished
from engine.records.physical import physical
from engine.records.plan import table_names
from engine.records.publish import publish
from engine.records.sql_views import view_statements
from engine.records.tables import Tables, tables_for
from metadata.findings import Refused
from metadata.model import App, Entity, Field, Sort, Unique
from metadata.snapshot import Snapshot
from tests.contracts.field_values import FIELDS
from tests.engine.records.schema_apps import ACTOR, add_rows, entity, read_rows, ready, text

CASES = [case for case in FIELDS if case.type.storage in ("columns", "links") and case.type.writable]
_numbers = itertools.count()


class Edits:
    """Draws versions of one application; links point inside it."""

    def __init__(self, draw: Any, number: int):
        self.draw, self.number = draw, number
        self._fields = itertools.count()
        self.values: dict[str, st.SearchStrategy[Any]] = {}

    def field(self) -> Field:
        body = f"{self.number}_{next(self._fields)}"
        made = Field(id=f"fld_{body}", key=f"k{body}", type="", label=text(body), indexed=self.draw(st.booleans()))
        return self.typed(made)

    def typed(self, one: Field) -> Field:
        """Give a field a random type; option ids and link targets are its own."""
        case = self.draw(st.sampled_from(CASES))
        options, values = dict(case.field.options), case.values
        if "options" in options:
            mark = f"{one.id[4:]}_{one.type or 'x'}{len(self.values)}"
            options["options"] = [{**option, "id": f"{option['id']}_{mark}"} for option in options["options"]]
            values = values.map(lambda value: _marked(value, mark))
        elif "entity" in options:
            options["entity"] = f"ent_{self.number}_a"
        changed = replace(one, type=case.field.type, options=options, unique=None)
        self.values[_known(changed)] = values
        return changed

    def first(self) -> App:
        entities = [
            entity(f"{self.number}_{which}", *(self.field() for _ in range(self.draw(st.integers(1, 4)))))
            for which in "ab"
        ]
        entities = [replace(one, key=f"e{one.key}") for one in entities]
        return App(id=f"app_{self.number}", key=f"a{self.number}", name=text("x"), entities=tuple(entities))

    def next(self, now: App) -> App:
        """Return the application after a few random edits."""
        for _ in range(self.draw(st.integers(1, 3))):
            place = self.draw(st.integers(0, len(now.entities) - 1))
            changed = self._change(now.entities[place])
            now = replace(now, entities=(*now.entities[:place], changed, *now.entities[place + 1 :]))
        return now

    def _change(self, one: Entity) -> Entity:
        kind = self.draw(
            st.sampled_from(["add", "trash", "remove", "type", "type", "unique", "sort", "restore", "rename", "entity"])
        )
        fields = list(one.fields)
        at = self.draw(st.integers(0, len(fields) - 1))
        if kind == "add":
            fields.append(self.field())
        elif kind == "trash":
            fields[at] = replace(fields[at], trashed=True)
        elif kind == "restore":
            fields = [replace(field, trashed=False) for field in fields]
        elif kind == "remove" and len(fields) > 1:
            del fields[at]
        elif kind == "type":
            fields[at] = self.typed(fields[at])
        elif kind == "unique":
            if FIELD_TYPES.get(fields[at].type).columns(fields[at]) and fields[at].type != "switch":
                normalise = self.draw(st.sampled_from(["folded", "exact"]))
                fields[at] = replace(fields[at], unique=None if fields[at].unique else Unique(normalise=normalise))
        elif kind == "sort":
            return replace(one, sort=(Sort(field=fields[at].id),))
        elif kind == "rename":
            fields[at] = replace(fields[at], label=text(f"新名 {next(_numbers)}"))
        elif kind == "entity":
            return replace(one, trashed=not one.trashed)
        return replace(one, fields=tuple(fields))


def _known(field: Field) -> str:
    return f"{field.id}|{field.type}|{field.options}"


def _marked(value: Any, mark: str) -> Any:
    """Option ids with the mark of their field."""
    if isinstance(value, tuple):
        return tuple(f"{one}_{mark}" for one in value)
    return value and f"{value}_{mark}"


def _values(edits: Edits, fields: tuple[Field, ...]) -> list[dict[str, Any]]:
    draw = edits.draw
    return [
        {field.id: draw(edits.values[_known(field)]) for field in fields if draw(st.booleans())}
        for _ in range(draw(st.integers(0, 4)))
    ]


def _check_schema(database: Database, now: App, tables: Tables) -> None:
    """The tables are exactly those a fresh publish would make; what is more is in the trash."""
    with database.read() as connection:
        there = physical(connection, table_names(now))
        trash = {(row.table_name, row.column_name) for row in connection.execute(schema_trash.select())}
        assert unfinished(connection, now.id) == ()
    wanted_tables: set[str] = set()
    for one in tables.snapshot.entities:
        table = tables.record(one)
        wanted_tables.add(table.name)
        more = there.columns[table.name] - {column.name for column in table.c}
        assert {(table.name, name) for name in more} <= trash
        assert {column.name for column in table.c} <= there.columns[table.name]
        assert not {(table.name, column.name) for column in table.c} & trash
        assert there.indexes_of(table.name) == {spec.name for spec in wanted_indexes(tables, one)}
        search = tables.search(one)
        assert (search is not None) == (f"s_{table.name[2:]}" in there.columns)
    for field in tables.link_fields():
        wanted_tables.add(tables.links(field).name)
        assert tables.links(field).name in there.columns
    for name in there.columns:
        assert name in wanted_tables or name.startswith("s_") or (name, "") in trash, name
    assert set(view_statements(tables)) == {name for name in there.views if name.startswith(f"v_{now.key}_")}


@pytest.mark.parametrize("size", ["inline", "beside"])
def test_edits_keep_schema_and_values(db: Database, size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    database = ready(db)
    if size == "beside":
        for name in ("INLINE_ROWS", "INLINE_INDEX_ROWS"):
            monkeypatch.setattr(sizes, name, 1)
        monkeypatch.setattr(sizes, "BATCH", 2)

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
    @given(st.data())
    def law(data: st.DataObject) -> None:
        edits = Edits(data.draw, next(_numbers))
        now = edits.first()
        held: dict[str, dict[str, dict[str, Any]]] = {}
        result = publish(database, now, ACTOR)
        tables = tables_for(Snapshot(now, result.version), database.dialect)
        for _ in range(data.draw(st.integers(1, 4))):
            _check_schema(database, now, tables)
            _write(database, tables, edits, held)
            after = edits.next(now)
            try:
                result = publish(database, after, ACTOR)
            except Refused as refused:
                assert {one.code for one in refused.findings} <= {"R101", "R104", "M106", "M107"} | _structural(refused)
                _check_values(database, tables, held, now, now)
                continue
            tables = tables_for(Snapshot(after, result.version), database.dialect)
            _check_values(database, tables, held, now, after)
            now = after
        _check_schema(database, now, tables)

    law()


def _structural(refused: Refused) -> set[str]:
    return {one.code for one in refused.findings if one.code.startswith(("M", "F"))}


def _write(database: Database, tables: Tables, edits: Edits, held: dict[str, dict[str, dict[str, Any]]]) -> None:
    with database.write() as connection:
        for one in tables.snapshot.entities:
            fields = tuple(f for f in tables.snapshot.own_fields(one) if f.unique is None)
            rows = _values(edits, fields)
            for record, values in zip(add_rows(connection, tables, one.id, rows), rows, strict=True):
                blank = {f.id: FIELD_TYPES.get(f.type).blank(f) for f in tables.snapshot.own_fields(one)}
                held.setdefault(one.id, {})[record] = {**blank, **values}


def _check_values(
    database: Database, tables: Tables, held: dict[str, dict[str, dict[str, Any]]], was: App, now: App
) -> None:
    """Every row is there; a field that stayed has its value, one whose type changed has the converted one."""
    before = {field.id: field for one in was.entities for field in one.fields}
    with database.read() as connection:
        for one in tables.snapshot.entities:
            found = read_rows(connection, tables, one.id)
            assert set(found) == set(held.get(one.id, {}))
            for record, values in found.items():
                known = held[one.id][record]
                for field_id, value in values.items():
                    field, old = tables.snapshot.field(field_id), before.get(field_id)
                    field_type = FIELD_TYPES.get(field.type)
                    if (old is not None and field_id in known and old.type != field.type) or (
                        old is not None and old.options != field.options and field_id in known
                    ):
                        known[field_id] = _converted(known[field_id], old, field, value)
                    assert value == known.get(field_id, field_type.blank(field)), (field, old, value)
                    known[field_id] = value


def _converted(value: Any, old: Field, field: Field, found: Any) -> Any:
    """What a value becomes; a value that came back from an earlier form is right when it means the same."""
    old_type, field_type = FIELD_TYPES.get(old.type), FIELD_TYPES.get(field.type)
    if old_type.storage_tag(old) == field_type.storage_tag(field):
        return value
    if found != field_type.blank(field):
        try:
            if old_type.convert(old, found, field, field_type).value == value:
                return found
        except InvalidValue:
            pass
    try:
        return field_type.convert(field, value, old, old_type).value
    except InvalidValue:
        return field_type.blank(field) if found == field_type.blank(field) else found
