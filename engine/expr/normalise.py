"""Full-width punctuation to ASCII, one character for one character, so every position stays true.

People type formulas on a Chinese keyboard; brackets, commas and quotes then come full-width. Text literals, braced
names and comments keep their content.
"""

from __future__ import annotations

_PLAIN = str.maketrans("（），；：＝＞＜＋－＊／＆％｛｝［］．！＾｜　×÷−", "(),;:=><+-*/&%{}[].!^| */-")
_DOUBLE = '"“”＂'
_SINGLE = "'‘’＇"
_SPECIAL = frozenset(_DOUBLE + _SINGLE + "{｛/／") | frozenset(chr(key) for key in _PLAIN)


def normalise(source: str) -> str:
    """Return the source with ASCII punctuation, of the same length."""
    if source.isascii() or not any(character in _SPECIAL for character in source):
        return source
    out: list[str] = []
    at, end = 0, len(source)
    while at < end:
        character = source[at]
        if character in _DOUBLE or character in _SINGLE:
            stop = _literal(source, at, out)
        elif character in "{｛":
            stop = _braced(source, at, out)
        elif character in "/／" and source[at + 1 : at + 2] in ("/", "*", "／", "＊"):
            stop = _comment(source, at, out)
        else:
            out.append(character.translate(_PLAIN))
            stop = at + 1
        at = stop
    return "".join(out)


def _literal(source: str, start: int, out: list[str]) -> int:
    """Copy a text literal. One opened with a curly quote ends at the next quote of its kind, curly or straight."""
    family, plain = (_DOUBLE, '"') if source[start] in _DOUBLE else (_SINGLE, "'")
    closing = plain if source[start] == plain else family
    out.append(plain)
    at = start + 1
    while at < len(source):
        character = source[at]
        if character in closing:
            out.append(plain)
            if source[at + 1 : at + 2] == plain and character == plain:
                out.append(plain)
                at += 2
                continue
            return at + 1
        out.append(character)
        at += 1
    return at


def _braced(source: str, start: int, out: list[str]) -> int:
    out.append("{")
    at = start + 1
    while at < len(source):
        if source[at] in "}｝":
            out.append("}")
            return at + 1
        out.append(source[at])
        at += 1
    return at


def _comment(source: str, start: int, out: list[str]) -> int:
    block = source[start + 1] in "*＊"
    out.append("/*" if block else "//")
    at = start + 2
    while at < len(source):
        if not block and source[at] == "\n":
            return at
        if block and source[at] in "*＊" and source[at + 1 : at + 2] in ("/", "／"):
            out.append("*/")
            return at + 2
        out.append(source[at])
        at += 1
    return at
