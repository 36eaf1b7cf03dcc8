"""Prefixed, time-sortable identifiers for definitions, and plain ones for records.

A definition id is ``<prefix>_<body>``: the prefix says the kind (``ent``, ``fld`` ...), the body is free in a
template (``fld_amount``) and generated on an install (45 bits of milliseconds, 35 random bits, Crockford base 32).
A record id is a generated body without prefix. Names people see are never ids, so a rename changes no id.
"""

from __future__ import annotations

import re
import secrets
import threading
import time

PREFIXES = {
    "app": "application",
    "ent": "entity",
    "fld": "field",
    "opt": "choice option",
    "rul": "validation rule",
    "frm": "form",
    "sec": "form section",
    "viw": "view",
    "flw": "flow",
    "nod": "flow node",
    "edg": "flow edge",
    "dsh": "dashboard",
    "wdg": "dashboard widget",
    "rol": "role",
    "grt": "grant",
    "mnu": "menu item",
}

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME_CHARS, _RANDOM_CHARS = 9, 7
_RANDOM_SPAN = 1 << (5 * _RANDOM_CHARS)
_DEFINITION = re.compile(r"^([a-z]{3})_([a-z0-9][a-z0-9_]{0,39})$")
_RECORD = re.compile(rf"^[{_ALPHABET}]{{{_TIME_CHARS + _RANDOM_CHARS}}}$")

_lock = threading.Lock()
_last = (0, 0)


_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)


def _encode(number: int, width: int) -> str:
    """Write a number in base 32, two digits at a time (ids are made by the ten thousand in an import)."""
    pairs = []
    for _ in range((width + 1) // 2):
        pairs.append(_PAIRS[number & 1023])
        number >>= 10
    pairs.reverse()
    return "".join(pairs)[-width:]


def new_body() -> str:
    """Return a fresh 16-character body; bodies made later in one process sort later."""
    global _last
    now = time.time_ns() // 1_000_000
    with _lock:
        moment, noise = _last
        if now > moment:
            _last = (now, secrets.randbelow(_RANDOM_SPAN // 2))
        else:  # same millisecond, or a clock that went back: stay monotonic
            _last = (moment, noise + 1 + secrets.randbelow(1 << 10))
            if _last[1] >= _RANDOM_SPAN:
                _last = (moment + 1, secrets.randbelow(_RANDOM_SPAN // 2))
        moment, noise = _last
    return _encode(moment, _TIME_CHARS) + _encode(noise, _RANDOM_CHARS)


def new_id(prefix: str) -> str:
    """Return a fresh definition id such as ``fld_01jd...``. Raises ``KeyError`` for an unknown prefix."""
    PREFIXES[prefix]
    return f"{prefix}_{new_body()}"


def new_record_id() -> str:
    """Return a fresh record id (16 lower-case characters, sortable by time of creation)."""
    return new_body()


def parse(identifier: str) -> tuple[str, str]:
    """Split a definition id into (prefix, body). Raises ``ValueError`` when it is none."""
    match = _DEFINITION.match(identifier)
    if not match or match[1] not in PREFIXES:
        raise ValueError(f"not a definition id: {identifier!r}")
    return match[1], match[2]


def is_id(text: object, prefix: str | None = None) -> bool:
    """Say whether ``text`` is a well-formed definition id, of the given kind if one is named."""
    match = _DEFINITION.match(text) if isinstance(text, str) else None
    return bool(match) and match[1] in PREFIXES and prefix in (None, match[1])  # type: ignore[index]


def is_record_id(text: object) -> bool:
    """Say whether ``text`` is a well-formed record id."""
    return isinstance(text, str) and bool(_RECORD.match(text))
