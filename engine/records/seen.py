"""Whole records for expressions, with the rights of a person: what that person may not read is blank or not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from engine.actor import Actor
from engine.problems import NotFound
from engine.records.catalog import FieldModel
from engine.records.drafts import Draft
from engine.records.foresight import readable
from engine.records.loading import Loader, Values
from engine.records.outside import DatabaseOutside
from engine.records.spec import Record
from engine.records.store import RecordStore
from engine.records.writing import Writing


class SeenLoader(Loader):
    """Rows as one actor may read them: hidden and masked fields are blank, so are links that lead out of sight."""

    def __init__(self, store: RecordStore, actor: Actor):
        super().__init__(store.connection, store.catalog)
        self._store, self._actor = store, actor

    def take(self, record: Record) -> Values:
        """Take a record that was read for the actor, with its rows; return its values by field id."""
        model = self._store.catalog.entity(record.entity)
        values: Values = {f.id: None for f in model}
        values["sys_id"] = record.id
        for key, value in record.values.items():
            f = model.by_key.get(key)
            if f is None or key in record.masked:
                continue
            if f.storage == "children":
                self._children.setdefault((f.target, record.id), [self.take(row) for row in value or ()])
            else:
                values[f.id] = value
        return self._rows.setdefault((record.entity, record.id), values) or values

    def take_draft(self, writing: Writing, draft: Draft) -> Values:
        """Take a record that is being filled in, with its rows and the record above."""
        shown = {f.id: f for f in readable(writing, draft)}
        values: Values = {f.id: draft.new.get(f.id) if f.id in shown else None for f in draft.model}
        values["sys_id"] = draft.id
        if draft.parent is not None and (draft.parent.model.id, draft.parent.id) not in self._rows:
            self.take_draft(writing, draft.parent)
        self.know(draft.model.id, draft.id, values)
        for f in draft.model.links:
            if f.id in shown and f.id not in draft.new and draft.kind == "update":
                values[f.id] = self._stored(draft.model.id, draft.id).get(f.id)
        for f in draft.model.children:
            if f.id not in shown:
                self.know_children(f.target, draft.id, [])
            elif f.id in draft.rows:
                self.know_children(f.target, draft.id, [self.take_draft(writing, row) for row in draft.rows[f.id]])
            elif draft.kind == "create":
                self.know_children(f.target, draft.id, [])
        return values

    def children(self, entity_id: str, parents: Sequence[str]) -> dict[str, list[Values]]:
        above = self._store.catalog.entity(entity_id).entity.parent
        for one in parents:
            if (entity_id, one) not in self._children:
                self._stored(above, one)
                self._children.setdefault((entity_id, one), [])
        return {one: self._children[entity_id, one] for one in parents}

    def links(self, field_id: str, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        entity_id = self._store.snapshot.entity_of(field_id).id
        rows = self.rows(entity_id, ids)
        return {one: tuple(rows.get(one, {}).get(field_id) or ()) for one in ids}

    def _fetch(self, entity_id: str, ids: Iterable[str]) -> None:
        wanted = list(ids)
        if not self._store.catalog.has(entity_id):
            super()._fetch(entity_id, wanted)
            return
        for one in wanted:
            self._rows[entity_id, one] = self._stored(entity_id, one) or None

    def _stored(self, entity_id: str, record_id: str) -> Values:
        """Return a record as it is stored, rows included; nothing when it may not be read."""
        try:
            found = self._store.get(self._actor, entity_id, record_id)
        except NotFound:
            return {}
        known = self._rows.pop((entity_id, record_id), None)
        stored = self.take(found)
        if known is not None:
            self._rows[entity_id, record_id] = known
        return stored


class SeenOutside(DatabaseOutside):
    """What expressions ask beyond their record, answered from what one actor may read."""

    def __init__(self, store: RecordStore, actor: Actor, loader: SeenLoader):
        super().__init__(store.catalog, loader)
        self._access = store.access_of(actor)

    def _equal(self, entity_id: str, f: FieldModel, stored: Any, limit: int) -> list[str]:
        alias = self._access.alias(entity_id)
        columns: Mapping[str, Sequence[Any]] = alias.columns
        if not columns.get(f.id):
            return []
        wanted = select(alias.id).where(columns[f.id][0] == stored).order_by(alias.id).limit(limit)
        return list(self._connection.execute(wanted, self._access.binds).scalars())
