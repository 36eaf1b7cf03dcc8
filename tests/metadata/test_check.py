"""Each structural rule: one thing broken in a sound application gives that code at that place, with the way out."""

from __future__ import annotations

import configparser
import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import metadata.check as check_module
from metadata.check import check, register_checker
from metadata.codec import from_json, to_json
from metadata.findings import Finding, message_codes
from metadata.model import PLATFORM, App, Entity
from metadata.validate import load

CRM = to_json(load((Path(__file__).parents[2] / "apps" / "crm_template.json").read_bytes()))

Data = dict[str, Any]


def broken(change: Callable[[Data], Any]) -> list[Finding]:
    data = copy.deepcopy(CRM)
    change(data)
    return check(from_json(App, data))


def entity(data: Data, key: str) -> Data:
    return next(e for e in data["entities"] if e["key"] == key)  # type: ignore[no-any-return]


def field(data: Data, owner: str, key: str) -> Data:
    return next(f for f in entity(data, owner)["fields"] if f["key"] == key)  # type: ignore[no-any-return]


def trash(data: Data, owner: str, key: str) -> None:
    field(data, owner, key)["trashed"] = True


def position(items: Any, wanted: Callable[[Any], bool]) -> int:
    return next(at for at, item in enumerate(items) if wanted(item))


GRANT = "/roles/0/grants/0"
ACCOUNT = "/entities/0"
CONTACTS = f"{ACCOUNT}/fields/{position(CRM['entities'][0]['fields'], lambda f: f['key'] == 'contacts')}"
MENU_ACCOUNT = f"/menu/{position(CRM['menu'], lambda item: item['target'] == CRM['views'][0]['id'])}"
LEVEL_VIEW = position(CRM["views"], lambda view: "fld_account_level" in view["columns"])
LEVEL = f"/views/{LEVEL_VIEW}/columns/{CRM['views'][LEVEL_VIEW]['columns'].index('fld_account_level')}"

