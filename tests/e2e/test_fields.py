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
    for key in ("Enter", "ArrowDown", "Enter"):  # opens; the second branch; into it
        page.keyboard.press(key)
        page.wait_for_timeout(200)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "/" in page.locator("#s-empty-industry").inner_text()
    scale = page.locator("#s-empty-nps [role=radiogroup]")
    scale.locator("input").first.focus()
    for _ in range(9):
        page.keyboard.press("ArrowRight")
    assert scale.locator("input").nth(9).is_checked()
    page.locator("#s-empty-words").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".k-options input")).to_be_focused()
    page.keyboard.type("新标签")
    page.keyboard.press("Enter")  # before the list has answered
    page.keyboard.press("Escape")
    expect(page.locator(".k-picker", has=page.locator("#s-empty-words"))).to_contain_text("新标签")
