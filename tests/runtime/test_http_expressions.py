"""Formulas while they are written, over HTTP: findings, types, values of real records, names; nothing a person may
not see, and no text that makes the server fail."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import people
from tests.runtime.conftest import Browser, Site

SHOP = "/builder/apps/shop"
CHECK = f"{SHOP}/expressions/check"
DEALS = "/apps/shop/deal/records"


def check(browser: Browser, src: str, **more: Any) -> Any:
    return browser.ok("POST", CHECK, {"entity": "deal", "src": src, **more})


def make(browser: Browser, **values: Any) -> str:
    return str(browser.ok("POST", DEALS, {"values": values})["record"]["id"])


def test_what_a_check_says(site: Site) -> None:
    boss = site.browser("boss")
    right = check(boss, 'IF(amount > 100 AND stage = "won", UPPER(owner.name), "")')
    assert right["ok"] is True
    assert right["type"] == {"kind": "text", "list": False, "label": "text"}
    assert [(one["keys"], one["labels"][0]) for one in right["deps"]] == [
        (["amount"], "amount"),
        (["stage"], "stage"),
        (["owner", "name"], "Owner"),
    ]
    marked = [(one["from"], one["to"], one["id"]) for one in right["fields"]]
    assert marked == [(3, 9, "fld_amount"), (20, 25, "fld_stage"), (41, 46, "sys_owner"), (47, 51, "usr_name")]
    assert right["refs"]["amount"] == "fld_amount"
    wrong = check(boss, 'IF(amout > 100, "a" "b")')
    assert (wrong["ok"], wrong["type"]) == (False, None)
    (found,) = wrong["findings"]
    assert (found["kind"], found["from"], found["message"]) == ("SYNTAX", 20, "A comma is missing here.")
    assert found["fixes"] == [{"from": 19, "to": 19, "text": ","}]
    told = check(boss, "amount == 1")["findings"]
    assert [(one["severity"], one["fixes"][0]["text"]) for one in told] == [("hint", "=")]


def test_the_language_of_the_reader(site: Site) -> None:
    boss = site.browser("boss")
    (found,) = boss.ok("POST", CHECK, {"entity": "deal", "src": "amout"}, headers={"Accept-Language": "zh-CN"})[
        "findings"
    ]
    assert found["message"].startswith(("没有名为", "No field"))


@pytest.mark.parametrize(
    ("src", "more", "kind"),
    [
        ("amount", {"expected": "text"}, "TYPE"),
        ("amount", {"expected": "number"}, None),
        ('"won"', {"expected": {"field": "stage"}}, None),
        ('"wonn"', {"expected": {"field": "stage"}}, "NAME"),
        ("OLD.amount > 1", {}, "NAME"),
        ("OLD.amount > 1", {"roots": ["OLD"]}, None),
        ('USER.name = "x"', {"roots": ["USER"]}, None),
        ("RAND() < 2", {}, "USE"),
        ("RAND() < 2", {"making": True}, None),
        ("x" * 4_001, {}, "DEPTH"),
    ],
)
def test_the_place_decides(site: Site, src: str, more: dict[str, Any], kind: str | None) -> None:
    found = check(site.browser("boss"), src, **more)["findings"]
    assert [one["kind"] for one in found] == ([kind] if kind else [])


def test_a_bound_field_that_is_gone_is_shown_broken(site: Site) -> None:
    answer = check(site.browser("boss"), "budget > 1", refs={"budget": "fld_gone"})
    assert [(one["kind"], one["from"], one["to"]) for one in answer["findings"]] == [("REF", 0, 6)]


def test_the_value_for_a_record(site: Site) -> None:
    boss = site.browser("boss")
    deal = make(boss, title="Roof", amount="600000.00", stage="opt_won", lines=[{"product": "a"}, {"product": None}])
    tries = {
        "amount * 2": {"value": "1200000", "text": "1200000"},
        "stage": {"value": "opt_won", "text": "won"},
        "owner": {"value": site.ids["boss"], "text": "Boss"},
        "owner.department.name": {"value": None, "text": ""},
        "lines.product": {"count": 2, "items": ["a", ""]},
        "COUNT(lines.product)": {"value": "1", "text": "1"},
        "1 / (amount - amount)": {"error": "#DIV/0!", "text": "division by zero"},
        "OLD.amount = amount": {"value": True, "text": "TRUE"},
        "USER.name": {"value": "Boss", "text": "Boss"},
        "DATE(2024, 1, 31)": {"value": "2024-01-31", "text": "2024-01-31"},
        "HOURS(1)": {"value": "1:00:00", "text": "1:00:00"},
    }
    got = {src: check(boss, src, sample=deal, roots=["OLD", "USER"])["result"] for src in tries}
    assert got == tries
    assert check(boss, "amount +", sample=deal)["result"] is None
    assert boss("POST", CHECK, {"entity": "deal", "src": "1", "sample": "rec_none"}).status_code == 404


def test_the_value_for_what_is_in_no_record(site: Site) -> None:
    boss = site.browser("boss")
    given = {"amount": "12.5", "stage": "opt_won", "owner": site.ids["ann"], "lines": [{"product": "x"}]}
    answer = check(
        boss, 'IF(stage = "won", amount * COUNT(lines.product), 0) & owner.name & title', sample={"inputs": given}
    )
    assert answer["result"] == {"value": "12.5Ann", "text": "12.5Ann"}
    wrong: tuple[dict[str, Any], ...] = ({"amount": []}, {"nothing": 1}, {"lines": [{"product": {}}]})
    for bad in wrong:
        refused = boss("POST", CHECK, {"entity": "deal", "src": "1", "sample": {"inputs": bad}})
        assert refused.status_code == 422, bad


def test_a_value_shows_no_more_than_a_list(site: Site) -> None:
    """A designer without a role in the application sees names, never values."""
    ann, boss = site.browser("ann"), site.browser("boss")
    deal = make(ann, title="Mine", amount="5")
    assert check(boss, "amount", sample=deal)["result"]["value"] == "5"
    with site.services.database.write() as connection:
        people.remove_role(connection, site.ids["boss"], "rol_admin")
        people.add_role(connection, site.ids["boss"], "rol_market", "app_shop")
    boss = site.browser("boss")
    hidden = check(boss, "amount", sample=deal)["result"]
    assert hidden["unavailable"] == "hidden"
    assert "amount" in hidden["text"]
    assert check(boss, "title", sample=deal)["result"]["value"] == "Mine"
    assert boss("POST", CHECK, {"entity": "secret", "src": "1", "sample": deal}).status_code == 404


def test_fields_of_a_draft(site: Site) -> None:
    boss = site.browser("boss")
    app = copy.deepcopy(boss.ok("GET", f"{SHOP}/draft")["app"])
    deal = next(entity for entity in app["entities"] if entity["key"] == "deal")
    deal["fields"].append({"id": "fld_rate", "key": "rate", "type": "number", "label": {"zh-CN": "折扣", "en": "Rate"}})
    boss.ok("PUT", f"{SHOP}/draft", {"rev": 0, "app": app})
    assert not check(boss, "amount * rate")["ok"]
    assert check(boss, "amount * rate", draft=True)["ok"]
    record = make(boss, title="x")
    tried = check(boss, "amount * rate", draft=True, sample=record)["result"]
    assert tried["unavailable"] == "unpublished"
    names = boss.ok("GET", f"{SHOP}/expressions/names", query_string={"entity": "deal", "draft": 1})["fields"]
    assert next(one for one in names if one["key"] == "rate")["sounds"] == ["zhekou", "zk"]


def test_names_and_functions(site: Site) -> None:
    boss = site.browser("boss")
    names = boss.ok("GET", f"{SHOP}/expressions/names", query_string={"entity": "deal"})
    by_key = {one["key"]: one for one in names["fields"]}
    assert names["entity"]["key"] == "deal"
    assert [one["id"] for one in by_key["stage"]["options"]] == ["opt_open", "opt_won", "opt_lost"]
    assert (by_key["lines"]["list"], by_key["lines"]["entity"]) == (True, "ent_line")
    below = boss.ok("GET", f"{SHOP}/expressions/names", query_string={"entity": by_key["lines"]["entity"]})
    assert "product" in {one["key"] for one in below["fields"]}
    person = boss.ok("GET", f"{SHOP}/expressions/names", query_string={"entity": by_key["owner"]["entity"]})
    assert {"name", "manager", "department"} <= {one["key"] for one in person["fields"]}
    assert boss("GET", f"{SHOP}/expressions/names", query_string={"entity": "nothing"}).status_code == 404
    functions = boss.ok("GET", "/builder/expressions/functions")
    assert len(functions["functions"]) > 90
    one = next(f for f in functions["functions"] if f["name"] == "LEFT")
    assert one["signature"].startswith("LEFT(")
    assert set(one["docs"]) == {"zh-CN", "en"}
    assert {f["group"] for f in functions["functions"]} == {g["key"] for g in functions["groups"]}


def test_only_designers_and_only_real_applications(site: Site) -> None:
    ann, boss = site.browser("ann"), site.browser("boss")
    assert ann("POST", CHECK, {"entity": "deal", "src": "1"}).status_code == 403
    assert ann("GET", f"{SHOP}/expressions/names").status_code == 403
    assert boss("POST", "/builder/apps/none/expressions/check", {"entity": "x", "src": "1"}).status_code == 404
    assert boss("POST", CHECK, {"entity": "none", "src": "1"}).status_code == 404


PARTS = ("amount", "lines", "owner", "stage", "IF(", "SUM(", "(", ")", ",", "->", "x", '"', "=", "AND", "1", ".", "{")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(src=st.lists(st.sampled_from(PARTS), max_size=9).map(" ".join) | st.text(max_size=40), sample=ANYTHING)
def test_whatever_is_sent_is_answered(site: Site, src: str, sample: Any) -> None:
    answer = _fuzzed(site)("POST", CHECK, {"entity": "deal", "src": src, "sample": sample})
    assert answer.status_code in (200, 404, 422), answer.text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=st.sampled_from(("entity", "src", "refs", "expected", "roots", "draft", "blank_as_zero")), value=ANYTHING)
def test_whatever_a_key_holds_is_answered(site: Site, key: str, value: Any) -> None:
    answer = _fuzzed(site)("POST", CHECK, {"entity": "deal", "src": "amount", key: value})
    assert answer.status_code in (200, 404, 422), answer.text


def _fuzzed(site: Site) -> Browser:
    if "fuzz" not in site.__dict__:
        site.__dict__["fuzz"] = site.browser("boss")
    browser: Browser = site.__dict__["fuzz"]
    return browser
