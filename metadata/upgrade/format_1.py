"""Format 1 to format 2: a form became one tree of parts.

What differs: a form had ``sections`` of fields; now it has ``items`` with ids of their own, and a section is one of
several layout elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from metadata.model import Json

_MAX_BODY = 40

_id = {"type": "string", "pattern": "^[a-z]{3}_[a-z0-9][a-z0-9_]{0,39}$"}
_item = {
    "type": "object",
    "required": ["field"],
    "properties": {"field": {"type": "string"}, "width": {"enum": [4, 6, 8, 12]}},
    "additionalProperties": False,
}
_section = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": _id, "label": {"type": "object"}, "items": {"type": "array", "items": _item}},
    "additionalProperties": False,
}
_form = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": _id, "sections": {"type": "array", "items": _section}, "items": False},
}

SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:dougong:schema:app:1",
    "type": "object",
    "required": ["format"],
    "properties": {"format": {"const": 1}, "forms": {"type": "array", "items": _form}},
}


def upgrade(data: Mapping[str, Json]) -> dict[str, Json]:
    """Return the file in format 2."""
    result = {**data, "format": 2}
    result.pop("$schema", None)
    if "forms" in result:
        result["forms"] = [_upgraded(form) for form in result["forms"]]
    return result


def _upgraded(form: Mapping[str, Json]) -> dict[str, Json]:
    result = dict(form)
    sections = result.pop("sections", [])
    names = _names(str(form["id"]).partition("_")[2])
    if sections:
        result["items"] = [_part(section, names) for section in sections]
    return result


def _part(section: Mapping[str, Json], names: Iterator[str]) -> dict[str, Json]:
    """A section keeps the body of its id, so that every copy of an application gives it the same new one."""
    body = str(section["id"]).partition("_")[2]
    part = {key: value for key, value in section.items() if key not in ("id", "items")}
    part |= {"id": f"lay_{body}", "kind": "section", "width": 12}
    if section.get("items"):
        part["items"] = [{"id": f"lay_{next(names)}", **item} for item in section["items"]]
    return part


def _names(form: str) -> Iterator[str]:
    """Bodies of the ids of a form's fields: the form and the position."""
    number = 0
    while True:
        number += 1
        tail = f"_{number}"
        yield form[: _MAX_BODY - len(tail)] + tail
