"""Order of Chinese text by pinyin, as a key that plain code-point order sorts right.

Every Han character is replaced by one whose code point is its rank in pinyin order; other characters are folded. So
digits come first, then Latin letters, then Chinese by sound, and a key is no longer than its text. Characters with
several readings stand at their usual one, as in a telephone book.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cache
from pathlib import Path

from engine.fields.folding import fold

_ORDER = Path(__file__).parent / "pinyin_order.txt"
_SYLLABLES = Path(__file__).parent / "pinyin_syllables.txt"
_FIRST = 0x4E00
KEY_LENGTH = 64


def pinyin_key(text: str) -> str:
    """Return the sort key of a text (its first characters decide)."""
    return fold(text[:KEY_LENGTH]).translate(_ranks())


@cache
def _ranks() -> dict[int, str]:
    order = _ORDER.read_text(encoding="utf-8")
    return {ord(character): chr(_FIRST + rank) for rank, character in enumerate(order)}


def syllables(text: str) -> list[str]:
    """Return the sound of each Han character of a text, at its usual reading; other characters are left out."""
    ranks, (starts, names) = _ranks(), _syllables()
    found = []
    for character in text:
        rank = ranks.get(ord(character))
        if rank is not None:
            found.append(names[bisect_right(starts, rank) - 1])
    return found


@cache
def _syllables() -> tuple[list[str], list[str]]:
    """The rank of the first character of each syllable, and the syllables."""
    lines = _SYLLABLES.read_text(encoding="utf-8").split()
    return [_ranks()[ord(line[-1])] for line in lines], [line[:-1] for line in lines]
