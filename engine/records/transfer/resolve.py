"""Names in a table to ids: linked records by title, people by user name or full name, as the importer may see them."""

from __future__ import annotations

from collections.abc import Sequence

from engine.actor import Actor
from engine.fields.base import FIELD_TYPES, InvalidValue
from engine.fields.folding import folded_key
from engine.fields.id_lists import SEPARATOR
from engine.people import departments, find_users
from engine.records.spec import QuerySpec
from engine.records.store import RecordStore
from engine.records.transfer.mapping import ImportMapping, Resolver, RowReader
from metadata.findings import LANGUAGES, in_language
from metadata.ids import is_record_id
from metadata.model import Entity, Field


def row_reader(
    store: RecordStore,
    actor: Actor,
    entity: Entity,
    headings: Sequence[str],
    bound: Sequence[tuple[int, str, Field]],
    mapping: ImportMapping,
) -> RowReader:
    """A reader whose relation columns find records the actor may read."""
    resolvers: dict[str, Resolver] = {}
    for _, _, f in bound:
        one = {"people": _person, "departments": _department}.get(FIELD_TYPES.get(f.type).holds)
        if one is not None:
            listed = FIELD_TYPES.get(f.type).blank(f) == ()
            resolvers[f.id] = _each(one(store)) if listed else one(store)
        elif f.id == "sys_parent" or f.type == "link_one":
            target = entity.parent if f.id == "sys_parent" else FIELD_TYPES.get(f.type).target(f)
            resolvers[f.id] = _linked(store, actor, target)
    return RowReader(headings, bound, mapping, resolvers)


def _linked(store: RecordStore, actor: Actor, target: str) -> Resolver:
    entity = store.snapshot.entity(target)
    title = store.snapshot.field(entity.title) if entity.title else None

    def resolve(text: str) -> str:
        if is_record_id(text) and store.titles(actor, entity.id, [text]):
            return text
        if title is None:
            raise InvalidValue("I110", entity=entity.label, value=text)
        page = store.list(
            actor, QuerySpec(entity=entity.id, fields=(title.key,), filter=["=", title.key, text], limit=2)
        )
        if not page.records:
            raise InvalidValue("I110", entity=entity.label, value=text)
        if len(page.records) > 1:
            raise InvalidValue("I111", entity=entity.label, value=text, count=len(page.records))
        return page.records[0].id

    return resolve


def _each(one: Resolver) -> Resolver:
    """Several names in one cell."""
    return lambda text: tuple(dict.fromkeys(one(piece.strip()) for piece in SEPARATOR.split(text) if piece.strip()))


def _department(store: RecordStore) -> Resolver:
    """A department by id, by name, or by the names from the top (``总部/销售部``) where several share one."""
    known = {one.id: one for one in departments(store.connection)}
    named: dict[str, set[str]] = {}
    for one in known.values():
        for language in LANGUAGES:
            path, at = [in_language(one.name, language)], one.parent_id
            while at in known and len(path) < len(known):
                path.append(in_language(known[at].name, language))
                at = known[at].parent_id
            for depth in range(1, len(path) + 1):
                named.setdefault("/".join(folded_key(step) for step in reversed(path[:depth])), set()).add(one.id)

    def resolve(text: str) -> str:
        if text in known:
            return text
        found = named.get("/".join(folded_key(step) for step in text.split("/")), set())
        if len(found) != 1:
            raise InvalidValue("I130", value=text)
        return next(iter(found))

    return resolve


def _person(store: RecordStore) -> Resolver:
    def resolve(text: str) -> str:
        found = [
            p
            for p in find_users(store.connection, text)
            if text in (p.id, p.username, p.name) or p.username == text.casefold()
        ]
        if len(found) != 1:
            raise InvalidValue("I114", value=text)
        return found[0].id

    return resolve
