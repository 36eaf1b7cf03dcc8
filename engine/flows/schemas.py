"""JSON Schemas of what a flow definition holds besides nodes and wires, and the parts node types share."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def ident(prefix: str) -> Schema:
    """A definition id of one kind."""
    return {"type": "string", "pattern": f"^{prefix}_[a-z0-9][a-z0-9_]{{0,39}}$"}


FIELD_ID: Schema = {"type": "string", "pattern": "^(fld_[a-z0-9][a-z0-9_]{0,39}|sys_[a-z_]{1,20})$"}
ROLE_ID = ident("rol")
TEXT_MAP: Schema = {
    "type": "object",
    "properties": {"zh-CN": {"type": "string"}, "en": {"type": "string"}},
    "additionalProperties": False,
    "minProperties": 1,
}
EXPR: Schema = {
    "type": "object",
    "properties": {
        "src": {"type": "string", "maxLength": 5000},
        "refs": {"type": "object", "additionalProperties": {"type": "string"}},
        "lang": {"const": 1},
        "blank_as_zero": {"type": "boolean"},
    },
    "required": ["src"],
    "additionalProperties": False,
}


def obj(properties: Schema, required: tuple[str, ...] = (), **more: Any) -> Schema:
    """A closed object."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
        **more,
    }


def by_kind(**kinds: Schema) -> Schema:
    """One of several closed objects, told apart by ``kind``, so that a finding is about the kind that was meant."""
    return {
        "type": "object",
        "properties": {"kind": {"enum": list(kinds)}},
        "required": ["kind"],
        "allOf": [
            {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": shape}
            for kind, shape in kinds.items()
        ],
    }


VALUE = obj({"value": True, "expr": EXPR}, minProperties=1, maxProperties=1)
SET: Schema = {"type": "object", "propertyNames": FIELD_ID, "additionalProperties": VALUE, "minProperties": 1}
PATH: Schema = {"type": "array", "items": FIELD_ID, "maxItems": 5}


def _rule(properties: Schema | None = None, required: tuple[str, ...] = ()) -> Schema:
    return obj({"kind": True, **(properties or {})}, required)


_LEVEL: Schema = {"type": "integer", "minimum": 1, "maximum": 10}
RULE = by_kind(
    user=_rule({"users": {"type": "array", "items": {"type": "string"}, "minItems": 1}}, ("users",)),
    role=_rule({"role": ROLE_ID}, ("role",)),
    manager=_rule({"level": _LEVEL}),
    manager_chain=_rule({"levels": _LEVEL}, ("levels",)),
    department_head=_rule({"level": {**_LEVEL, "minimum": 0}}),
    field=_rule({"path": {**PATH, "minItems": 1}}, ("path",)),
    initiator=_rule(),
)
RULES: Schema = {"type": "array", "items": RULE, "minItems": 1, "maxItems": 50}
POLICIES = obj(
    {
        "empty": {"enum": ["admin", "pass", "reject", "hold"]},
        "self": {"enum": ["superior", "self", "skip"]},
        "same": {"enum": ["adjacent", "none", "all"]},
    }
)
FIELD_LEVELS: Schema = {
    "type": "object",
    "propertyNames": FIELD_ID,
    "additionalProperties": {"enum": ["hidden", "read", "write"]},
}
DURATION = obj(
    {unit: {"type": "integer", "minimum": 1, "maximum": 100_000} for unit in ("minutes", "hours", "days")},
    minProperties=1,
)
LIMITS: Schema = {
    "type": "array",
    "maxItems": 10,
    "items": obj(
        {
            "after": DURATION,
            "do": {"enum": ["remind"]},
            "repeat": obj(
                {"every": DURATION, "max": {"type": "integer", "minimum": 1, "maximum": 50}}, ("every", "max")
            ),
        },
        ("after", "do"),
    ),
}

TRIGGER_SCHEMA: Schema = {
    "$schema": DRAFT,
    **by_kind(
        button=_rule({"roles": {"type": "array", "items": ROLE_ID, "minItems": 1}, "when": EXPR}),
        record=_rule(
            {
                "on": {"type": "array", "items": {"enum": ["create", "update"]}, "minItems": 1, "uniqueItems": True},
                "fields": {"type": "array", "items": FIELD_ID, "minItems": 1},
                "when": EXPR,
            },
            ("on",),
        ),
    ),
}

SETTINGS_SCHEMA: Schema = {
    "$schema": DRAFT,
    **obj(
        {
            "withdraw": {"enum": ["before_decision", "any_time", "never"]},
            "lock": {"enum": ["record", "none"]},
            "summary": {"type": "array", "items": FIELD_ID, "maxItems": 5, "uniqueItems": True},
            "keep_read": {"type": "boolean"},
            "admins": {"type": "array", "items": ROLE_ID, "minItems": 1},
            "policies": POLICIES,
            "on": obj({event: obj({"set": SET}, ("set",)) for event in ("returned", "withdrawn", "rejected")}),
        }
    ),
}
