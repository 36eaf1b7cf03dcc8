"""The story of the CRM, played by its people on both databases.

A salesperson wins a customer, the contract is approved by the manager, then by director and finance together, the
customer becomes 成交, the dashboard moves, and marketing never sees an amount.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from playwright.sync_api import APIResponse, Page, expect

from tests.databases import postgres_database
from tests.e2e.driving import Open, Product, sign_in, start_product, stop_product

TODAY = "new Date().toLocaleDateString('sv-SE', {timeZone: 'Asia/Shanghai'})"
NAME = "杭州斗拱测试科技有限公司"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    url, drop = ("", lambda: None)
    data: Path = tmp_path_factory.mktemp("story") / "data"
    if request.param == "postgresql":
        url, drop = postgres_database(request.getfixturevalue("postgres_server"))
    else:
        shutil.copytree(request.getfixturevalue("install"), data)
    running, process = start_product(data, url, request.param)
    yield running
    stop_product(process)
    drop()


def get(page: Page, path: str, **query: str) -> APIResponse:
    """Ask the API with this person's session."""
    return page.request.get(urljoin(page.url, path), params=query)


def api(page: Page, path: str) -> Any:
    """What the API answers this person."""
    answer = get(page, path)
    assert answer.ok, (path, answer.status, answer.text()[:500])
    return answer.json()


def field(page: Page, label: str) -> Any:
    """The input of a form row, by its label."""
    return (
        page.get_by_role("main").get_by_label(re.compile(rf"^\s*{label}(?![\u4e00-\u9fff])|^\s*{label}\s*必填")).first
    )


def choose(page: Page, label: str, text: str, search: str = "") -> None:
    """Pick from a select or record picker as a person does: open, type, click."""
    field(page, label).click()
    if search:
        page.keyboard.type(search)
    page.get_by_role("option", name=re.compile(re.escape(text))).first.click()


def dashboard(page: Page, key: str = "sales") -> dict[str, Any]:
    """The widgets of a dashboard as this person gets them."""
    data = page.request.post(
        urljoin(page.url, f"/api/v1/apps/crm/dashboards/{key}/data"),
        data={"filters": {}},
        headers={"X-CSRF-Token": api(page, "/api/v1/me")["csrf"]},
    )
    assert data.ok, data.text()
    widgets: dict[str, Any] = data.json()["widgets"]
    return widgets


def won_total(page: Page) -> float:
    widgets = dashboard(page)
    return float(next(w for w in widgets.values() if w["type"] == "kpi")["value"]["number"] or 0)


def test_from_customer_to_dashboard(story: Product, open_tab: Open) -> None:
    seller = sign_in(open_tab(), story, "chen.jing")
    before = won_total(seller)

    # a customer with two contacts in the sub-table
    seller.goto(f"{story.url}/app/crm/account/new")
    field(seller, "客户名称").fill(NAME)
    choose(seller, "客户级别", "A")
    choose(seller, "所在区域", "华东")
    contacts = seller.get_by_role("group", name="联系人").last
    for row, person in enumerate(("林小北", "何大川"), start=1):
        contacts.get_by_role("button", name="添加联系人").click()
        contacts.get_by_label(f"第 {row} 行姓名").fill(person)
    seller.get_by_role("button", name="保存", exact=True).click()
    expect(seller.get_by_role("heading", name=NAME)).to_be_visible()
    account = seller.url.rstrip("/").rpartition("/")[2].partition("?")[0]

    # it is in the list
    seller.goto(f"{story.url}/app/crm/account")
    field(seller, "搜索客户").fill("斗拱测试")
    expect(seller.get_by_role("link", name=NAME).first).to_be_visible()

    # opportunity, then a contract over 600,000
    seller.goto(f"{story.url}/app/crm/opportunity/new")
    field(seller, "商机名称").fill("斗拱测试商机")
    choose(seller, "客户", NAME, "斗拱测试")
    field(seller, "预计金额").fill("600000")
    seller.get_by_role("button", name="保存", exact=True).click()
    expect(seller.get_by_role("heading", name="斗拱测试商机")).to_be_visible()

    seller.goto(f"{story.url}/app/crm/contract/new")
    field(seller, "合同名称").fill("斗拱测试合同")
    choose(seller, "客户", NAME, "斗拱测试")
    field(seller, "合同金额").fill("600000")
    field(seller, "签订日期").fill(
        seller.evaluate("new Date().toLocaleDateString('sv-SE', {timeZone: 'Asia/Shanghai'})")
    )
    seller.keyboard.press("Escape")
    seller.get_by_role("button", name="保存", exact=True).click()
    expect(seller.get_by_role("heading", name="斗拱测试合同")).to_be_visible()
    contract = seller.url.rstrip("/").rpartition("/")[2].partition("?")[0]
    seller.get_by_role("button", name=re.compile("提交.*审批")).click()
    confirm = seller.get_by_role("dialog").get_by_role("button", name=re.compile("提交|确定"))
    if confirm.count():
        confirm.first.click()
    expect(seller.get_by_text("审批中").first).to_be_visible()

    # manager, then director and finance: only when both agree it is approved
    for username in ("wang.fang", "zhao.min", "qian.wei"):
        approver = sign_in(open_tab(), story, username)
        approver.goto(f"{story.url}/app/tasks")
        approver.get_by_text("斗拱测试合同").first.click()
        approver.get_by_role("button", name="同意").first.click()
        expect(approver.get_by_text(re.compile("已同意“")).first).to_be_visible()

    state = api(seller, f"/api/v1/apps/crm/contract/records/{contract}")["record"]["values"]
    assert state["status"].endswith("approved"), state
    assert api(seller, f"/api/v1/apps/crm/account/records/{account}")["record"]["values"]["stage"].endswith("won")
    assert won_total(seller) == before + 600000

    # the seller sees it too
    seller.goto(f"{story.url}/app/crm/account/{account}")
    expect(seller.get_by_text("成交").first).to_be_visible()


