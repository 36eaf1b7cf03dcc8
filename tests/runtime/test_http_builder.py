"""The designer's routes: draft, check, plan, publish, versions, templates, applications from tables."""

from __future__ import annotations

import copy
import io
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from metadata.store import versions
from tests.runtime.conftest import Browser, Site

BUILDER = "/builder"
SHOP = f"{BUILDER}/apps/shop"
FIELD = {"id": "fld_phone", "key": "phone", "type": "phone", "label": {"en": "Phone", "zh-CN": "电话"}}


def with_phone(app: dict[str, Any]) -> dict[str, Any]:
    changed = copy.deepcopy(app)
    deal = next(e for e in changed["entities"] if e["key"] == "deal")
    deal["fields"].append(FIELD)
    return changed


def test_a_draft_becomes_live(site: Site) -> None:
    boss = site.browser("boss")
    opened = boss.ok("GET", f"{SHOP}/draft")
    assert (opened["rev"], opened["live_version"]) == (0, 1)
    changed = with_phone(opened["app"])
    saved = boss.ok("PUT", f"{SHOP}/draft", {"rev": 0, "app": changed})
    assert saved["rev"] == 1
    again = boss.ok("GET", f"{SHOP}/draft")
    assert (again["rev"], again["changed_by"]) == (1, "Boss")
    planned = boss.ok("POST", f"{SHOP}/plan", {})
    assert any(change["op"] == "add" and change["label"] == "Phone" for change in planned["changes"])
    assert planned["steps"]
    assert all(step["text"] for step in planned["steps"])
    done = boss.ok("POST", f"{SHOP}/publish", {"rev": 1, "note": "phones"})
    assert done["version"] == 2
    record = boss.ok("POST", "/apps/shop/deal/records", {"values": {"title": "x", "phone": "13800138000"}})["record"]
    assert record["values"]["phone"]
    listed = boss.ok("GET", f"{SHOP}/versions")["versions"]
    assert next((one["version"], one["live"], one["note"], one["by"]["name"]) for one in listed) == (
        2,
        True,
        "phones",
        "Boss",
    )
    assert boss.ok("GET", f"{SHOP}/draft")["rev"] == 0


def test_two_designers_do_not_overwrite_each_other(site: Site) -> None:
    boss = site.browser("boss")
    app = boss.ok("GET", f"{SHOP}/draft")["app"]
    boss.ok("PUT", f"{SHOP}/draft", {"rev": 0, "app": app})
    late = boss("PUT", f"{SHOP}/draft", {"rev": 0, "app": with_phone(app)})
    assert late.status_code == 409
    assert late.get_json()["code"] == "B101"
    assert boss("POST", f"{SHOP}/publish", {"rev": 7}).status_code == 409
    boss.ok("DELETE", f"{SHOP}/draft")
    assert boss("POST", f"{SHOP}/publish", {"rev": 0}).status_code == 409


@pytest.mark.parametrize(
    "spoil",
    [
        lambda app: app.pop("key"),
        lambda app: app.update(entities=5),
        lambda app: app.update(surprise=1),
        lambda app: app["entities"][0]["fields"].append({**FIELD, "id": "nonsense"}),
        lambda app: app.update(id="app_other"),
    ],
)
def test_a_broken_definition_is_refused_with_its_place(site: Site, spoil: Any) -> None:
    boss = site.browser("boss")
    app = boss.ok("GET", f"{SHOP}/draft")["app"]
    spoil(app)
    answer = boss("PUT", f"{SHOP}/draft", {"rev": 0, "app": app})
    assert answer.status_code == 422, answer.text
    assert answer.get_json()["findings"]
    assert boss.ok("GET", f"{SHOP}/draft")["rev"] == 0


def test_what_would_break_is_found_before_publishing(site: Site) -> None:
    boss = site.browser("boss")
    app = boss.ok("GET", f"{SHOP}/draft")["app"]
    app["entities"][0]["title"] = "fld_gone"
    findings = boss.ok("POST", f"{SHOP}/check", {"app": app})["findings"]
    assert any(f["severity"] == "error" for f in findings)
    assert boss.ok("POST", f"{SHOP}/plan", {"app": app})["steps"] == []
    boss.ok("PUT", f"{SHOP}/draft", {"rev": 0, "app": app})
    assert boss("POST", f"{SHOP}/publish", {"rev": 1}).status_code == 422
    with site.services.database.read() as c:
        assert len(c.execute(select(versions.c.version)).all()) == 1


def test_only_designers(site: Site) -> None:
    ann = site.browser("ann")
    for method, path in (("GET", f"{SHOP}/draft"), ("POST", f"{SHOP}/publish"), ("GET", f"{BUILDER}/templates")):
        assert ann(method, path, {} if method == "POST" else None).status_code == 403


def test_an_empty_application(site: Site) -> None:
    boss = site.browser("boss")
    assert boss("POST", f"{BUILDER}/apps", {"name": " "}).status_code == 422
    made = boss.ok("POST", f"{BUILDER}/apps", {"name": "固定资产"})["app"]
    assert made["name"]["zh-CN"] == "固定资产"
    assert boss.ok("GET", f"/apps/{made['key']}")["entities"][0]["actions"]
    assert made["key"] in {one["key"] for one in boss.ok("GET", f"{BUILDER}/apps")["apps"]}


