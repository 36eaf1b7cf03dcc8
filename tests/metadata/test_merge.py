"""Three-way merge: laws over random edits, local edits win, every conflict is listed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from metadata.codec import canonical, to_json
from metadata.merge import merge
from metadata.model import App, Entity, Field, Form, FormItem, MenuItem
from metadata.refs import defined
from tests.metadata.strategies import edited_twice, seeds

BASE = App(
    id="app_a",
    key="a",
    name={"zh-CN": "甲", "en": "A"},
    entities=(
        Entity(
            id="ent_a",
            key="a",
            label={"en": "A"},
            fields=tuple(Field(id=f"fld_{key}", key=key, type="text", label={"en": key}) for key in "abc"),
        ),
    ),
)


def field(app: App, key: str) -> Field:
    return next(f for f in app.entities[0].fields if f.key == key)


def with_fields(*fields: Field, app: App = BASE) -> App:
    return replace(app, entities=(replace(app.entities[0], fields=fields),))


def raw(app: App) -> bytes:
    return canonical(to_json(app))


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_laws(seed: int) -> None:
    base, ours, theirs = edited_twice(seed)
    assert raw(merge(base, base, theirs).app) == raw(theirs)
    assert raw(merge(base, ours, base).app) == raw(ours)
    assert raw(merge(base, ours, ours).app) == raw(ours)
    assert merge(base, base, theirs).conflicts == merge(base, ours, base).conflicts == ()
    merged = merge(base, ours, theirs).app
    ids = [identifier for identifier, _ in defined(to_json(merged))]
    assert len(ids) == len(set(ids))
    assert raw(merge(base, merged, theirs).app) == raw(merged)  # the same template again changes nothing


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_what_one_side_did_is_in_the_result(seed: int) -> None:
    versions = base, ours, theirs = edited_twice(seed, rate=0.03)
    merged = {identifier for identifier, _ in defined(to_json(merge(base, ours, theirs).app))}
    before, here, there = ({identifier for identifier, _ in defined(to_json(app))} for app in versions)
    whole_edits = {e.id for e in base.entities} == {e.id for e in ours.entities} == {e.id for e in theirs.entities}
    if whole_edits and not merge(base, ours, theirs).conflicts:
        assert merged >= (here & there)
        assert not merged & (before - here - there)


def test_edits_of_different_attributes_go_together() -> None:
    a, b, c = BASE.entities[0].fields
    ours = with_fields(replace(a, label={"en": "Mine"}), b, c)
    theirs = with_fields(replace(a, required=True), b, c, Field(id="fld_d", key="d", type="date", label={"en": "d"}))
    result = merge(BASE, ours, theirs)
    assert not result.conflicts and not [f for f in result.findings if f.severity == "error"]
    assert field(result.app, "a").label == {"en": "Mine"} and field(result.app, "a").required
    assert [f.key for f in result.app.entities[0].fields] == ["a", "b", "c", "d"]


def test_the_local_edit_wins_and_the_conflict_is_listed() -> None:
    a, b, c = BASE.entities[0].fields
    ours = with_fields(replace(a, label={"en": "Mine"}), b, c)
    theirs = with_fields(replace(a, label={"en": "Theirs", "zh-CN": "他们"}), b, c)
    result = merge(BASE, ours, theirs)
    assert field(result.app, "a").label == {"en": "Mine", "zh-CN": "他们"}
    (conflict,) = result.conflicts
    assert (conflict.base, conflict.kept, conflict.offered) == ("a", "Mine", "Theirs")
    assert conflict.finding.place == "/entities/0/fields/0/label/en"
    assert "字段“Mine”" in conflict.finding.text("zh-CN")


def test_deleted_here_changed_there_stays_deleted() -> None:
    a, b, c = BASE.entities[0].fields
    result = merge(BASE, with_fields(b, c), with_fields(replace(a, required=True), b, c))
    assert [f.key for f in result.app.entities[0].fields] == ["b", "c"]
    assert [conflict.finding.code for conflict in result.conflicts] == ["M202"]
    assert '"a"' in result.conflicts[0].finding.text("en")


def test_changed_here_deleted_there_stays() -> None:
    a, b, c = BASE.entities[0].fields
    result = merge(BASE, with_fields(replace(a, required=True), b, c), with_fields(b, c))
    assert [f.key for f in result.app.entities[0].fields] == ["a", "b", "c"]
    assert [conflict.finding.code for conflict in result.conflicts] == ["M203"]


def test_order_follows_the_side_that_changed_it() -> None:
    a, b, c = BASE.entities[0].fields
    new = Field(id="fld_n", key="n", type="text", label={"en": "n"})
    assert [f.key for f in merge(BASE, with_fields(a, new, b, c), with_fields(c, b, a)).app.entities[0].fields] == [
        "c",
        "b",
        "a",
        "n",
    ]
    assert [f.key for f in merge(BASE, with_fields(c, a, b), with_fields(a, b, new, c)).app.entities[0].fields] == [
        "c",
        "a",
        "b",
        "n",
    ]


def test_dangling_results_are_reported_not_hidden() -> None:
    a, b, _ = BASE.entities[0].fields
    theirs = replace(BASE, forms=(Form(id="frm_a", entity="ent_a", label={"en": "F"}, related=("fld_c",)),))
    result = merge(BASE, with_fields(a, b), theirs)
    assert "M103" in {finding.code for finding in result.findings}


def test_an_item_moved_by_both_sides_stays_where_it_was_moved_here() -> None:
    leaf = MenuItem(id="mnu_l", kind="view", target="viw_a")
    one, two, three = (MenuItem(id=f"mnu_{n}", kind="folder", label={"en": n}) for n in ("one", "two", "three"))
    base = replace(BASE, menu=(replace(one, items=(leaf,)), two, three))
    ours = replace(BASE, menu=(one, replace(two, items=(leaf,)), three))
    theirs = replace(BASE, menu=(one, two, replace(three, items=(leaf,))))
    assert merge(base, ours, theirs).app.menu == ours.menu

    def form(*sections: tuple[str, ...]) -> App:
        made = tuple(
            FormItem(id=f"lay_{number}", kind="section", items=tuple(FormItem(id=name, field=name) for name in names))
            for number, names in enumerate(sections)
        )
        return replace(BASE, forms=(Form(id="frm_a", entity="ent_a", label={"en": "F"}, items=made),))

    moved = form(("fld_b",), ("fld_a",), ())
    assert merge(form(("fld_a", "fld_b"), (), ()), moved, form(("fld_b",), (), ("fld_a",))).app == moved
