"""Small applications and raw rows for tests of plan, apply and publish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

import metadata.store
from engine.actor import Actor, system_actor
from engine.database import Database
from engine.records.publish import publish
from engine.records.search import queue_rows
from engine.records.tables import Tables, tables_for, type_of
from engine.system import ensure_system_schema
from metadata.ids import new_record_id
from metadata.model import App, Entity, Field
from metadata.snapshot import Snapshot

ACTOR: Actor = system_actor("test")
NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def text(zh: str) -> dict[str, str]:
    return {"zh-CN": zh, "en": zh}


def field(body: str, type_name: str = "text", **changes: Any) -> Field:
    options = changes.pop("options", {})
    return Field(id=f"fld_{body}", key=body, type=type_name, label=text(body), options=options, **changes)


def entity(body: str, *fields: Field, **changes: Any) -> Entity:
    return Entity(id=f"ent_{body}", key=body, label=text(body), fields=fields, **changes)


def app(*entities: Entity, body: str = "shop", **changes: Any) -> App:
    return App(id=f"app_{body}", key=body, name=text(body), entities=entities, **changes)


def with_fields(one: Entity, *fields: Field) -> Entity:
    return replace(one, fields=fields)


def ready(database: Database) -> Database:
    """The database with the tables of the metadata store."""
    ensure_system_schema(database)
    with database.write() as connection:
        metadata.store.TABLES.create_all(connection)
    return database


def go_live(database: Database, one: App) -> Tables:
    """Publish and return the tables of the new version."""
    result = publish(database, one, ACTOR)
    return tables_for(Snapshot(one, result.version), database.dialect)


def add_rows(
    connection: Connection, tables: Tables, entity_id: str, rows: Sequence[Mapping[str, Any]], prefix: str = ""
) -> list[str]:
    """Insert records given as canonical values by field id; return their ids."""
    table = tables.record(entity_id)
    ids = []
    for number, values in enumerate(rows):
        record = f"{prefix}{number}" if prefix else new_record_id()
        row: dict[str, Any] = {
            "id": record, "rev": 1, "created_at": NOW, "created_by": "u", "updated_at": NOW, "updated_by": "u",
        }  # fmt: skip
        for name, value in values.items():
            found = tables.snapshot.field(name)
            field_type = type_of(found)
            assert field_type is not None
            stored = field_type.to_db(found, value)
            row.update(zip((column.name for column in tables.columns(found)), stored, strict=True))
            key = tables.unique_column(found)
            if key is not None:
                row[key.name] = field_type.unique_key(found, value)
            if field_type.storage == "links" and value:
                links = [{"left_id": record, "right_id": one, "pos": pos} for pos, one in enumerate(value)]
                connection.execute(insert(tables.links(found)), links)
        rid = connection.execute(insert(table).values(row)).inserted_primary_key[0]  # type: ignore[index]
        if tables.search(entity_id) is not None:
            queue_rows(connection, entity_id, [rid])
        ids.append(record)
    return ids


def read_rows(connection: Connection, tables: Tables, entity_id: str) -> dict[str, dict[str, Any]]:
    """Return ``{record id: {field id: canonical value}}``."""
    table = tables.record(entity_id)
    found: dict[str, dict[str, Any]] = {}
    for row in connection.execute(select(table)).all():
        values: dict[str, Any] = {}
        for one in tables.snapshot.own_fields(entity_id):
            field_type = type_of(one)
            assert field_type is not None
            if field_type.storage == "links":
                links = tables.links(one)
                statement = select(links.c.right_id).where(links.c.left_id == row.id).order_by(links.c.pos)
                values[one.id] = field_type.from_db(one, connection.execute(statement).scalars().all())
            elif field_type.columns(one):
                values[one.id] = field_type.from_db(one, tuple(row._mapping[c] for c in tables.columns(one)))
        found[row.id] = values
    return found