def test_templates_go_out_and_in(site: Site) -> None:
    boss = site.browser("boss")
    exported = boss("GET", f"{BUILDER}/templates/export/shop")
    assert exported.headers["Content-Disposition"] == 'attachment; filename="shop_template.json"'
    template = orjson.loads(exported.data)
    assert template["$schema"].startswith("urn:dougong:schema:app")
    template["id"] = "app_copy"

    def upload(mode: str, data: bytes) -> Any:
        form = {"file": (io.BytesIO(data), "t.json"), "mode": mode}
        return boss("POST", f"{BUILDER}/templates/import", data=form, content_type="multipart/form-data")

    plan = upload("plan", orjson.dumps(template)).get_json()
    assert plan["app"]["key"] != "shop"
    assert all(change["op"] == "add" for change in plan["changes"])
    made = upload("apply", orjson.dumps(template))
    assert made.status_code == 201, made.text
    key = made.get_json()["app"]["key"]
    assert boss.ok("GET", f"/apps/{key}")["entities"]
    for bad in (b"", b"{", b"[]", b'{"format": 1}', b'{"format": 1, "format": 1}', b"\xff\xfe"):
        answer = upload("apply", bad)
        assert answer.status_code == 422, bad
        assert answer.get_json()["findings"]
    assert boss("POST", f"{BUILDER}/templates/import", {"template": "nothing"}).status_code == 422


def test_what_ships_is_listed(site: Site) -> None:
    listed = site.browser("boss").ok("GET", f"{BUILDER}/templates")
    crm = next(one for one in listed["templates"] if one["key"] == "crm")
    assert crm["entities"] >= 6
    assert crm["installed"] is False
    assert {one["key"] for one in listed["datasets"]} == {"superstore", "flights"}


CSV = "单号,客户,金额,日期\n" + "".join(f"A{n},客户{n % 3},{n}.50,2026-01-{n + 1:02d}\n" for n in range(20))


def _import(boss: Browser) -> dict[str, Any]:
    form = {"file": (io.BytesIO(CSV.encode()), "订单.csv")}
    answer = boss("POST", f"{BUILDER}/imports", data=form, content_type="multipart/form-data")
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_an_application_from_a_table(site: Site) -> None:
    boss = site.browser("boss")
    received = _import(boss)
    assert [column["name"] for column in received["columns"]] == ["单号", "客户", "金额", "日期"]
    columns = [{"name": c["name"], "include": c["name"] != "日期"} for c in received["columns"]]
    made = boss.ok("POST", f"{BUILDER}/imports/{received['id']}/app", {"name": "订单", "columns": columns})
    key, entity, run = made["app"]["key"], made["entity"], made["import"]
    described = boss.ok("GET", f"/apps/{key}")
    keys = [f["key"] for f in described["entities"][0]["fields"] if not f.get("system")]
    assert len(keys) == 3
    assert boss.ok("GET", f"/apps/{key}/imports/{run}")["state"] == "planned"
    assert boss.ok("POST", f"/apps/{key}/imports/{run}/run")["state"] == "running"
    assert boss("POST", f"/apps/{key}/imports/{run}/run").status_code == 409
    assert site.browser("ann")("GET", f"/apps/{key}/imports/{run}").status_code == 404
    assert boss.ok("GET", f"/apps/{key}/{entity}/records")["records"] == [], "the worker does the work"


def test_a_changed_type_says_what_it_does_keeps_what_it_cannot_take_and_is_taken_back(site: Site) -> None:
    boss, ann, bob = (site.browser(name) for name in ("boss", "ann", "bob"))
    url = "/apps/shop/deal/records"
    titles = ("12", "3.50", "about 7", "第七")
    ids = {title: ann.ok("POST", url, {"values": {"title": title}})["record"]["id"] for title in titles}
    opened = boss.ok("GET", f"{SHOP}/draft")
    app = copy.deepcopy(opened["app"])
    deal = next(e for e in app["entities"] if e["key"] == "deal")
    title = next(f for f in deal["fields"] if f["id"] == "fld_title")
    title.pop("unique", None)
    title.pop("required", None)
    title |= {"type": "number", "options": {"scale": 1}}
    boss.ok("PUT", f"{SHOP}/draft", {"rev": 0, "app": app})
    planned = boss.ok("POST", f"{SHOP}/plan", {})
    told = planned["conversions"]["fld_title"]
    assert (told["kept"] + told["lossy"], told["refused"], told["complete"]) == (2, 2, True)
    assert {sample["before"] for sample in told["samples"] if sample["outcome"] == "refused"} == {"about 7", "第七"}
    assert any(step["field"] == "fld_title" for step in planned["steps"])
    boss.ok("POST", f"{SHOP}/publish", {"rev": 1})

    shown = ann.ok("GET", f"{url}/{ids['about 7']}?levels=1")
    assert shown["record"]["values"]["title"] is None and shown["record"]["originals"] == {"title": "about 7"}
    waiting = ann.ok("GET", "/apps/shop/deal/unconverted")["records"]
    assert {one["id"] for one in waiting} == {ids["about 7"], ids["第七"]}
    assert bob.ok("GET", "/apps/shop/deal/unconverted")["records"] == []  # other people's records
    ann.ok("PATCH", f"{url}/{ids['about 7']}", {"rev": shown["record"]["rev"], "values": {"title": "7"}})
    waiting = ann.ok("GET", "/apps/shop/deal/unconverted")["records"]
    assert [one["id"] for one in waiting] == [ids["第七"]]

    saved = boss.ok("POST", f"{SHOP}/versions/1/draft", {"rev": 0})
    boss.ok("POST", f"{SHOP}/publish", {"rev": saved["rev"]})
    found = {title: ann.ok("GET", f"{url}/{ids[title]}")["record"]["values"]["title"] for title in titles}
    assert found == {"12": "12", "3.50": "3.50", "about 7": "7.0", "第七": "第七"}
    assert boss("POST", f"{SHOP}/versions/99/draft", {"rev": 0}).status_code == 404
