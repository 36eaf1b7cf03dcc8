"""Signing in and out as a browser does, and what keeps others out."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from engine import people
from engine.records.audit import audit_event
from runtime import links, tables
from tests.runtime.conftest import PASSWORD, Site


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD, **more: str) -> TestResponse:
    form = {"csrf_token": token_of(client.get("/signin")), "username": username, "password": password, **more}
    return client.post("/signin", data=form)


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("dougong")
    assert found is not None
    return found.value


def me(client: FlaskClient) -> int:
    return client.get("/api/v1/me").status_code


def test_in_and_out(site: Site) -> None:
    client = site.app.test_client()
    assert client.get("/app/shop/deal?q=1").location == "/signin?next=/app/shop/deal?q%3D1"
    before = cookie_after_visit(client)
    answer = sign_in(client, " ANN ", next="/app/shop/deal?q=1")
    assert (answer.status_code, answer.location) == (303, "/app/shop/deal?q=1")
    after = cookie(client)
    assert after != before
    assert me(client) == 200
    csrf = client.get("/api/v1/me").get_json()["csrf"]
    out = client.post("/signout", data={"csrf_token": csrf})
    assert (out.status_code, out.location) == (303, "/signin?out=1")
    assert out.headers["Clear-Site-Data"] == '"storage"'
    client.set_cookie("dougong", after)
    assert me(client) == 401, "a copied cookie is dead"
    actions = [row.action for row in _audit(site)]
    assert actions.count("sign_in") == 1


def cookie_after_visit(client: FlaskClient) -> str:
    client.get("/signin")
    return cookie(client)


def _audit(site: Site) -> list[object]:
    with site.services.database.read() as c:
        return list(c.execute(select(audit_event)))


def test_the_cookie_is_guarded(site: Site) -> None:
    client = site.app.test_client()
    answer = sign_in(client, "ann")
    header = next(h for h in answer.headers.getlist("Set-Cookie") if h.startswith("dougong="))
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "dougong_device" in str(answer.headers.getlist("Set-Cookie"))


@pytest.mark.parametrize(
    ("username", "password"), [("ann", "wrong"), ("nobody", PASSWORD), ("", ""), ("ann", "x" * 5000)]
)
def test_every_wrong_try_looks_the_same(site: Site, username: str, password: str) -> None:
    answer = sign_in(site.app.test_client(), username, password)
    assert answer.status_code == 401
    assert "The user name or the password is not right." in answer.text


def test_disabled_people_are_out_at_once_and_cannot_come_back(site: Site) -> None:
    ann = site.browser("ann")
    with site.services.database.write() as c:
        people.set_active(c, site.ids["ann"], False)
    assert ann("GET", "/me").status_code == 401
    assert sign_in(site.app.test_client(), "ann").status_code == 401


def test_five_wrong_tries_make_one_wait(site: Site) -> None:
    client = site.app.test_client()
    token = token_of(client.get("/signin"))
    codes = []
    for _ in range(6):
        answer = client.post("/signin", data={"csrf_token": token, "username": "ann", "password": "wrong"})
        codes.append(answer.status_code)
    assert codes == [401] * 5 + [429]
    assert 1 <= int(answer.headers["Retry-After"]) <= 30
    assert sign_in(client, "ann").status_code == 429, "the right password has to wait too"
    assert sign_in(client, "bob").status_code == 303, "nobody else has to"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil",
        "javascript:alert(1)",
        "/signout",
        "x",
        "/a\nb",
    ],
)
def test_no_redirect_leaves_the_site(site: Site, target: str) -> None:
    assert sign_in(site.app.test_client(), "ann", next=target).location == "/app/"


def test_forms_need_the_token(site: Site) -> None:
    client = site.app.test_client()
    assert client.post("/signin", data={"username": "ann", "password": PASSWORD}).status_code == 403
    signed = site.browser("ann")
    assert signed.client.post("/signout").status_code in (403, 415)


def test_the_setup_link_makes_one_administrator(site: Site) -> None:
    with site.services.database.write() as c:
        token = links.make(c)
    client = site.app.test_client()
    page = client.get(f"/setup/{token}")
    form = {"csrf_token": token_of(page), "username": "root", "name": "Root", "password": "short", "again": "other"}
    refused = client.post(f"/setup/{token}", data=form)
    assert refused.status_code == 422
    assert refused.text.count("field-problem") == 2
    assert "short" not in refused.text
    done = client.post(f"/setup/{token}", data={**form, "password": PASSWORD, "again": PASSWORD})
    assert (done.status_code, done.location) == (303, "/app/")
    mine = client.get("/api/v1/me").get_json()
    assert mine["designer"] is True
    assert [app["key"] for app in mine["apps"]] == ["shop"]
    assert client.get(f"/setup/{token}").status_code == 410
    assert client.get("/setup/guess").status_code == 410


def test_a_new_password_ends_the_other_sessions(site: Site) -> None:
    here, there = site.browser("ann"), site.browser("ann")
    change = {"current": "wrong", "new": "quiet harbor 77 lamps"}
    assert here("POST", "/me/password", change).get_json()["findings"][0]["place"] == "/current"
    weak = here("POST", "/me/password", {"current": PASSWORD, "new": "ann12345"}).get_json()
    assert weak["findings"][0]["place"] == "/new"
    here.ok("POST", "/me/password", {**change, "current": PASSWORD})
    assert here("GET", "/me").status_code == 200
    assert there("GET", "/me").status_code == 401
    assert sign_in(site.app.test_client(), "ann", "quiet harbor 77 lamps").status_code == 303


def test_people_see_and_end_their_sessions(site: Site) -> None:
    here, there, other = site.browser("ann"), site.browser("ann"), site.browser("bob")
    listed = here.ok("GET", "/me/sessions")["sessions"]
    assert len(listed) == 2
    assert [one["current"] for one in listed].count(True) == 1
    victim = next(one["id"] for one in listed if not one["current"])
    assert other("DELETE", f"/me/sessions/{victim}").status_code == 404
    here.ok("DELETE", f"/me/sessions/{victim}")
    assert there("GET", "/me").status_code == 401
    with site.services.database.read() as c:
        assert "token" not in " ".join(str(row) for row in c.execute(select(tables.session)))


def test_settings_and_language(site: Site) -> None:
    ann = site.browser("ann")
    ann.ok("PATCH", "/me", {"locale": "zh-CN", "settings": {"theme": "dark", "lists": {"shop/deal": {"title": 200}}}})
    mine = ann.ok("GET", "/me")["user"]
    assert mine["settings"] == {"theme": "dark", "lists": {"shop/deal": {"title": 200}}}
    assert ann("GET", "/nothing").get_json()["title"] == "没有找到"
    refused = ann("PATCH", "/me", {"settings": {"theme": "pink", "admin": True}})
    assert {f["place"] for f in refused.get_json()["findings"]} == {"/settings/theme", "/settings/admin"}
    assert ann("PATCH", "/me", {"duties": ["builder"]}).status_code == 422
    assert site.stranger()("GET", "/me", headers={"Accept-Language": "zh-CN"}).get_json()["detail"] == "请先登录。"
