"""The bound tree as JSON and back: what the browser evaluates, and what names a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from engine.expr import build
from engine.expr.moments import microseconds
from engine.expr.numbers import KEPT, plain
from engine.expr.tree import Call, Const, Items, Lambda, Let, Node, Path, const, function, items, let
from engine.expr.tree import path as path_node
from engine.expr.types import (
    ANY,
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    FILE,
    TEXT,
    Choice,
    ListType,
    NumberType,
    RecordType,
    Type,
    number,
)
from engine.expr.values import Value

FORMAT = 1
_SIMPLE: Mapping[str, Type] = {
    "text": TEXT,
    "boolean": BOOLEAN,
    "date": DATE,
    "datetime": DATETIME,
    "duration": DURATION,
    "file": FILE,
    "null": ANY,
}


def encode(tree: Node) -> dict[str, Any]:
    """Return a node as JSON: ``k`` is the kind of node, ``t`` its type; numbers are texts, spans are left out."""
    made: dict[str, Any] = {"t": _encode_type(tree.type)}
    if isinstance(tree, Const):
        made |= {"k": "const", "v": _encode_value(tree.value)}
    elif isinstance(tree, Path):
        made |= {"k": "path", "root": tree.root, "ids": list(tree.ids)}
        if not tree.nullable:
            made["required"] = True
        if tree.facts.scale > KEPT:  # a name for something inside arithmetic: not yet cut to 12 decimals
            made["scale"] = tree.facts.scale
    elif isinstance(tree, Call):
        made |= {"k": "call", "f": tree.name, "a": [encode(arg) for arg in tree.args]}
    elif isinstance(tree, Lambda):
        made |= {"k": "lambda", "slot": tree.slot, "body": encode(tree.body)}
    elif isinstance(tree, Let):
        made |= {"k": "let", "slot": tree.slot, "v": encode(tree.value), "body": encode(tree.body)}
    elif isinstance(tree, Items):
        made |= {"k": "list", "items": [encode(item) for item in tree.items]}
    return made


def decode(data: Mapping[str, Any]) -> Node:
    """Return the tree of its JSON form. Raises ``KeyError`` for what no :func:`encode` gave."""
    type_ = _decode_type(data["t"])
    kind = data["k"]
    if kind == "const":
        return const(_decode_value(data["v"], type_), type_)
    if kind == "path":
        found = path_node(data["root"], tuple(data["ids"]), type_, nullable=not data.get("required", False))
        return replace(found, facts=replace(found.facts, scale=data.get("scale", found.facts.scale)))
    if kind == "call":
        made = build.unfolded(data["f"], [decode(arg) for arg in data["a"]])
        return replace(made, type=type_)  # a call that only gives NULL may stand for another type
    if kind == "lambda":
        return function(data["slot"], decode(data["body"]))
    if kind == "let":
        return let(data["slot"], decode(data["v"]), decode(data["body"]))
    return items(tuple(decode(item) for item in data["items"]), type_.item if isinstance(type_, ListType) else ANY)


def _encode_type(type_: Type) -> Any:
    if isinstance(type_, NumberType):
        return "number" if type_.scale is None else {"number": type_.scale}
    if isinstance(type_, Choice):
        return {"choice": [[option, dict(labels)] for option, labels in type_.options]}
    if isinstance(type_, RecordType):
        return {"record": type_.entity}
    if isinstance(type_, ListType):
        return {"list": _encode_type(type_.item)}
    return type_.kind


def _decode_type(data: Any) -> Type:
    if isinstance(data, str):
        return number() if data == "number" else _SIMPLE[data]
    (name, value), *_ = data.items()
    if name == "number":
        return number(value)
    if name == "choice":
        return Choice(tuple((option, labels) for option, labels in value))
    return RecordType(value) if name == "record" else ListType(_decode_type(value))


def _encode_value(value: Value) -> Any:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return microseconds(value)
    raise TypeError(value)


def _decode_value(data: Any, type_: Type) -> Value:
    if data is None:
        return None
    if type_.kind == "number":
        return Decimal(data)
    if type_.kind == "date":
        return date.fromisoformat(data)
    if type_.kind == "datetime":
        return datetime.fromisoformat(data)
    if type_.kind == "duration":
        return timedelta(microseconds=data)
    return data
