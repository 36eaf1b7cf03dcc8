"""JSON and back: nothing is lost, defaults are left out, wrong types are named with their place."""

from __future__ import annotations

import dataclasses

import orjson
import pytest

from metadata.codec import Malformed, canonical, content_hash, from_json, to_json
from metadata.model import App, Entity, Expr, Field, Flow, FlowNode, Form, FormItem, MenuItem, Unique


def test_defaults_are_left_out_and_come_back() -> None:
    entity = Entity(id="ent_a", key="a", label={"en": "A"}, fields=(Field(id="fld_b", key="b", type="text", label={}),))
    data = to_json(entity)
    assert data == {
        "id": "ent_a",
        "key": "a",
        "label": {"en": "A"},
        "fields": [{"id": "fld_b", "key": "b", "type": "text", "label": {}}],
    }
    assert from_json(Entity, data) == entity


def test_nested_optional_and_recursive_values() -> None:
    item = MenuItem(id="mnu_a", kind="folder", items=(MenuItem(id="mnu_b", kind="view", target="viw_x"),))
    field = Field(
        id="fld_b",
        key="b",
        type="text",
        label={"en": "B"},
        unique=Unique(scope=("fld_c",)),
        default_expr=Expr(src="c", refs={"c": "fld_c"}, blank_as_zero=True),
        default=False,
    )
    for value in (item, field):
        assert from_json(type(value), orjson.loads(canonical(to_json(value)))) == value
    assert to_json(field)["default"] is False


@pytest.mark.parametrize(
    ("cls", "data", "place"),
    [
        (App, [], ""),
        (App, {"id": "app_a", "key": "a"}, ""),
        (App, {"id": "app_a", "key": "a", "name": {}, "color": 1}, ""),
        (App, {"id": 1, "key": "a", "name": {}}, "/id"),
        (App, {"id": "app_a", "key": "a", "name": {"en": 1}}, "/name/en"),
        (App, {"id": "app_a", "key": "a", "name": {}, "format": True}, "/format"),
        (App, {"id": "app_a", "key": "a", "name": {}, "entities": [{}]}, "/entities/0"),
        (Form, {"id": "frm", "entity": "e", "label": {}, "items": {}}, "/items"),
        (FormItem, {"id": "lay_f", "field": "f", "width": 5}, "/width"),
        (FormItem, {"id": "lay_f", "field": "f", "width": 6.0}, "/width"),
        (Field, {"id": "f", "key": "k", "type": "t", "label": {}, "unique": {"scope": [1]}}, "/unique/scope/0"),
    ],
)
def test_wrong_shapes_are_named(cls: type, data: object, place: str) -> None:
    with pytest.raises(Malformed) as caught:
        from_json(cls, data)
    assert caught.value.place == place


def test_layout_does_not_change_the_hash() -> None:
    flow = Flow(id="flw_a", key="a", label={}, entity="ent_a", layout={"nod_a": {"x": 1}})
    app = App(id="app_a", key="a", name={"en": "A"}, flows=(flow,))
    moved = dataclasses.replace(app, flows=(dataclasses.replace(flow, layout={"nod_a": {"x": 2}}),))
    grown = dataclasses.replace(app, flows=(dataclasses.replace(flow, nodes=(FlowNode(id="nod_a", type="start"),)),))
    assert content_hash(app) == content_hash(moved)
    assert content_hash(app) != content_hash(grown)
    assert flow.layout == {"nod_a": {"x": 1}}
