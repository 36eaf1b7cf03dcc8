"""What a task looks like in a list: title, a few fields, where it stands; only what its reader may read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from engine.actor import Actor
from engine.clock import parse_instant
from engine.fields.base import FIELD_TYPES
from engine.flows.definitions import Definitions
from engine.flows.directory import Directory
from engine.flows.graph import Graph
from engine.people import actor_for
from engine.records.labels import DEPARTMENTS, USERS
from engine.records.spec import PAGE_LIMIT, Page, QuerySpec, Record
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from metadata.findings import in_language
from metadata.model import Entity, Field

_NAMED = {"people": USERS, "departments": DEPARTMENTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A record that a card is about."""

    app_id: str
    entity_id: str
    record_id: str


class Cards:
    """Builds the cards of one answer; records are read once per entity, as the person who asks."""

    def __init__(self, workspace: Workspace, connection: Connection, actor: Actor, definitions: Definitions):
        self._workspace = workspace
        self._connection = connection
        self._actor = actor
        self._definitions = definitions
        self._stores: dict[str, RecordStore | None] = {}
        self._actors: dict[str, Actor] = {}

    def store(self, app_id: str) -> RecordStore | None:
        """Return the store of an application; None when it is not live any more."""
        if app_id not in self._stores:
            try:
                self._stores[app_id] = self._workspace.store(self._connection, app_id)
            except KeyError:
                self._stores[app_id] = None
        return self._stores[app_id]

    def reader(self, app_id: str) -> Actor:
        """Return the person with the roles of an application."""
        if app_id not in self._actors:
            self._actors[app_id] = actor_for(self._connection, self._actor.id, app_id)
        return self._actors[app_id]

    def graph(self, digest: str) -> Graph:
        return self._definitions.graph(self._connection, digest)

    def build(self, rows: Sequence[Any]) -> list[dict[str, Any]]:
        """Return a card per row of seats joined with their instances."""
        faces = self._faces(rows)
        names = Directory(self._connection, "").names(row.initiator_id for row in rows)
        cards = []
        for row in rows:
            place = Place(app_id=row.app_id, entity_id=row.entity_id, record_id=row.record_id)
            title, summary = faces.get(place, ("", []))
            cards.append({**self._plain(row, names), "title": title, "summary": summary})
        return cards

    def _plain(self, row: Any, names: Mapping[str, str]) -> dict[str, Any]:
        locale, flow = self._actor.locale, self.graph(row.def_hash).flow
        step = self.graph(row.def_hash).steps.get(row.node_id or "")
        store = self.store(row.app_id)
        entity = None
        if store is not None and store.snapshot.has_entity(row.entity_id):
            entity = store.snapshot.entity(row.entity_id).key
        return {
            "id": row.id,
            "instance": row.instance_id,
            "app": store.snapshot.app.key if store is not None else row.app_id,
            "entity": entity or row.entity_id,
            "record_id": row.record_id,
            "flow": {"key": flow.key, "label": in_language(flow.label, locale)},
            "node": {"id": step.id, "label": in_language(step.label, locale)} if step is not None else None,
            "initiator": {"id": row.initiator_id, "name": names.get(row.initiator_id, "")},
            "created_at": parse_instant(row.created_at),
            "due_at": parse_instant(row.due_at) if row.due_at else None,
            "decided_at": parse_instant(row.decided_at) if row.decided_at else None,
            "kind": row.kind,
            "state": row.state,
            "status": row.status,
            "result": row.result,
            "rev": row.rev,
        }

    def _faces(self, rows: Iterable[Any]) -> dict[Place, tuple[str, list[dict[str, str]]]]:
        """Return title and summary of every record that can be read."""
        grouped: dict[tuple[str, str], dict[str, Any]] = {}
        for row in rows:
            grouped.setdefault((row.app_id, row.entity_id), {})[row.record_id] = row
        faces: dict[Place, tuple[str, list[dict[str, str]]]] = {}
        for (app_id, entity_id), by_record in grouped.items():
            store = self.store(app_id)
            if store is None or not store.snapshot.has_entity(entity_id):
                continue
            entity, reader = store.snapshot.entity(entity_id), self.reader(app_id)
            ids = list(by_record)[:PAGE_LIMIT]
            titles = store.titles(reader, entity_id, ids)
            shown = {name: self._summary(store, entity, row) for name, row in by_record.items()}
            page = self._page(store, reader, entity, ids, {f.key for fields in shown.values() for f in fields})
            for record in page.records:
                summary = [self._line(f, record, page) for f in shown[record.id] if f.key in record.values]
                place = Place(app_id=app_id, entity_id=entity_id, record_id=record.id)
                faces[place] = (titles.get(record.id, ""), [line for line in summary if line["text"]])
        return faces

    def _summary(self, store: RecordStore, entity: Entity, row: Any) -> list[Field]:
        fields = store.snapshot.fields(entity)
        wanted = self.graph(row.def_hash).flow.settings.get("summary", ())
        return [fields[name] for name in wanted if name in fields]

    def _page(self, store: RecordStore, reader: Actor, entity: Entity, ids: Sequence[str], keys: Iterable[str]) -> Page:
        visible = store.access(reader, entity.id).levels
        wanted = tuple(key for key in sorted(keys) if key in visible) or ("id",)
        return store.list(
            reader, QuerySpec(entity=entity.id, fields=wanted, filter=["in", "id", list(ids)], limit=PAGE_LIMIT)
        )

    def _line(self, f: Field, record: Record, page: Page) -> dict[str, str]:
        value, locale = record.values[f.key], self._actor.locale
        label = in_language(f.label, locale)
        line = {"key": f.key, "type": f.type, "label": label}
        if value is None or f.key in record.masked:
            return {**line, "text": value or ""}
        kind = FIELD_TYPES.get(f.type)
        if kind.holds in _NAMED or "entity" in f.options:
            target = _NAMED.get(kind.holds) or str(f.options["entity"])
            names = page.labels.get(target) or self._by_key(record, target, page)
            ids = (value,) if isinstance(value, str) else value
            return {**line, "text": "、".join(names.get(one, "") for one in ids if one in names)}
        return {**line, "text": kind.format(f, value, locale, self._workspace.zone)}

    def _by_key(self, record: Record, entity_id: str, page: Page) -> Mapping[str, str]:
        for store in self._stores.values():
            if store is not None and store.snapshot.has_entity(entity_id):
                return page.labels.get(store.snapshot.entity(entity_id).key, {})
        return {}
