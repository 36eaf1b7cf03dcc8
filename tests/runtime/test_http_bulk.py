"""What many writes would come to, told before they are made."""

from __future__ import annotations

from tests.runtime.conftest import Site

DEALS = "/apps/shop/deal/records"


def test_a_preview_says_what_would_become_of_each_row_and_keeps_nothing(site: Site) -> None:
    ann = site.browser("ann")
    made = [ann("POST", DEALS, {"values": {"title": f"P{n}"}}).get_json()["record"] for n in range(3)]
    before = ann.ok("GET", DEALS)["records"]
    deletes = [{"op": "delete", "id": one["id"], "rev": one["rev"]} for one in made]
    deletes[1]["rev"] = 7
    deletes.append({"op": "delete", "id": "nothing"})
    found = ann.ok("POST", f"{DEALS}/bulk", {"operations": deletes, "preview": True})["results"]
    assert [one["status"] for one in found] == ["done", "refused", "done", "refused"]
    assert [one["findings"][0]["code"] for one in found if one["status"] == "refused"] == ["R320", "R319"]
    changes = [{"op": "update", "id": one["id"], "rev": one["rev"], "values": {"title": "Other"}} for one in made]
    changes[2]["values"] = {"nope": 1}
    found = ann.ok("POST", f"{DEALS}/bulk", {"operations": changes, "preview": True, "atomic": True})["results"]
    assert [one["status"] for one in found] == ["done", "done", "refused"]
    assert ann.ok("GET", DEALS)["records"] == before
    history = ann.ok("GET", f"{DEALS}/{made[0]['id']}/history")["entries"]
    assert [one["action"] for one in history] == ["create"]
    assert ann("POST", f"{DEALS}/bulk", {"operations": deletes, "preview": "yes"}).status_code == 422


def test_a_preview_foretells_the_write_for_whoever_asks(site: Site) -> None:
    ann = site.browser("ann")
    for name in ("bob", "mia", "ann"):
        record = ann("POST", DEALS, {"values": {"title": f"For {name}"}}).get_json()["record"]
        body = {"operations": [{"op": "delete", "id": record["id"]}], "atomic": False}
        asker = site.browser(name)
        foretold = asker("POST", f"{DEALS}/bulk", {**body, "preview": True})
        done = asker("POST", f"{DEALS}/bulk", body)
        assert (foretold.status_code, foretold.get_json()["results"]) == (done.status_code, done.get_json()["results"])
