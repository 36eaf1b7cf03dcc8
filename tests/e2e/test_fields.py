"""Every control in every state: accessible in both themes and sizes, with pickers open too."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.driving import DESKTOP, PHONE, Open, Product, axe, sign_in

SIZES = {"desktop": DESKTOP, "phone": PHONE}
PICKERS = ("stage", "tags", "words", "industry", "owner", "dept", "address", "close", "signed")


def states(page: Page, product: Product) -> None:
    page.goto(f"{product.url}/app/gallery?part=states")
    page.wait_for_selector("#s-masked-voice")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("size", list(SIZES))
def test_every_state_is_accessible(product: Product, open_tab: Open, size: str) -> None:
    page = sign_in(open_tab(viewport=SIZES[size]), product, "admin")
    states(page, product)
    found = []
    for theme, only in (("light", ""), ("dark", "color-contrast")):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.wait_for_timeout(250)
        found += [f"{theme}: {text}" for text in axe(page, only)]
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    assert not found, "\n".join(found)


def test_open_pickers_are_accessible(product: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), product, "admin")
    page.goto(f"{product.url}/app/gallery?part=fields")
    page.wait_for_selector("#f-signed")
    found = []
    for key in PICKERS:
        page.locator(f"#f-{key}").click()
        page.wait_for_timeout(350)
        found += [f"{key}: {text}" for text in axe(page, "")]
        page.keyboard.press("Escape")
        page.wait_for_timeout(150)
    assert not found, "\n".join(found)


def test_a_tree_is_walked_and_a_survey_answered_by_keyboard(product: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), product, "admin")
    states(page, product)
    page.locator("#s-empty-industry").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement?.closest('.k-options') !== null")
    first = page.get_by_role("option").first.inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")  # into the second branch
    expect(page.get_by_role("option").first).not_to_have_text(first)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#s-empty-industry")).to_contain_text("/")
    scale = page.locator("#s-empty-nps [role=radiogroup]")
    scale.locator("input").first.focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    expect(scale.locator("input").nth(9)).to_be_checked()
    page.locator("#s-empty-words").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("combobox", expanded=True)).to_be_focused()
    page.keyboard.type("新标签")
    page.wait_for_timeout(500)  # Enter before the list answers what is typed picks nothing
    expect(page.get_by_role("option").filter(has_text="新标签").first).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".k-picker", has=page.locator("#s-empty-words"))).to_contain_text("新标签")
