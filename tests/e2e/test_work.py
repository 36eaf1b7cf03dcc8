"""Daily work in a real browser: many records at once, taking it back, deciding, importing, one's own account."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.driving import DESKTOP, PHONE, Open, Product, sign_in
from tests.e2e.test_story import api, choose, field

WAITING = '["=", "status", "opt_contract_pending"]'


def toast(page: Page, text: str) -> Locator:
    """The message that says what was just done."""
    return page.locator(".k-toast", has_text=text).last


def rows(page: Page, entity: str, **query: str) -> list[dict[str, Any]]:
    text = "&".join(f"{key}={value}" for key, value in query.items())
    found: list[dict[str, Any]] = api(page, f"/api/v1/apps/crm/{entity}/records?limit=200&{text}")["records"]
    return found


def pick(page: Page, count: int) -> None:
    """Choose the first records of a list by their check boxes."""
    for index in range(1, count + 1):
        page.locator(".k-grid-check").nth(index).click()


def test_many_records_are_changed_and_changed_back(product: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), product, "wang.fang")
    page.goto(f"{product.url}/app/crm/account?s=name")
    expect(page.get_by_role("grid")).to_be_visible()
    before = {row["id"]: row["values"]["region"] for row in rows(page, "account")}
    pick(page, 3)
    page.get_by_role("button", name="编辑", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("要修改的字段").click()
    page.get_by_role("option", name="所在区域").click()
    dialog.get_by_label("所在区域").last.click()
    page.get_by_role("option", name="东北").click()
    dialog.get_by_role("button", name="修改 3 条").click()
    expect(toast(page, "已修改 3 条")).to_be_visible()
    changed = {row["id"] for row in rows(page, "account") if row["values"]["region"] != before[row["id"]]}
    assert 1 <= len(changed) <= 3
    toast(page, "已修改").get_by_role("button", name="撤销").click()
    expect(toast(page, "已撤销")).to_be_visible()
    assert {row["id"]: row["values"]["region"] for row in rows(page, "account")} == before


def test_many_records_are_deleted_and_come_back(product: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), product, "admin")
    page.goto(f"{product.url}/app/crm/lead")
    expect(page.get_by_role("grid")).to_be_visible()
    before = {row["id"] for row in rows(page, "lead")}
    pick(page, 2)
    page.get_by_role("button", name="删除", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="删除 2 条").click()
    expect(toast(page, "已删除 2 条")).to_be_visible()
    assert len(before - {row["id"] for row in rows(page, "lead")}) == 2
    toast(page, "已删除").get_by_role("button", name="撤销").click()
    expect(toast(page, "已恢复 2 条")).to_be_visible()
    assert {row["id"] for row in rows(page, "lead")} == before


def test_a_filter_becomes_a_view_of_ones_own(product: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), product, "li.lei")
    page.goto(f"{product.url}/app/crm/account")
    page.get_by_role("button", name="筛选").click()
    page.get_by_label(re.compile("^第 1 个条件的值|客户名称")).last.fill("科技")
    expect(page.get_by_text("客户名称 包含 科技").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=re.compile("视图")).last.click()
    page.get_by_role("menuitem", name="另存为视图").click()
    page.get_by_role("dialog").get_by_label("视图名称").fill("科技公司")
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(page.get_by_role("tab", name="科技公司")).to_have_attribute("aria-selected", "true")
    page.reload()
    expect(page.get_by_role("tab", name="科技公司")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("科技")).first).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_approval_is_urged_handed_over_and_refused(
    product: Product, open_tab: Open, viewport: dict[str, int]
) -> None:
    seller = sign_in(open_tab(viewport=viewport), product, "chen.jing")
    contract = _hand_in(seller, product, f"催办测试合同 {viewport['width']}")
    seller.get_by_role("button", name="催办", exact=True).click()
    expect(toast(seller, "已提醒处理人")).to_be_visible()

    manager = sign_in(open_tab(viewport=viewport), product, "wang.fang")
    _open_task(manager, product, contract["name"])
    manager.get_by_role("button", name="更多").last.click()
    manager.get_by_role("menuitem", name="转交").click()
    dialog = manager.get_by_role("dialog")
    dialog.get_by_role("button", name="转交", exact=True).click()
    expect(dialog.get_by_text("必填").or_(dialog.locator("[aria-invalid=true]")).first).to_be_visible()
    dialog.get_by_label(re.compile("转交给")).click()
    manager.keyboard.type("赵敏")
    manager.get_by_role("option", name=re.compile("赵敏")).first.click()
    dialog.get_by_role("button", name="转交", exact=True).click()
    expect(toast(manager, "已转交")).to_be_visible()
    expect(manager.get_by_role("main").get_by_text(contract["name"])).to_have_count(0)

    director = sign_in(open_tab(viewport=viewport), product, "zhao.min")
    _open_task(director, product, contract["name"])
    director.get_by_role("button", name="驳回").click()
    dialog = director.get_by_role("dialog")
    dialog.get_by_role("button", name="驳回", exact=True).click()
    expect(dialog.get_by_text("请写明原因").or_(dialog.locator("[aria-invalid=true]")).first).to_be_visible()
    dialog.get_by_label("意见").fill("付款条件不合适")
    dialog.get_by_role("button", name="驳回", exact=True).click()
    expect(toast(director, "已驳回")).to_be_visible()

    seller.reload()
    expect(seller.get_by_text("付款条件不合适").first).to_be_visible()
    state = api(seller, f"/api/v1/apps/crm/contract/records/{contract['id']}")["record"]["values"]["status"]
    assert state.endswith("rejected")


def _hand_in(page: Page, product: Product, name: str) -> dict[str, str]:
    """A contract of a salesperson, handed in for approval through the form."""
    page.goto(f"{product.url}/app/crm/contract/new")
    field(page, "合同名称").fill(name)
    account = str(rows(page, "account")[0]["values"]["name"])
    choose(page, "客户", account, account[:4])
    field(page, "合同金额").fill("88000")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    page.get_by_role("button", name=re.compile("^提交")).click()
    expect(page.get_by_text("审批中").first).to_be_visible()
    return {"id": page.url.rstrip("/").rpartition("/")[2].partition("?")[0], "name": name}


def _open_task(page: Page, product: Product, name: str) -> None:
    page.goto(f"{product.url}/app/tasks")
    page.get_by_role("main").get_by_text(name).first.click()
    expect(page.get_by_role("toolbar")).to_be_visible()


def test_a_table_is_imported_and_taken_back(product: Product, open_tab: Open, tmp_path: Path) -> None:
    table = tmp_path / "客户.csv"
    table.write_text("客户名称,级别,区域\n甲乙丙测试厂,A 重点,华东\n丁戊己测试厂,没有这个级别,华南\n", encoding="utf-8")
    page = sign_in(open_tab(), product, "admin")
    page.goto(f"{product.url}/app/crm/import/account")
    page.locator("input[type=file]").set_input_files(table)
    expect(page.get_by_text("3 列中将导入 3 列")).to_be_visible()
    page.get_by_role("button", name="检查数据").click()
    page.get_by_role("button", name="开始导入 1 行").click()
    expect(page.get_by_role("button", name="撤销这次导入")).to_be_visible()
    assert "甲乙丙测试厂" in {row["values"]["name"] for row in rows(page, "account", search="甲乙丙测试厂")}
    page.get_by_role("button", name="撤销这次导入").click()
    page.get_by_role("dialog").get_by_role("button", name="撤销").last.click()
    expect(page.get_by_text(re.compile("已撤销 1 条")).first).to_be_visible()
    assert not rows(page, "account", search="甲乙丙测试厂")


def test_a_figure_leads_to_its_records(product: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), product, "zhao.min")
    page.goto(f"{product.url}/app/crm/dashboard/sales")
    page.get_by_role("button", name=re.compile("审批中的合同")).click()
    page.wait_for_url(re.compile("/app/crm/contract"))
    expect(page.get_by_text(re.compile("合同状态 是|合同状态 属于")).first).to_be_visible()


def test_a_person_ends_sign_ins_elsewhere_and_changes_the_password(product: Product, open_tab: Open) -> None:
    elsewhere = open_tab()
    elsewhere.expected |= {401}
    other = sign_in(elsewhere, product, "qian.wei", anew=True)
    tab = open_tab()
    tab.expected |= {422}
    page = sign_in(tab, product, "qian.wei", anew=True)
    page.goto(f"{product.url}/app/settings")
    page.get_by_role("button", name="退出这台设备").first.click()
    expect(toast(page, "已退出这台设备")).to_be_visible()
    other.goto(f"{product.url}/app/tasks")
    other.wait_for_url(re.compile("/signin"))

    page.get_by_label("当前密码").fill("wrong-password")
    page.get_by_label("新密码", exact=True).fill("vier-tiger-auf-dem-dach")
    page.get_by_label("再输入一次新密码").fill("vier-tiger-auf-dem-dach")
    page.get_by_role("button", name="修改密码").click()
    expect(page.locator("[aria-invalid=true]").first).to_be_visible()
    page.get_by_label("当前密码").fill(product.password)
    page.get_by_role("button", name="修改密码").click()
    expect(toast(page, "密码已修改")).to_be_visible()
