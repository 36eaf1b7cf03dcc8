"""Public links, as their maker and as a visitor meets them: make one, answer it, pause it, change it, delete it."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.driving import PHONE, Open, Product, axe, sign_in

LABEL = "官网留言"


def managed(product: Product, open_tab: Open, **how: object) -> Page:
    page = sign_in(open_tab(**how), product, "admin")
    page.goto(f"{product.url}/app/crm/lead")
    page.get_by_role("button", name="更多", exact=True).first.click()
    page.get_by_role("menuitem", name="公开链接").click()
    page.wait_for_url("**/app/crm/lead/links")
    return page


def more(page: Page, what: str) -> None:
    page.get_by_role("button", name=f"更多: {LABEL}").click()
    page.get_by_role("menuitem", name=what).click()


def test_make_a_link_and_answer_it_as_a_visitor(product: Product, open_tab: Open) -> None:
    page = managed(product, open_tab)
    expect(page.get_by_text("还没有公开链接")).to_be_visible()
    page.get_by_role("button", name="新建链接").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称").first.fill(LABEL)
    assert axe(page) == []
    dialog.get_by_role("tab", name="访问与限制").click()
    dialog.get_by_label("份数上限").fill("2")
    assert axe(page) == []
    dialog.get_by_role("tab", name="外观与文字").click()
    dialog.get_by_label("感谢语").fill("收到，一会儿联系您")
    assert axe(page) == []
    dialog.get_by_role("button", name="保存").click()
    expect(page.get_by_text("链接已创建")).to_be_visible()
    row = page.get_by_role("row").filter(has_text=LABEL)
    expect(row).to_contain_text("开放中")
    expect(row).to_contain_text("0 / 2")
    assert axe(page) == []
    page.get_by_role("button", name=f"更多: {LABEL}").click()
    address = page.get_by_role("menuitem", name="打开").get_attribute("href")
    assert address
    page.keyboard.press("Escape")

    visitor = open_tab(viewport=PHONE).page
    visitor.goto(address)
    visitor.get_by_role("textbox", name="公司名称").fill("海风贸易")
    visitor.wait_for_timeout(3500)  # a person needs a moment; programs do not
    visitor.get_by_role("button", name="提交").click()
    expect(visitor.get_by_text("收到，一会儿联系您")).to_be_visible()

    page.reload()
    expect(row).to_contain_text("1 / 2")
    more(page, "二维码海报")
    expect(page.get_by_role("img", name=f"“{LABEL}”的二维码")).to_be_visible()
    page.keyboard.press("Escape")
    more(page, "暂停")
    expect(row).to_contain_text("已暂停")
    more(page, "更换地址")
    page.get_by_role("dialog").get_by_role("button", name="更换地址").click()
    expect(page.get_by_text("地址已更换")).to_be_visible()
    more(page, "删除")
    expect(row).to_have_count(0)
    page.get_by_role("button", name="撤销").click()
    expect(row).to_have_count(1)


def test_links_on_a_phone(product: Product, open_tab: Open) -> None:
    page = managed(product, open_tab, viewport=PHONE, dark=True)
    expect(page.locator(".links-cards li, .k-empty").first).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="新建链接").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("名称").first).to_be_visible()
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    assert axe(page) == []
