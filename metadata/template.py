"""Application templates as files: readable, stable to the byte, with ids that become local on import."""

from __future__ import annotations

import json
from typing import Any

from metadata.model import Json

_WIDTH = 120


def render(data: Json) -> bytes:
    """Return the file form of a JSON value: sorted keys, one line for what fits, else one line an item."""
    return (_lines(data, 0) + "\n").encode()


def _lines(value: Json, indent: int, used: int = 0) -> str:
    flat = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if len(flat) + indent + used <= _WIDTH or not isinstance(value, (dict, list)) or not value:
        return flat
    inner = indent + 2
    pad = " " * inner
    if isinstance(value, dict):
        keys = sorted(value)
        items: list[Any] = []
        for key in keys:
            name = json.dumps(key, ensure_ascii=False) + ": "
            items.append(name + _lines(value[key], inner, len(name) + 1))
        opening, closing = "{", "}"
    else:
        items = [_lines(item, inner, 1) for item in value]
        opening, closing = "[", "]"
    body = (",\n" + pad).join(items)
    return f"{opening}\n{pad}{body}\n{' ' * indent}{closing}"