CASES: list[tuple[str, str, Callable[[Data], Any]]] = [
    ("M101", "/views/1/id", lambda d: d["views"][1].update(id=d["views"][0]["id"])),
    (
        "M101",
        f"{ACCOUNT}/fields/2/options/options/1/id",
        lambda d: d["entities"][0]["fields"][2]["options"]["options"][1].update(id="opt_level_a"),
    ),
    ("M102", "/entities/1/key", lambda d: d["entities"][1].update(key="account")),
    ("M102", f"{ACCOUNT}/fields/1/key", lambda d: d["entities"][0]["fields"][1].update(key="name")),
    ("M102", "/roles/1/key", lambda d: d["roles"][1].update(key="sales")),
    ("M103", f"{ACCOUNT}/title", lambda d: d["entities"][0].update(title="fld_gone")),
    ("M103", "/views/0/columns/0", lambda d: d["views"][0]["columns"].insert(0, "fld_gone")),
    ("M103", "/flows/0/edges/0/to_node", lambda d: d["flows"][0]["edges"][0].update(to_node="nod_gone")),
    (
        "M103",
        "/flows/0/nodes/3/config/fields/fld_gone",
        lambda d: d["flows"][0]["nodes"][3]["config"].update(fields={"fld_gone": "write"}),
    ),
    ("M104", "/views/0/columns/0", lambda d: d["views"][0]["columns"].insert(0, "fld_lead_status")),
    ("M104", "/views/0/sort/0/field", lambda d: d["views"][0]["sort"][0].update(field="fld_lead_status")),
    (
        "M104",
        f"{GRANT}/fields/fld_lead_status",
        lambda d: d["roles"][0]["grants"][0].update(fields={"fld_lead_status": "read"}),
    ),
    ("M104", "/views/0/columns/0", lambda d: d["views"][0]["columns"].insert(0, "sys_parent")),
    ("M105", LEVEL, lambda d: trash(d, "account", "level")),
    ("M105", f"{MENU_ACCOUNT}/target", lambda d: d["entities"][0].update(trashed=True)),
    ("M106", f"{ACCOUNT}/fields/1/key", lambda d: d["entities"][0]["fields"][1].update(key="owner")),
    ("M106", f"{ACCOUNT}/fields/1/key", lambda d: d["entities"][0]["fields"][1].update(key="and")),
    ("M106", f"{ACCOUNT}/key", lambda d: d["entities"][0].update(key="dashboard")),
    ("M106", "/key", lambda d: d.update(key="settings")),
    ("M106", "/roles/0/id", lambda d: d["roles"][0].update(id="rol_system")),
    ("M107", f"{ACCOUNT}/fields/1/key", lambda d: d["entities"][0]["fields"][1].update(key="fld_x")),
    ("M107", f"{ACCOUNT}/key", lambda d: d["entities"][0].update(key="ent_x")),
    ("M108", f"{ACCOUNT}/parent", lambda d: d["entities"][0].update(parent="ent_contact")),
    ("M108", f"{ACCOUNT}/parent", lambda d: d["entities"][0].update(parent="ent_account")),
    ("M109", "/entities/1/parent", lambda d: field(d, "account", "contacts").update(type="link_many")),
    ("M110", f"{CONTACTS}/options/entity", lambda d: d["entities"][1].pop("parent")),
    ("M111", "/entities/3/fields/1/options", lambda d: field(d, "opportunity", "account").update(options={})),
    (
        "M112",
        f"{ACCOUNT}/fields/2/options/options/0/label",
        lambda d: d["entities"][0]["fields"][2]["options"]["options"][0].update(label={"en": ""}),
    ),
    ("M113", f"{ACCOUNT}/own/1", lambda d: d["entities"][0].update(own=["sys_owner", "fld_account_name"])),
    ("M113", f"{ACCOUNT}/own/0", lambda d: d["entities"][0].update(own=["sys_created_at"])),
    ("M114", f"{GRANT}/actions/0", lambda d: d["roles"][0]["grants"][0].update(actions=["fly"])),
    ("M115", f"{GRANT}/range", lambda d: d["roles"][0]["grants"][0].update(range={"kind": "expression"})),
    ("M115", f"{GRANT}/range", lambda d: d["roles"][0]["grants"][0].update(range={"kind": "departments"})),
    ("M116", "/flows/0/nodes", lambda d: d["flows"][0]["nodes"][0].update(type="branch")),
    ("M117", "/flows/0/edges/0/to_node", lambda d: d["flows"][0]["edges"][0].update(to_node="wdg_won_year")),
    ("M118", "/dashboards/0/grid/0/w", lambda d: d["dashboards"][0]["grid"][0].update(w="wdg_new_leads")),
    ("M119", "/menu/0/target", lambda d: d["menu"][0].update(kind="view")),
    ("M119", "/menu/0/target", lambda d: d["menu"][0].pop("target")),
    (
        "M120",
        "/forms/0/items/1/items/0/field",
        lambda d: d["forms"][0]["items"][1]["items"].insert(0, {"id": "lay_again", "field": "fld_account_name"}),
    ),
    ("M130", f"{ACCOUNT}/rules/0", lambda d: d["entities"][0]["rules"][0].pop("check")),
    ("M130", f"{ACCOUNT}/rules/0", lambda d: d["entities"][0]["rules"][0].update(kind="show", fields=[])),
    ("M131", "/forms/0/items/0", lambda d: d["forms"][0]["items"].insert(0, {"id": "lay_tab", "kind": "tab"})),
    (
        "M132",
        "/forms/0/items/0",
        lambda d: d["forms"][0]["items"].insert(
            0, {"id": "lay_note", "kind": "note", "items": [{"id": "lay_line", "kind": "divider"}]}
        ),
    ),
    ("M121", "/views/1/default", lambda d: d["views"][1].update(default=True)),
    ("M122", "/views/0/columns/0", lambda d: d["views"][0]["columns"].insert(0, "fld_account_name.fld_contact_name")),
    (
        "M122",
        "/views/0/columns/0",
        lambda d: d["views"][0]["columns"].insert(0, "fld_account_contacts.fld_contact_name"),
    ),
    ("M123", "/views/0/filter", lambda d: d["views"][0].update(filter=["="])),
    ("M123", "/views/0/filter/1", lambda d: d["views"][0].update(filter=["and", []])),
    ("M123", "/views/0/filter", lambda d: d["views"][0].update(filter=["not", ["blank", "sys_owner"], 1])),
    ("M124", "/forms/0/related/0", lambda d: d["forms"][0].update(related=["fld_account_name"])),
    ("M125", f"{ACCOUNT}/label", lambda d: d["entities"][0].update(label={"en": "Account"})),
    ("M126", f"{ACCOUNT}/title", lambda d: d["entities"][0].update(title="fld_account_files")),
    ("M127", "/dashboards/0/grid/3", lambda d: d["dashboards"][0]["grid"][3].update(width=4)),
    ("M129", "/requires/platform", lambda d: d.update(requires={"platform": ">=1.2"})),
    ("M128", "/roles/0/grants/0", lambda d: d["roles"][0]["grants"][0].pop("default_level")),
]


