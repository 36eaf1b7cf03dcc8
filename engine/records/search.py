"""The index behind the quick search: which rows may contain a text.

It proposes, it never decides: whoever asks checks the proposed rows again on the columns the person may read
(``FieldType.search_condition``), so the index may name too many rows, never too few. Texts are folded character by
character and cut into runs of letters and digits. Chinese (and Japanese, Korean) runs give every character and every
pair, so one or two characters are enough to find something; other runs give every one, two and three characters in a
row, so that nothing is too short to look up. A query gives the longest of these tokens, and a row that contains the
query has them all. Chinese names also give tokens of their sound (``sounds``), apart from those of the text.

Writing a row takes one insert into a queue of row numbers; a worker indexes what is queued. Queued rows are always
proposed, so a search never misses what was written a moment ago. Tokens of older texts of a row stay until the index
is built anew, which only makes it propose a row too many.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import isqrt
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Select,
    String,
    Table,
    and_,
    delete,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.dialects.postgresql import insert as postgres_insert

from engine.database import SYSTEM
from engine.fields.base import Value
from engine.fields.folding import fold
from engine.records import ddl_postgres, ddl_sqlite, sounds
from engine.records.names import quoted
from engine.records.physical import highest_rid
from engine.records.sounds import grams
from engine.records.tables import Tables, searched_fields, type_of
from metadata.model import Entity
from metadata.snapshot import Snapshot

PROBE = 16_000
"""A query that finds more rows than this is common enough to be found by walking the list itself, at any size."""

MAX_TOKENS = 64
"""Tokens of one query that are looked up; more would not narrow it further."""

_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_WIDE}]+|[^\W_{_WIDE}]+")
_IS_WIDE = re.compile(rf"[{_WIDE}]")

SHAPE = ddl_sqlite.SEARCH_SHAPE
RowNumber = ColumnElement[Any]

search_shape = Table(  # which search table was filled with which kind of tokens
    "search_shape",
    SYSTEM,
    Column("table_name", String(80), primary_key=True),
    Column("shape", Integer, nullable=False),
)

search_pending = Table(
    "search_pending",
    SYSTEM,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("entity_id", String(64), nullable=False),
    Column("first_rid", BigInteger, nullable=False),
    Column("last_rid", BigInteger, nullable=False),
)
Index("ix_search_pending_entity", search_pending.c.entity_id)


def search_tokens(content: str) -> list[str]:
    """Return the tokens of a text, each once."""
    found: dict[str, None] = {}
    for run in _RUN.findall(fold(content)):
        if _IS_WIDE.match(run):
            found.update(dict.fromkeys(run))
            found.update(dict.fromkeys(map("".join, pairwise(run))))
        else:
            found.update(dict.fromkeys(grams(run, 1) + grams(run, 2) + grams(run, 3)))
    return list(found)


@lru_cache(maxsize=512)
def query_tokens(query: str) -> tuple[str, ...]:
    """Return the tokens every row that contains the words of a query has; empty when the index cannot help."""
    found: dict[str, None] = {}
    for run in _RUN.findall(fold(query)):
        if _IS_WIDE.match(run):
            pairs = map("".join, pairwise(run))
            found.update(dict.fromkeys([run] if len(run) == 1 else pairs))
        else:
            found.update(dict.fromkeys(grams(run, min(len(run), 3))))
    return tuple(found)[:MAX_TOKENS]


def search_document(snapshot: Snapshot, entity: Entity | str, values: Mapping[str, Value]) -> str:
    """Return the text of a record that is searched; ``values`` are canonical, by field id."""
    found = snapshot.entity(entity) if isinstance(entity, str) else entity
    pieces = []
    for field in searched_fields(snapshot, found):
        field_type = type_of(field)
        value = values.get(field.id)
        if field_type is not None and value is not None:
            pieces.append(field_type.search_text(field, value))
    return "\n".join(filter(None, pieces))


# -- writing ----------------------------------------------------------------------------------------------------


def queue_rows(connection: Connection, entity_id: str, rids: Sequence[int]) -> None:
    """Have rows indexed soon; until then every search proposes them. One row for a whole batch of new records."""
    if not rids:
        return
    ordered = sorted(rids)
    ranges: list[list[int]] = [[ordered[0], ordered[0]]]
    for rid in ordered[1:]:
        if rid <= ranges[-1][1] + 1:
            ranges[-1][1] = rid
        else:
            ranges.append([rid, rid])
    rows = [{"entity_id": entity_id, "first_rid": first, "last_rid": last} for first, last in ranges]
    connection.execute(insert(search_pending), rows)


def index_everything(connection: Connection, entity_id: str, rows: int) -> None:
    """Have all rows of an entity indexed again."""
    connection.execute(delete(search_pending).where(search_pending.c.entity_id == entity_id))
    if rows:
        connection.execute(insert(search_pending).values(entity_id=entity_id, first_rid=0, last_rid=rows))


def index_rows(
    connection: Connection, tables: Tables, entity: Entity | str, rows: Sequence[tuple[int, Sequence[str]]]
) -> None:
    """Add the tokens of rows: ``(rid, tokens)``."""
    table = tables.search(entity)
    if table is None or not rows:
        return
    if tables.dialect == "sqlite":
        found = [(rid, " ".join(tokens)) for rid, tokens in rows]
        statement = f"INSERT INTO {quoted(table.name)}(rowid, tokens) VALUES (?, ?)"
        connection.exec_driver_sql(statement, [one for one in found if one[1]])
        return
    values = [{"rid": rid, "tokens": token_numbers(tokens)} for rid, tokens in rows]
    insertion = postgres_insert(table)
    connection.execute(
        insertion.on_conflict_do_update(index_elements=["rid"], set_={"tokens": insertion.excluded.tokens}), values
    )


def index_pending(connection: Connection, tables: Tables, entity: Entity | str, limit: int = 2_000) -> int:
    """Index some of the queued rows of an entity and return how many; 0 when nothing is queued.

    Runs in the worker, in short transactions; two at a time do the same work twice, and no harm.
    """
    found = tables.snapshot.entity(entity) if isinstance(entity, str) else entity
    done = 0
    queue = search_pending
    statement = select(queue).where(queue.c.entity_id == found.id).order_by(queue.c.id).limit(200)
    for row in connection.execute(statement).all():
        left = limit - done
        if left <= 0:
            break
        rids, reached = _index_range(connection, tables, found, row.first_rid, row.last_rid, left)
        done += rids
        if reached >= row.last_rid:
            connection.execute(delete(queue).where(queue.c.id == row.id))
        else:
            connection.execute(queue.update().where(queue.c.id == row.id).values(first_rid=reached + 1))
    return done


def outdated(connection: Connection, tables: Tables) -> tuple[Entity, ...]:
    """Return the entities whose search table has an older shape, or was filled with other tokens than those of now."""
    current = select(search_shape.c.table_name).where(search_shape.c.shape == SHAPE)
    good = set(connection.execute(current).scalars())
    found = ((entity, tables.search(entity)) for entity in tables.snapshot.entities)
    return tuple(entity for entity, table in found if table is not None and table.name not in good)


def rebuild(connection: Connection, tables: Tables, entity: Entity | str) -> None:
    """Make the search table of an entity anew and have all its rows indexed again (also drops stale tokens)."""
    table = tables.search(entity)
    if table is None:
        return
    ddl = ddl_sqlite if tables.dialect == "sqlite" else ddl_postgres
    for statement in (*ddl.drop_table(table.name), *ddl.create_search(table)):
        connection.execute(text(statement))
    found = tables.snapshot.entity(entity) if isinstance(entity, str) else entity
    index_everything(connection, found.id, highest_rid(connection, tables.record(found).name))


def queued_entities(connection: Connection) -> tuple[str, ...]:
    """Return the ids of the entities that have rows to index."""
    return tuple(connection.execute(select(search_pending.c.entity_id).distinct()).scalars())


def remove(connection: Connection, tables: Tables, entity: Entity | str, rids: Sequence[int]) -> None:
    """Forget rows that are gone for good. On SQLite their tokens stay: they propose rows that are not there."""
    found = tables.snapshot.entity(entity) if isinstance(entity, str) else entity
    sounds.forget(connection, [field.id for field in found.fields], rids)
    table = tables.search(entity)
    if table is not None and tables.dialect == "postgresql" and rids:
        connection.execute(delete(table).where(table.c.rid.in_(rids)))


def _index_range(
    connection: Connection, tables: Tables, entity: Entity, first: int, last: int, limit: int
) -> tuple[int, int]:
    table = tables.record(entity)
    fields = [(field, type_of(field), tables.columns(field)) for field in searched_fields(tables.snapshot, entity)]
    columns = {column.name: column for _, _, held in fields for column in held}
    statement = select(table.c.rid, *columns.values()).where(table.c.rid >= first, table.c.rid <= last)
    rows = connection.execute(statement.order_by(table.c.rid).limit(limit)).all()
    documents = []
    heard: list[tuple[str, int, str]] = []
    names = {field.id for field, _, _ in fields if field.type in sounds.TYPES}
    for row in rows:
        values: dict[str, Value] = {
            field.id: field_type.from_db(field, tuple(row._mapping[column] for column in held))
            for field, field_type, held in fields
            if field_type is not None
        }
        said = {field_id: sounds.sound(values[field_id] or "") for field_id in names}
        heard += [(field_id, row.rid, sound) for field_id, sound in said.items()]
        tokens = search_tokens(search_document(tables.snapshot, entity, values))
        documents.append((row.rid, [*tokens, *sounds.tokens(said.values())]))
    index_rows(connection, tables, entity, documents)
    sounds.note(connection, heard)
    return len(rows), rows[-1].rid if len(rows) == limit else last


# -- asking -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Proposal:
    """Rows that may contain a query: ``rids`` by the index, ``ranges`` of rows that are queued."""

    rids: Sequence[int] | Select[Any]
    ranges: tuple[tuple[int, int], ...]

    def condition(self, rid: ColumnElement[Any]) -> ColumnElement[bool]:
        """SQL over the row number of the record table or of an alias that has it."""
        parts: list[ColumnElement[bool]] = [and_(rid >= first, rid <= last) for first, last in self.ranges]
        return or_(rid.in_(self.rids), *parts)


def propose(connection: Connection, tables: Tables, entity: Entity | str, tokens: Sequence[str]) -> Proposal | None:
    """Ask the index for the rows with all of some tokens. None when it cannot help: then the list is walked.

    That is so for queries without a letter, digit or Chinese character, and for those so common that walking the list
    in its own order meets a page of hits sooner.
    """
    table = tables.search(entity)
    if table is None or not tokens:
        return None
    found = tables.snapshot.entity(entity) if isinstance(entity, str) else entity
    probe = _probe_sqlite if tables.dialect == "sqlite" else _probe
    rids = probe(connection, table, tokens, highest_rid(connection, tables.record(found).name))
    if rids is None:
        return None
    queue = search_pending
    statement = select(queue.c.first_rid, queue.c.last_rid).where(queue.c.entity_id == found.id).limit(201)
    ranges = _joined([(row.first_rid, row.last_rid) for row in connection.execute(statement)])
    return None if len(ranges) > 200 else Proposal(rids, ranges)


def narrow(
    connection: Connection, tables: Tables, entity: Entity | str, choices: Sequence[Sequence[str]], rid: RowNumber
) -> ColumnElement[bool] | None:
    """Return which rows may have all tokens of one of some choices, or None when the index cannot say."""
    found: list[Proposal] = []
    for tokens in choices:
        proposal = propose(connection, tables, entity, tokens)
        if proposal is None:
            return None
        found.append(proposal)
    rids: Any = found[0].rids
    if len(found) > 1:
        every: list[Any] = [one.rids for one in found]
        rids = union_all(*every) if tables.dialect == "sqlite" else [number for one in every for number in one]
    return Proposal(rids, found[0].ranges).condition(rid)


def _probe_sqlite(connection: Connection, table: Table, tokens: Sequence[str], rows: int) -> Select[Any] | None:
    """Return the question for the proposed rows; None when there are too many of them.

    Looking up ``h`` rows in their own order costs about half of what walking past ``rows * 50 / h`` of them to fill a
    page does. Of what is proposed less may be found, so more is looked up than would be even.
    """
    limit = min(PROBE, max(200, isqrt(200 * rows)))
    match = " AND ".join(f'"{token}"' for token in tokens)
    whole: ColumnElement[Any] = literal_column(quoted(table.name))  # with detail=none no single column can be searched
    proposed = select(table.c.rowid).where(whole.op("MATCH")(match))
    count = select(func.count()).select_from(proposed.limit(limit + 1).subquery())
    return None if (connection.execute(count).scalar() or 0) > limit else proposed


def _probe(connection: Connection, table: Table, tokens: Sequence[str], rows: int) -> list[int] | None:
    """Return the proposed rows; None when there are too many. A look-up costs ten times a step of the walk here."""
    limit = min(PROBE // 8, max(200, isqrt(5 * rows)))
    numbers = token_numbers(tokens)
    common = connection.execute(_COMMON, {"table": table.name}).first()
    if common is not None and common.elements and common.rows:
        frequency = dict(zip(common.elements, common.frequencies, strict=False))
        rarest = min(frequency.get(number, 0.0) for number in numbers)
        if rarest * common.rows > 10 * limit:
            return None
    statement = select(table.c.rid).where(table.c.tokens.contains(array(numbers, type_=Integer))).limit(limit + 1)
    rids = list(connection.execute(statement).scalars())
    return None if len(rids) > limit else rids


_COMMON = text(
    "SELECT s.most_common_elems::text::int[] AS elements, s.most_common_elem_freqs AS frequencies,"
    " c.reltuples AS rows FROM pg_stats s JOIN pg_class c ON c.oid = to_regclass(quote_ident(s.tablename))"
    " WHERE s.schemaname = current_schema() AND s.tablename = :table AND s.attname = 'tokens'"
)


def token_numbers(tokens: Sequence[str]) -> list[int]:
    """Return tokens as 32-bit numbers; two tokens with one number only propose rows too many."""
    return list({_number(token) for token in tokens})


@lru_cache(maxsize=1 << 18)
def _number(token: str) -> int:
    return zlib.crc32(token.encode()) - (1 << 31)


def _joined(ranges: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)
