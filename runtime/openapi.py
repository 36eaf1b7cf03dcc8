"""The OpenAPI 3.1 document of one application for one person, from what ``runtime.describe`` tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metadata.findings import in_language

_PROBLEM = {"$ref": "#/components/responses/Problem"}
_WRITERS = ("update", "create")


def document(app: Mapping[str, Any], language: str = "en") -> dict[str, Any]:
    """Return the document; only entities, fields and actions the person has appear in it."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = dict(_COMMON)
    for entity in app["entities"]:
        schemas[f"{entity['key']}_values"] = _values(entity, language, writing=False)
        schemas[f"{entity['key']}_input"] = _values(entity, language, writing=True)
        paths.update(_entity_paths(app["key"], entity, language))
    return {
        "openapi": "3.1.0",
        "info": {"title": in_language(app["name"], language), "version": str(app["version"])},
        "servers": [{"url": "/api/v1"}],
        "security": [{"session": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                "Problem": {
                    "description": "What went wrong",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
            "securitySchemes": {"session": {"type": "apiKey", "in": "cookie", "name": "dougong"}},
        },
    }


def _values(entity: Mapping[str, Any], language: str, *, writing: bool) -> dict[str, Any]:
    properties = {}
    for f in entity["fields"]:
        if writing and (f["level"] != "write" or f["key"] in ("id", "rev")):
            continue
        schema = {k: v for k, v in f["schema"].items() if k != "$schema"} if f["level"] != "masked" else {}
        properties[f["key"]] = {**schema, "title": in_language(f["label"], language)}
    shape: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return shape


def _entity_paths(app: str, entity: Mapping[str, Any], language: str) -> dict[str, Any]:
    key, actions = entity["key"], set(entity["actions"])
    label = in_language(entity["label"], language)
    base = f"/apps/{app}/{key}/records"
    record = {"$ref": "#/components/schemas/Record"}
    values = {"$ref": f"#/components/schemas/{key}_values"}
    given = {"$ref": f"#/components/schemas/{key}_input"}
    shown = _object({"record": {"allOf": [record, _object({"values": values})]}, "labels": {"type": "object"}})
    page = _object(
        {
            "records": {"type": "array", "items": {"allOf": [record, _object({"values": values})]}},
            "next_cursor": {"type": "string"},
            "count": {"type": ["integer", "null"]},
            "at_least": {"type": "boolean"},
            "labels": {"type": "object"},
        }
    )
    collection: dict[str, Any] = {"get": _operation(f"list_{key}", f"List {label}", page, parameters=_QUERY)}
    if "create" in actions:
        body = _object({"values": given}, required=["values"])
        collection["post"] = _operation(f"create_{key}", f"Create {label}", shown, body=body, status="201")
    one: dict[str, Any] = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "get": _operation(f"get_{key}", f"Read {label}", shown),
    }
    if "update" in actions:
        body = _object({"rev": {"type": "integer"}, "values": given}, required=["rev", "values"])
        one["patch"] = _operation(f"update_{key}", f"Change {label}", shown, body=body)
    if "delete" in actions:
        one["delete"] = _operation(f"delete_{key}", f"Put {label} into the trash", {"type": "object"})
    return {base: collection, base + "/{id}": one}


def _object(properties: Mapping[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    shape: dict[str, Any] = {"type": "object", "properties": dict(properties)}
    if required:
        shape["required"] = required
    return shape


def _operation(
    name: str,
    summary: str,
    result: Mapping[str, Any],
    *,
    body: Mapping[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
    status: str = "200",
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": name,
        "summary": summary,
        "responses": {
            status: {"description": "Done", "content": {"application/json": {"schema": result}}},
            "default": _PROBLEM,
        },
    }
    if parameters:
        made["parameters"] = parameters
    if body is not None:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        made["parameters"] = [*(parameters or []), _CSRF]
    return made


def _argument(name: str, kind: str, text: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": kind}, "description": text}


_QUERY = [
    _argument("fields", "string", "Comma-separated field keys; all readable ones when absent"),
    _argument("filter", "string", 'Filter tree as JSON, such as ["=","stage","opt_won"]'),
    _argument("sort", "string", "Comma-separated field keys; - in front means descending"),
    _argument("search", "string", "Text that must occur in a searched field"),
    _argument("limit", "integer", "Records a page, at most 200"),
    _argument("cursor", "string", "next_cursor of the page before"),
    _argument("offset", "integer", "Records to skip, instead of a cursor"),
    _argument("count", "string", "none, capped or exact"),
    _argument("trashed", "integer", "1 lists the trash"),
]

_CSRF = {
    "name": "X-CSRF-Token",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "Token from GET /me",
}

_COMMON: dict[str, Any] = {
    "Record": {
        "type": "object",
        "required": ["id", "rev", "values"],
        "properties": {"id": {"type": "string"}, "rev": {"type": "integer"}, "values": {"type": "object"}},
    },
    "Finding": {
        "type": "object",
        "properties": {
            "code": {"type": "string"},
            "place": {"type": "string"},
            "text": {"type": "string"},
            "severity": {"enum": ["error", "warning", "info"]},
            "rule": {"type": "string"},
        },
    },
    "Problem": {
        "type": "object",
        "required": ["title", "status", "code", "detail", "trace_id"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "code": {"type": "string"},
            "detail": {"type": "string"},
            "trace_id": {"type": "string"},
            "findings": {"type": "array", "items": {"$ref": "#/components/schemas/Finding"}},
            "conflict": {"type": "object"},
        },
    },
}
