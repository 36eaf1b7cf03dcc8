"""The published schemas: valid 2020-12, closed, complete against the classes, usable by another validator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
import referencing
from hypothesis import given, settings

from metadata.codec import to_json
from metadata.model import FORMAT, App
from metadata.tree import KIND_OF
from metadata.validate import KINDS, schema, validate
from tests.metadata.strategies import app_from, seeds

CRM = orjson.loads((Path(__file__).parents[2] / "apps" / "crm_template.json").read_bytes())
ALL = ("common", *KINDS)


def objects(node: Any, place: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        if node.get("type") == "object":
            yield place, node
        for key, value in node.items():
            yield from objects(value, f"{place}/{key}")
    elif isinstance(node, list):
        for position, value in enumerate(node):
            yield from objects(value, f"{place}/{position}")


@pytest.mark.parametrize("kind", ALL)
def test_schema_is_valid_and_named(kind: str) -> None:
    document = schema(kind)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert document["$id"] == f"urn:dougong:schema:{kind}:2"
    assert document["title"] and document["description"]
    jsonschema.Draft202012Validator.check_schema(document)


@pytest.mark.parametrize("kind", ALL)
def test_objects_are_closed_or_bounded(kind: str) -> None:
    for place, node in objects(schema(kind)):
        closed = node.get("additionalProperties") is False
        assert closed or "maxProperties" in node, place


@pytest.mark.parametrize("kind", ALL)
def test_lists_and_texts_are_bounded(kind: str) -> None:
    def walk(node: Any, place: str) -> None:
        if isinstance(node, dict):
            if node.get("type") == "array":
                assert "maxItems" in node, place
            if node.get("type") == "string":
                assert "maxLength" in node or "pattern" in node or "enum" in node, place
            for key, value in node.items():
                walk(value, f"{place}/{key}")
        elif isinstance(node, list):
            for position, value in enumerate(node):
                walk(value, f"{place}/{position}")

    walk(schema(kind), "")


def titled(kind: str) -> dict[str, set[str]]:
    return {
        node["title"]: set(node["properties"])
        for _, node in objects(schema(kind))
        if "properties" in node and "title" in node
    }


@pytest.mark.parametrize(
    ("cls", "kind", "title"),
    [
        (cls, *where)
        for cls, name in KIND_OF.items()
        if (
            where := {
                "rule": ("entity", "Rule"),
                "item": ("form", "Item"),
                "node": ("flow", "Node"),
                "edge": ("flow", "Edge"),
                "widget": ("dashboard", "Widget"),
                "grant": ("role", "Grant"),
            }.get(name, (name, ""))
        )
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_schema_and_class_have_the_same_attributes(cls: type, kind: str, title: str) -> None:
    wanted = {item.name for item in fields(cls)}
    found = titled(kind)[title or schema(kind)["title"]]
    assert found - {"$schema"} == wanted


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_every_definition_the_classes_can_hold_is_valid(seed: int) -> None:
    assert validate({"format": FORMAT, **to_json(app_from(seed))}) == []


def test_the_pure_python_validator_agrees() -> None:
    registry: Any = referencing.Registry()
    for kind in ALL:
        registry = registry.with_resource(
            f"urn:dougong:schema:{kind}:2", referencing.Resource.from_contents(schema(kind))
        )
    validator = jsonschema.Draft202012Validator(schema("app"), registry=registry)
    assert list(validator.iter_errors(CRM)) == []
    broken = {**CRM, "entities": [{**CRM["entities"][0], "key": "A", "colour": 1}]}
    assert len(list(validator.iter_errors(broken))) == len(validate(broken)) == 2


def test_unknown_kinds_are_refused() -> None:
    with pytest.raises(KeyError):
        schema("../secrets")
    assert App in KIND_OF
