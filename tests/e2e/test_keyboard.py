"""A whole form is filled in and saved without a mouse: every common control by Tab, arrows, Enter, Space and typing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import keyboard_world
from tests.e2e.driving import Open, Product, sign_in, until
from tests.e2e.test_forms import call
from tests.e2e.test_story import api

STEPS_TO_NEXT = 8
"""Stops of the Tab key from one control to the next: a picker has its button to clear, the address a second box."""
STEPS_OF_FRAME = 60
"""Stops of the page around the form: its menu before, its buttons after."""
RECORDS = "/api/v1/apps/keys/sheet/records"
WITHIN = "key => !!document.activeElement?.closest(`#f-${key}`)"
ACTIVE = """() => {
    const here = document.activeElement;
    return document.getElementById(here?.getAttribute('aria-activedescendant') ?? '')?.innerText ?? '';
}"""


class Hands:
    """Ten fingers and no mouse."""

    def __init__(self, page: Page):
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)

    def go_to(self, field: str, steps: int = STEPS_TO_NEXT) -> None:
        """Tab to a field; only forwards, as the form is laid out."""
        for _ in range(steps):
            if self.page.evaluate(WITHIN, field):
                return
            self.press("Tab")
        where = self.page.evaluate("document.activeElement?.outerHTML.slice(0, 300)")
        raise AssertionError(f"Tab does not come to {field}; it is at {where}")

    def choose(self, *texts: str, search: str = "") -> None:
        """Open the picker and go through its list to each of the texts; a branch leads to the next list."""
        self.press("Enter")
        options = self.page.get_by_role("option")
        for text in texts:
            if search:
                expect(self.page.get_by_role("combobox", expanded=True)).to_be_focused()
                self.write(search)
            expect(options.filter(has_text=text).first).to_be_visible()
            self.wait_within(".k-options")
            for _ in range(40):
                if text in self.page.evaluate(ACTIVE):
                    break
                self.press("ArrowDown")
            assert text in self.page.evaluate(ACTIVE)
            self.press("Enter")

    def wait_within(self, place: str) -> None:
        """Wait for the focus. (The page's own waiting for a condition is code from text, which its policy forbids.)"""
        until(self.page, lambda: bool(self.page.evaluate("at => !!document.activeElement?.closest(at)", place)))

    def tab_to_save(self) -> None:
        for _ in range(STEPS_OF_FRAME):
            if self.page.evaluate("document.activeElement?.innerText?.trim()") == "保存":
                return
            self.press("Tab")
        raise AssertionError("Tab does not come to the button that saves")


@pytest.fixture(scope="module")
def keys(product: Product) -> Product:
    """The product with the application of every common control."""
    keyboard_world.install(product)
    return product


def fill_texts_and_numbers(hands: Hands) -> None:
    for field, text in (
        ("title", "全键盘"),
        ("story", "第一行"),
        ("pieces", "12"),
        ("price", "1234.5"),
        ("share", "15"),
        ("day", "2026-03-04"),
        ("moment", "2026-03-05"),
    ):
        hands.go_to(field)
        hands.write(text)
        if field == "story":
            hands.press("Enter")
            hands.write("第二行")
    for _ in range(STEPS_TO_NEXT):  # the clock of the moment stands behind its calendar
        hands.press("Tab")
        if hands.page.evaluate("document.activeElement?.closest('.k-time') !== null"):
            break
    hands.write("14:30")
    hands.go_to("clock")
    hands.write("0815")


def fill_choices(hands: Hands) -> None:
    hands.go_to("agreed")
    hands.press("Space")
    hands.go_to("stage")
    hands.choose("Won")
    hands.go_to("size")
    hands.press("Space", "ArrowDown")
    hands.go_to("extras")
    hands.press("Space", "Tab", "Tab", "Space")
    hands.go_to("colors")
    hands.choose("Red", "Black")
    hands.press("Escape")
    hands.go_to("words")
    hands.choose("春天", search="春天")
    hands.press("Escape")
    hands.go_to("place")
    hands.choose("House", "Hall")


def fill_measures_and_links(hands: Hands) -> None:
    hands.go_to("marks")
    hands.press("ArrowRight", "ArrowRight", "ArrowRight")
    hands.go_to("done")
    hands.write("40")
    hands.go_to("effort")
    hands.write("1h 30m")
    hands.go_to("handler")
    hands.choose("王芳", search="王芳")
    hands.go_to("unit")
    hands.choose("销售", search="销售")
    hands.go_to("like")
    hands.choose("样例", search="样例")
    hands.go_to("address")
    hands.choose("南山区", search="南山区")
    hands.press("Tab", "Tab")  # past the button that clears
    hands.write("科技园 1 号")


def fill_tables_and_contacts(hands: Hands) -> None:
    hands.go_to("views")
    hands.press("Space", "ArrowRight", "Tab")
    if hands.page.evaluate("document.activeElement?.tagName") == "BUTTON":  # takes the answer back
        hands.press("Tab")
    hands.press("Space")
    hands.go_to("rows")
    hands.press("Enter")  # adds a row
    hands.wait_within("[data-cell='0:0']")
    hands.write("灯笼")
    hands.press("Tab")
    hands.write("3")
    hands.press("Enter")
    hands.wait_within("[data-cell^='1:']")
    hands.press("ArrowLeft")
    hands.write("木梁")
    hands.press("Escape")
    for field, text in (("site", "https://example.com/a"), ("mail", "a@example.com"), ("phone", "13812345678")):
        hands.go_to(field)
        hands.write(text)


def test_a_whole_form_is_filled_by_keyboard_only(keys: Product, open_tab: Open) -> None:
    page = sign_in(open_tab(), keys, "admin")
    other = call(page, "POST", RECORDS, {"values": {"title": "样例"}})["record"]["id"]
    page.goto(f"{keys.url}/app/keys/sheet/new")
    expect(page.locator("#f-title")).to_be_visible()
    hands = Hands(page)
    hands.go_to("title", STEPS_OF_FRAME)
    fill_texts_and_numbers(hands)
    fill_choices(hands)
    fill_measures_and_links(hands)
    fill_tables_and_contacts(hands)
    hands.tab_to_save()
    hands.press("Enter")
    expect(page.get_by_role("heading", name="全键盘")).to_be_visible()

    found = api(page, f"{RECORDS}?sort=-created_at&limit=1")["records"][0]["id"]
    view = api(page, f"{RECORDS}/{found}?levels=1")
    values, labels = view["record"]["values"], view["labels"]
    lines = [[row.get("product"), row.get("qty")] for row in values.pop("rows")]
    assert lines == [["灯笼", "3"], ["木梁", None]]
    address = values.pop("address")
    assert "南山区" in address["names"]
    assert address["detail"] == "科技园 1 号"
    assert "王芳" in str(labels)
    assert values.pop("handler")
    assert values.pop("unit")
    assert {key: values[key] for key in keyboard_world.CONTROLS if key in values} == {
        "title": "全键盘",
        "story": "第一行\n第二行",
        "pieces": "12",
        "price": "1234.50",
        "share": "0.15",
        "day": "2026-03-04",
        "moment": "2026-03-05T06:30:00Z",
        "clock": "08:15",
        "agreed": True,
        "stage": "opt_won",
        "size": "opt_large",
        "extras": ["opt_gift", "opt_green"],
        "colors": ["opt_red", "opt_black"],
        "words": ["春天"],
        "place": "opt_hall",
        "marks": "3.0",
        "done": "0.40",
        "effort": 5400,
        "like": other,
        "views": {"row_speed": "col_good", "row_taste": "col_bad"},
        "site": "https://example.com/a",
        "mail": "a@example.com",
        "phone": "13812345678",
    }
