"""The formula editor, as a person meets it: write, complete by pinyin, see a mistake, take a fix, read the result."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.driving import PHONE, Open, Product, axe, sign_in

FORMULAS = "/app/crm/design/formulas"


def opened(product: Product, open_tab: Open, **how: object) -> Page:
    page = sign_in(open_tab(**how), product, "admin")
    page.goto(f"{product.url}/app/crm/design")
    page.get_by_role("link", name="打开公式").click()
    page.wait_for_url(f"**{FORMULAS}")
    expect(page.locator(".k-expr-hint")).to_be_visible()
    return page


def choose_entity(page: Page, name: str) -> None:
    page.get_by_role("combobox", name="表单").or_(page.get_by_label("表单", exact=True)).first.click()
    page.get_by_role("option", name=name, exact=True).click()


def text_of(page: Page) -> str:
    """The text as it is kept: chips show labels, the document holds keys."""
    return str(page.evaluate("document.querySelector('.cm-content').cmTile.view.state.doc.toString()"))


def write(page: Page, text: str) -> None:
    page.locator(".cm-content").click()
    page.keyboard.type(text, delay=15)


def test_write_complete_fix_and_read_the_result(product: Product, open_tab: Open) -> None:
    page = opened(product, open_tab)
    choose_entity(page, "商机")
    expect(page.locator(".k-expr-item").filter(has_text="预计金额")).to_be_visible()
    write(page, "IF(sjjd")  # initials of 商机阶段
    option = page.get_by_role("option", name="商机阶段")
    expect(option).to_be_visible()
    expect(page.locator(".k-expr-hint mark")).to_have_text("condition")
    page.keyboard.press("Tab")
    page.keyboard.type(' = "', delay=15)
    expect(page.get_by_role("option", name="赢单")).to_be_visible()
    page.keyboard.type("yd", delay=15)
    page.keyboard.press("Enter")
    page.keyboard.type(", amout * 2, 0", delay=15)
    problem = page.locator(".k-expr-problems li").filter(has_text="没有名为“amout”的字段")
    expect(problem).to_be_visible()
    expect(page.locator(".cm-lintRange-error")).to_have_text("amout")
    assert text_of(page) == 'IF(stage = "赢单", amout * 2, 0)'
    assert axe(page) == []
    fix = problem.get_by_role("button", name="改为 amount")
    fix.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".k-expr-problems")).to_have_count(0)
    assert text_of(page) == 'IF(stage = "赢单", amount * 2, 0)'
    expect(page.locator(".cm-f-chip")).to_have_text(["商机阶段", "预计金额"])
    expect(page.locator(".k-expr-value strong")).to_have_text("0")
    page.keyboard.press("Control+z")
    expect(page.locator(".k-expr-problems li")).to_have_count(1)
    page.keyboard.press("Control+y")
    expect(page.locator(".k-expr-problems")).to_have_count(0)


def test_chinese_input_and_full_width_marks(product: Product, open_tab: Open) -> None:
    page = opened(product, open_tab)
    choose_entity(page, "商机")
    expect(page.locator(".k-expr-item").filter(has_text="预计金额")).to_be_visible()
    page.locator(".cm-content").click()
    session = page.context.new_cdp_session(page)
    for part in ("yu", "yu'ji", "yu'ji'jin'e"):
        session.send("Input.imeSetComposition", {"text": part, "selectionStart": len(part), "selectionEnd": len(part)})
        page.wait_for_timeout(120)  # a check answers meanwhile and must not touch the composition
    session.send("Input.insertText", {"text": "预计金额"})
    page.keyboard.press("Escape")
    page.keyboard.insert_text(" ＞ 1 ＋ （2）")
    assert text_of(page) == "预计金额 ＞ 1 ＋ （2）"
    expect(page.locator(".cm-f-chip")).to_have_text("预计金额")
    expect(page.locator(".k-expr-value strong")).to_contain_text("是")
    page.keyboard.press("Home")
    page.keyboard.press("Delete")  # a chip goes as one
    assert text_of(page) == " ＞ 1 ＋ （2）"
    page.keyboard.press("Control+a")
    page.keyboard.type("probability / 0", delay=15)  # over marks and chips, without a word from the browser
    expect(page.locator(".k-expr-error")).to_have_text("#DIV/0!")
    assert text_of(page) == "probability / 0"


def test_point_and_click_reads_and_writes_the_text(product: Product, open_tab: Open) -> None:
    page = opened(product, open_tab)
    page.locator(".formulas-list button").filter(has_text="合同结束日期").click()
    expect(page.locator(".formulas-place")).to_contain_text("校验规则")
    page.get_by_role("radio", name="点选").click()
    expect(page.locator(".k-filter-line")).to_have_count(3)
    page.get_by_role("button", name="添加条件", exact=True).click()
    expect(page.locator(".k-filter-line")).to_have_count(4)
    page.get_by_role("button", name="删除第 3 个条件").or_(page.locator(".k-filter-line > .k-btn").nth(2)).first.click()
    assert axe(page) == []
    page.get_by_role("radio", name="公式").click()
    assert text_of(page).startswith("ISBLANK(start_on) OR ISBLANK(end_on)")
    write(page, " OR LEN(number) > 3")
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="点选").click()
    expect(page.get_by_text("这个公式超出了点选的范围")).to_be_visible()


def test_a_formula_is_saved_to_the_draft(product: Product, open_tab: Open) -> None:
    page = opened(product, open_tab)
    page.locator(".formulas-list button").filter(has_text="加权金额").click()
    expect(page.locator(".cm-f-chip")).to_have_count(2)
    page.locator(".cm-content").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" * 1", delay=15)
    save = page.get_by_role("button", name="保存到草稿")
    expect(save).to_be_enabled()
    save.click()
    expect(page.get_by_text("已保存到草稿，发布后生效")).to_be_visible()
    saved = page.locator(".formulas-list button").filter(has_text="加权金额").locator("code")
    expect(saved).to_have_text("amount * probability * 1")
    csrf = page.request.get(f"{product.url}/api/v1/me").json()["csrf"]
    dropped = page.request.delete(f"{product.url}/api/v1/builder/apps/crm/draft", headers={"X-CSRF-Token": csrf})
    assert dropped.ok


def test_on_a_phone(product: Product, open_tab: Open) -> None:
    page = opened(product, open_tab, viewport=PHONE)
    page.get_by_role("button", name="全屏").click()
    page.get_by_role("button", name="字段与函数").click()
    page.get_by_role("dialog").locator(".k-expr-item button").first.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(".cm-f-chip")).to_have_text("客户名称")
    expect(page.locator(".k-expr-value strong")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert axe(page) == []
