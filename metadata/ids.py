"""Prefixed, time-sortable identifiers for definitions, and plain ones for records.

A definition id is ``<prefix>_<body>``: the prefix says the kind (``ent``, ``fld`` ...), the body is free in a
template (``fld_amount``) and generated on an install (45 bits of milliseconds, 35 random bits, Crockford base 32).
A record id is a generated body without prefix. Names people see are never ids, so a rename changes no id.
"""

from __future__ import annotations

import os
import re
import threading
import time

PREFIXES = {
    "app": "application",
    "ent": "entity",
    "fld": "field",
    "opt": "choice option",
    "rul": "validation rule",
    "frm": "form",
    "lay": "part of a form",
    "prt": "page to print",
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

_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)

_lock = threading.Lock()
_last = (0, 0, "")


def _moment_text(number: int) -> str:
    """Write 45 bits in base 32."""
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(40, -1, -5))


def _noise_text(number: int) -> str:
    """Write 35 bits in base 32, two digits at a time (ids are made by the ten thousand in an import)."""
    return _ALPHABET[number >> 30] + _PAIRS[number >> 20 & 1023] + _PAIRS[number >> 10 & 1023] + _PAIRS[number & 1023]


def new_body() -> str:
    """Return a fresh 16-character body; bodies made later in one process sort later."""
    global _last
    now = time.time_ns() // 1_000_000
    with _lock:
        moment, noise, shown = _last
        if now > moment:
            moment, noise, shown = now, _noise() >> 1, _moment_text(now)
        else:  # same millisecond, or a clock that went back: stay monotonic
            noise += 1 + (_noise() & 1023)
            if noise >= _RANDOM_SPAN:
                moment, noise = moment + 1, _noise() >> 1
                shown = _moment_text(moment)
        _last = (moment, noise, shown)
    return shown + _noise_text(noise)


def _noise() -> int:
    return int.from_bytes(os.urandom(5), "big") & _RANDOM_SPAN - 1


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
