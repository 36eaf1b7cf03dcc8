"""Finding people by name, user name, mail, pinyin (``zhaomin``) or initials (``zm``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, select

from engine import org, people
from engine.fields.pinyin import syllables
from engine.people import Person

_LETTERS: Final = re.compile(r"[a-z]{1,32}")
_SCANNED: Final = 20_000
"""People whose names are listened to; a bigger directory is searched by its texts only."""


def find_people(connection: Connection, text: str = "", *, limit: int = 20) -> list[Person]:
    """Return active people, those whose texts fit before those whose names sound like it."""
    found = people.find_users(connection, text, limit=limit)
    word = text.strip().lower().replace(" ", "")
    if len(found) >= limit or not _LETTERS.fullmatch(word):
        return found
    known = {person.id for person in found}
    names = select(org.user.c.id, org.user.c.name).where(org.user.c.active).order_by(org.user.c.name).limit(_SCANNED)
    heard = [row.id for row in connection.execute(names) if row.id not in known and _sounds(row.name, word)]
    return [*found, *_persons(connection, heard[: limit - len(found)])]


def _sounds(name: str, word: str) -> bool:
    initials, whole = _sound(name)
    return word in initials or whole.startswith(word)


@lru_cache(maxsize=_SCANNED)
def _sound(name: str) -> tuple[str, str]:
    parts = syllables(name)
    return "".join(part[0] for part in parts), "".join(parts)


def _persons(connection: Connection, ids: Iterable[str]) -> list[Person]:
    return [people.get_user(connection, one) for one in ids]
