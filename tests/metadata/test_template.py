"""Templates: stable bytes, local ids, and updates that respect what was edited here."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings

from engine.database import Database
from metadata.check import check
from metadata.codec import to_json
from metadata.findings import Refused
from metadata.model import App, Entity, Expr, Field, View
from metadata.refs import defined
from metadata.store import MetadataStore
from metadata.template import export_template, import_template, localise, render, update_from_template, without_trash
from metadata.validate import load
from tests.metadata.strategies import app_from, seeds

CRM = (Path(__file__).parents[2] / "apps" / "crm_template.json").read_bytes()


def ids(app: App) -> list[str]:
    return [identifier for identifier, _ in defined(to_json(app))]


def test_the_shipped_template_is_in_canonical_form() -> None:
    app, origins = import_template(CRM)
    assert export_template(app, origins) == CRM


def test_import_export_import_is_stable_with_fresh_ids() -> None:
    taken = ids(load(CRM))
    app, origins = import_template(CRM, taken, taken_keys={"crm", "crm_2"})
    assert app.key == "crm_3"
    assert not set(ids(app)) & set(taken)
    assert [f for f in check(app) if f.severity == "error"] == []
    exported = export_template(replace(app, key="crm"), origins)
    assert exported == CRM
    again, more = import_template(exported, [*taken, *ids(app)])
    assert export_template(again, more) == CRM


def test_no_template_id_is_left_anywhere_after_a_fresh_import() -> None:
    taken = ids(load(CRM))
    app, _ = import_template(CRM, taken)
    text = orjson.dumps(to_json(app)).decode()
    assert not [identifier for identifier in taken if re.search(rf"\b{identifier}\b", text)]


@settings(max_examples=50, deadline=None)
@given(seeds)
def test_any_application_survives_local_ids(seed: int) -> None:
    app = without_trash(app_from(seed))
    origins = {identifier: f"{identifier}_l" for identifier in ids(app)}
    local = localise(app, origins)
    assert export_template(local, origins) == export_template(app, {})


def test_free_ids_are_kept_and_only_taken_ones_replaced() -> None:
    app, origins = import_template(CRM, {"ent_account"})
    changed = {template for template, local in origins.items() if template != local}
    assert changed == {"ent_account"}
    assert app.entities[0].id == origins["ent_account"] != "ent_account"


def test_trash_and_samples_stay_at_home() -> None:
    app = load(CRM)
    account = app.entities[0]
    gone = replace(account.fields[1], trashed=True)
    spare = Entity(id="ent_spare", key="spare", label={"en": "Spare"}, trashed=True)
    view = View(id="viw_spare", entity="ent_spare", label={"en": "Spare"})
    app = replace(
        app,
        entities=(replace(account, fields=(*account.fields, replace(gone, id="fld_gone", key="gone"))), spare),
        forms=(),
        views=(view,),
        flows=(),
        dashboards=(),
        roles=(),
        menu=(),
        samples=({"entity": "ent_account", "records": []},),
    )
    text = export_template(app, {}, samples=False).decode()
    assert "fld_gone" not in text and "spare" not in text and "samples" not in text
    assert "samples" in export_template(app, {}).decode()


def test_colliding_origins_are_refused() -> None:
    app = load(CRM)
    with pytest.raises(ValueError, match="one id"):
        export_template(app, {"ent_contact": "ent_account"})


def test_a_broken_template_is_refused_with_findings() -> None:
    with pytest.raises(Refused) as caught:
        import_template(CRM[: len(CRM) // 2])
    assert [f.code for f in caught.value.findings] == ["M001"]


def test_a_new_version_meets_local_edits() -> None:
    """Version 2 adds a field, renames a label and drops a view; here a label was changed and a field added."""
    before = load(CRM)
    app, origins = import_template(CRM, ids(before))
    account = app.entities[0]
    mine = Field(id="fld_mine", key="mine", type="text", label={"zh-CN": "本地字段", "en": "Mine"})
    own_label = replace(account.fields[0], label={"zh-CN": "公司全称", "en": "Company"})
    ours = replace(app, entities=(replace(account, fields=(own_label, *account.fields[1:], mine)), *app.entities[1:]))

    data = orjson.loads(CRM)
    fields = data["entities"][0]["fields"]
    fields[0]["label"]["zh-CN"] = "客户全称"
    fields.insert(1, {"id": "fld_account_fax", "key": "fax", "type": "text", "label": {"zh-CN": "传真", "en": "Fax"}})
    data["forms"][0]["items"][1]["items"].append({"id": "lay_fax", "field": "fld_account_fax"})
    data["views"] = [view for view in data["views"] if view["id"] != "viw_account_quiet"]
    data["version"] = "2.0.0"

    update = update_from_template(data, before, ours, origins, ids(ours))
    merged = update.merge.app
    keys = [f.key for f in merged.entities[0].fields]
    assert keys[:2] == ["name", "fax"] and keys[-1] == "mine"
    assert merged.entities[0].fields[0].label["zh-CN"] == "公司全称"
    assert [c.finding.code for c in update.merge.conflicts] == ["M201"]
    assert update.merge.conflicts[0].offered == "客户全称"
    fax = merged.entities[0].fields[1].id
    assert fax == update.origins["fld_account_fax"] != "fld_mine"
    assert fax in {item.field for item in merged.forms[0].items[1].items}
    assert origins["viw_account_quiet"] not in {view.id for view in merged.views}
    assert merged.version == update.template.version == "2.0.0"
    assert [f for f in update.merge.findings if f.severity == "error"] == []
    # the same template once more brings nothing
    again = update_from_template(data, update.template, merged, update.origins, ids(merged))
    assert again.merge.app == merged and again.merge.conflicts == ()


def test_the_store_remembers_where_definitions_came_from(db: Database) -> None:
    with db.write() as connection:
        store = MetadataStore(connection)
        app, origins = import_template(CRM, store.taken_ids())
        store.add_version(app, "u1")
        store.set_live(app.id, 1)
        store.set_origins(app.id, origins)
        store.set_template(app.id, load(CRM))
    with db.read() as connection:
        store = MetadataStore(connection)
        assert export_template(store.live("crm")[1], store.origins("crm")) == CRM
        assert set(ids(app)) <= store.taken_ids()
        second, _ = import_template(CRM, store.taken_ids(), taken_keys={row.key for row in store.apps()})
    assert second.key == "crm_2" and not set(ids(second)) & set(ids(app))


def test_ids_inside_expressions_follow() -> None:
    check_expr = Expr(src='stage = "opt_x" AND name <> "opt_x y"', refs={"stage": "fld_s", "name": "fld_n"})
    field = Field(id="fld_n", key="n", type="text", label={}, default_expr=check_expr)
    app = App(id="app_a", key="a", name={}, entities=(Entity(id="ent_a", key="a", label={}, fields=(field,)),))
    local = localise(app, {"opt_x": "opt_y", "fld_s": "fld_t", "fld_n": "fld_m"})
    expr = local.entities[0].fields[0].default_expr
    assert expr == Expr(src='stage = "opt_y" AND name <> "opt_x y"', refs={"stage": "fld_t", "name": "fld_m"})


def test_file_form_is_readable_and_stable() -> None:
    data = {"b": [1, {"long": "x" * 130}], "a": {"zh": "中文"}, "c": [], "d": {}}
    text = render(data).decode()
    assert text == (
        '{\n  "a": {"zh": "中文"},\n  "b": [\n    1,\n    {\n      "long": "' + "x" * 130 + '"\n    }\n  ],\n'
        '  "c": [],\n  "d": {}\n}\n'
    )
    assert orjson.loads(text) == data
