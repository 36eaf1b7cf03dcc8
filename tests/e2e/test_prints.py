"""Print templates, as their designer and those who print meet them: write, see the page, publish, print."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.driving import PHONE, Open, Product, axe, sign_in

CONTRACTS = "/app/crm/design/prints/contract"
PAGE = ".print-pages img"


def opened(product: Product, open_tab: Open, **how: object) -> Page:
    page = sign_in(open_tab(**how), product, "admin")
    page.goto(f"{product.url}{CONTRACTS}")
    expect(page.locator(PAGE).first).to_be_visible()
    return page


def picture(page: Page) -> str:
    return page.locator(PAGE).first.get_attribute("src") or ""


def write(page: Page, text: str) -> None:
    """At the end of the text, as it stands."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)


def changed(page: Page, before: str) -> None:
    """Wait for another picture of the page."""
    expect(page.locator(PAGE).first).not_to_have_attribute("src", before)


def test_write_a_template_see_its_page_publish_and_print(product: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), product, "admin")
    page.goto(f"{product.url}/app/crm/design")
    page.get_by_role("link", name="打开打印模板").click()
    expect(page.get_by_role("heading", name="打印模板")).to_be_visible()
    page.goto(f"{product.url}{CONTRACTS}")
    expect(page.get_by_role("link", name="合同 默认")).to_have_attribute("aria-current", "page")
    expect(page.get_by_alt_text("第 1 页，共 1 页")).to_be_visible()
    assert axe(page) == []

    page.get_by_role("button", name="新建模板").click()
    page.get_by_role("menuitem", name="从空白开始").click()
    expect(page.get_by_text("已添加打印模板“合同”")).to_be_visible()
    page.get_by_role("tab", name="设置").click()
    page.get_by_label("名称（中文）").fill("交货单")
    page.get_by_label("名称（英文）").fill("Delivery note")
    page.get_by_role("tab", name="模板", exact=True).click()
    expect(page.locator(PAGE).first).to_be_visible()
    before = picture(page)

    # a field by the menu: the page shows it
    write(page, "<p>")
    page.get_by_role("button", name="字段", exact=True).click()
    page.locator(".k-options-search input").fill("htbh")  # initials of 合同编号
    page.get_by_role("option", name=re.compile("合同编号")).first.click()
    expect(page.locator(".cm-content")).to_contain_text("{{ record.number }}")
    changed(page, before)
    good = picture(page)

    # a mistake: said at its line in the text; the last good page stays
    write(page, "</p>\n{{ record.amout }}")
    problem = page.locator(".print-findings li")
    expect(problem).to_contain_text("第 3 行")
    expect(problem).to_contain_text("amount")
    expect(page.locator(".cm-lintRange-error")).to_have_text("{{ record.amout }}")
    expect(page.get_by_text("显示的是上一次的预览")).to_be_visible()
    assert picture(page) == good
    assert axe(page) == []
    problem.get_by_role("button").click()
    page.keyboard.press("Shift+End")
    page.keyboard.insert_text("{{ record.amount|rmbcap }}")
    expect(problem).to_have_count(0)
    changed(page, good)

    page.keyboard.press("Control+s")
    expect(page.get_by_text("已保存到草稿，发布后生效")).to_be_visible()
    expect(page.get_by_role("button", name="保存到草稿")).to_be_disabled()
    page.get_by_role("button", name="查看发布计划").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("交货单")
    dialog.get_by_role("button", name="发布", exact=True).click()
    expect(page.get_by_text(re.compile(r"已发布"))).to_be_visible()

    # a record, printed with it
    page.goto(f"{product.url}/app/crm/contract")
    page.locator(".k-grid a[href]").first.click()
    expect(page.get_by_role("button", name="编辑", exact=True)).to_be_visible()  # the record is there, its list is gone
    page.get_by_role("button", name="更多", exact=True).first.click()
    page.get_by_role("menuitem", name="打印").click()
    row = page.get_by_role("dialog").get_by_role("listitem").filter(has_text="交货单")
    with page.expect_download() as waiting:
        row.get_by_role("button", name="PDF").click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF-")


def test_copy_and_delete_a_template_and_take_it_back(product: Product, open_tab: Open) -> None:
    page = opened(product, open_tab)
    lines = page.locator(".prints-list li")
    before = lines.count()
    page.get_by_role("button", name="更多: 报价单").click()
    page.get_by_role("menuitem", name="复制一份").click()
    expect(page.get_by_role("link", name="报价单（副本）")).to_have_attribute("aria-current", "page")
    write(page, "<p>unsaved</p>")
    page.get_by_role("link", name="合同 默认").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("还没有保存到草稿")
    dialog.get_by_role("button", name="取消").click()
    expect(page.locator(".cm-content")).to_contain_text("unsaved")
    page.get_by_role("button", name="更多: 报价单（副本）").click()
    page.get_by_role("menuitem", name="删除").click()
    expect(lines).to_have_count(before)
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("link", name="报价单（副本）")).to_be_visible()
    expect(lines).to_have_count(before + 1)


def test_templates_on_a_phone(product: Product, open_tab: Open) -> None:
    page = opened(product, open_tab, viewport=PHONE, dark=True)
    assert axe(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    page.get_by_role("tab", name="设置").click()
    expect(page.get_by_label("名称（中文）")).to_be_visible()
    assert axe(page) == []


def test_print_the_selected_records(product: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), product, "admin")
    page.goto(f"{product.url}/app/crm/contract")
    for at in (1, 2):
        page.get_by_label(f"选择第 {at} 行", exact=True).click()
    bar = page.get_by_role("toolbar", name="批量操作")
    bar.get_by_role("button", name="打印").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("2 条")
    line = dialog.get_by_role("listitem").filter(has_text="默认打印")
    expect(line).to_be_visible()
    assert axe(page) == []
    with page.expect_download(timeout=120_000) as waiting:
        line.get_by_role("button", name="打印 2 条").click()
    assert waiting.value.path().read_bytes().startswith(b"%PDF-")
    expect(page.get_by_text("已生成 2 条记录的 PDF")).to_be_visible()
    expect(dialog).to_have_count(0)
