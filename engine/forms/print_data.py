"""What a template takes, read as its reader may see it, as plain data for the child process.

Everything comes through the record store: a hidden field is blank, a masked one its mask, a linked record that may
not be read is not there. Records are read level by level, each level in a few questions, up to a limit.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import nh3

import engine.forms.print_messages  # noqa: F401  registers the texts used here
from engine.actor import Actor
from engine.expr.types import USER_ENTITY
from engine.fields.choices import option_label, options_of
from engine.forms.print_needs import PEOPLE, Need, Part
from engine.records import files, queries
from engine.records.catalog import EntityModel, FieldModel
from engine.records.files import FileStore
from engine.records.links import chunks
from engine.records.loading import Loader
from engine.records.spec import PAGE_LIMIT, QuerySpec, Record
from engine.records.store import RecordStore
from metadata.findings import Finding, Refused

MOST_ROWS: Final = 5_000
MOST_FOUND: Final = 100
"""Records a query field prints; the rest are counted."""
MOST_PICTURES: Final = 24 << 20
"""Bytes of pictures one print may carry; what is beyond shows no picture."""
PICTURES: Final = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
RICH: Final = "rich_text"

Node = Any
_BLANK: Final = {"k": "text", "t": "", "r": None}


class Reading:
    """Reads for one print. ``pictures`` says whether the bytes of pictures are wanted."""

    def __init__(self, store: RecordStore, actor: Actor, language: str, *, pictures: bool):
        self._store, self._actor, self._language = store, actor, language
        self._people = Loader(store.connection, store.catalog)
        self._zone = store.surroundings.zone
        self._read = 0
        self._room = MOST_PICTURES if pictures else 0

    def records(self, need: Need, ids: Sequence[str]) -> dict[str, Node]:
        """Return the readable records among ``ids`` as nodes. Raises :class:`Refused` for too many."""
        wanted = list(dict.fromkeys(one for one in ids if one))
        if need.entity in PEOPLE:
            return self._persons(need, wanted)
        if not wanted or not self._store.catalog.has(need.entity):
            return {}
        model = self._store.catalog.entity(need.entity)
        titles = self._store.titles(self._actor, model.id, wanted)
        if not need.parts:
            return {one: _record(title) for one, title in titles.items()}
        self._count(len(wanted))
        keys = tuple(f.key for _, _, f in self._seen(model, need))
        found: list[Record] = []
        for part in chunks([one for one in wanted if one in titles], PAGE_LIMIT):
            spec = QuerySpec(entity=model.id, fields=(*keys, "id"), filter=["in", "id", list(part)], limit=PAGE_LIMIT)
            found += self._store.list(self._actor, spec, labels=False).records
        made = self._nodes(model, found, need, lambda record: titles[record.id])
        return {record.id: node for record, node in zip(found, made, strict=True)}

    def _count(self, more: int) -> None:
        self._read += more
        if self._read > MOST_ROWS:
            raise Refused([Finding("T115", "", {"limit": str(MOST_ROWS)})])

    def _seen(self, model: EntityModel, need: Need) -> list[tuple[str, Part, FieldModel]]:
        """Return the wanted fields that exist and that this person may see in some record at least."""
        alias = self._store.access_of(self._actor).alias(model.id)
        named = ((name, part, model.by_id.get(part.field)) for name, part in need.parts.items() if not part.link)
        return [(name, part, f) for name, part, f in named if f is not None and alias.field(f.id) is not None]

    def _nodes(
        self, model: EntityModel, records: Sequence[Record], need: Need, title: Callable[[Record], str]
    ) -> list[Node]:
        made = [_record(title(record)) for record in records]
        seen = {name for name, _, _ in self._seen(model, need)}
        for name, part in need.parts.items():
            if part.link:
                column: Iterable[Node] = [self._related(part, record.id) for record in records]
            elif name not in seen:
                column = [blank(part) for _ in records]
            else:
                column = self._column(model, model.by_id[part.field], part, records)
            for node, value in zip(made, column, strict=True):
                node["f"][name] = value
        return made

    def _column(self, model: EntityModel, f: FieldModel, part: Part, records: Sequence[Record]) -> list[Node]:
        """Return one field of several records."""
        held = [None if f.key in one.masked else one.values.get(f.key) for one in records]
        if f.storage == "children":
            return self._rows(f, part, [rows or () for rows in held])
        if f.storage == "none":
            return [self._queried(model, f, part, record.id) for record in records]
        if part.files:
            return self._files([tuple(value or ()) for value in held])
        if part.below is not None:
            ids = [one for value in held for one in (value if isinstance(value, tuple) else (value,))]
            linked = self.records(part.below, ids)
            if part.many:
                return [[linked[one] for one in value or () if one in linked] for value in held]
            return [linked.get(str(value)) or blank(part) for value in held]
        return [self._value(f, record) for record in records]

    def _rows(self, f: FieldModel, part: Part, held: Sequence[Sequence[Record]]) -> list[Node]:
        model, below = self._store.catalog.entity(f.target), part.below or Need(f.target)
        flat = [row for rows in held for row in rows]
        self._count(len(flat))
        made = iter(self._nodes(model, flat, below, lambda row: self._text(model.title, row)))
        return [[next(made) for _ in rows] for rows in held]

    def _queried(self, model: EntityModel, f: FieldModel, part: Part, record_id: str) -> list[Node]:
        """Return what a query field finds; behind the first ones stands how many more there are."""
        below = part.below or Need(str(f.field.options["from"]))
        shown = queries.named(self._store, self._actor, model.id, record_id, f.id, MOST_FOUND)
        found = self.records(below, shown.ids)
        rest = [{**blank(Part(f.id, below)), "t": shown.more(self._language).strip()}] if shown.left else []
        return [*(found[one] for one in shown.ids if one in found), *rest]

    def _related(self, part: Part, record_id: str) -> list[Node]:
        below = part.below
        if below is None or not self._store.catalog.has(below.entity):
            return []
        model = self._store.catalog.entity(below.entity)
        access = self._store.access_of(self._actor)
        link = model.by_id.get(part.field)
        if link is None or not access.rights(model.id).allows("read") or not access.alias(model.id).readable(link):
            return []
        pointing = ["has_any", link.key, [record_id]] if link.storage == "links" else ["=", link.key, record_id]
        ids: list[str] = []
        cursor = ""
        while True:
            spec = QuerySpec(entity=model.id, fields=("id",), filter=pointing, limit=PAGE_LIMIT, cursor=cursor)
            page = self._store.list(self._actor, spec, labels=False)
            ids += [record.id for record in page.records]
            self._count(len(page.records))
            cursor = page.next_cursor
            if not cursor:
                break
        found = self.records(below, ids)
        return [found[one] for one in ids if one in found]

    def _persons(self, need: Need, ids: Sequence[str]) -> dict[str, Node]:
        rows = self._people.rows(need.entity, ids)
        name = "usr_name" if need.entity == USER_ENTITY else "dep_name"
        made = {one: _record(str(values.get(name) or "")) for one, values in rows.items()}
        for called, part in need.parts.items():
            if part.below is not None:
                linked = self.records(part.below, [values[part.field] for values in rows.values()])
                column = {one: linked.get(values[part.field]) or blank(part) for one, values in rows.items()}
            else:
                column = {one: _plain(values[part.field]) for one, values in rows.items()}
            for one, node in made.items():
                node["f"][called] = column[one]
        return made

    def _files(self, held: Sequence[tuple[str, ...]]) -> list[Node]:
        known = files.describe(self._store.connection, {one for ids in held for one in ids})
        return [[self._file(known[one]) for one in ids if one in known] for ids in held]

    def _file(self, found: files.StoredFile) -> Node:
        node = {"k": "file", "name": found.name, "size": found.size, "type": found.type}
        folder = self._store.surroundings.files_dir
        if folder is not None and found.type in PICTURES and found.size <= self._room:
            self._room -= found.size
            data = FileStore(folder).path(found.id).read_bytes()
            node["data"] = f"data:{found.type};base64,{base64.b64encode(data).decode()}"
        return node

    def _text(self, f: FieldModel, record: Record) -> str:
        value = record.values.get(f.key)
        if value is None or f.storage == "children":
            return ""
        return str(value) if f.key in record.masked else f.type.format(f.field, value, self._language, self._zone)

    def _value(self, f: FieldModel, record: Record) -> Node:
        value = record.values.get(f.key)
        if f.key in record.masked:
            return {"k": "text", "t": str(value or ""), "r": None}
        text = "" if value is None else f.type.format(f.field, value, self._language, self._zone)
        choices = {str(one["id"]): _names(one) for one in options_of(f.field)} if f.field.options.get("options") else {}
        if isinstance(value, tuple):
            items = [self._item(f, one, choices) for one in value if isinstance(one, str)]
            return {"k": "many", "t": text, "m": items}
        node = {**_plain(value), "t": text}
        if isinstance(value, datetime):
            node["r"] = value.astimezone(self._zone).isoformat()
        if isinstance(value, str) and value in choices:
            node["n"] = choices[value]
        if f.field.type == RICH and isinstance(value, str):
            node["h"] = nh3.clean(value)
        return node

    def _item(self, f: FieldModel, value: str, choices: Mapping[str, list[str]]) -> Node:
        text = option_label(f.field, value, self._language) if choices else value
        return {"k": "text", "t": text, "r": value, "n": choices.get(value, [])}


def blank(part: Part) -> Node:
    """Return what stands where there is nothing to show."""
    if part.many or part.files:
        return []
    if part.below is None:
        return dict(_BLANK)
    return {"k": "record", "t": "", "f": {name: blank(below) for name, below in part.below.parts.items()}}


def _record(title: str) -> dict[str, Any]:
    return {"k": "record", "t": title, "f": {}}


def _plain(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"k": "bool", "t": str(value), "r": value}
        case Decimal():
            return {"k": "number", "t": f"{value:f}", "r": f"{value:f}"}
        case datetime():
            return {"k": "instant", "t": value.isoformat(), "r": value.isoformat()}
        case date():
            return {"k": "date", "t": value.isoformat(), "r": value.isoformat()}
    return {"k": "text", "t": "" if value is None else str(value), "r": value if isinstance(value, str) else None}


def _names(option: Mapping[str, Any]) -> list[str]:
    return [str(option["id"]), *map(str, option.get("label", {}).values())]
