"""References are found wherever an id can stand, and nowhere else; remapping is reversible."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings

from metadata.codec import to_json
from metadata.model import App, Entity, Expr, Field, MenuItem, View
from metadata.refs import defined, references, remap, used_by
from metadata.validate import load
from tests.metadata.strategies import app_from, seeds

CRM = load((Path(__file__).parents[2] / "apps" / "crm_template.json").read_bytes())

NAMES = {"app_name": "fld_h", "ent_o.region": "fld_i", 'fld_j="opt_k"': "opt_k"}


def test_every_place_of_an_option() -> None:
    places = {r.place for r in used_by(CRM, "opt_contract_approved")}
    assert "/flows/0/nodes/6/config/set/fld_contract_status/value" in places
    assert any(place.startswith("/views/") and place.endswith("/filter/1/2") for place in places)
    assert any(place.startswith("/dashboards/0/widgets/0/dataset/filter") for place in places)


def test_paths_keys_and_literals() -> None:
    data = {
        "id": "ent_a",
        "view": ["fld_a.fld_b", "sys_owner", "sys_owner.fld_x"],
        "set": {"fld_c": {"value": "opt_d"}},
        "when": {"src": 'stage = "opt_e" AND opt_f > \'opt_g\' & "opt_in text"', "refs": NAMES},
        "label": {"en": "fld_text", "zh-CN": "opt_text"},
        "items": [{"id": "fld_own", "x": "ent_a"}],
    }
    assert [(r.source, r.target) for r in references(data)] == [
        ("ent_a", "fld_a"),
        ("ent_a", "fld_b"),
        ("ent_a", "fld_x"),
        ("ent_a", "fld_c"),
        ("ent_a", "opt_d"),
        ("ent_a", "opt_e"),
        ("ent_a", "opt_g"),
        ("ent_a", "fld_h"),
        ("ent_a", "ent_o"),
        ("ent_a", "fld_i"),
        ("ent_a", "fld_j"),
        ("ent_a", "opt_k"),
        ("ent_a", "opt_k"),
        ("fld_own", "ent_a"),
    ]
    assert [identifier for identifier, _ in defined(data)] == ["ent_a", "fld_own"]


def test_text_that_only_looks_like_an_id_is_loose() -> None:
    field = Field(id="fld_a", key="a", type="text", label={"en": "A"}, default="opt_in")
    view = View(id="viw_a", entity="ent_a", label={"en": "V"}, filter=["=", "fld_a", "opt_out"])
    entity = Entity(id="ent_a", key="a", label={"en": "A"}, fields=(field,))
    app = App(id="app_a", key="a", name={"en": "A"}, entities=(entity,), views=(view,))
    loose = {r.target: r.loose for r in references(app)}
    assert loose == {"opt_in": True, "opt_out": True, "ent_a": False, "fld_a": False}


def test_names_in_expressions_follow_their_owner() -> None:
    data = {"src": "a", "refs": NAMES}
    mapping = {name: f"{name}x" for name in ("app_name", "fld_h", "ent_o", "fld_i", "fld_j", "opt_k")}
    assert remap(data, mapping)["refs"] == {
        "app_name": "fld_hx",
        "ent_ox.region": "fld_ix",
        'fld_jx="opt_kx"': "opt_kx",
    }


def test_used_by_leaves_out_the_definition_itself() -> None:
    name = Field(id="fld_a", key="a", type="text", label={}, default_expr=Expr(src="a", refs={"a": "fld_a"}))
    entity = Entity(id="ent_a", key="a", label={}, title="fld_a", fields=(name,))
    menu = (MenuItem(id="mnu_a", kind="view", target="viw_a"),)
    app = App(id="app_a", key="a", name={}, entities=(entity,), menu=menu)
    assert [r.place for r in used_by(app, "fld_a")] == ["/entities/0/title"]
    assert used_by(app, "ent_a") == ()
    assert [r.source for r in used_by(app, "viw_a")] == ["mnu_a"]


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_remapping_is_complete_and_reversible(seed: int) -> None:
    data = to_json(app_from(seed))
    known = [identifier for identifier, _ in defined(data)]
    mapping = {identifier: f"{identifier}_local" for identifier in known}
    mapped = remap(data, mapping)
    assert [identifier for identifier, _ in defined(mapped)] == [mapping[identifier] for identifier in known]
    before, after = references(data), references(mapped)
    assert [mapping.get(r.target, r.target) for r in before] == [r.target for r in after]
    assert remap(mapped, {local: own for own, local in mapping.items()}) == data


def test_the_crm_has_no_dangling_reference() -> None:
    known = {identifier for identifier, _ in defined(to_json(CRM))}
    found = references(CRM)
    assert len(found) > 500
    assert {r.target for r in found} <= known
