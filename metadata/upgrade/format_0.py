"""Format 0, the form of the first design drafts, to format 1.

What differs: text may be plain (then in the file's ``language``), ``reports`` became ``dashboards``, rules stand at
the top and name their entity, some types had other names (``money``, ``lookup`` ...), choices may be plain texts
without ids, ``deleted`` became ``trashed``, and null stood for "not given".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from metadata.model import Json

_TYPES = {"money": "currency", "long_text": "textarea", "boolean": "switch", "choice": "select", "lookup": "link_one"}
_TEXT_KEYS = frozenset({"label", "help", "name", "description", "message", "pattern_message"})
_NO_TEXT = frozenset({"options", "config", "trigger", "settings", "samples", "layout", "dataset", "encode", "style"})

_text = {
    "anyOf": [
        {"type": ["string", "null"]},
        {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
    ]
}
_id = {"type": "string", "pattern": "^[a-z]{3}_[a-z0-9][a-z0-9_]{0,39}$"}

SCHEMA: Mapping[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "urn:dougong:schema:app:0",
    "type": "object",
    "required": ["format", "id", "key", "name"],
    "properties": {
        "format": {"const": 0},
        "id": _id,
        "language": {"type": ["string", "null"], "pattern": "^[a-z]{2}(-[A-Z]{2})?$"},
        "name": _text,
        "entities": {
            "type": ["array", "null"],
            "items": {
                "type": "object",
                "required": ["id"],
                "properties": {
                    "id": _id,
                    "label": _text,
                    "deleted": {"type": ["boolean", "null"]},
                    "fields": {"type": ["array", "null"], "items": {"$ref": "#/$defs/field"}},
                    "rules": False,
                },
            },
        },
        "rules": {
            "type": ["array", "null"],
            "items": {"type": "object", "required": ["entity"], "properties": {"entity": _id, "message": _text}},
        },
        "requires": {
            "type": ["object", "null"],
            "properties": {"types": {"type": ["array", "null"], "items": {"type": "string"}}},
        },
        "reports": {"type": ["array", "null"], "items": {"type": "object"}},
        "dashboards": False,
    },
    "$defs": {
        "field": {
            "type": "object",
            "required": ["id", "type"],
            "properties": {
                "id": _id,
                "type": {"type": "string"},
                "label": _text,
                "help": _text,
                "deleted": {"type": ["boolean", "null"]},
                "choices": {"type": ["array", "null"], "items": {"type": ["string", "object"]}, "maxItems": 1000},
                "options": {"type": ["object", "null"]},
            },
        }
    },
}


def upgrade(data: Mapping[str, Json]) -> dict[str, Json]:
    """Return the file in format 1."""
    language = data.get("language") or "zh-CN"
    result = {key: _given(_texts(value, language, key)) for key, value in data.items() if value is not None}
    result.pop("language", None)
    result["format"] = 1
    if "reports" in result:
        result["dashboards"] = result.pop("reports")
    if "requires" in result:
        result["requires"] = _requires(result["requires"])
    rules = result.pop("rules", [])
    if "entities" in result:
        result["entities"] = [_entity(entity, rules) for entity in result["entities"]]
    return result


def _entity(entity: Mapping[str, Json], rules: Iterable[Mapping[str, Json]]) -> dict[str, Json]:
    result = _trashed(entity)
    if "fields" in result:
        result["fields"] = [_field(field) for field in result["fields"]]
    own = [
        {key: value for key, value in rule.items() if key != "entity"}
        for rule in rules
        if rule["entity"] == result["id"]
    ]
    if own:
        result["rules"] = own
    return result


def _field(field: Mapping[str, Json]) -> dict[str, Json]:
    result = _trashed(field)
    result["type"] = _TYPES.get(field["type"], field["type"])
    options = dict(result.get("options", {}))
    if "choices" in result:
        body = str(field["id"]).partition("_")[2]
        options["options"] = [_option(choice, body, number) for number, choice in enumerate(result.pop("choices"), 1)]
    if field["type"] == "money":
        options = {"scale": 2, "currency": "CNY", **options}
    if options:
        result["options"] = options
    return result


def _option(choice: Json, body: str, number: int) -> Json:
    own_id = f"opt_{body[: 39 - len(str(number))]}_{number}"
    if isinstance(choice, str):
        return {"id": own_id, "label": {"zh-CN": choice}}
    return {"id": own_id, **choice}


def _trashed(definition: Mapping[str, Json]) -> dict[str, Json]:
    result = dict(definition)
    if result.pop("deleted", False):
        result["trashed"] = True
    return result


def _requires(requires: Mapping[str, Json]) -> dict[str, Json]:
    result = dict(requires)
    if "types" in result:
        named = (text.partition("@") for text in result["types"])
        result["types"] = [_TYPES.get(name, name) + at + number for name, at, number in named]
    return result


def _texts(value: Json, language: str, key: str) -> Json:
    """Turn plain text under a text key into a language map, wherever it stands."""
    if key in _TEXT_KEYS and isinstance(value, str):
        return {language: value}
    if isinstance(value, dict):
        return {name: item if name in _NO_TEXT else _texts(item, language, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_texts(item, language, "") for item in value]
    return value


def _given(value: Json) -> Json:
    """Drop keys whose value is null; null inside a list is kept, it may be an operand of a filter."""
    if isinstance(value, dict):
        return {key: _given(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_given(item) for item in value]
    return value
