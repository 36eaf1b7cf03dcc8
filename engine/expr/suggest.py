"""Did you mean: the nearest known names to one that is not known, by spelling or by sound.

Chinese names are also found by their pinyin, whole or as initials (``khmc`` for 客户名称), and by another character of
the same sound, which is the commonest slip of a Chinese keyboard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from engine.deferred import deferred

pypinyin: Any = deferred("pypinyin")  # its dictionaries take 50 MB; only a name nobody knows needs them

_SOUND = 0.5
_SOUND_BEGINS = 1.5


def distance(left: str, right: str, limit: int) -> int:
    """Return how many single-character edits (swaps of neighbours included) turn one text into the other.

    Stops counting above ``limit`` and returns ``limit + 1``.
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    row = list(range(len(right) + 1))
    for at, character in enumerate(left, 1):
        previous, row = row, [at] + [0] * len(right)
        for column, other in enumerate(right, 1):
            cost = character != other
            row[column] = min(previous[column] + 1, row[column - 1] + 1, previous[column - 1] + cost)
            if at > 1 and column > 1 and character == right[column - 2] and left[at - 2] == other:
                row[column] = min(row[column], before[column - 2] + 1)
        if min(row) > limit:
            return limit + 1
        before = previous
    return row[-1]


@lru_cache(maxsize=8_192)
def sounds(text: str) -> tuple[str, str]:
    """Return the pinyin of a text with Chinese in it, whole and as initials; two empty texts for any other."""
    if not any("\u3400" <= character <= "\u9fff" for character in text):
        return "", ""
    syllables = [one for one in pypinyin.lazy_pinyin(text, errors=list) if not one.isspace()]
    return "".join(syllables).casefold(), "".join(one[0] for one in syllables).casefold()


def nearest(
    name: str, candidates: Iterable[str], most: int = 3, fits: Callable[[str], bool] | None = None
) -> list[str]:
    """Return up to ``most`` candidates within two edits (one for names of up to four letters), nearest first.

    Case is ignored, a candidate that the name begins counts as near, and so does one that sounds alike. What does not
    fit where the name stands (``fits``) comes one edit later.
    """
    wanted = name.casefold()
    limit = 1 if len(wanted) <= 4 else 2
    heard = (wanted if wanted.isascii() else sounds(wanted)[0]) if len(wanted) >= 2 else ""
    scored: list[tuple[float, float, int, str]] = []
    for order, candidate in enumerate(dict.fromkeys(candidates)):
        folded = candidate.casefold()
        score: float = distance(wanted, folded, limit)
        if score > limit and len(wanted) >= 2 and folded.startswith(wanted):
            score = limit
        if heard and not folded.isascii():
            score = min(score, _sound(heard, folded, limit))
        if score <= limit:
            misfit = fits is not None and not fits(candidate)
            scored.append((score + misfit, score, order, candidate))
    return [candidate for *_, candidate in sorted(scored)[:most]]


def _sound(heard: str, candidate: str, limit: int) -> float:
    whole, initials = sounds(candidate)
    if heard in (whole, initials):
        return _SOUND
    if whole.startswith(heard) or initials.startswith(heard):
        return min(_SOUND_BEGINS, limit)
    return distance(heard, whole, limit) if len(heard) > 4 else limit + 1