@pytest.mark.parametrize(("code", "place", "change"), CASES, ids=[f"{code}-{place}" for code, place, _ in CASES])
def test_rule(code: str, place: str, change: Callable[[Data], Any]) -> None:
    found = broken(change)
    assert (code, place) in [(f.code, f.place) for f in found]
    for finding in found:
        for language in ("zh-CN", "en"):
            assert "{" not in finding.text(language).replace("{…}", "")


def test_every_structural_code_has_a_case() -> None:
    assert {code for code in message_codes() if code.startswith("M1")} == {code for code, _, _ in CASES}


@pytest.mark.parametrize("version", [">=0", ">=0.1", ">=0.1.0", ">=0.0.9"])
def test_an_application_for_an_older_platform_is_welcome(version: str) -> None:
    assert broken(lambda d: d.update(requires={"platform": version})) == []


def test_the_platform_version_is_the_one_of_the_distribution() -> None:
    settings = configparser.ConfigParser()
    settings.read(Path(__file__).parents[2] / "setup.cfg")
    assert settings["metadata"]["version"] == PLATFORM


def test_the_template_is_sound() -> None:
    assert check(from_json(App, CRM)) == []


def test_a_finding_names_place_reason_and_way_out() -> None:
    (finding,) = broken(lambda d: d["views"][0]["columns"].insert(0, "fld_gone"))
    assert finding.text("zh-CN") == (
        "视图“全部客户” › columns“1”：引用了不存在的 fld_gone。请改为存在的对象，或删除这处引用。"
    )
    assert finding.text("en") == (
        'view "All accounts" › columns "1": fld_gone does not exist. '
        "Point to something that exists, or delete this reference."
    )


def test_trash_may_point_to_trash() -> None:
    def throw_away(data: Data) -> None:
        entity(data, "lead")["trashed"] = True
        data["forms"][0]["related"].remove("fld_lead_account")
        kept = data["dashboards"][0]["id"]  # the others show leads too
        gone = {board["id"] for board in data["dashboards"]} - {kept}
        data["dashboards"] = data["dashboards"][:1]
        data["menu"] = [item for item in data["menu"] if "lead" not in item["target"] and item["target"] not in gone]
        for role in data["roles"]:
            role["dashboards"] = [name for name in role["dashboards"] if name not in gone]

    assert broken(throw_away) == []  # its forms, views and grants are in the trash with it


def test_a_key_in_the_trash_is_free() -> None:
    def replace_field(data: Data) -> None:
        name = field(data, "lead", "note")
        entity(data, "lead")["fields"].append({**name, "id": "fld_lead_old_note", "trashed": True})

    assert broken(replace_field) == []


def test_extra_checkers_run_on_sound_structure_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_module, "_registered", {})
    app = from_json(App, CRM)
    note = Finding("M125", "/x")
    register_checker("one", lambda _app: [note])
    register_checker("one", check_module._registered["one"])
    with pytest.raises(ValueError, match="twice"):
        register_checker("one", lambda _app: [])
    assert check(app, [lambda _app: [note]]) == [note, note]
    unsound = App(
        id="app_a",
        key="a",
        name={"en": "A", "zh-CN": "甲"},
        entities=(Entity(id="ent_a", key="id", label={}, title="fld_b"),),
    )
    assert note not in check(unsound, [lambda _app: [note]])
