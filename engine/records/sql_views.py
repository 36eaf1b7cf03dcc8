"""One readable view an entity for reporting tools: column names are the keys people see.

Live records only. Amounts are numbers, choices are their labels, people are shown with their names. Views read around
permissions, so they are for the database administrator; the product never uses them.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Table

from engine import org
from engine.fields.base import FieldType
from engine.fields.choices import SelectType, option_label, options_of
from engine.fields.computed import FormulaType
from engine.fields.numbers import NumberType
from engine.fields.people import UserType
from engine.records import names
from engine.records.names import quoted
from engine.records.tables import Tables, type_of
from metadata.model import Entity, Field

LANGUAGE = "zh-CN"
_BEFORE = ("id",)
_AFTER = ("created_at", "created_by", "updated_at", "updated_by", "flow_state")


def view_statements(tables: Tables) -> dict[str, str]:
    """Return ``{view name: CREATE VIEW statement}`` for every entity of a version."""
    app = tables.snapshot.app
    return {names.view(app, entity): _statement(tables, entity) for entity in tables.snapshot.entities}


def _statement(tables: Tables, entity: Entity) -> str:
    table = tables.record(entity)
    columns: dict[str, str] = {}
    for name, expression in _columns(tables, entity, table):
        columns.setdefault(name, expression)
    listed = ", ".join(f"{expression} AS {quoted(name)}" for name, expression in columns.items())
    view = quoted(names.view(tables.snapshot.app, entity))
    return f"CREATE VIEW {view} AS SELECT {listed} FROM {quoted(table.name)} t WHERE t.deleted_at IS NULL"


def _columns(tables: Tables, entity: Entity, table: Table) -> Iterator[tuple[str, str]]:
    for name in _BEFORE:
        yield name, f"t.{quoted(name)}"
    if "parent_id" in table.c:
        yield "parent", "t.parent_id"
        yield "pos", "t.pos"
    for field in tables.snapshot.own_fields(entity):
        field_type = type_of(field)
        columns = tables.columns(field)
        if field_type is None or not columns:
            continue
        column = f"t.{quoted(columns[0].name)}"
        yield field.key, _value(field, field_type, column, tables.dialect)
        if isinstance(field_type, UserType):
            yield f"{field.key}_name", _person(column)
    yield "owner", "t.owner_id"
    yield "owner_name", _person("t.owner_id")
    for name in _AFTER:
        yield name, f"t.{quoted(name)}"


def _value(field: Field, field_type: FieldType, column: str, dialect: str) -> str:
    if isinstance(field_type, FormulaType):
        field_type = field_type.result(field)
    if isinstance(field_type, NumberType):
        scale = field_type.scale(field)
        if not scale:
            return column
        if dialect == "sqlite":
            return f"({column} / {10**scale}.0)"
        return f"round({column}::numeric / {10**scale}, {scale})"
    if isinstance(field_type, SelectType) and options_of(field):
        cases = " ".join(
            f"WHEN {_text(option['id'])} THEN {_text(option_label(field, option['id'], LANGUAGE))}"
            for option in options_of(field)
        )
        return f"CASE {column} {cases} ELSE {column} END"
    return column


def _person(column: str) -> str:
    return f"(SELECT u.name FROM {org.user.name} u WHERE u.id = {column})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
