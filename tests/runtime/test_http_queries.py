"""Query fields over HTTP: what a stored record and a record on a form show, and to whom."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.actor import system_actor
from engine.publishing import publish
from metadata.model import Field
from tests.runtime.conftest import Browser, Site, shop

DEAL = "/apps/shop/deal"
WORDS = {"zh-CN": "相近", "en": "Alike"}


@pytest.fixture
def ann(site: Site) -> Browser:
    """The shop with two queries, and Ann who may see everything in it."""
    app = shop()
    deal = app.entities[0]
    options = {
        "from": "ent_deal",
        "filter": {"src": "it.amount > amount"},
        "columns": ["fld_title", "fld_amount"],
        "sort": [{"field": "fld_title"}],
        "limit": 2,
    }
    dearer = Field(id="fld_dearer", key="dearer", type="query", label=WORDS, options=options)
    same = replace(dearer, id="fld_same", key="same", options={**options, "filter": {"src": "it.stage = stage"}})
    fields = (*deal.fields, dearer, same)
    publish(
        site.services.database,
        replace(app, entities=(replace(deal, fields=fields), *app.entities[1:])),
        system_actor("test"),
    )
    return site.browser("ann")


def add(who: Browser, title: str, amount: str) -> str:
    values = {"title": title, "amount": amount, "stage": "opt_open"}
    return str(who.ok("POST", f"{DEAL}/records", {"values": values})["record"]["id"])


def test_a_stored_record_and_a_form_show_what_they_find(ann: Browser) -> None:
    first = add(ann, "a", "1")
    for title, amount in (("b", "2"), ("c", "3"), ("d", "4")):
        add(ann, title, amount)
    at = f"{DEAL}/queries/dearer"
    found = ann.ok("POST", at, {"id": first})
    assert (found["entity"], found["columns"], found["asked"], found["count"]) == ("deal", ["title", "amount"], True, 3)
    assert [one["values"] for one in found["records"]] == [
        {"title": "b", "amount": "2.00"},
        {"title": "c", "amount": "3.00"},
    ]
    rest = ann.ok("POST", at, {"id": first, "cursor": found["next_cursor"]})
    assert [one["values"]["title"] for one in rest["records"]] == ["d"]
    typed = ann.ok("POST", at, {"id": first, "values": {"amount": "3"}})
    assert [one["values"]["title"] for one in typed["records"]] == ["d"]
    fresh = ann.ok("POST", at, {"values": {"amount": "2.5"}})
    assert [one["values"]["title"] for one in fresh["records"]] == ["c", "d"]
    assert ann("POST", at, {"id": "rec_none"}).status_code == 404
    assert ann("POST", f"{DEAL}/queries/title", {"id": first}).status_code == 404
    assert ann("POST", at, {"id": first, "offset": -1}).status_code == 422


def test_what_one_may_not_see_is_not_told(ann: Browser, site: Site) -> None:
    first = add(ann, "a", "1")
    add(ann, "b", "2")
    mia = site.browser("mia")
    deal = next(one for one in mia.ok("GET", "/apps/shop")["entities"] if one["key"] == "deal")
    described = {one["key"]: one["options"] for one in deal["fields"]}
    assert described["dearer"] == {"from": "deal", "columns": ["title"], "reads": [], "limit": 2}
    assert described["same"]["reads"] == ["stage"]
    found = mia.ok("POST", f"{DEAL}/queries/dearer", {"id": first})
    assert (found["records"], found["count"], found["asked"], found["columns"]) == ([], 0, False, ["title"])