AMOUNTS = {
    "account": ["annual_revenue"],
    "opportunity": ["amount", "expected_amount"],
    "contract": ["amount"],
    "contract_item": ["price", "subtotal"],
}


def test_marketing_sees_no_amount_anywhere(story: Product, open_tab: Open) -> None:
    tab = open_tab()
    tab.expected |= {400, 404, 422, 403}
    page = sign_in(tab, story, "sun.yue")
    described = api(page, "/api/v1/apps/crm")
    spec = json.dumps(api(page, "/api/v1/apps/crm/openapi.json"))
    seen = {entity["key"]: {f["key"] for f in entity["fields"]} for entity in described["entities"]}
    for entity, keys in AMOUNTS.items():
        assert not seen.get(entity, set()) & set(keys)
        if entity not in seen:
            continue
        base = f"/api/v1/apps/crm/{entity}"
        rows = api(page, f"{base}/records?limit=200")["records"]
        assert rows, entity
        assert all(not set(row["values"]) & set(keys) for row in rows)
        one = api(page, f"{base}/records/{rows[0]['id']}?levels=1")
        assert not set(one["record"]["values"]) & set(keys)
        for key in keys:
            for hidden_query, missing_query in zip(_queries(key), _queries("no_such_field"), strict=True):
                hidden = get(page, f"{base}/records", **hidden_query)
                missing = get(page, f"{base}/records", **missing_query)
                assert hidden.status == missing.status >= 400
                assert _same_complaint(hidden.text(), missing.text(), key)
            group = {"groups": [{"id": "g", "path": key}], "measures": [{"id": "n", "aggregate": "count"}]}
            total = {"groups": [], "measures": [{"id": "n", "aggregate": "sum", "path": key}]}
            for question in (group, total):
                assert get(page, f"{base}/aggregate", spec=json.dumps(question)).status >= 400
        history = get(page, f"{base}/records/{rows[0]['id']}/history")
        assert not history.ok or not any(f'"{key}"' in history.text() for key in keys)
        exported = get(page, f"{base}/records/export", format="csv")
        if exported.ok:
            head = exported.body().decode("utf-8-sig").splitlines()[0]
            assert not re.search("金额|年营业额|单价|小计", head), head
    assert "annual_revenue" not in spec and "expected_amount" not in spec
    # on the screens
    for path in ("account", "opportunity", "contract"):
        page.goto(f"{story.url}/app/crm/{path}")
        expect(page.get_by_role("main")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert not re.search("金额|年营业额", page.get_by_role("main").inner_text()), path
    # on the boards: the sales board is not theirs, and their own shows no money
    assert get(page, "/api/v1/apps/crm/dashboards/sales").status == 404
    for board in described["dashboards"]:
        widgets = json.dumps(dashboard(page, board["key"]), ensure_ascii=False)
        assert "¥" not in widgets and "金额" not in widgets


def _queries(key: str) -> list[dict[str, str]]:
    """One list request each that filters, sorts and selects by a field."""
    return [{"filter": json.dumps([">", key, "1"])}, {"sort": key}, {"fields": key}]


def _same_complaint(hidden: str, missing: str, key: str) -> bool:
    """A hidden field is refused in the words of an unknown one, but for its name and the trace id."""

    def stripped(text: str, name: str) -> Any:
        data = json.loads(text.replace(name, "X"))
        data.pop("trace_id", None)
        return data

    return bool(stripped(hidden, key) == stripped(missing, "no_such_field"))
