"""The index over one version: ids and keys alike, nothing from the trash, something to show where nothing was made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from metadata.model import SYSTEM_FIELDS, App, Entity, Field
from metadata.snapshot import Snapshot
from metadata.validate import load

CRM = load((Path(__file__).parents[2] / "apps" / "crm_template.json").read_bytes())
SNAPSHOT = Snapshot(CRM, 3)


def test_ids_and_keys_lead_to_the_same_definition() -> None:
    assert SNAPSHOT.version == 3
    assert SNAPSHOT.entity("account") is SNAPSHOT.entity("ent_account")
    assert SNAPSHOT.field_of("account", "name") is SNAPSHOT.field("fld_account_name")
    assert SNAPSHOT.entity_of("fld_contact_name").key == "contact"
    assert SNAPSHOT.flow("contract_approval").id == "flw_contract_approval"
    assert SNAPSHOT.dashboard("sales").id == "dsh_sales"
    assert SNAPSHOT.role("manager").id == "rol_manager"
    assert SNAPSHOT.option("opt_contract_approved")["label"]["en"] == "Approved"
    assert [flow.key for flow in SNAPSHOT.flows_on("contract")] == ["contract_approval"]


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.entity("nothing"),
        lambda s: s.field("fld_nothing"),
        lambda s: s.field_of("account", "nothing"),
        lambda s: s.fields("nothing"),
        lambda s: s.entity_of("sys_owner"),
        lambda s: s.flow("nothing"),
        lambda s: s.dashboard("nothing"),
        lambda s: s.role("nothing"),
        lambda s: s.option("nothing"),
        lambda s: s.form("nothing"),
        lambda s: s.view("nothing"),
        lambda s: s.path("account", "name.title"),
    ],
)
def test_unknown_names_are_key_errors(ask: object) -> None:
    with pytest.raises(KeyError):
        ask(SNAPSHOT)  # type: ignore[operator]


def test_system_fields_belong_to_every_entity_and_parent_to_children() -> None:
    fields = SNAPSHOT.fields("account")
    assert {f.key for f in SYSTEM_FIELDS} <= set(fields) and "parent" not in fields
    parent = SNAPSHOT.field_of("contact", "parent")
    assert parent.options == {"entity": "ent_account"} and parent.label["zh-CN"] == "客户"
    assert SNAPSHOT.field("sys_parent").key == "parent"
    assert SNAPSHOT.all_fields("contact")[-1] == parent
    assert not {f.id for f in SNAPSHOT.own_fields("contact")} & {f.id for f in SYSTEM_FIELDS}


def test_relations_in_both_directions() -> None:
    assert [(f.key, e.key) for f, e in SNAPSHOT.children("account")] == [("contacts", "contact")]
    parent = SNAPSHOT.parent("contact")
    assert parent is not None and parent.key == "account" and SNAPSHOT.parent("account") is None
    assert {(e.key, f.key) for e, f in SNAPSHOT.links_to("account")} == {
        ("lead", "account"),
        ("opportunity", "account"),
        ("activity", "account"),
        ("contract", "account"),
    }
    assert SNAPSHOT.links_to("activity") == ()
    path = SNAPSHOT.path("contract", "account.fld_account_region")
    assert [f.key for f in path] == ["account", "region"]
    assert [f.key for f in SNAPSHOT.path("contact", "parent.region")] == ["parent", "region"]


def test_the_default_view_and_form_come_first() -> None:
    assert SNAPSHOT.default_form("account").id == "frm_account"
    assert SNAPSHOT.form("frm_lead").entity == "ent_lead"
    views = SNAPSHOT.views("account")
    assert views[0].id == "viw_account_all" and {v.entity for v in views} == {"ent_account"}
    assert SNAPSHOT.view("viw_account_key").label["zh-CN"] == "重点客户"
    assert SNAPSHOT.title_field("account").key == "name"


def test_an_entity_without_forms_and_views_gets_some() -> None:
    fields = tuple(Field(id=f"fld_{n}", key=f"f{n}", type="text", label={"en": str(n)}) for n in range(12))
    note = Field(id="fld_note", key="note", type="textarea", label={"en": "Note"})
    entity = Entity(id="ent_a", key="a", label={"en": "A"}, fields=(note, *fields))
    empty = Entity(id="ent_b", key="b", label={"en": "B"})
    snapshot = Snapshot(App(id="app_a", key="a", name={"en": "A"}, entities=(entity, empty)), 1)
    form = snapshot.default_form("a")
    assert [item.width for item in form.items[:2]] == [12, 6] and form.default
    (view,) = snapshot.views("a")
    assert view.columns == tuple(f.id for f in fields[:8]) and view.default
    assert snapshot.views("b")[0].columns == ("sys_id",)
    assert snapshot.title_field("a").key == "note" and snapshot.title_field("b").key == "id"


def test_what_is_in_the_trash_is_not_there() -> None:
    account = CRM.entities[0]
    gone = replace(account.fields[0], trashed=True)
    same_key = replace(account.fields[0], id="fld_new_name")
    trashed = replace(CRM.entities[2], trashed=True)
    app = replace(CRM, entities=(replace(account, fields=(gone, same_key)), trashed))
    snapshot = Snapshot(app, 1)
    assert [e.key for e in snapshot.entities] == ["account"] and not snapshot.has_entity("lead")
    assert snapshot.field_of("account", "name").id == "fld_new_name"
    with pytest.raises(KeyError):
        snapshot.field(gone.id)
    assert [f.id for f in snapshot.own_fields("account")] == ["fld_new_name"]
