"""Drafts of records: the author's alone, judged again whenever they come back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.actor import system_actor
from engine.publishing import publish
from metadata.model import App, Field, Grant
from runtime.api import drafts
from tests.runtime.conftest import Site, shop

PLACE = "/apps/shop/deal/drafts"
LAPTOP = {"id": "d1", "name": "Chrome · Windows"}


def record(site: Site, who: str, **values: Any) -> str:
    made = site.browser(who).ok("POST", "/apps/shop/deal/records", {"values": {"title": "x", **values}})
    return str(made["record"]["id"])


def keep(site: Site, who: str, place: str, values: dict[str, Any], **more: Any) -> None:
    site.browser(who).ok("PUT", f"{PLACE}/{place}", {"values": values, "device": LAPTOP, **more})


def draft(site: Site, who: str, place: str) -> Any:
    return site.browser(who).ok("GET", f"{PLACE}/{place}")["draft"]


def changed(site: Site, **fields: Field | None) -> None:
    """Publish the shop with fields of a deal replaced, or without them."""
    app: App = shop()
    deal = app.entities[0]
    kept = tuple(fields.get(f.key, f) for f in deal.fields)
    gone = {f"fld_{key}" for key, f in fields.items() if f is None}
    deal = replace(deal, fields=tuple(f for f in kept if f is not None))
    forms = tuple(replace(form, items=tuple(i for i in form.items if i.field not in gone)) for form in app.forms)
    views = tuple(
        replace(v, columns=tuple(c for c in v.columns if c not in gone)) for v in app.views if v.id != "viw_big"
    )
    menu = tuple(item for item in app.menu if item.target != "viw_big")

    def cleaned(grant: Grant) -> Grant:
        return replace(grant, fields={key: level for key, level in grant.fields.items() if key not in gone})

    roles = tuple(replace(role, grants=tuple(map(cleaned, role.grants))) for role in app.roles)
    app = replace(app, entities=(deal, *app.entities[1:]), forms=forms, views=views, menu=menu, roles=roles)
    publish(site.services.database, app, system_actor("test"))


def test_a_draft_comes_back_to_its_author_only(site: Site) -> None:
    deal = record(site, "ann")
    keep(site, "ann", deal, {"title": "half ty", "amount": "12"}, base={"title": "x"}, rev=1)
    found = draft(site, "ann", deal)
    assert found["values"] == {"title": "half ty", "amount": "12"}
    assert found["base"] == {"title": "x", "amount": None}
    assert (found["rev"], found["device"], found["left"]) == (1, LAPTOP, [])
    assert draft(site, "boss", deal) is None
    assert draft(site, "ann", "new") is None
    assert site.browser("bob")("GET", f"{PLACE}/{deal}").status_code == 404
    assert site.browser("bob")("PUT", f"{PLACE}/{deal}", {"values": {}, "device": LAPTOP}).status_code == 404
    site.browser("bob").ok("DELETE", f"{PLACE}/{deal}")
    assert draft(site, "ann", deal) is not None
    site.browser("ann").ok("DELETE", f"{PLACE}/{deal}")
    assert draft(site, "ann", deal) is None


def test_the_newest_draft_of_a_place_counts_and_forms_have_their_own(site: Site) -> None:
    keep(site, "ann", "new", {"title": "one"})
    keep(site, "ann", "new", {"title": "two"})
    site.browser("ann").ok("PUT", f"{PLACE}/new?form=frm_other", {"values": {"title": "three"}, "device": LAPTOP})
    assert draft(site, "ann", "new")["values"] == {"title": "two"}
    assert site.browser("ann").ok("GET", f"{PLACE}/new?form=frm_other")["draft"]["values"] == {"title": "three"}


def test_what_may_not_be_written_is_not_kept(site: Site) -> None:
    keep(site, "mia", "new", {"title": "t", "amount": "5", "nothing": 1}, base={"amount": "7"})
    assert draft(site, "mia", "new")["values"] == {"title": "t"}
    found = draft(site, "mia", "new")
    assert "amount" not in found["base"] and found["left"] == []


def test_a_draft_survives_a_change_of_the_fields(site: Site) -> None:
    keep(site, "boss", "new", {"title": "T", "amount": "12.5", "stage": "opt_open"})
    options = {"options": [{"id": "opt_won", "label": {"en": "won"}}]}
    title = Field(id="fld_title", key="name", type="textarea", label={"en": "Name"}, required=True)
    stage = Field(id="fld_stage", key="stage", type="select", label={"en": "Stage"}, options=options)
    app_change: dict[str, Field | None] = {"title": title, "amount": None, "stage": stage}
    changed(site, **app_change)
    found = draft(site, "boss", "new")
    assert found["values"] == {"name": "T"}
    left = {one["label"]["en"]: (one["value"], one["reason"]) for one in found["left"]}
    assert left == {"amount": ("12.5", "gone"), "stage": ("opt_open", "retyped")}


def test_rows_keep_the_columns_that_are_still_there(site: Site) -> None:
    keep(site, "boss", "new", {"title": "T", "lines": [{"product": "a"}, {"product": "b", "odd": 1}]})
    assert draft(site, "boss", "new")["values"]["lines"] == [{"product": "a"}, {"product": "b"}]


def test_drafts_have_an_end_and_a_size(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(site, "ann", "new", {"title": "old"})
    monkeypatch.setattr(drafts, "KEEP", timedelta(seconds=-5))
    assert draft(site, "ann", "new") is None
    monkeypatch.setattr(drafts, "MAX_BYTES", 50)
    refused = site.browser("ann")("PUT", f"{PLACE}/new", {"values": {"title": "x" * 60}, "device": LAPTOP})
    assert refused.status_code == 422


def test_of_too_many_drafts_the_oldest_go(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MAX_DRAFTS", 2)
    deals = [record(site, "ann") for _ in range(3)]
    for deal in deals:
        keep(site, "ann", deal, {"title": "y"})
    assert [draft(site, "ann", deal) is not None for deal in deals] == [False, True, True]


def test_a_strange_body_is_refused(site: Site) -> None:
    ann = site.browser("ann")
    for body in ({"values": []}, {"values": {}, "device": "x"}, {"values": {}, "device": LAPTOP, "rev": -1}, {}):
        assert ann("PUT", f"{PLACE}/new", body).status_code == 422
