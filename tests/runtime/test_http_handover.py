"""Handing over what a person owns: counted, part by part, with everybody's own rights, and back again."""

from __future__ import annotations

from typing import Any

import pytest

from engine import people
from engine.records.around import handover
from runtime import cli
from tests.runtime.conftest import Browser, Site

DEAL = "/apps/shop/deal/records"
HERE = "/apps/shop/handover"


def owners(browser: Browser) -> dict[str, str]:
    return {one["values"]["title"]: one["values"]["owner"] for one in browser.ok("GET", f"{DEAL}?limit=50")["records"]}


def everything(browser: Browser, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    found = [browser.ok("POST", path, body)]
    while found[-1]["after"]:
        more = {"after": found[-1]["after"]}
        found.append(browser.ok("POST", path, {**body, **more, **({"run": found[0]["run"]} if body else {})}))
    return found


def test_what_a_leaver_owns_goes_to_somebody_else_and_back(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "PART", 2)
    boss, ann = site.browser("boss"), site.browser("ann")
    who = site.ids
    for number in range(5):
        ann.ok("POST", DEAL, {"values": {"title": f"A{number}", "lines": [{"product": "x"}]}})
    boss.ok("POST", DEAL, {"values": {"title": "B"}})
    (counted,) = boss.ok("GET", f"{HERE}?person={who['ann']}")["entities"]
    assert (counted["entity"], counted["seen"], counted["movable"]) == ("deal", 5, 5)
    body = {"entity": "deal", "from": who["ann"], "to": who["bob"]}
    done = everything(boss, HERE, body)
    assert [one["done"] for one in done] == [2, 2, 1]
    assert {one["run"] for one in done} == {done[0]["run"]}
    assert owners(boss) == {**{f"A{n}": who["bob"] for n in range(5)}, "B": who["boss"]}
    assert owners(ann) == {}
    assert boss.ok("GET", f"{HERE}?person={who['ann']}")["entities"] == []
    first = next(one for one in boss.ok("GET", f"{DEAL}?limit=50")["records"] if one["values"]["title"] == "A0")
    boss.ok("PATCH", f"{DEAL}/{first['id']}", {"rev": first["rev"], "values": {"owner": who["mia"]}})
    back = everything(boss, f"{HERE}/{done[0]['run']}/back", {})
    assert sum(one["done"] for one in back) == 4
    assert owners(boss) == {**{f"A{n}": who["ann"] for n in range(1, 5)}, "A0": who["mia"], "B": who["boss"]}
    entries = boss.ok("GET", f"{DEAL}/{first['id']}/history")["entries"]
    assert [one["actor"]["id"] for one in entries] == [who["boss"], who["boss"], who["ann"]]


def test_everybody_hands_over_what_they_may_and_to_whom_can_own_it(site: Site) -> None:
    boss, ann, bob = site.browser("boss"), site.browser("ann"), site.browser("bob")
    who = site.ids
    ann.ok("POST", DEAL, {"values": {"title": "A"}})
    body = {"entity": "deal", "from": who["ann"], "to": who["bob"]}
    assert bob.ok("GET", f"{HERE}?person={who['ann']}")["entities"] == [], "bob sees nothing of ann"
    assert bob.ok("POST", HERE, body)["done"] == 0
    assert site.browser("out")("GET", f"{HERE}?person={who['ann']}").status_code == 404
    assert boss("POST", HERE, {**body, "to": who["ann"]}).get_json()["findings"][0]["code"] == "R413"
    assert boss("POST", HERE, {**body, "to": "nobody"}).status_code == 404
    assert boss("POST", HERE, {**body, "entity": "nothing"}).status_code == 404
    with site.services.database.write() as connection:
        people.set_active(connection, who["mia"], False)
    assert boss("POST", HERE, {**body, "to": who["mia"]}).get_json()["findings"][0]["code"] == "R412"
    run = boss.ok("POST", HERE, body)["run"]
    assert bob("POST", f"{HERE}/{run}/back", {}).status_code == 404, "only who handed over takes it back"
    assert boss("POST", HERE, {**body, "to": who["boss"], "run": run}).status_code == 404


def test_the_command_says_how_much_there_is_first(
    site: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    boss, ann = site.browser("boss"), site.browser("ann")
    ann.ok("POST", DEAL, {"values": {"title": "A"}})
    monkeypatch.setenv("DOUGONG_DATA", str(site.services.config.data_dir))
    monkeypatch.setenv("DOUGONG_DATABASE", site.services.config.database_url)
    command = ["handover", "give", "shop", "--from", "ann", "--to", "bob", "--as", "boss"]
    assert cli.main(command) == 0
    assert capsys.readouterr().out == "deal: 1 of 1\n"
    assert owners(boss) == {"A": site.ids["ann"]}
    assert cli.main([*command, "--yes"]) == 0
    told = capsys.readouterr().out
    assert "1 handed over, 0 refused" in told
    assert owners(boss) == {"A": site.ids["bob"]}
    run = told.rstrip(")\n").rsplit(" ", 1)[1]
    assert cli.main(["handover", "back", "shop", run, "--as", "boss"]) == 0
    assert owners(boss) == {"A": site.ids["ann"]}
