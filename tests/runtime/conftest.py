"""A whole site over each database: two applications' worth of people, and clients that are signed in."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import make_url
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
from tests.conftest import BACKENDS
from tests.databases import postgres_database

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
            _field("photos", "image", options={"max_files": 3}),
            _field("signed", "signature"),
            _field("words", "tags"),
            _field("team", "dept"),
            _field("where", "address"),
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
        items=(FormItem(id="lay_title", field="fld_title"), FormItem(id="lay_amount", field="fld_amount")),
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
    manifest["src/public/main.ts"] = {"file": "assets/public-4.js", "imports": ["_a"]}
    monkeypatch.setattr(assets, "_manifest", lambda: {**manifest, "_a": {"file": "assets/a-3.js"}})


@pytest.fixture(scope="session")
def password_hash() -> str:
    return passwords.hash_of(PASSWORD)


def _config(folder: Path, url: str) -> Config:
    return load_config({"DOUGONG_DATA": str(folder / "var"), "DOUGONG_DATABASE": url, "DOUGONG_LANGUAGE": "en"})


def _seed(folder: Path, url: str, password_hash: str) -> dict[str, str]:
    """Publish the shop and add its people; returns their ids."""
    services, ids = open_services(_config(folder, url)), {}
    publish(services.database, shop(), system_actor("test"))
    with services.database.write() as connection:
        for username, role in PEOPLE.items():
            duties = people.DUTIES if username == "boss" else ()
            user = people.create_user(connection, username=username, name=username.title(), locale="en", duties=duties)
            passwords.store_hash(connection, user, password_hash, at=int(time.time()))
            if role:
                people.add_role(connection, user, role, "app_shop")
            ids[username] = user
    if services.database.dialect == "sqlite":
        with services.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    services.close()
    return ids


@pytest.fixture(scope="session")
def sqlite_seed(tmp_path_factory: pytest.TempPathFactory, password_hash: str) -> tuple[Path, dict[str, str]]:
    """A finished database file to copy: publishing for each test would take most of its time."""
    folder = tmp_path_factory.mktemp("seed")
    return folder / "seed.db", _seed(folder, f"sqlite:///{folder / 'seed.db'}", password_hash)


@pytest.fixture(scope="session")
def postgres_seed(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory, password_hash: str
) -> Iterator[tuple[str, dict[str, str]]]:
    url, drop = postgres_database(postgres_server)
    yield str(make_url(url).database), _seed(tmp_path_factory.mktemp("seed"), url, password_hash)
    drop()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """A module that overrides this runs on one database only."""
    return str(request.param)


@pytest.fixture
def site(request: pytest.FixtureRequest, tmp_path: Path, backend: str) -> Iterator[Site]:
    if backend == "sqlite":
        seed, ids = request.getfixturevalue("sqlite_seed")
        shutil.copy(seed, tmp_path / "test.db")
        url, drop = f"sqlite:///{tmp_path / 'test.db'}", lambda: None
    else:
        template, ids = request.getfixturevalue("postgres_seed")
        url, drop = postgres_database(request.getfixturevalue("postgres_server"), template=template)
    services = open_services(_config(tmp_path, url))
    made = Site(services, create_app(services=services))
    made.ids = dict(ids)
    yield made
    services.close()
    drop()
