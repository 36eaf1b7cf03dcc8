"""What stands before every route and on every answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import MetaData, inspect
from werkzeug.routing import Rule as UrlRule

from runtime import security
from runtime.access import rules_of
from tests.runtime.conftest import Site

EVERY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SAMPLE = {
    "app": "shop", "entity": "deal", "record_id": "0" * 16, "session_id": "x", "file_id": "x", "key": "sales",
    "view_id": "x", "comment_id": "x", "run_id": "x", "seat_id": "x", "instance_id": "x", "command": "urge",
    "flow": "x", "link_id": "x", "path": "x", "token": "x", "definition": "fld_title",
    "calendar": "CN", "version": "1", "field": "title",
}  # fmt: skip


@pytest.fixture
def backend() -> str:
    """What stands before the views is the same for both databases."""
    return "sqlite"


def endpoints(app: Flask) -> Iterator[tuple[str, UrlRule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.endpoint, rule, method


def address(rule: UrlRule) -> str:
    return re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda match: SAMPLE[match[1]], rule.rule)


def test_every_route_has_a_rule(site: Site) -> None:
    missing = [endpoint for endpoint, rule in rules_of(site.app).items() if rule is None]
    assert not missing


def test_a_route_without_a_rule_is_closed(site: Site) -> None:
    site.app.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "open")
    security.freeze_rules(site.app)
    assert site.browser("boss")("GET", "/forgotten").status_code == 403


def test_the_route_matrix(site: Site) -> None:
    """Each endpoint for each kind of person; the expected door follows from the rule and from nothing else."""
    rules = rules_of(site.app)
    visitors = {name: site.browser(name) for name in ("boss", "ann", "mia", "out")}
    stranger = site.stranger()
    for endpoint, url, method in endpoints(site.app):
        rule = rules[endpoint]
        assert rule is not None
        path = address(url)
        if endpoint in ("signin.sign_out", "assets.asset", "assets.page_asset"):
            continue
        headers = {"Accept": "application/json"}
        if rule.who != "public":
            answer = stranger.client.open(path, method=method, headers=headers, **_empty(rule.body))
            expected = 401 if path.startswith("/api/") else 302
            assert answer.status_code in (expected, 403 if method != "GET" else expected), (
                endpoint,
                answer.status_code,
            )
            assert answer.status_code != 200
        for name, browser in visitors.items():
            headers["X-CSRF-Token"] = browser.csrf
            answer = browser.client.open(path, method=method, headers=headers, **_empty(rule.body))
            assert answer.status_code < 500, (endpoint, name, answer.text)
            if rule.who == "duty":
                assert (answer.status_code == 403) == (name != "boss"), (endpoint, name, answer.text)
            elif rule.who == "member" and name == "out":
                assert answer.status_code in (404, 422), (endpoint, name, answer.text)
                assert "shop" not in answer.text.replace('"what"', "") or answer.status_code == 404


def _empty(body: str) -> dict[str, object]:
    if body in ("json", "bulk", "upload_or_json"):
        return {"json": {}}
    if body == "upload":
        return {"data": {}, "content_type": "multipart/form-data"}
    return {"data": {}, "content_type": "application/x-www-form-urlencoded"} if body == "form" else {}


def test_headers_are_on_every_answer(site: Site) -> None:
    ann = site.browser("ann")
    paths = [
        "/signin",
        "/healthz",
        "/readyz",
        "/api/v1/me",
        "/api/v1/nothing",
        "/nothing",
        "/setup/x",
        "/",
        "/manifest.webmanifest",
    ]
    for path in paths:
        answer = ann.client.get(path)
        for name, value in EVERY.items():
            assert answer.headers[name] == value, (path, name)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Request-Id"]
        assert "no-store" in answer.headers["Cache-Control"]
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Strict-Transport-Security" not in answer.headers
    for _ in range(2):
        ann("GET", "/me")
    assert "sandbox" in ann("GET", "/me").headers["Content-Security-Policy"]


def test_only_sites_of_the_settings_may_be_framed() -> None:
    assert "frame-src" not in security.page_policy("n")
    policy = security.page_policy("n", ("https://maps.example.com",))
    assert "frame-src https://maps.example.com" in policy
    assert "frame-ancestors 'none'" in policy


def test_the_nonce_changes(site: Site) -> None:
    client = site.app.test_client()
    seen = {re.search(r"nonce-([\w-]+)", client.get("/signin").headers["Content-Security-Policy"])[1] for _ in range(3)}  # type: ignore[index]
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "http://localhost"}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"X-CSRF-Token": ""}, 403),
        ({"X-CSRF-Token": "forged"}, 403),
        ({"X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"}, 403),
    ],
)
def test_where_a_change_may_come_from(site: Site, headers: dict[str, str], status: int) -> None:
    ann = site.browser("ann")
    assert ann("PATCH", "/me", {"settings": {}}, headers=headers).status_code == status


def test_the_token_of_another_session_is_no_use(site: Site) -> None:
    ann, bob = site.browser("ann"), site.browser("bob")
    assert ann("PATCH", "/me", {"settings": {}}, headers={"X-CSRF-Token": bob.csrf}).status_code == 403


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json", None]
)
def test_json_routes_take_json_only(site: Site, kind: str | None) -> None:
    ann = site.browser("ann")
    answer = ann("POST", "/apps/shop/deal/records", data=b'{"values":{"title":"x"}}', content_type=kind)
    assert answer.status_code == 415


def test_size_is_checked_before_reading(site: Site) -> None:
    ann = site.browser("ann")
    big = b'{"values":{"title":"' + b"x" * site.services.config.max_json + b'"}}'
    answer = ann("POST", "/apps/shop/deal/records", data=big, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (413, "P413")


def test_problem_documents_everywhere(site: Site) -> None:
    ann = site.browser("ann")
    for method, path, status in (
        ("GET", "/nothing", 404),
        ("GET", "/apps/none", 404),
        ("GET", "/apps/shop/none/records", 404),
        ("DELETE", "/users", 405),
        ("GET", "/users?hack=1", 422),
        ("GET", "/users?limit=1&limit=2", 422),
        ("GET", "/users?limit=-1", 422),
        ("GET", "/apps/shop/deal/records?filter={", 422),
        ("GET", "/apps/shop/deal/records?limit=100000", 422),
    ):
        answer = ann(method, path)
        body = answer.get_json()
        assert answer.status_code == status, (path, answer.text)
        assert answer.content_type == "application/problem+json"
        assert {"type", "title", "status", "code", "detail", "trace_id"} <= body.keys()
        assert body["trace_id"] == answer.headers["X-Request-Id"]
    assert ann("DELETE", "/users").headers["Allow"]


def test_a_crash_tells_a_number_and_nothing_else(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = site.browser("ann")

    def crash(*_args: object, **_more: object) -> None:
        raise ZeroDivisionError("SELECT secret FROM vault")

    monkeypatch.setattr("engine.people.find_users", crash)
    answer = ann("GET", "/users")
    assert answer.status_code == 500
    assert answer.get_json()["trace_id"] == answer.headers["X-Request-Id"]
    assert "secret" not in answer.text
    assert "Zero" not in answer.text
    page = ann.client.get("/signin/nothing", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert page.mimetype == "text/html"
    assert "<h1>" in page.text


def dump(site: Site) -> dict[str, list[tuple[object, ...]]]:
    engine = site.services.database.engine
    tables = MetaData()
    tables.reflect(
        engine, only=[name for name in inspect(engine).get_table_names() if not name.startswith(("s_", "sqlite_"))]
    )
    with engine.connect() as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for name, table in tables.tables.items()
        }


@pytest.mark.filterwarnings("ignore:Did not recognize type")
def test_no_get_changes_anything(site: Site) -> None:
    boss = site.browser("boss")
    boss.ok("POST", "/apps/shop/deal/records", {"values": {"title": "A", "amount": "1.50"}})
    before = dump(site)
    for endpoint, url, method in endpoints(site.app):
        if method == "GET" and not endpoint.startswith("assets."):
            boss.client.get(address(url), headers={"Accept": "application/json"})
    after = dump(site)
    exports = [row for row in after["audit_event"] if row not in before["audit_event"]]
    assert all("export" in row for row in exports), "that something left the house is written down, nothing else is"
    assert {**after, "audit_event": before["audit_event"]} == before


def test_forwarded_headers_count_only_when_a_proxy_is_configured(site: Site) -> None:
    client = site.app.test_client()
    answer = client.get(
        "/signin", headers={"X-Forwarded-For": "9.9.9.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil"}
    )
    assert "evil" not in answer.text
    assert "Secure" not in answer.headers["Set-Cookie"]
