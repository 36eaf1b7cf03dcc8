"""Public forms over HTTP: made by those who may share, answered by strangers, embedded where the link says so."""

from __future__ import annotations

import io
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from werkzeug.test import TestResponse

from runtime import public_visit
from tests.runtime.conftest import API, Browser, Site

LINKS = "/apps/shop/deal/links"
DEALS = "/apps/shop/deal/records"
QUICK: dict[str, Any] = {
    "fields": ["title", "amount"],
    "min_seconds": 0,
    "per_address_minute": 600,
    "per_minute": 10000,
}


@pytest.fixture
def backend() -> str:
    return "sqlite"


def make(site: Site, who: str = "boss", **settings: Any) -> dict[str, Any]:
    body = {"label": "Site", "settings": {**QUICK, **settings}}
    link: dict[str, Any] = site.browser(who).ok("POST", LINKS, body)["link"]
    link["token"] = link["url"].rpartition("/")[2]
    return link


class Visitor:
    def __init__(self, site: Site, link: dict[str, Any], browser: Browser | None = None):
        self.client = (browser or site.stranger()).client
        self.base = f"{API}/public/{link['token']}"
        self.page = ""

    def post(self, path: str, body: Any, **more: Any) -> TestResponse:
        headers = {"Accept": "application/json", **more.pop("headers", {})}
        return self.client.post(self.base + path, json=body, headers=headers, **more)

    def open(self, **body: Any) -> dict[str, Any]:
        answer = self.post("/open", body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.get_json()
        self.page = found["page"]
        return found

    def send(self, values: dict[str, Any], **more: Any) -> TestResponse:
        return self.post("/answers", {"page": self.page, "values": values, **more})


def test_a_stranger_opens_a_form_and_sends_it(site: Site) -> None:
    link = make(site, title={"en": "Talk to us"}, thanks={"en": "Thank you!"}, redirect="https://example.com/done")
    visitor = Visitor(site, link)
    page = visitor.client.get(f"/f/{link['token']}")
    assert page.status_code == 200
    assert "Talk to us" in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in page.headers
    found = visitor.open()
    entity = found["app"]["entities"][0]
    assert [f["key"] for f in entity["fields"]] == ["title", "amount"]
    assert [item["field"] for item in entity["form"]["items"]] == ["title", "amount"]
    assert entity["views"] == []
    sent = visitor.send({"title": "Bridge", "amount": "5"})
    assert sent.status_code == 201, sent.text
    assert sent.get_json() == {"thanks": "Thank you!", "redirect": "https://example.com/done"}
    assert visitor.send({"title": "Bridge", "amount": "5"}).status_code == 201
    boss = site.browser("boss")
    records = boss.ok("GET", f"{DEALS}?filter=%5B%22%3D%22%2C%22title%22%2C%22Bridge%22%5D")["records"]
    assert len(records) == 1
    assert records[0]["values"]["owner"] == site.ids["boss"]
    assert boss.ok("GET", LINKS)["links"][0]["answers"] == 1


def test_an_answer_gets_the_same_findings_as_everybody(site: Site) -> None:
    visitor = Visitor(site, make(site))
    visitor.open()
    wrong = visitor.send({"amount": "x", "stage": "opt_won", "owner": "me"})
    assert wrong.status_code == 422
    assert {one["place"] for one in wrong.get_json()["findings"]} == {"/stage", "/owner"}
    wrong = visitor.send({"amount": "x"})
    assert {one["place"] for one in wrong.get_json()["findings"]} == {"/amount", "/title"}
    assert visitor.send({"title": "good"}).status_code == 201


def test_who_may_not_share_cannot_make_links(site: Site) -> None:
    body = {"label": "x", "settings": QUICK}
    assert site.browser("ann")("POST", LINKS, body).status_code == 403
    assert site.browser("ann")("GET", LINKS).status_code == 403
    assert site.browser("out")("GET", LINKS).status_code == 404
    assert site.stranger()("GET", LINKS).status_code == 401
    link = make(site)
    for method, path in (("DELETE", ""), ("POST", "/renew"), ("GET", "/poster"), ("PATCH", "")):
        assert (
            site.browser("ann")(method, f"{LINKS}/{link['id']}{path}", {} if method == "PATCH" else None).status_code
            == 403
        )


def test_links_are_paused_renewed_deleted_and_brought_back(site: Site) -> None:
    link, boss = make(site), site.browser("boss")
    path = f"{LINKS}/{link['id']}"
    visitor = Visitor(site, link)
    visitor.open()
    assert boss.ok("PATCH", path, {"state": "paused", "label": "Later"})["link"]["label"] == "Later"
    assert visitor.post("/open", {}).status_code == 410
    assert visitor.send({"title": "a"}).status_code == 410
    boss.ok("PATCH", path, {"state": "open"})
    assert visitor.send({"title": "a"}).status_code == 201
    boss.ok("DELETE", path)
    assert visitor.client.get(f"/f/{link['token']}").status_code == 404
    assert visitor.post("/open", {}).status_code == 404
    assert boss.ok("GET", LINKS)["links"] == []
    assert boss.ok("POST", f"{path}/restore")["link"]["url"] == link["url"]
    assert visitor.post("/open", {}).status_code == 200
    turned = boss.ok("POST", f"{path}/renew")["link"]
    assert turned["url"] != link["url"]
    assert visitor.post("/open", {}).status_code == 404


def test_programs_are_told_apart(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = Visitor(site, make(site, min_seconds=5))
    visitor.open()
    quick = visitor.send({"title": "a"})
    assert quick.status_code == 429
    assert 1 <= int(quick.headers["Retry-After"]) <= 6
    later = time.time() + 6
    monkeypatch.setattr(public_visit.time, "time", lambda: later)
    assert visitor.send({"title": "a"}, website="http://spam").status_code == 422
    assert visitor.send({"title": "a"}).status_code == 201
    later += 8 * 86_400
    assert visitor.send({"title": "b"}).status_code == 409


def test_a_page_made_elsewhere_is_no_page(site: Site) -> None:
    link, other = make(site), make(site)
    visitor, second = Visitor(site, link), Visitor(site, other)
    visitor.open()
    second.open()
    second.page, visitor.page = visitor.page, second.page
    for page in (visitor.page, "", "x.y", None, 5):
        assert visitor.post("/answers", {"page": page, "values": {"title": "a"}}).status_code in (409, 422)
    assert visitor.post("/answers", {"page": "x", "values": []}).status_code == 409


def test_foreign_sites_and_plain_text_are_refused(site: Site) -> None:
    visitor = Visitor(site, make(site))
    visitor.open()
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (
            visitor.post("/answers", {"page": visitor.page, "values": {"title": "a"}}, headers=headers).status_code
            == 403
        )
    plain = visitor.client.post(visitor.base + "/answers", data="{}", content_type="text/plain")
    assert plain.status_code == 415


def test_embedding_is_for_the_sites_of_the_link(site: Site) -> None:
    link = make(site, embed=["https://www.example.com", "https://*.example.org"])
    client = site.stranger().client
    page = client.get(f"/f/{link['token']}/embed")
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors https://www.example.com https://*.example.org" in policy
    assert "'none'" not in policy.partition("frame-ancestors")[2]
    assert "X-Frame-Options" not in page.headers
    closed = client.get(f"/f/{make(site)['token']}/embed")
    assert "frame-ancestors 'none'" in closed.headers["Content-Security-Policy"]
    assert closed.headers["X-Frame-Options"] == "DENY"


def test_a_password_opens_a_form(site: Site) -> None:
    link = make(site, password="lantern tiger 92")
    assert link["settings"]["password"] is True
    visitor = Visitor(site, link)
    assert visitor.post("/open", {}).status_code == 403
    assert visitor.post("/open", {"password": "x"}).status_code == 403
    visitor.open(password="lantern tiger 92")
    assert visitor.send({"title": "a"}).status_code == 201
    boss = site.browser("boss")
    kept = boss.ok("PATCH", f"{LINKS}/{link['id']}", {"settings": {**QUICK, "quota": 5}})["link"]
    assert kept["settings"]["password"] is True
    open_ = boss.ok("PATCH", f"{LINKS}/{link['id']}", {"settings": {**QUICK, "password": ""}})["link"]
    assert open_["settings"]["password"] is False
    visitor.open()


def test_signing_in_can_be_asked_for(site: Site) -> None:
    link = make(site, sign_in=True, per_visitor=1)
    stranger = Visitor(site, link)
    assert stranger.client.get(f"/f/{link['token']}").status_code == 302
    assert stranger.post("/open", {}).status_code == 403
    mia = Visitor(site, link, site.browser("mia"))
    mia.open()
    assert mia.send({"title": "from mia"}).status_code == 201
    again = Visitor(site, link, site.browser("mia"))
    again.open()
    assert again.send({"title": "again"}).status_code == 409
    bob = Visitor(site, link, site.browser("bob"))
    bob.open()
    bob.page, mine = mia.page, bob.page
    assert bob.send({"title": "stolen page"}).status_code == 409
    bob.page = mine
    assert bob.send({"title": "from bob"}).status_code == 201


def test_one_browser_answers_as_often_as_allowed(site: Site) -> None:
    link = make(site, per_visitor=1)
    visitor = Visitor(site, link)
    assert "dougong_visitor=" in visitor.client.get(f"/f/{link['token']}").headers["Set-Cookie"]
    visitor.open()
    assert visitor.send({"title": "a"}).status_code == 201
    assert visitor.send({"title": "a"}).status_code == 201, "the same send again"
    visitor.open()
    assert visitor.send({"title": "b"}).status_code == 409


def test_values_come_with_the_address(site: Site) -> None:
    link = make(site, prefill={"title": {"mode": "open"}, "amount": {"mode": "locked"}})
    visitor = Visitor(site, link)
    found = visitor.open(query={"title": "From the site", "amount": "7", "stage": "opt_won", "junk": "1"})
    assert found["values"] == {"title": "From the site"}
    boss = site.browser("boss")
    url = boss.ok("POST", f"{LINKS}/{link['id']}/prefill", {"values": {"amount": "12"}})["url"]
    signed = url.partition("?p=")[2]
    found = visitor.open(query={"p": signed})
    assert found["values"]["amount"] == "12.00"
    assert found["locked"] == ["amount"]
    assert visitor.send({"title": "t", "amount": "1"}).status_code == 201
    made = boss.ok("GET", f"{DEALS}?search=t")["records"][0]
    assert made["values"]["amount"] == "12.00"
    assert visitor.open(query={"p": signed[:-2] + "xx"})["values"] == {}
    assert boss("POST", f"{LINKS}/{link['id']}/prefill", {"values": {"stage": "opt_won"}}).status_code == 422


def test_an_address_carries_values_to_keep_and_values_to_change(site: Site) -> None:
    link = make(site, prefill={"title": {"mode": "open"}})
    boss = site.browser("boss")
    path = f"{LINKS}/{link['id']}/prefill"
    url = boss.ok("POST", path, {"values": {"amount": "12"}, "open": {"title": "a & b"}})["url"]
    told = dict(parse_qsl(urlsplit(url).query))
    assert told["title"] == "a & b"
    found = Visitor(site, link).open(query=told)
    assert found["values"] == {"title": "a & b", "amount": "12.00"}
    assert found["locked"] == ["amount"]
    assert boss("POST", path, {"open": {"amount": "12"}}).status_code == 422, "only signed"
    assert boss("POST", path, {"values": {}}).status_code == 422


def test_files_only_where_they_are_allowed(site: Site) -> None:
    closed = Visitor(site, make(site))
    closed.open()

    def send(visitor: Visitor, field: str = "papers") -> TestResponse:
        data = {"page": visitor.page, "field": field, "file": (io.BytesIO(b"hello"), "a.txt")}
        return visitor.client.post(visitor.base + "/files", data=data, headers={"Accept": "application/json"})

    assert send(closed).status_code == 404
    link = make(site, fields=["title", "papers"], uploads=2)
    visitor, other = Visitor(site, link), Visitor(site, make(site, fields=["title", "papers"], uploads=1))
    visitor.open()
    other.open()
    assert send(visitor, "title").status_code == 404
    saved = send(visitor)
    assert saved.status_code == 201, saved.text
    file = saved.get_json()
    assert visitor.client.get(f"{API}/files/{file['id']}").status_code == 401
    assert other.send({"title": "stolen", "papers": [file["id"]]}).status_code == 422
    assert visitor.send({"title": "with", "papers": [file["id"]]}).status_code == 201
    assert send(visitor).status_code == 201
    assert send(visitor).status_code == 429


def test_posters_and_languages(site: Site) -> None:
    link = make(site, title={"en": "Hello", "zh-CN": "您好"}, language="zh-CN", quota=1)
    boss = site.browser("boss")
    for form, start in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF-")):
        made = boss("GET", f"{LINKS}/{link['id']}/poster?format={form}")
        assert made.status_code == 200, made.text
        assert made.data.startswith(start)
    assert boss("GET", f"{LINKS}/{link['id']}/poster?format=gif").status_code == 422
    visitor = Visitor(site, link)
    page = visitor.client.get(f"/f/{link['token']}", headers={"Accept-Language": "en"})
    assert 'lang="zh-CN"' in page.text
    assert "您好" in page.text
    visitor.open()
    assert visitor.send({"title": "a"}).status_code == 201
    assert visitor.send({"title": "a"}).status_code == 201, "what was acknowledged stays so"
    full = visitor.post("/open", {}, headers={"Accept-Language": "en"})
    assert full.status_code == 410
    assert "收满" in full.get_json()["detail"]


def test_too_many_answers_wait(site: Site) -> None:
    visitor = Visitor(site, make(site, per_address_minute=2))
    codes = []
    for number in range(4):
        visitor.open()
        codes.append(visitor.send({"title": str(number)}).status_code)
    assert codes == [201, 201, 429, 429]


def test_invitations_need_a_bound_record(site: Site) -> None:
    link, boss = make(site), site.browser("boss")
    assert boss("POST", f"{LINKS}/{link['id']}/invitations", {"records": ["0" * 16]}).status_code == 422
    assert boss("POST", f"{LINKS}/{link['id']}/invitations", {"records": []}).status_code == 422
    assert boss("POST", f"{LINKS}/x/invitations", {"records": ["0"]}).status_code == 404


def test_what_cannot_be_shared_is_not_offered(site: Site) -> None:
    offered = site.browser("boss").ok("GET", LINKS)["fields"]
    keys = {one["key"] for one in offered}
    assert keys >= {"title", "amount", "stage", "papers", "lines"}
    assert not keys & {"id", "owner", "created_by", "flow_state", "rev"}
    boss = site.browser("boss")
    wrong = boss("POST", LINKS, {"label": "x", "settings": {**QUICK, "fields": ["amount"]}})
    assert wrong.status_code == 422
    assert wrong.get_json()["findings"][0]["code"] == "T202"
    assert boss("POST", LINKS, {"label": "", "settings": QUICK}).status_code == 422
    assert boss("POST", LINKS, {"label": "x", "settings": []}).status_code == 422
