"""One character at a time: the same text for people is the same text for the machine.

``fold`` maps every character on its own (NFKC, then case folding), so it keeps substrings: what is found in a text is
found in its folded form. Uniqueness, option labels and the search index rely on that.
"""

from __future__ import annotations

import unicodedata

ESCAPE = "\\"


class _Folding(dict[int, str]):
    """Folded form by code point, filled as characters are met."""

    def __missing__(self, code: int) -> str:
        made = unicodedata.normalize("NFKC", chr(code)).casefold()
        self[code] = made
        return made


_FOLDING = _Folding()
_ASCII_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def fold(text: str) -> str:
    """Return the text with compatibility forms and case removed, character by character."""
    return text.translate(_FOLDING)


def folded_key(text: str) -> str:
    """Return the key two texts share when people would call them the same: folded, blanks collapsed."""
    return " ".join(fold(text).split())


def ascii_lower(text: str) -> str:
    """Lower ASCII letters only: what both databases can do alike, so filters agree everywhere."""
    return text.translate(_ASCII_LOWER)


def like_pattern(text: str, *, start: bool = True, end: bool = True) -> str:
    """Return a LIKE pattern (escape character ``\\``) that finds ``text`` itself.

    ``start`` and ``end`` say on which sides other text may stand.
    """
    escaped = text.replace(ESCAPE, ESCAPE * 2).replace("%", ESCAPE + "%").replace("_", ESCAPE + "_")
    return ("%" if start else "") + escaped + ("%" if end else "")
