"""Printing over HTTP: the page under its own policy, the PDF, and who may."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

import pytest

from engine.forms.print_images import MOST_PAGES
from engine.forms.printing import MOST_RECORDS
from tests.runtime.conftest import API, Site

DEALS = "/apps/shop/deal/records"
PRINT = "/apps/shop/deal/print"


@pytest.fixture
def backend() -> str:
    return "sqlite"


def _deal(site: Site, who: str = "ann", **values: object) -> str:
    body = site.browser(who).ok("POST", DEALS, {"values": {"title": "斗拱 <b>", "amount": "12.5", **values}})
    return str(body["record"]["id"])


def test_a_record_has_at_least_the_page_of_its_form(site: Site) -> None:
    deal = _deal(site)
    ann = site.browser("ann")
    found = ann.ok("GET", f"{DEALS}/{deal}/prints")["templates"]
    assert [one["id"] for one in found] == ["prt_auto"]
    page = ann("GET", f"{DEALS}/{deal}/print?lang=zh")
    assert page.status_code == 200, page.text
    assert page.mimetype == "text/html"
    assert "斗拱 &lt;b&gt;" in page.text
    assert "¥12.50" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "sandbox allow-modals" in policy
    assert "frame-ancestors 'self'" in policy
    assert "script" not in policy
    assert "X-Frame-Options" not in page.headers
    assert "no-store" in page.headers["Cache-Control"]


def test_one_or_many_records_make_a_file(site: Site) -> None:
    deals = [_deal(site), _deal(site)]
    ann = site.browser("ann")
    single = ann("GET", f"{DEALS}/{deals[0]}/print?format=pdf")
    many = ann("POST", PRINT, {"ids": deals})
    for made in (single, many):
        assert made.status_code == 200, made.text
        assert made.mimetype == "application/pdf"
        assert made.data.startswith(b"%PDF-")
        assert "attachment" in made.headers["Content-Disposition"]


def test_templates_for_many_records_say_which_they_are_for(site: Site) -> None:
    deals = [_deal(site), _deal(site)]
    ann = site.browser("ann")
    found = ann.ok("POST", "/apps/shop/deal/prints", {"ids": deals})
    assert found["limit"] == MOST_RECORDS
    assert [(one["id"], one["ids"]) for one in found["templates"]] == [("prt_auto", deals)]
    assert ann("POST", "/apps/shop/deal/prints", {"ids": [_deal(site, "bob")]}).status_code == 404
    too_many = ann("POST", "/apps/shop/deal/prints", {"ids": [f"r{at}" for at in range(MOST_RECORDS + 1)]})
    assert too_many.status_code == 422
    assert str(MOST_RECORDS) in too_many.get_json()["findings"][0]["text"]


def test_others_records_and_unknown_forms_are_refused(site: Site) -> None:
    deal = _deal(site, "bob")
    ann = site.browser("ann")
    assert ann("GET", f"{DEALS}/{deal}/print").status_code == 404
    assert ann("GET", f"{DEALS}/{deal}/prints").status_code == 404
    assert ann("POST", PRINT, {"ids": [_deal(site), deal]}).status_code == 404
    assert ann("POST", PRINT, {"ids": []}).status_code == 422
    assert ann("POST", PRINT, {"ids": "x"}).status_code == 422
    own = _deal(site)
    assert ann("GET", f"{DEALS}/{own}/print?format=docx").status_code == 422
    assert ann("GET", f"{DEALS}/{own}/print?template=prt_none").status_code == 404


def test_marketing_prints_without_the_amount(site: Site) -> None:
    deal = _deal(site)
    page = site.browser("mia")("GET", f"{DEALS}/{deal}/print")
    assert page.status_code == 200
    assert "12.5" not in page.text
    assert "amount" not in page.text


def test_designers_try_a_template_before_it_is_published(site: Site) -> None:
    deal = _deal(site)
    boss = site.browser("boss")
    path = f"{API}/apps/shop/deal/print-preview"
    form = {"csrf_token": boss.csrf, "html": "<h1>{{ record.title }}</h1>", "css": "h1{color:red}", "page": "{}"}
    page = boss.client.post(path, data={**form, "record": deal}, content_type="multipart/form-data")
    assert page.status_code == 200, page.text
    assert "<h1>斗拱 &lt;b&gt;</h1>" in page.text
    assert "sandbox" in page.headers["Content-Security-Policy"]
    wrong = boss.client.post(
        path,
        data={**form, "html": "\n{{ record.titel }}"},
        content_type="multipart/form-data",
        headers={"Accept": "application/json"},
    )
    assert wrong.status_code == 422
    assert "Line 2" in wrong.get_json()["findings"][0]["text"]
    assert "{{ record.title }}" in boss.ok("GET", "/apps/shop/deal/print-default")["html"]
    for bad in ({"page": "[]"}, {"page": '{"size":"A9"}'}, {"more": "x"}, {"refs": "["}):
        assert boss.client.post(path, data={**form, **bad}, content_type="multipart/form-data").status_code == 422
    ann = site.browser("ann")
    assert (
        ann.client.post(path, data={**form, "csrf_token": ann.csrf}, content_type="multipart/form-data").status_code
        == 403
    )


def _tried(site: Site, **given: str) -> dict[str, Any]:
    boss = site.browser("boss")
    made = boss.client.post(
        f"{API}/apps/shop/deal/print-preview",
        data={"csrf_token": boss.csrf, "format": "images", **given},
        content_type="multipart/form-data",
    )
    assert made.status_code == 200, made.text
    assert made.mimetype == "application/json"
    return dict(made.get_json())


def test_designers_see_the_printed_pages_as_pictures(site: Site) -> None:
    deal = _deal(site)
    html = '<h1>{{ record.title }}</h1><p class="break">{{ record.amount }}</p>'
    shown = _tried(site, html=html, record=deal, page='{"size": "A5", "landscape": true}')
    assert (shown["count"], shown["findings"]) == (2, [])
    first = shown["pages"][0]
    assert (round(first["width"]), round(first["height"])) == (210, 148)
    assert b64decode(first["png"]).startswith(b"\x89PNG")
    wrong = _tried(site, html="<p>\n{{ record.titel }}</p>\n{{ 1 / 0 }}", record=deal)
    assert (wrong["pages"], wrong["findings"][0]["line"]) == ([], 2)
    late = _tried(site, html="<p>\n\n{{ record.amount / 0 }}", record=deal)
    assert [one["line"] for one in late["findings"]] == [3]
    boss = site.browser("boss")
    form = {"csrf_token": boss.csrf, "format": "docx"}
    path = f"{API}/apps/shop/deal/print-preview"
    assert boss.client.post(path, data=form, content_type="multipart/form-data").status_code == 422


def test_a_long_document_shows_its_first_pages(site: Site) -> None:
    deal = _deal(site)
    shown = _tried(site, html='{% for at in range(12) %}<p class="break">{{ at }}</p>{% endfor %}', record=deal)
    assert shown["count"] >= 12
    assert len(shown["pages"]) == MOST_PAGES


def test_a_template_is_checked_line_by_line(site: Site) -> None:
    boss = site.browser("boss")
    path = "/apps/shop/deal/print-check"
    good = boss.ok("POST", path, {"html": "{{ record.title }}"})
    assert good["findings"] == []
    assert list(good["refs"]) == ["title"]
    found = boss.ok("POST", path, {"html": "{{ record.titel }}\n\n{{ nothing }}", "css": "</style"})["findings"]
    assert [(one["place"], one["line"]) for one in found] == [("/css", 0), ("/html", 1), ("/html", 3)]
    for bad in ({"html": 1}, {"html": "", "refs": []}, {"html": "", "more": 1}):
        assert boss("POST", path, bad).status_code == 422
    assert boss("POST", "/apps/shop/none/print-check", {"html": ""}).status_code == 404
    assert site.browser("ann")("POST", path, {"html": ""}).status_code == 403


def test_fields_of_the_draft_are_known_and_said_to_be_unpublished(site: Site) -> None:
    deal = _deal(site)
    boss = site.browser("boss")
    draft = boss.ok("GET", "/builder/apps/shop/draft")
    kind = next(one for one in draft["app"]["entities"] if one["key"] == "deal")
    kind["fields"].append({"id": "fld_deal_slogan", "key": "slogan", "type": "text", "label": {"en": "Slogan"}})
    boss.ok("PUT", "/builder/apps/shop/draft", {"rev": draft["rev"], "app": draft["app"]})
    html = "\n{{ record.slogan }}"
    checked = boss.ok("POST", "/apps/shop/deal/print-check", {"html": html})
    assert (checked["findings"], checked["refs"]) == ([], {"slogan": "fld_deal_slogan"})
    [found] = _tried(site, html=html, record=deal)["findings"]
    assert (found["code"], found["line"], found["severity"]) == ("T117", 2, "info")
    assert "record.title" in boss.ok("GET", "/apps/shop/deal/print-default")["html"]
