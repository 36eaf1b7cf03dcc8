"""Everything about one published version that the record layer asks again and again, worked out once.

A catalogue belongs to a snapshot and a dialect and lives exactly as long as the snapshot does.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Column, Table

import engine.records.store_messages  # noqa: F401 - registers the sentences
from engine.fields.base import FIELD_TYPES, FieldType, Holds, Storage
from engine.records.tables import SYSTEM_COLUMNS, Tables, tables_for
from metadata.model import Entity, Field
from metadata.snapshot import Snapshot

_UNLOGGED: Final = frozenset(
    {"sys_id", "sys_rev", "sys_created_at", "sys_created_by", "sys_updated_at", "sys_updated_by"}
)
PEOPLE_FIELDS: Final = frozenset({"sys_created_by", "sys_updated_by", "sys_owner"})
"""System fields that hold a user id."""


class FieldModel:
    """A field with its type and its physical columns (none for links and sub-tables).

    What is asked for every value of every row is an attribute, not a property: it is read millions of times.
    """

    __slots__ = ("columns", "computed", "field", "holds", "id", "key", "people", "storage", "system", "target", "type")

    def __init__(self, f: Field, kind: FieldType, columns: tuple[Column[Any], ...], system: bool):
        self.field, self.type, self.columns, self.system = f, kind, columns, system
        self.id, self.key = f.id, f.key
        self.storage: Storage = kind.storage
        self.computed = kind.storage == "computed"
        self.target = kind.target(f)
        """Entity id a relation points to, or the empty text."""
        self.holds: Holds = "people" if f.id in PEOPLE_FIELDS else kind.holds
        self.people = self.holds == "people"


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
    def references(self) -> tuple[FieldModel, ...]:
        """Fields that name people or other records and that somebody may set."""
        return tuple(
            f
            for f in self
            if f.id in ("sys_owner", "sys_parent")
            or (not f.system and f.storage != "children" and (f.holds in ("people", "departments") or bool(f.target)))
        )

    @cached_property
    def files(self) -> tuple[FieldModel, ...]:
        """Fields that hold files."""
        return tuple(f for f in self.own if f.holds == "files")

    @cached_property
    def logged(self) -> tuple[FieldModel, ...]:
        """Fields whose changes go into the log, in the order of the entity."""
        return tuple(f for f in self if f.storage not in ("children", "none") and f.id not in _UNLOGGED)

    @cached_property
    def children(self) -> tuple[FieldModel, ...]:
        """Sub-table fields."""
        return tuple(f for f in self.own if f.storage == "children")

    @cached_property
    def computes(self) -> bool:
        """Whether the entity has computed fields."""
        return any(f.computed for f in self.own)

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
