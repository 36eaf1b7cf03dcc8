"""Chinese names by their sound: what the quick search finds when somebody types ``hwgs`` or ``huawei`` for 华为公司.

A row of ``search_sound`` holds what the words of one field of one record sound like: the initials, the initials of
the usual short forms (the beginning and the last two characters), and the whole syllables. The worker writes it
together with the index; whoever searches compares it, and only for fields that may be read in that row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    String,
    Table,
    Text,
    delete,
    exists,
    insert,
    literal,
    select,
)

from engine.database import SYSTEM
from engine.deferred import deferred
from engine.fields.folding import fold
from engine.records.links import chunks

pypinyin: Any = deferred("pypinyin")  # its dictionaries take 50 MB; only the worker that indexes needs them

TYPES: Final = frozenset({"text"})
"""Field types whose words are names rather than prose."""
MARK: Final = "\u02c8"
"""Stands before a token of a sound, so that it is none of a text."""
_BREAK: Final = "|"
_HAN: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff]+")
_LETTERS: Final = re.compile(r"[a-z]{2,32}")
_CHARACTERS: Final = 40
_TAIL: Final = 2
_HEADS: Final = (2, 3, 4)

search_sound = Table(
    "search_sound",
    SYSTEM,
    Column("field_id", String(64), primary_key=True),
    Column("rid", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("sound", Text, nullable=False),
    sqlite_with_rowid=False,
)


def grams(run: str, length: int) -> list[str]:
    """Return every ``length`` characters in a row."""
    return [run[at : at + length] for at in range(len(run) - length + 1)]


@lru_cache(maxsize=4096)
def sound(content: str) -> str:
    """Return what the Chinese words of a text sound like; blank without any."""
    found: dict[str, None] = {}
    runs = _HAN.findall(content[:200])
    if len(runs) > 1:
        runs.append("".join(runs))  # 华达2000有限公司 is one name
    for run in runs:
        syllables = [one for one in pypinyin.lazy_pinyin(run[:_CHARACTERS], errors="ignore") if one]
        initials = "".join(one[0] for one in syllables)
        found[initials] = None
        if len(initials) > _TAIL + _HEADS[0]:  # 华为技术有限公司 is called 华为公司
            heads = (initials[start : start + length] for start in (0, 2) for length in _HEADS)
            found.update(dict.fromkeys(head + initials[-_TAIL:] for head in heads if len(head) >= _HEADS[0]))
        found["".join(syllables)] = None
    return _BREAK.join(one for one in found if one.isascii())


def tokens(heard: Iterable[str]) -> list[str]:
    """Return the tokens of some sounds for the index."""
    found: dict[str, None] = {}
    for one in heard:
        for run in one.split(_BREAK):
            found.update(dict.fromkeys(MARK + part for part in grams(run, 2) + grams(run, 3)))
    return list(found)


def words(query: str) -> tuple[str, ...]:
    """Return the words of a query that may be a sound; none unless all are Latin letters, two at least."""
    found = fold(query).replace("'", "").split()
    return tuple(found) if found and all(map(_LETTERS.fullmatch, found)) else ()


def query_tokens(query: Sequence[str]) -> list[str]:
    """Return the tokens every row that sounds like all words of a query has."""
    return [MARK + part for word in query for part in grams(word, min(len(word), 3))]


def condition(field_id: str, rid: ColumnElement[Any], word: str) -> ColumnElement[bool]:
    """SQL that says whether the field of a row sounds like a word of Latin letters."""
    table = search_sound.alias()
    like = table.c.sound.like(f"%{word}%")
    return exists(
        select(literal(1)).where(table.c.field_id == field_id, table.c.rid == rid, like).correlate_except(table)
    )


def note(connection: Connection, heard: Sequence[tuple[str, int, str]]) -> None:
    """Keep ``(field id, row number, sound)``; a blank sound only removes the old one."""
    by_field: dict[str, list[tuple[int, str]]] = {}
    for field_id, rid, one in heard:
        by_field.setdefault(field_id, []).append((rid, one))
    for field_id, found in by_field.items():
        forget(connection, [field_id], [rid for rid, _ in found])
        rows = [{"field_id": field_id, "rid": rid, "sound": one} for rid, one in found if one]
        if rows:
            connection.execute(insert(search_sound), rows)


def forget(connection: Connection, field_ids: Sequence[str], rids: Sequence[int]) -> None:
    """Remove the sounds of rows."""
    for part in chunks(rids):
        among = (search_sound.c.field_id.in_(list(field_ids)), search_sound.c.rid.in_(part))
        connection.execute(delete(search_sound).where(*among))
