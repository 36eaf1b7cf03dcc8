"""Semantic diff: the law over random edits, the fewest moves, and what people read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from metadata.codec import canonical, from_json, to_json
from metadata.diff import apply, diff, same, summary
from metadata.model import App, Entity, Field, MenuItem
from tests.metadata.strategies import app_from, edited_twice, seeds


def app_of(*keys: str) -> App:
    fields = tuple(Field(id=f"fld_{key}", key=key, type="text", label={"en": key}) for key in keys)
    entity = Entity(id="ent_a", key="a", label={"en": "A"}, fields=fields)
    return App(id="app_a", key="a", name={"en": "A"}, entities=(entity,))


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_apply_of_diff_leads_to_the_new_version(seed: int) -> None:
    base, one, other = edited_twice(seed)
    for old, new in ((base, one), (one, other), (None, one), (other, base)):
        reached = apply(diff(old, new), old)
        assert reached == new
        assert canonical(to_json(reached)) == canonical(to_json(new))


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_nothing_changed_means_no_operation(seed: int) -> None:
    app = app_from(seed)
    again = from_json(App, to_json(app))
    assert diff(app, again) == ()


def test_one_dragged_field_is_one_move() -> None:
    changes = diff(app_of("a", "b", "c", "d", "e"), app_of("b", "c", "d", "e", "a"))
    assert [(c.op, c.kind, c.id, c.owner, c.into, c.after) for c in changes] == [
        ("move", "field", "fld_a", "ent_a", "fields", "fld_e")
    ]


def test_a_change_names_its_attributes_and_carries_both_sides() -> None:
    old = app_of("a", "b")
    field = replace(old.entities[0].fields[0], required=True, label={"en": "New"})
    new = replace(old, entities=(replace(old.entities[0], fields=(field, old.entities[0].fields[1])),))
    (change,) = diff(old, new)
    assert (change.op, change.kind, change.attributes) == ("change", "field", ("label", "required"))
    assert change.old == old.entities[0].fields[0] and change.new == field


def test_a_first_version_is_the_application_and_each_of_its_definitions() -> None:
    changes = diff(None, app_of("a", "b"))
    assert [(c.op, c.kind, c.id) for c in changes] == [("add", "app", "app_a"), ("add", "entity", "ent_a")]
    assert len(changes[1].new.fields) == 2


def test_zero_one_and_false_are_different_values() -> None:
    assert not same(0, False) and not same(1, True) and not same(1, 1.0)
    assert not same({"a": [1]}, {"a": [True]})
    assert same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    old = app_of("a")
    field = replace(old.entities[0].fields[0], default=0)
    zero = replace(old, entities=(replace(old.entities[0], fields=(field,)),))
    no = replace(old, entities=(replace(old.entities[0], fields=(replace(field, default=False),)),))
    assert [c.attributes for c in diff(zero, no)] == [("default",)]


def test_a_menu_item_may_change_its_folder() -> None:
    leaf = MenuItem(id="mnu_leaf", kind="view", target="viw_a")
    folder = MenuItem(id="mnu_folder", kind="folder")
    base = app_of("a")
    old = replace(base, menu=(replace(folder, items=(leaf,)),))
    new = replace(base, menu=(leaf, folder))
    for one, other in ((old, new), (new, old)):
        assert apply(diff(one, other), one) == other


def test_operations_for_another_version_are_refused() -> None:
    changes = diff(app_of("a", "b"), app_of("b", "a"))
    with pytest.raises(KeyError):
        apply(changes, app_of("c"))
    with pytest.raises(KeyError):
        apply(changes, None)


def test_summary_reads_like_a_sentence() -> None:
    old = app_of("a", "b")
    new = replace(app_of("a", "c", "d"), icon="x")
    assert [text["zh-CN"] for text in summary(diff(old, new))] == ["修改应用设置", "删除字段 1", "新增字段 2"]
    assert [text["en"] for text in summary(diff(old, new))] == [
        "application settings changed",
        "1 field removed",
        "2 fields added",
    ]
