"""Everything about one published version that the record layer asks again and again, worked out once.

A catalogue belongs to a snapshot and a dialect and lives exactly as long as the snapshot does.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Column, Table

import engine.records.store_messages  # noqa: F401 - registers the sentences
from engine.fields.base import FIELD_TYPES, FieldType, Storage
from engine.records.tables import SYSTEM_COLUMNS, Tables, tables_for
from metadata.model import Entity, Field
from metadata.snapshot import Snapshot

PEOPLE_FIELDS: Final = frozenset({"sys_created_by", "sys_updated_by", "sys_owner"})
"""System fields that hold a user id."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldModel:
    """A field with its type and its physical columns (none for links and sub-tables)."""

    field: Field
    type: FieldType
    columns: tuple[Column[Any], ...]
    system: bool

    @property
    def id(self) -> str:
        return self.field.id

    @property
    def key(self) -> str:
        return self.field.key

    @property
    def storage(self) -> Storage:
        return self.type.storage

    @property
    def computed(self) -> bool:
        return self.type.storage == "computed"

    @property
    def target(self) -> str:
        """Entity id a relation points to, or the empty text."""
        return self.type.target(self.field)


class EntityModel:
    """One entity: its table and its fields by id and by key. Fields of a type this install lacks are not there."""

    def __init__(self, snapshot: Snapshot, tables: Tables, entity: Entity):
        self.entity = entity
        self.id = entity.id
        self.table: Table = tables.record(entity.id)
        self.by_id: dict[str, FieldModel] = {}
        self.by_key: dict[str, FieldModel] = {}
        for f in snapshot.all_fields(entity):
            kind = FIELD_TYPES.find(f.type)
            if kind is None:
                continue
            system = f.id in SYSTEM_COLUMNS
            columns = (self.table.c[SYSTEM_COLUMNS[f.id]],) if system else tuple(tables.columns(f))
            model = FieldModel(f, kind, columns, system)
            self.by_id[f.id] = self.by_key[f.key] = model
        self.own = tuple(f for f in self.by_id.values() if not f.system)
        self.title = self.by_id[snapshot.title_field(entity).id]
        self.is_child = bool(entity.parent) and "sys_parent" in self.by_id

    def find(self, name: str) -> FieldModel | None:
        """Return a field by key or id, or None."""
        return self.by_key.get(name) or self.by_id.get(name)

    def __iter__(self) -> Iterator[FieldModel]:
        return iter(self.by_id.values())

    @cached_property
    def stored(self) -> tuple[FieldModel, ...]:
        """Own fields with columns of their own, computed ones included."""
        return tuple(f for f in self.own if f.columns)

    @cached_property
    def links(self) -> tuple[FieldModel, ...]:
        """Fields kept in a link table."""
        return tuple(f for f in self.own if f.storage == "links")

    @cached_property
    def children(self) -> tuple[FieldModel, ...]:
        """Sub-table fields."""
        return tuple(f for f in self.own if f.storage == "children")

    @cached_property
    def person_fields(self) -> tuple[FieldModel, ...]:
        """The fields that make a record somebody's own."""
        return tuple(self.by_id[name] for name in self.entity.own if name in self.by_id)


class Catalog:
    """Models of all entities of a snapshot on one dialect."""

    def __init__(self, snapshot: Snapshot, dialect: str):
        self.snapshot = snapshot
        self.dialect = dialect
        self.tables = tables_for(snapshot, dialect)
        self._entities: dict[str, EntityModel] = {}
        self.kept: dict[Any, Any] = {}
        """What other modules work out once per version, by a key of theirs."""

    def entity(self, name: str) -> EntityModel:
        """Return an entity by id or key. Raises ``KeyError``."""
        entity_id = self.snapshot.entity(name).id
        found = self._entities.get(entity_id)
        if found is None:
            found = self._entities[entity_id] = EntityModel(self.snapshot, self.tables, self.snapshot.entity(entity_id))
        return found

    def has(self, name: str) -> bool:
        return self.snapshot.has_entity(name)


_catalogs: WeakKeyDictionary[Snapshot, dict[str, Catalog]] = WeakKeyDictionary()
_lock = threading.Lock()


def catalog_for(snapshot: Snapshot, dialect: str) -> Catalog:
    """Return the catalogue of a snapshot; made once, dropped with the snapshot."""
    found = _catalogs.get(snapshot, {}).get(dialect)
    if found is None:
        with _lock:
            found = _catalogs.setdefault(snapshot, {}).setdefault(dialect, Catalog(snapshot, dialect))
    return found
