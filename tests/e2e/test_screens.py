"""Every screen, looked at by a machine: light and dark, Chinese and English, desktop and phone.

Each state must be free of accessibility violations, of sideways scrolling, of untranslated keys and of complaints in
the console. Pictures are kept in ``artifacts`` for people to look at.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Page

from tests.e2e.driving import DESKTOP, PHONE, Open, Product, axe, sign_in

ARTIFACTS = Path(__file__).resolve().parent / "artifacts"
SIZES = {"desktop": DESKTOP, "phone": PHONE}
SCREENS = {
    "home": "/app/",
    "list": "/app/crm/account",
    "trash": "/app/crm/account?trash=1",
    "new": "/app/crm/account/new",
    "record": "/app/crm/account/{account}",
    "contract": "/app/crm/contract/{contract}",
    "tasks": "/app/tasks",
    "dashboard": "/app/crm/dashboard/sales",
    "customers": "/app/crm/dashboard/customers",
    "import": "/app/crm/import/account",
    "settings": "/app/settings",
    "design": "/app/crm/design",
    "formulas": "/app/crm/design/formulas",
    "gallery": "/app/gallery",
    "gallery-formula": "/app/gallery?part=formula",
    "missing": "/app/crm/no-such-entity",
}
SHOWS_CODE = ("gallery", "formulas")
_KEY = re.compile(r"(?<![\w./@-])[a-z]+(?:\.[a-z][A-Za-z]+)+(?![\w./@-])")
_NOT_KEYS = re.compile(r"\.(?:com|cn|example|csv|xlsx|xls|json|jing|lei|fang|min|yue|wei)$")


def first_id(page: Page, entity: str) -> str:
    answer = page.request.get(urljoin(page.url, f"/api/v1/apps/crm/{entity}/records?limit=1"))
    return str(answer.json()["records"][0]["id"])


def speak(page: Page, locale: str) -> None:
    """Switch the person's language, as the settings page does."""
    csrf = page.request.get(urljoin(page.url, "/api/v1/me")).json()["csrf"]
    done = page.request.patch(urljoin(page.url, "/api/v1/me"), data={"locale": locale}, headers={"X-CSRF-Token": csrf})
    assert done.ok, done.text()


@pytest.mark.parametrize("size", list(SIZES))
@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_screen_is_accessible_translated_and_fits(
    product: Product, open_tab: Open, size: str, locale: str
) -> None:
    tab = open_tab(viewport=SIZES[size])
    tab.expected |= {404}
    page = sign_in(tab, product, "admin")
    speak(page, locale)
    ids = {"account": first_id(page, "account"), "contract": first_id(page, "contract")}
    ARTIFACTS.mkdir(exist_ok=True)
    found: list[str] = []
    for name, path in SCREENS.items():
        page.goto(product.url + path.format(**ids))
        page.wait_for_load_state("networkidle")
        # a theme changes colours and nothing else, and a language no colour
        for theme, only in (("light", ""), ("dark", "color-contrast"))[: 2 if locale == "zh-CN" else 1]:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.wait_for_timeout(250)
            page.screenshot(path=ARTIFACTS / f"{name}-{size}-{theme}-{locale}.png")
            found += [f"{name} {theme}: {text}" for text in axe(page, only)]
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > SIZES[size]["width"]:
            found.append(f"{name}: {width} px wide")
        if not name.startswith(SHOWS_CODE):
            words = _KEY.findall(page.locator("body").inner_text())
            found += [f"{name}: untranslated {word}" for word in words if not _NOT_KEYS.search(word)]
    speak(page, "zh-CN")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("size", list(SIZES))
def test_the_sign_in_page_is_accessible(product: Product, open_tab: Open, size: str) -> None:
    page = open_tab(viewport=SIZES[size]).page
    for language in ("zh-CN", "en"):
        page.goto(f"{product.url}/signin?lang={language}")
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
