"""What stands around a record in a real browser: comments and mentions, favourites, the recycle bin, one search."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import DESKTOP, PHONE, Open, Product, axe, sign_in
from tests.e2e.test_story import api
from tests.e2e.test_work import toast


def account(page: Page, name: str = "") -> dict[str, Any]:
    """A record of the list, the named one or the first."""
    found: list[dict[str, Any]] = api(page, f"/api/v1/apps/crm/account/records?limit=50&search={name}")["records"]
    return found[0]


def test_a_mention_becomes_a_notification(product: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), product, "wang.fang")
    record = account(page)
    page.goto(f"{product.url}/app/crm/account/{record['id']}")
    box = page.get_by_role("textbox", name="写评论")
    box.fill("请看一下合同条款 ")
    box.press_sequentially("@zhao")
    option = page.get_by_role("option", name=re.compile("赵敏"))
    expect(option).to_be_visible()
    box.press("Enter")
    expect(box).to_have_value("请看一下合同条款 @赵敏 ")
    assert axe(page) == []
    box.press("Control+Enter")
    expect(toast(page, "评论已发送")).to_be_visible()
    story = page.get_by_label("动态")
    expect(story.locator(".comment-person", has_text="@赵敏")).to_be_visible()

    director = sign_in(open_tab(), product, "zhao.min")
    director.get_by_role("link", name=re.compile("^通知")).click()
    notice = director.get_by_role("link", name=re.compile("王芳 在“.*”的评论中提到了您"))
    expect(notice).to_be_visible()
    assert axe(director) == []
    notice.click()
    expect(director.locator(".comment-text").first).to_contain_text("请看一下合同条款 @赵敏")
    director.get_by_role("button", name="回复").first.click()
    answer = director.get_by_role("textbox", name=re.compile("回复 王芳"))
    answer.fill("没有问题")
    director.get_by_role("button", name="发送").click()
    expect(toast(director, "评论已发送")).to_be_visible()
    page.goto(f"{product.url}/app/notices")
    expect(page.get_by_text(re.compile("赵敏 回复了您")).first).to_be_visible()


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_a_dot_marks_what_others_did(product: Product, open_tab: Open, viewport: Any) -> None:
    page = sign_in(open_tab(viewport=viewport), product, "wang.fang")
    record = account(page)
    name = record["values"]["name"]
    there = f"{product.url}/app/crm/account"
    with page.expect_response(re.compile("/visit$")):
        page.goto(f"{there}/{record['id']}")
    other = sign_in(open_tab(viewport=viewport), product, "admin")
    other.goto(f"{there}/{record['id']}")
    other.get_by_role("textbox", name="写评论").fill("请看一下")
    other.get_by_role("button", name="发送").click()
    expect(toast(other, "评论已发送")).to_be_visible()
    page.goto(f"{there}?q={name}")
    link = page.get_by_role("link", name=f"有更新 {name}")
    expect(link).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="更多", exact=True).first.click()
    page.get_by_role("menuitem", name="全部标为已读").click()
    expect(toast(page, "已全部标为已读")).to_be_visible()
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    with page.expect_response(re.compile("/visit$")):
        link.click()
    page.go_back()
    expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(link).to_have_count(0)


def test_a_favourite_is_at_hand(product: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), product, "zhao.min")
    record = account(page)
    name = record["values"]["name"]
    page.goto(f"{product.url}/app/crm/account/{record['id']}")
    page.get_by_role("button", name=f"收藏 {name}").click()
    expect(page.get_by_role("button", name=f"取消收藏 {name}")).to_be_visible()
    page.goto(f"{product.url}/app/crm/contract")
    expect(page.get_by_role("heading", name="合同", exact=True)).to_be_visible()
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog")
    expect(palette.get_by_text("收藏", exact=True)).to_be_visible()
    expect(palette.get_by_text("最近打开", exact=True)).to_be_visible()
    palette.get_by_role("option", name=name).last.click()
    page.wait_for_url(re.compile(record["id"]))


def test_a_deleted_record_comes_back_from_the_bin(product: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), product, "admin")
    lead = api(page, "/api/v1/apps/crm/lead/records?limit=1")["records"][0]
    name = lead["values"]["company"]
    page.goto(f"{product.url}/app/crm/lead/{lead['id']}")
    page.get_by_role("button", name="更多").click()
    page.get_by_role("menuitem", name="删除").click()
    expect(toast(page, "已删除")).to_be_visible()
    page.goto(f"{product.url}/app/crm/recycle-bin/lead")
    expect(page.get_by_role("listitem").filter(has_text=name)).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name=f"恢复 {name}").click()
    expect(toast(page, "已恢复 1 条")).to_be_visible()
    assert api(page, f"/api/v1/apps/crm/lead/records/{lead['id']}")["record"]["id"] == lead["id"]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
def test_initials_find_a_company(product: Product, open_tab: Open, viewport: Any) -> None:
    page = sign_in(open_tab(viewport=viewport), product, "admin")
    page.goto(f"{product.url}/app/crm/account")
    made = page.evaluate(
        """async () => {
          const csrf = JSON.parse(document.getElementById('boot').textContent).csrf;
          const sent = await fetch('/api/v1/apps/crm/account/records', {method: 'POST',
            headers: {'Content-Type': 'application/json', 'X-CSRF-Token': csrf},
            body: JSON.stringify({values: {name: '华为技术有限公司' + Math.floor(Math.random() * 1e6)}})});
          return (await sent.json()).record.values.name;
        }"""
    )
    if viewport is PHONE:
        page.get_by_role("button", name="搜索", exact=True).first.click()
    else:
        page.keyboard.press("Control+k")
    box = page.get_by_role("dialog").get_by_role("combobox")
    for _ in range(10):
        box.fill("")
        box.fill("hwgs")
        page.wait_for_timeout(1_000)
        if page.get_by_role("option", name=made).count():
            break
    expect(page.get_by_role("option", name=made)).to_be_visible()
    assert axe(page) == []


def test_keys_go_places_and_can_be_switched_off(product: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), product, "zhao.min")
    page.goto(f"{product.url}/app/crm/account")
    expect(page.get_by_role("grid")).to_be_visible()
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="键盘快捷键")
    expect(sheet.get_by_text("去待办")).to_be_visible()
    assert axe(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("n")
    page.wait_for_url(re.compile("/app/notices"))


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
def test_a_lead_shows_what_it_may_be_a_duplicate_of(product: Product, open_tab: Open, viewport: Any) -> None:
    page = sign_in(open_tab(viewport=viewport), product, "zhao.min")
    known = api(page, "/api/v1/apps/crm/account/records?limit=2&filter=" + '["not_blank","phone"]')["records"]
    page.goto(f"{product.url}/app/crm/lead/new")
    check = page.get_by_role("group", name="查重：相似客户")
    expect(check.get_by_text("没有符合条件的记录")).to_be_visible()
    page.get_by_label("公司名称").first.fill(known[0]["values"]["name"][:6])
    page.get_by_label("手机").first.fill(known[1]["values"]["phone"])
    for one in known:
        expect(check.get_by_role("link", name=one["values"]["name"])).to_be_visible()
    expect(check.get_by_text("负责人")).not_to_have_count(0)
    assert axe(page) == []
