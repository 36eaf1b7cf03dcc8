"""Did you mean: the nearest known names to one that is not known."""

from __future__ import annotations

from collections.abc import Iterable


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


def nearest(name: str, candidates: Iterable[str], most: int = 3) -> list[str]:
    """Return up to ``most`` candidates within two edits (one for names of up to four letters), nearest first.

    Case is ignored, and a candidate that the name begins counts as near.
    """
    wanted = name.casefold()
    limit = 1 if len(wanted) <= 4 else 2
    scored: list[tuple[int, int, str]] = []
    for order, candidate in enumerate(dict.fromkeys(candidates)):
        folded = candidate.casefold()
        score = distance(wanted, folded, limit)
        if score > limit and len(wanted) >= 2 and folded.startswith(wanted):
            score = limit
        if score <= limit:
            scored.append((score, order, candidate))
    return [candidate for _, _, candidate in sorted(scored)[:most]]
