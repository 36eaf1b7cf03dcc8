"""Rules over HTTP: what the browser gets of them, what it asks, and how a warning is answered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.actor import system_actor
from engine.publishing import publish
from metadata.model import Expr, Rule
from tests.runtime.conftest import Browser, Site, shop

DEAL = "/apps/shop/deal"
WORDS = {"zh-CN": "太多", "en": "Too much"}


@pytest.fixture
def ann(site: Site) -> Browser:
    """The shop with rules, and Ann who may see everything in it."""
    rules = (
        Rule(
            id="rul_warn",
            kind="check",
            check=Expr(src="amount < 100"),
            message=WORDS,
            severity="warn",
            fields=("fld_amount",),
        ),
        Rule(
            id="rul_show",
            kind="show",
            when=Expr(src='stage = "won" OR owner.name = "nobody"'),
            fields=("fld_amount",),
        ),
    )
    app = shop()
    deal = replace(app.entities[0], rules=rules)
    publish(site.services.database, replace(app, entities=(deal, *app.entities[1:])), system_actor("test"))
    return site.browser("ann")


def test_the_browser_gets_what_it_can_evaluate(ann: Browser) -> None:
    described = ann.ok("GET", "/apps/shop")
    deal = next(one for one in described["entities"] if one["key"] == "deal")
    assert deal["rules"]["conditions"] == {"rul_show": None}, "it follows a link, so the server evaluates it"
    assert deal["rules"]["show"] == {"amount": [{"rule": "rul_show", "clear": False}]}
    assert deal["rules"]["checks"][0]["check"]["f"] == "<"
    assert set(deal["rules"]["asks"]) == {"stage", "owner"}
    names = [name for _, name in deal["form"]["steps"]["deal"]]
    assert names.index("c:rul_show") < names.index("f:amount")
    around = ann.ok("GET", "/apps/shop/surroundings")
    assert around["user"]["fields"]["usr_name"] == "Ann"
    assert around["calendars"]["CN"]["years"]


def test_nobody_learns_of_fields_they_may_not_see(ann: Browser, site: Site) -> None:
    mia = site.browser("mia")
    deal = next(one for one in mia.ok("GET", "/apps/shop")["entities"] if one["key"] == "deal")
    rules = deal["rules"]
    assert rules["show"] == {}
    assert [(one["check"], one["fields"], one["about"]) for one in rules["checks"]] == [(None, [], [""])]
    assert "amount" not in str(rules["asks"])


def test_settling_tells_and_writes_nothing(ann: Browser) -> None:
    found = ann.ok("POST", f"{DEAL}/settle", {"values": {"title": "a", "stage": "opt_won", "amount": "500"}})
    assert found["conditions"] == {"rul_show": True}
    assert [(one["rule"], one["severity"], one["place"]) for one in found["findings"]] == [
        ("rul_warn", "warn", "/amount")
    ]
    assert ann.ok("GET", f"{DEAL}/records")["records"] == []
    assert ann("POST", f"{DEAL}/settle", {"values": []}).status_code == 422
    assert ann("POST", f"{DEAL}/settle", {"values": {}, "id": "rec_none"}).status_code == 404


def test_a_warning_wants_a_reason(ann: Browser) -> None:
    values = {"title": "a", "stage": "opt_won", "amount": "500"}
    refused = ann("POST", f"{DEAL}/records", {"values": values})
    assert refused.status_code == 422
    (finding,) = refused.get_json()["findings"]
    assert (finding["code"], finding["severity"], finding["rule"]) == ("R332", "warning", "rul_warn")
    made = ann("POST", f"{DEAL}/records", {"values": values, "reasons": {"rul_warn": "A big one"}})
    assert made.status_code == 201
    assert [one["rule"] for one in made.get_json()["notices"]] == ["rul_warn"]
    assert ann("POST", f"{DEAL}/records", {"values": values, "reasons": []}).status_code == 422


def test_candidates_of_what_is_no_choice_are_not_found(ann: Browser) -> None:
    assert ann("POST", f"{DEAL}/candidates", {"field": "title", "values": {}}).status_code == 404
    assert ann("POST", f"{DEAL}/candidates", {"field": "owner", "values": {}, "row": ["lines", 3]}).status_code == 422
    people = ann.ok("POST", f"{DEAL}/candidates", {"field": "owner", "values": {}, "q": "ann"})
    assert [one["title"] for one in people["items"]] == ["Ann"]
