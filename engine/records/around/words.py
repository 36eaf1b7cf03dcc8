"""Words of comments: people are named by id inside the text (``@{id}``), so a later change of name shows everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import Connection

from engine.records.labels import user_names

_MENTION: Final = re.compile(r"@\{([\w-]{1,64})\}")
LENGTH: Final = 200
"""Characters of a comment that a notice repeats."""


def mentioned(text: str) -> tuple[str, ...]:
    """Return the ids of the people a text names, each once, in order."""
    return tuple(dict.fromkeys(_MENTION.findall(text)))


def people_in(texts: Iterable[str]) -> set[str]:
    """Return the ids of everybody named in some texts."""
    return {one for text in texts for one in mentioned(text)}


def plain(connection: Connection, texts: Mapping[str, str]) -> dict[str, str]:
    """Return texts with names instead of ids, cut to :data:`LENGTH`."""
    names = user_names(connection, people_in(texts.values()))
    found = {}
    for key, text in texts.items():
        whole = _MENTION.sub(lambda match: f"@{names.get(match[1], '?')}", text)
        found[key] = whole if len(whole) <= LENGTH else whole[: LENGTH - 1] + "…"
    return found
