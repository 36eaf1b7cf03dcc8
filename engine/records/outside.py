"""What expressions may ask beyond their record, answered from the database by the product itself.

As everything the product computes, this reads whatever there is, whoever may see it; what people ask for themselves
(filters) is answered by SQL over what they may see. Records that are being written count as they are being written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, select

from engine import calendars, org
from engine.expr import limits
from engine.expr.types import DEPARTMENT_ENTITY, USER_ENTITY
from engine.expr.values import LIMIT, Fault, record_id
from engine.records.catalog import Catalog, FieldModel
from engine.records.hops import led_to
from engine.records.links import chunks
from engine.records.loading import Loader
from engine.records.serials import raise_counter

_PEOPLE: Final = frozenset({USER_ENTITY, DEPARTMENT_ENTITY})
_LONGEST_COUNTER: Final = 64


class LinkedRow(Mapping[str, Any]):
    """A record by field id. It is read when something but its id is asked for; links in it are such rows again."""

    __slots__ = ("_known", "_outside", "entity", "id")

    def __init__(self, outside: DatabaseOutside, entity: str, identifier: str, known: Mapping[str, Any] | None = None):
        self._outside, self.entity, self.id = outside, entity, identifier
        self._known = {"sys_id": identifier, **(known or {})}

    def __getitem__(self, field_id: str) -> Any:
        return self._known[field_id] if field_id in self._known else self._outside.value(self, field_id)

    def get(self, field_id: str, default: Any = None) -> Any:
        found = self[field_id]
        return default if found is None else found

    def __iter__(self) -> Iterator[str]:
        return iter(self._outside.values(self))

    def __len__(self) -> int:
        return len(self._outside.values(self))


class DatabaseOutside:
    """Implements :class:`engine.expr.outside.Outside` for one transaction."""

    def __init__(self, catalog: Catalog, loader: Loader):
        self._connection: Connection = loader.connection
        self._catalog, self._loader = catalog, loader

    # -- records ---------------------------------------------------------------------------------------------------

    def row(self, entity_id: str, identifier: str, known: Mapping[str, Any] | None = None) -> LinkedRow:
        """Return a record to read when needed; ``known`` values are not read."""
        return LinkedRow(self, entity_id, identifier, known)

    def values(self, row: LinkedRow) -> Mapping[str, Any]:
        """Return what is stored of a row; nothing when it is gone."""
        return self._loader.rows(row.entity, [row.id]).get(row.id, {})

    def value(self, row: LinkedRow, field_id: str) -> Any:
        """Return a field of a row, with rows for what it links to."""
        target = led_to(self._catalog.snapshot, row.entity, field_id)
        storage = "columns"
        if self._catalog.has(row.entity):
            f = self._catalog.entity(row.entity).by_id.get(field_id)
            storage = f.storage if f is not None else storage
        if storage == "children":
            children = self._loader.children(target, [row.id])[row.id]
            return [self.row(target, one["sys_id"]) for one in children]
        held = self.values(row).get(field_id)
        if storage == "links":
            held = self._loader.links(field_id, [row.id])[row.id] if held is None else held
        if not target or held is None:
            return held
        if isinstance(held, tuple | list):
            return [self.row(target, one) for one in held]
        return self.row(target, held) if self._loader.rows(target, [held]) else None

    def found(self, entity_id: str, field_id: str, key: Any) -> Sequence[LinkedRow]:
        """Return the live records whose field equals a key, in order of id. Raises LIMIT for more than may be read."""
        f = self._catalog.entity(entity_id).by_id[field_id]
        key = record_id(key) if isinstance(key, Mapping) else key
        stored = f.type.to_db(f.field, key) if not f.system else (key,)
        ids = self._equal(entity_id, f, stored[0], limits.LIST_ITEMS + 1)
        if len(ids) > limits.LIST_ITEMS:
            raise Fault(LIMIT)
        written = self._loader.written(entity_id)
        if written:  # what is being written counts as it is being written
            kept = {one for one in ids if one not in written}
            kept |= {one for one, values in written.items() if values.get(field_id) == key}
            ids = sorted(kept)
        return [self.row(entity_id, one) for one in ids]

    def _equal(self, entity_id: str, f: FieldModel, stored: Any, limit: int) -> list[str]:
        """Return the ids of the first live records in which the column of a field holds a value."""
        table = self._catalog.entity(entity_id).table
        wanted = select(table.c.id).where(f.columns[0] == stored, table.c.deleted_at.is_(None))
        return list(self._connection.execute(wanted.order_by(table.c.id).limit(limit)).scalars())

    # -- the organization ------------------------------------------------------------------------------------------

    def members(self, departments: Collection[str], *, below: bool) -> Sequence[LinkedRow]:
        """Return the people with a seat in some departments (or below), each once, in order of id."""
        seat = org.membership
        found: set[str] = set()
        for part in chunks(sorted(departments)):
            inside = seat.c.department_id.in_(_below(part) if below else part)
            found.update(self._connection.execute(select(seat.c.user_id).where(inside)).scalars())
        return [self.row(USER_ENTITY, one) for one in sorted(found)]

    def subordinates(self, person: str, levels: int | None) -> Sequence[LinkedRow]:
        """Return everybody below a person, in order of id."""
        line = org.reporting
        wanted = select(line.c.member_id).where(line.c.lead_id == person, line.c.depth > 0)
        if levels is not None:
            wanted = wanted.where(line.c.depth <= levels)
        ids = self._connection.execute(wanted.order_by(line.c.member_id)).scalars()
        return [self.row(USER_ENTITY, one) for one in ids]

    def within(self, person: str, departments: Collection[str], *, below: bool) -> bool:
        """Say whether a person has a seat in one of some departments (or below)."""
        seat = org.membership
        mine = select(seat.c.department_id).where(seat.c.user_id == person)
        if below:
            closure = org.department_closure
            mine = select(closure.c.ancestor_id).where(closure.c.descendant_id.in_(mine))
        return not set(departments).isdisjoint(self._connection.execute(mine).scalars())

    def department_path(self, department: str) -> Sequence[str]:
        """Return the names from the top down."""
        closure = org.department_closure
        above = select(closure.c.ancestor_id).where(closure.c.descendant_id == department)
        ids = list(self._connection.execute(above.order_by(closure.c.depth.desc())).scalars())
        rows = self._loader.rows(DEPARTMENT_ENTITY, ids)
        return [rows[one]["dep_name"] for one in ids if one in rows]

    def departments_named(self, text: str) -> Collection[str]:
        """Return the departments with an id or a name (in any language)."""
        table = org.department
        rows = self._connection.execute(select(table.c.id, table.c.name).order_by(table.c.id))
        return [one for one, name in rows if text == one or text in name.values()]

    # -- the rest --------------------------------------------------------------------------------------------------

    def calendar(self, name: str) -> calendars.Calendar:
        """Return a calendar as it stands now. Raises ``KeyError``."""
        return calendars.load(self._connection, name)

    def next_number(self, counter: str) -> int:
        """Raise a counter of this application, in the transaction of the write."""
        name = f"{self._catalog.snapshot.app.id}:{counter}"
        if len(name) > _LONGEST_COUNTER:
            name = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
        return raise_counter(self._connection, name)


def _below(departments: Sequence[str]) -> Any:
    closure = org.department_closure
    return select(closure.c.descendant_id).where(closure.c.ancestor_id.in_(departments))
