"""Working in the table as in a spreadsheet: by keyboard, with blocks of cells, in groups."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e.driving import PHONE, Open, Product, axe, sign_in

LIST = "/app/crm/lead?s=company"
BLOCK = """([text, html]) => {
  const data = new DataTransfer();
  data.setData('text/plain', text);
  if (html) data.setData('text/html', html);
  const event = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(event);
}"""
COPIED = """() => {
  const data = new DataTransfer();
  const event = new ClipboardEvent('copy', {clipboardData: data, bubbles: true, cancelable: true});
  document.activeElement.dispatchEvent(event);
  return [data.getData('text/plain'), data.getData('text/html')];
}"""


def column(page: Page, key: str) -> int:
    """Where the column of a field stands."""
    place = page.locator(f"[role=columnheader][data-column={key}]").get_attribute("data-cell")
    assert place is not None
    return int(place.split(":")[1])


def cell(page: Page, line: int, key: str) -> Locator:
    return page.locator(f"[data-cell='{line}:{column(page, key)}']")


def typing(page: Page, line: int, key: str) -> Locator:
    """What has the focus in a cell that can be typed into."""
    return cell(page, line, key).locator("input")


def origin(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def stored(page: Page, **query: str) -> list[dict[str, Any]]:
    address = f"{origin(page)}/api/v1/apps/crm/lead/records"
    answer = page.request.get(address, params={"sort": "company", "limit": "20", **query})
    found: list[dict[str, Any]] = answer.json()["records"]
    return found


def open_list(product: Product, open_tab: Open, path: str = LIST, **tab: Any) -> Page:
    page = sign_in(open_tab(**tab), product, "admin")
    page.goto(product.url + path)
    page.locator(".k-grid-body [role=row]").first.wait_for()
    return page


def values(page: Page, key: str, count: int = 4) -> list[Any]:
    return [row["values"][key] for row in stored(page)[:count]]


def until(page: Page, key: str, wanted: list[Any]) -> None:
    """Wait for what is written."""
    for _ in range(50):
        if values(page, key, len(wanted)) == wanted:
            return
        page.wait_for_timeout(100)
    assert values(page, key, len(wanted)) == wanted


def test_a_cell_is_edited_undone_and_done_again_by_keyboard(product: Product, open_tab: Open) -> None:
    page = open_list(product, open_tab)
    before = values(page, "contact_name", 2)
    cell(page, 0, "contact_name").focus()
    write(page, "Grid One")
    page.keyboard.press("Enter")
    expect(typing(page, 1, "contact_name")).to_be_focused()
    until(page, "contact_name", ["Grid One", before[1]])
    page.keyboard.press("Control+z")
    until(page, "contact_name", before)
    page.keyboard.press("Control+y")
    until(page, "contact_name", ["Grid One", before[1]])
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    write(page, "not kept")
    page.keyboard.press("Escape")
    expect(typing(page, 0, "contact_name")).to_be_focused()
    until(page, "contact_name", ["Grid One", before[1]])
    page.keyboard.press("Control+z")
    until(page, "contact_name", before)


def write(page: Page, text: str) -> None:
    """Type into the current cell without waiting for its editor: the first key opens it, and none may be lost."""
    page.keyboard.type(text)
    expect(page.locator(".k-grid-editor input")).to_have_value(text)


def test_an_input_method_composes_right_into_a_cell(product: Product, open_tab: Open) -> None:
    page = open_list(product, open_tab)
    cell(page, 0, "contact_name").focus()
    expect(typing(page, 0, "contact_name")).to_be_focused()
    keyboard = page.context.new_cdp_session(page)
    for text in ("n", "ni", "ni h", "ni hao"):
        keyboard.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    expect(typing(page, 0, "contact_name")).to_have_value("ni hao")
    keyboard.send("Input.insertText", {"text": "你好"})
    expect(page.locator(".k-grid-editor input")).to_be_focused()
    page.keyboard.type("吗")
    page.keyboard.press("Enter")
    until(page, "contact_name", ["你好吗"])


def test_an_undo_does_not_undo_what_somebody_changed_since(product: Product, open_tab: Open) -> None:
    page = open_list(product, open_tab)
    before = values(page, "contact_name", 1)
    cell(page, 0, "contact_name").focus()
    expect(typing(page, 0, "contact_name")).to_be_focused()
    write(page, "Mine")
    page.keyboard.press("Enter")
    until(page, "contact_name", ["Mine"])
    row = stored(page)[0]
    path = f"{product.url}/api/v1/apps/crm/lead/records/{row['id']}"
    csrf = page.request.get(f"{product.url}/api/v1/me").json()["csrf"]
    changed = page.request.patch(
        path, data={"rev": row["rev"], "values": {"contact_name": "Theirs"}}, headers={"X-CSRF-Token": csrf}
    )
    assert changed.ok
    cell(page, 0, "contact_name").focus()
    page.keyboard.press("Control+z")
    expect(page.locator(".k-toast").filter(has_text="其他人")).to_be_visible()
    until(page, "contact_name", ["Theirs"])
    cell(page, 0, "contact_name").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+a")
    write(page, str(before[0]))
    page.keyboard.press("Enter")


def test_a_block_goes_to_a_spreadsheet_and_comes_back(product: Product, open_tab: Open) -> None:
    page = open_list(product, open_tab)
    before = values(page, "phone", 3)
    cell(page, 0, "company").focus()
    wide = column(page, "phone") - column(page, "company")
    for _ in range(2):
        page.keyboard.press("Shift+ArrowDown")
    for _ in range(wide):
        page.keyboard.press("Shift+ArrowRight")
    text, html = page.evaluate(COPIED)
    lines = [line.split("\t") for line in text.split("\r\n")]
    assert len(lines) == 3 and all(len(line) == wide + 1 for line in lines)
    assert lines[0][0] == stored(page)[0]["values"]["company"]
    assert html.count("<tr>") == 3

    cell(page, 0, "phone").focus()
    page.evaluate(BLOCK, ["0571-11110001\r\n0571-11110002\r\nno telephone\r\n", ""])
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("修改 3 条")
    expect(dialog).to_contain_text("第 3 行")
    assert values(page, "phone", 3) == before, "nothing is written before one says so"
    assert axe(page) == []
    dialog.get_by_role("button", name="只保存 2 行").click()
    until(page, "phone", ["0571-11110001", "0571-11110002", before[2]])

    cell(page, 0, "phone").focus()
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+d")
    until(page, "phone", ["0571-11110001"] * 3)
    page.keyboard.press("Control+z")
    until(page, "phone", ["0571-11110001", "0571-11110002", before[2]])
    page.keyboard.press("Control+z")
    until(page, "phone", before)


def test_a_choice_is_picked_in_its_cell(product: Product, open_tab: Open) -> None:
    page = open_list(product, open_tab)
    before = values(page, "region", 1)
    cell(page, 0, "region").dblclick()
    option = page.locator("[role=option][aria-selected=false]").first
    option.click()
    expect(page.locator(".k-grid-editor")).to_have_count(0)
    for _ in range(50):
        if values(page, "region", 1) != before:
            break
        page.wait_for_timeout(100)
    assert values(page, "region", 1) != before
    cell(page, 0, "region").focus()
    page.keyboard.press("Control+z")
    until(page, "region", before)


def test_rows_stand_in_groups_with_totals(product: Product, open_tab: Open) -> None:
    page = open_list(product, open_tab, "/app/crm/account?g=region")
    heads = page.locator(".k-grid-group")
    spec = {"groups": [{"id": "g", "path": "region"}], "measures": [{"id": "n", "aggregate": "count"}]}
    answer = page.request.get(
        f"{product.url}/api/v1/apps/crm/account/aggregate", params={"spec": json.dumps(spec)}
    ).json()["rows"]
    first = int(heads.first.locator(".k-grid-group-count").inner_text())
    assert first in {row["n"] for row in answer}
    shown = page.locator(".k-grid-body [role=row]").nth(1)
    expect(shown).not_to_have_class("k-grid-group")
    assert axe(page) == []
    heads.first.locator("[aria-expanded]").focus()
    page.keyboard.press("Enter")
    expect(heads.first.locator("[aria-expanded=false]")).to_be_visible()
    expect(page.locator(".k-grid-body [role=row]").nth(1)).to_have_class("k-grid-row k-grid-group")
    total = page.locator("[role=grid]").get_attribute("aria-rowcount")
    assert total is not None and int(total) - 1 == sum(row["n"] for row in answer)

    phone = open_list_on_phone(product, open_tab)
    expect(phone.locator(".k-cards-group").first).to_be_visible()
    assert axe(phone) == []


def open_list_on_phone(product: Product, open_tab: Open) -> Page:
    page = sign_in(open_tab(viewport=PHONE), product, "admin")
    page.goto(f"{product.url}/app/crm/account?g=region")
    page.locator(".k-cards li").first.wait_for()
    return page
