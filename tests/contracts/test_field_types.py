"""One suite over every registered field type: what each must keep, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from sqlalchemy import BigInteger, Column, MetaData, String, Table, insert, literal_column, select

from engine.database import Database
from engine.fields.base import APP_ZONE, FIELD_TYPES, InvalidValue
from engine.fields.columns import column_type
from engine.fields.decimals import PLAIN_NUMBER
from engine.fields.operands import Asking
from engine.fields.secrets import SHOWN, SecretType
from metadata.findings import message_codes
from tests.contracts.field_values import FIELDS, FILTERABLE, NOW, Case, raw_operand

ASKING = Asking(now=NOW, zone=APP_ZONE, user="u_chen")
LOCALES = ("zh-CN", "en")

every = pytest.mark.parametrize("case", FIELDS, ids=str)
filterable = pytest.mark.parametrize("case", FILTERABLE, ids=str)


def test_every_registered_type_has_a_case() -> None:
    assert {case.field.type for case in FIELDS} == set(FIELD_TYPES.names())


@pytest.mark.parametrize("name", FIELD_TYPES.names())
def test_definition_of_the_type(name: str) -> None:
    field_type = FIELD_TYPES.get(name)
    assert set(field_type.label) == {"zh-CN", "en"}
    Draft202012Validator.check_schema(dict(field_type.options_schema))
    assert field_type.version >= 1


@every
def test_options_and_value_schema(case: Case) -> None:
    field_type, field = case.type, case.field
    jsonschema.validate(dict(field.options), dict(field_type.options_schema), cls=Draft202012Validator)
    assert list(field_type.check_options(field)) == []
    schema = field_type.value_schema(field)
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)

    @settings(max_examples=40, deadline=None)
    @given(case.values)
    def law(value: Any) -> None:
        document = field_type.to_json(field, value)
        validator.validate(document)
        validator.validate(None)
        assert field_type.accept(field, document) == value
        assert field_type.accept(field, value) == value
        assert field_type.accept(field, None) == field_type.blank(field)

    law()


@every
def test_format_then_parse_gives_the_value(case: Case) -> None:
    @settings(max_examples=80, deadline=None)
    @given(case.values, st.sampled_from(LOCALES))
    def law(value: Any, locale: str) -> None:
        text = case.type.format(case.field, value, locale)
        if not case.type.discloses:
            assert text == ("" if value is None else SHOWN)
            return
        assert case.type.parse(case.field, text, locale) == value
        if value == case.type.blank(case.field) and case.field.type not in ("switch", "formula"):
            assert text == ""

    law()


@every
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_junk_is_refused_with_a_known_sentence(case: Case, data: st.DataObject) -> None:
    junk = data.draw(
        st.one_of(
            st.text(max_size=40),
            st.integers(),
            st.floats(),
            st.booleans(),
            st.binary(max_size=4),
            st.lists(st.one_of(st.text(max_size=5), st.integers(), st.none(), st.dictionaries(st.text(), st.none()))),
            st.dictionaries(st.text(max_size=3), st.text(max_size=3)),
        )
    )
    for read in (
        lambda: case.type.accept(case.field, junk),
        lambda: case.type.parse(case.field, str(junk), "zh-CN"),
        *(
            lambda operator=operator: case.type.accept_operand(case.field, operator, junk)  # type: ignore[misc]
            for operator in (*case.type.operators(case.field), "no such operator")
        ),
    ):
        try:
            read()
        except InvalidValue as refused:
            assert refused.code in message_codes()
            assert refused.at("/x").text("en") and refused.at("/x").text("zh-CN")


@every
@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=40), locale=st.sampled_from(LOCALES))
def test_what_is_read_from_text_is_canonical(case: Case, text: str, locale: str) -> None:
    try:
        value = case.type.parse(case.field, text, locale)
    except InvalidValue:
        return
    assert case.type.accept(case.field, value) == value


def _table(case: Case, dialect: str) -> tuple[Table, Table]:
    metadata = MetaData()
    columns = [
        Column(f"f_{index}", column_type(spec.kind, dialect))
        for index, spec in enumerate(case.type.columns(case.field))
    ]
    key = column_type("text", dialect)
    table = Table("rows", metadata, Column("rid", BigInteger, primary_key=True), Column("id", key), *columns)
    links = Table("links", metadata, Column("left_id", key), Column("right_id", key), Column("pos", BigInteger))
    return table, links


class Held:
    """Rows of one field in a database."""

    def __init__(self, case: Case, database: Database):
        self.case, self.database = case, database
        self.table, self.links = _table(case, database.dialect)
        with database.write() as connection:
            self.table.metadata.create_all(connection)

    def keep(self, connection: Any, values: Sequence[Any]) -> None:
        connection.execute(self.table.delete())
        if self.case.type.storage == "links":
            connection.execute(self.links.delete())
        names = [column.name for column in self.table.c][2:]
        rows, links = [], []
        for rid, value in enumerate(values):
            stored = self.case.type.to_db(self.case.field, value)
            rows.append({"rid": rid, "id": f"row{rid}", **dict(zip(names, stored, strict=True))})
            if self.case.type.storage == "links" and value:
                links += [{"left_id": f"row{rid}", "right_id": one, "pos": pos} for pos, one in enumerate(value)]
        for table, new in ((self.table, rows), (self.links, links)):
            if new:
                connection.execute(insert(table), new)

    def sources(self) -> list[Any]:
        if self.case.type.storage == "links":
            other = self.links.alias()
            return [self.table.c.id, other.c.left_id, other.c.right_id]
        return list(self.table.c)[2:]

    def read(self, connection: Any, rid: int) -> Any:
        if self.case.type.storage == "links":
            statement = select(self.links.c.right_id).where(self.links.c.left_id == f"row{rid}")
            found = connection.execute(statement.order_by(self.links.c.pos)).scalars().all()
            return self.case.type.from_db(self.case.field, found)
        row = connection.execute(select(*list(self.table.c)[2:]).where(self.table.c.rid == rid)).one()
        return self.case.type.from_db(self.case.field, tuple(row))


STORED = [case for case in FIELDS if case.type.storage not in ("children", "none")]
stored = pytest.mark.parametrize("case", STORED, ids=str)
"""Sub-tables have rows instead of columns, queries have nothing: no law of storage is about them."""


@stored
def test_round_trip_through_the_database(case: Case, db: Database) -> None:
    held = Held(case, db)

    @settings(max_examples=20, deadline=None)
    @given(st.lists(case.values, max_size=6))
    def law(values: list[Any]) -> None:
        with db.write() as connection:
            held.keep(connection, values)
            for rid, value in enumerate(values):
                assert held.read(connection, rid) == value
                assert case.type.from_db(case.field, case.type.to_db(case.field, value)) == value or (
                    case.type.storage == "links"
                )

    law()


@filterable
def test_operators_agree_in_python_and_sql(case: Case, db: Database) -> None:
    held = Held(case, db)
    field_type, field = case.type, case.field

    @settings(max_examples=25, deadline=None)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        values = data.draw(st.lists(case.values, min_size=1, max_size=8))
        with db.write() as connection:
            held.keep(connection, values)
            for operator in field_type.operators(field):
                raw = raw_operand(case, operator, data.draw)
                try:
                    asked = field_type.accept_operand(field, operator, raw)
                except InvalidValue:
                    continue
                operand = field_type.resolve_operand(field, operator, asked, ASKING)
                condition = field_type.condition(field, held.sources(), operator, operand, db.dialect)
                yes = select(held.table.c.rid, literal_column("1")).where(condition)
                no = select(held.table.c.rid, literal_column("0")).where(~condition)
                found = sorted(tuple(row) for row in connection.execute(yes.union_all(no)))  # every row is in one
                meant = [field_type.matches(field, value, operator, operand) for value in values]
                assert found == [(rid, int(good)) for rid, good in enumerate(meant)], (operator, raw, values)

    law()


@pytest.mark.parametrize("case", [case for case in FIELDS if case.type.sortable(case.field)], ids=str)
def test_sorting_agrees_and_puts_blanks_first(case: Case, db: Database) -> None:
    held = Held(case, db)
    blank = case.type.blank(case.field)

    @settings(max_examples=15, deadline=None)
    @given(st.lists(case.values, min_size=2, max_size=8))
    def law(values: list[Any]) -> None:
        with db.write() as connection:
            held.keep(connection, values)
            keys = case.type.sort_columns(case.field, held.sources(), db.dialect)
            order = [key.asc() if db.dialect == "sqlite" else key.asc().nulls_first() for key in keys]
            found = connection.execute(select(held.table.c.rid).order_by(*order, held.table.c.rid)).scalars().all()
        in_order = [values[rid] for rid in found]
        blanks = [value for value in in_order if value == blank]
        assert in_order[: len(blanks)] == blanks
        if case.field.type in ("number", "currency", "percent", "date", "datetime"):
            assert in_order[len(blanks) :] == sorted(value for value in values if value is not None)

    law()


@stored
def test_mask_shows_that_there_is_a_value_and_not_which(case: Case, db: Database) -> None:
    held = Held(case, db)

    @settings(max_examples=15, deadline=None)
    @given(case.values)
    def law(value: Any) -> None:
        with db.write() as connection:
            held.keep(connection, [value])
            mask = case.type.mask(case.field, held.sources(), db.dialect)
            shown = connection.execute(select(mask)).scalar()
            assert isinstance(mask.type, String)
        if value == case.type.blank(case.field) and case.field.type not in ("switch", "formula"):
            assert shown is None
        elif value != case.type.blank(case.field):
            assert "*" in shown
            if case.field.type not in ("phone", "email", "id_number"):
                assert shown == "***"

    law()


@pytest.mark.parametrize("target", FIELDS, ids=str)
def test_conversion_keeps_or_says_so(target: Case) -> None:
    @settings(max_examples=3 * len(FIELDS), deadline=None)
    @given(st.sampled_from(FIELDS), st.data())
    def law(source: Case, data: st.DataObject) -> None:
        value = data.draw(source.values)
        try:
            made = target.type.convert(target.field, value, source.field, source.type)
        except InvalidValue as refused:
            assert refused.code in message_codes()
            return
        if target.type.storage != "computed":
            assert target.type.accept(target.field, made.value) == made.value
        if value == source.type.blank(source.field):
            return
        assert made.value != target.type.blank(target.field) or target.field.type in ("switch", "formula"), "lost"
        if not made.lossy:
            try:
                back = source.type.convert(source.field, made.value, target.field, target.type)
            except InvalidValue:
                assert source.type.storage in ("computed", "children", "none")
                return
            assert _same(source, back.value, value) or _same_number(back.value, value)

    law()


def _same(case: Case, one: Any, other: Any) -> bool:
    """A secret is sealed anew every time; it is the same when it opens to the same."""
    if isinstance(case.type, SecretType):
        return case.type.reveal(case.field, one) == case.type.reveal(case.field, other)
    return bool(one == other)


def _same_number(one: Any, other: Any) -> bool:
    """``"12"`` and ``"12.00"`` are one number; everything else must come back letter by letter."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return False
    return bool(PLAIN_NUMBER.fullmatch(one) and PLAIN_NUMBER.fullmatch(other)) and Decimal(one) == Decimal(other)


@every
def test_unique_key_of_equal_values_is_equal(case: Case) -> None:
    assert case.type.unique_key(case.field, case.type.blank(case.field)) is None

    @settings(max_examples=30, deadline=None)
    @given(case.values)
    def law(value: Any) -> None:
        key = case.type.unique_key(case.field, value)
        assert key is None or (isinstance(key, str) and key)
        if key is not None and isinstance(value, str) and case.type.needs_key_column(case.field, "folded"):
            again = case.type.accept(case.field, value.upper()) if case.field.type == "text" else value
            if isinstance(again, str) and len(again) == len(value) and value.isascii():
                assert case.type.unique_key(case.field, again) == key

    law()
