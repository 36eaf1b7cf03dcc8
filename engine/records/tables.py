"""From a snapshot to tables: one real table an entity, one a link field, one search index an entity.

Definitions come and go with versions, tables stay: what a version does not name is simply not in its tables.
"""

from __future__ import annotations

import threading
from weakref import WeakKeyDictionary

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY

import engine.fields.builtin  # noqa: F401 - the types a snapshot may name
from engine.fields.base import FIELD_TYPES, FieldType
from engine.fields.columns import column_type, free_json
from engine.records import names
from metadata.model import SYSTEM_PARENT, Entity, Field
from metadata.snapshot import Snapshot

SYSTEM_COLUMNS = {
    "sys_id": "id",
    "sys_created_at": "created_at",
    "sys_created_by": "created_by",
    "sys_updated_at": "updated_at",
    "sys_updated_by": "updated_by",
    "sys_owner": "owner_id",
    "sys_flow_state": "flow_state",
    "sys_rev": "rev",
    SYSTEM_PARENT.id: "parent_id",
}
"""System field id to its column."""

LIVE = "deleted_at IS NULL"
"""Condition of every partial index over records that are not in the trash."""


class Tables:
    """The tables of one version on one dialect. Unknown ids raise ``KeyError``; made when first asked for."""

    def __init__(self, snapshot: Snapshot, dialect: str):
        self.snapshot = snapshot
        self.dialect = dialect
        self._metadata = MetaData()
        self._lock = threading.RLock()
        self._records: dict[str, Table] = {}
        self._columns: dict[str, tuple[Column[object], ...]] = {}
        self._links: dict[str, Table] = {}
        self._search: dict[str, Table] = {}

    def record(self, entity: Entity | str) -> Table:
        """Return the table of an entity (id or key)."""
        found = self.snapshot.entity(entity) if isinstance(entity, str) else entity
        table = self._records.get(found.id)
        if table is None:
            with self._lock:
                table = self._records.get(found.id)
                if table is None:
                    table = self._record(found)
        return table

    def columns(self, field: Field | str, entity: Entity | str = "") -> tuple[Column[object], ...]:
        """Return the columns of a field, in the order of its type; empty for links and sub-tables.

        A system field is on every entity, so it needs ``entity`` too.
        """
        field_id = field if isinstance(field, str) else field.id
        system = SYSTEM_COLUMNS.get(field_id)
        if system is not None:
            return (self.record(entity).c[system],)
        if field_id not in self._columns:
            self.record(self.snapshot.entity_of(field_id))
        return self._columns[field_id]

    def unique_column(self, field: Field | str) -> Column[object] | None:
        """Return the column of the normalised key of a unique field, or None when its own column serves.

        Whoever writes the field writes ``FieldType.unique_key`` there.
        """
        found = self.snapshot.field(field) if isinstance(field, str) else field
        field_type = type_of(found)
        if field_type is None or not has_unique_column(found, field_type):
            return None
        return self.record(self.snapshot.entity_of(found.id)).c[names.unique_column(found, field_type)]

    def links(self, field: Field | str) -> Table:
        """Return the table of a field that links to many: ``left_id``, ``right_id``, ``pos``."""
        found = self.snapshot.field(field) if isinstance(field, str) else field
        with self._lock:
            table = self._links.get(found.id)
            if table is None:
                table = self._links[found.id] = link_table(names.link_table(found), self._metadata, self.dialect)
        return table

    def search(self, entity: Entity | str) -> Table | None:
        """Return the search index of an entity, or None when none of its fields is searched."""
        found = self.snapshot.entity(entity) if isinstance(entity, str) else entity
        if not searched_fields(self.snapshot, found):
            return None
        with self._lock:
            table = self._search.get(found.id)
            if table is None:
                table = self._search[found.id] = self._search_table(found)
        return table

    def link_fields(self) -> tuple[Field, ...]:
        """Return every field of the version that has a link table."""
        return tuple(
            field
            for entity in self.snapshot.entities
            for field in self.snapshot.own_fields(entity)
            if (field_type := type_of(field)) is not None and field_type.storage == "links"
        )

    def _record(self, entity: Entity) -> Table:
        own: list[Column[object]] = []
        for field in self.snapshot.own_fields(entity):
            field_type = type_of(field)
            if field_type is None:  # a type this install lacks: its data stays where it is
                self._columns[field.id] = ()
                continue
            made = tuple(
                Column(names.column(field, field_type, spec), column_type(spec.kind, self.dialect))
                for spec in field_type.columns(field)
            )
            self._columns[field.id] = made
            own += made
            if has_unique_column(field, field_type):
                own.append(Column(names.unique_column(field, field_type), column_type("text", self.dialect)))
        table = Table(names.record_table(entity), self._metadata, *self._system(entity), *own)
        self._records[entity.id] = table
        return table

    def _system(self, entity: Entity) -> list[Column[object]]:
        def make(kind: str) -> Column[object]:
            name, _, what = kind.partition(":")
            required = what.endswith("!")
            return Column(name, column_type(what.rstrip("!"), self.dialect), nullable=not required)  # type: ignore[arg-type]

        columns: list[Column[object]] = [
            Column("rid", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
            Column("id", column_type("text", self.dialect), nullable=False, unique=True),
            Column("rev", Integer, nullable=False, server_default=text("1")),
            *map(make, ("created_at:instant!", "created_by:text!", "updated_at:instant!", "updated_by:text!")),
            *map(make, ("owner_id:text", "flow_state:text", "deleted_at:instant", "deleted_by:text")),
        ]
        if self.snapshot.parent(entity) is not None:
            columns += [make("parent_id:text"), Column("pos", Integer)]
        columns.append(Column("extra", free_json()))
        return columns

    def _search_table(self, entity: Entity) -> Table:
        name = names.search_table(entity)
        if self.dialect == "sqlite":  # a virtual table; only its row number is ever read
            return Table(name, self._metadata, Column("rowid", Integer, primary_key=True), Column("tokens", Text))
        rid = Column("rid", BigInteger, primary_key=True, autoincrement=False)
        return Table(name, self._metadata, rid, Column("tokens", ARRAY(Integer), nullable=False))


def link_table(name: str, metadata: MetaData, dialect: str) -> Table:
    """Return a link table of a given name."""
    kind = column_type("text", dialect)
    table = Table(
        name,
        metadata,
        Column("left_id", kind, primary_key=True),
        Column("right_id", kind, primary_key=True),
        Column("pos", Integer, nullable=False),
        sqlite_with_rowid=False,
    )
    Index(names.index(name, "right_id,left_id"), table.c.right_id, table.c.left_id)
    return table


def type_of(field: Field) -> FieldType | None:
    """Return the type of a field, or None when this install does not have it."""
    return FIELD_TYPES.find(field.type)


def has_unique_column(field: Field, field_type: FieldType) -> bool:
    """Say whether a unique field needs a column for its normalised key."""
    if field.unique is None or not field_type.columns(field):
        return False
    return field_type.needs_key_column(field, field.unique.normalise)


def searched_fields(snapshot: Snapshot, entity: Entity) -> tuple[Field, ...]:
    """Return the fields of an entity the quick search looks into."""
    return tuple(
        field
        for field in snapshot.own_fields(entity)
        if (field_type := type_of(field)) is not None and field_type.searchable(field)
    )


_made: WeakKeyDictionary[Snapshot, dict[str, Tables]] = WeakKeyDictionary()
_lock = threading.Lock()


def tables_for(snapshot: Snapshot, dialect: str) -> Tables:
    """Return the tables of a snapshot; kept as long as the snapshot itself (its cache is the LRU)."""
    with _lock:
        kept = _made.setdefault(snapshot, {})
        if dialect not in kept:
            kept[dialect] = Tables(snapshot, dialect)
        return kept[dialect]
