"""A whole site over each database: two applications' worth of people, and clients that are signed in."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine import people
from engine.actor import system_actor
from engine.publishing import publish
from metadata.model import (
    App,
    Dashboard,
    Entity,
    Field,
    Form,
    FormItem,
    FormSection,
    Grant,
    MenuItem,
    Range,
    Role,
    View,
)
from runtime import assets, passwords
from runtime.app import create_app
from runtime.config import Config, load_config
from runtime.services import Services, open_services

PASSWORD = "lantern tiger 92 roof"
API = "/api/v1"
ALL = ("create", "read", "update", "delete", "import", "export", "print", "transfer", "bulk", "history")


def _field(key: str, kind: str, **more: Any) -> Field:
    return Field(id=f"fld_{key}", key=key, type=kind, label={"zh-CN": f"{key}（中）", "en": key}, **more)


def shop() -> App:
    """Deals with an amount that marketing must never see, and contacts as a sub-table."""
    stages = [{"id": f"opt_{name}", "label": {"zh-CN": name, "en": name}} for name in ("open", "won", "lost")]
    deal = Entity(
        id="ent_deal",
        key="deal",
        label={"zh-CN": "商机", "en": "Deal"},
        title="fld_title",
        fields=(
            _field("title", "text", required=True),
            _field("amount", "currency", options={"scale": 2, "currency": "CNY"}),
            _field("stage", "select", options={"options": stages}),
            _field("papers", "file", options={"accept": [".txt", ".png"]}),
            _field("lines", "subtable", options={"entity": "ent_line"}),
        ),
    )
    line = Entity(
        id="ent_line",
        key="line",
        label={"zh-CN": "明细", "en": "Line"},
        parent="ent_deal",
        title="fld_product",
        fields=(_field("product", "text"),),
    )
    secret = Entity(
        id="ent_secret",
        key="secret",
        label={"zh-CN": "机密", "en": "Secret"},
        title="fld_word",
        fields=(_field("word", "text"),),
    )

    def grants(role: str, kind: Any, level: Any, **fields: Any) -> tuple[Grant, ...]:
        return tuple(
            Grant(
                id=f"grt_{role}_{entity.key}",
                entity=entity.id,
                actions=ALL,
                range=Range(kind=kind),
                default_level=level,
                fields=fields if entity is deal else {},
            )
            for entity in (deal, line)
        )

    admin = (
        *grants("admin", "all", "write"),
        Grant(id="grt_admin_secret", entity="ent_secret", actions=ALL, default_level="write"),
    )
    form = Form(
        id="frm_deal",
        entity="ent_deal",
        label={"en": "Deal"},
        default=True,
        sections=(FormSection(id="sec_a", items=(FormItem(field="fld_title"), FormItem(field="fld_amount"))),),
    )
    view = View(
        id="viw_deals",
        entity="ent_deal",
        label={"zh-CN": "全部", "en": "All"},
        columns=("fld_title", "fld_amount"),
        filter=["=", "fld_stage", "opt_open"],
        default=True,
    )
    big = View(
        id="viw_big",
        entity="ent_deal",
        label={"zh-CN": "大单", "en": "Big deals"},
        columns=("fld_title",),
        filter=[">", "fld_amount", "5"],
    )
    return App(
        id="app_shop",
        key="shop",
        name={"zh-CN": "小店", "en": "Shop"},
        entities=(deal, line, secret),
        forms=(form,),
        views=(view, big),
        dashboards=(Dashboard(id="dsh_sales", key="sales", label={"en": "Sales"}),),
        roles=(
            Role(id="rol_admin", key="admin", label={"en": "Admin"}, grants=admin, dashboards=("dsh_sales",)),
            Role(id="rol_sales", key="sales", label={"en": "Sales"}, grants=grants("sales", "own", "write")),
            Role(
                id="rol_market",
                key="market",
                label={"en": "Marketing"},
                grants=grants("market", "all", "write", fld_amount="hidden"),
            ),
        ),
        menu=(
            MenuItem(id="mnu_deals", kind="view", target="viw_deals"),
            MenuItem(id="mnu_big", kind="view", target="viw_big"),
            MenuItem(id="mnu_board", kind="dashboard", target="dsh_sales"),
        ),
    )


PEOPLE = {"boss": "rol_admin", "ann": "rol_sales", "bob": "rol_sales", "mia": "rol_market", "out": ""}
"""User name -> role in the shop. ``boss`` also designs; ``out`` may sign in and nothing else."""


class Browser:
    """A client that is signed in and sends what our pages send."""

    def __init__(self, client: FlaskClient, csrf: str = ""):
        self.client, self.csrf = client, csrf

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> TestResponse:
        headers = {"X-CSRF-Token": self.csrf, "Accept": "application/json", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return self.client.open(API + path, method=method, headers=headers, buffered=True, **more)

    def ok(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self(method, path, body, **more)
        assert answer.status_code < 300, answer.text
        return answer.get_json()


class Site:
    def __init__(self, services: Services, app: Flask):
        self.services, self.app = services, app
        self.ids: dict[str, str] = {}

    def token(self, username: str) -> str:
        with self.services.database.write() as connection:
            return self.services.sessions.begin(connection, self.ids[username], address="127.0.0.1", agent="Test")

    def browser(self, username: str) -> Browser:
        """Signed in without the tenth of a second a password costs."""
        client = self.app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = self.token(username)
            session["_fresh"] = True
        browser = Browser(client)
        browser.csrf = browser.ok("GET", "/me")["csrf"]
        return browser

    def stranger(self) -> Browser:
        return Browser(self.app.test_client())


@pytest.fixture(autouse=True)
def built_assets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of the server need no browser assets; only their names appear in the shell."""
    manifest = {"src/main.ts": {"file": "assets/main-1.js", "css": ["assets/main-2.css"], "imports": ["_a"]}}
    monkeypatch.setattr(assets, "_manifest", lambda: {**manifest, "_a": {"file": "assets/a-3.js"}})


@pytest.fixture
def config(tmp_path: Path, db_url: str) -> Config:
    return load_config({"DOUGONG_DATA": str(tmp_path / "var"), "DOUGONG_DATABASE": db_url, "DOUGONG_LANGUAGE": "en"})


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.hash_of(PASSWORD)


@pytest.fixture
def site(config: Config, password_hash: str) -> Iterator[Site]:
    services = open_services(config)
    made = Site(services, create_app(services=services))
    publish(services.database, shop(), system_actor("test"))
    with services.database.write() as connection:
        for username, role in PEOPLE.items():
            duties = people.DUTIES if username == "boss" else ()
            user = people.create_user(connection, username=username, name=username.title(), locale="en", duties=duties)
            passwords.store_hash(connection, user, password_hash, at=int(time.time()))
            if role:
                people.add_role(connection, user, role, "app_shop")
            made.ids[username] = user
    yield made
    services.close()
