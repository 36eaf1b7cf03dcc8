"""The quick search: the index proposes rows, the columns the reader may see decide.

Every word must be found in some field that is searched and readable in that row; a hidden field neither finds
anything nor keeps anything from being found. Words of Latin letters may also be what Chinese names sound like.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, false, or_

from engine.records import sounds
from engine.records.access import Access
from engine.records.catalog import Catalog, EntityModel, FieldModel
from engine.records.drafts import Draft
from engine.records.paths import Paths
from engine.records.search import narrow, query_tokens, queue_rows
from engine.records.secured import Secured
from metadata.findings import Finding, Refused

MAX_LENGTH: Final = 200
MAX_WORDS: Final = 10


def search_condition(access: Access, paths: Paths, text: str) -> ColumnElement[bool]:
    """Return the condition of a search over the base of ``paths``. Raises :class:`Refused` for one too long."""
    if len(text) > MAX_LENGTH:
        raise Refused([Finding("R208", "/search", {"what": "search", "low": 0, "high": MAX_LENGTH})])
    alias = paths.base
    words = text.split()[:MAX_WORDS]
    fields = [f for f in searched(access.catalog, alias.model) if alias.readable(f)]
    if not fields or "\x00" in text:
        return false()
    dialect = access.catalog.dialect
    texts = and_(
        *(
            or_(*(f.type.search_condition(f.field, alias.columns[f.id], word, dialect) for f in fields))
            for word in words
        )
    )
    choices: list[Sequence[str]] = [query_tokens(text)]
    heard = sounds.words(text)
    named = [f for f in fields if f.field.type in sounds.TYPES]
    if heard and named:
        texts = or_(texts, and_(*(_sounds_like(alias, named, word) for word in heard)))
        choices.append(sounds.query_tokens(heard))
    near = narrow(access.connection, access.catalog.tables, alias.model.entity, choices, alias.rid)
    return texts if near is None else and_(near, texts)


def _sounds_like(alias: Secured, fields: Sequence[FieldModel], word: str) -> ColumnElement[bool]:
    """Whether one of the fields sounds like a word, where it may be read."""
    return or_(*(and_(alias.columns[f.id][0].is_not(None), sounds.condition(f.id, alias.rid, word)) for f in fields))


def searched(catalog: Catalog, model: EntityModel) -> tuple[FieldModel, ...]:
    """Return the fields of an entity the quick search looks into."""
    key = ("searched", model.id)
    found = catalog.kept.get(key)
    if found is None:
        found = catalog.kept[key] = tuple(f for f in model.own if f.columns and f.type.searchable(f.field))
    return found


def index_drafts(access: Access, connection: Connection, drafts: Sequence[Draft]) -> None:
    """Have the index look again at the records whose searched fields change."""
    rids: dict[str, list[int]] = {}
    for draft in drafts:
        fields = searched(access.catalog, draft.model) if draft.kind in ("create", "update") else ()
        if any(f.id in draft.changed for f in fields):
            rids.setdefault(draft.model.id, []).append(draft.rid)
    for entity_id, numbers in rids.items():
        queue_rows(connection, entity_id, numbers)
