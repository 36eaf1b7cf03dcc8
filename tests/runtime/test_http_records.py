"""Records over HTTP: shapes, conflicts, refusals, and what a role may not see."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from openapi_spec_validator import validate

from engine import people
from tests.runtime.conftest import Browser, Site

VIEWS, GROUPS, WINDOW, PASTE = (f"/apps/shop/deal/{name}" for name in ("views", "groups", "window", "paste"))
DEALS = "/apps/shop/deal/records"


def make(browser: Browser, **values: object) -> dict[str, object]:
    record: dict[str, object] = browser.ok("POST", DEALS, {"values": values})["record"]
    return record


def test_a_record_from_birth_to_trash_and_back(site: Site) -> None:
    ann = site.browser("ann")
    made = ann(
        "POST",
        DEALS,
        {"values": {"title": "First", "amount": "600000.00", "stage": "opt_open", "lines": [{"product": "Roof"}]}},
    )
    assert made.status_code == 201
    record = made.get_json()["record"]
    assert record["rev"] == 1
    assert record["values"]["amount"] == "600000.00"
    assert record["values"]["lines"][0]["product"] == "Roof"
    where = f"{DEALS}/{record['id']}"
    shown = ann.ok("GET", where, query_string={"levels": 1})
    assert shown["record"]["values"]["title"] == "First"
    assert shown["levels"]["amount"] == "write"
    assert "update" in shown["actions"]
    assert shown["labels"]["user"][site.ids["ann"]] == "Ann"
    changed = ann.ok("PATCH", where, {"rev": 1, "values": {"amount": 12.5}})
    assert changed["record"]["values"]["amount"] == "12.50"
    entries = ann.ok("GET", f"{where}/history")["entries"]
    assert entries[0]["actor"]["name"] == "Ann"
    assert any(change["field"] == "amount" for change in entries[0]["changes"])
    ann.ok("DELETE", where, query_string={"rev": 2})
    assert ann("GET", where).status_code == 404
    assert len(ann.ok("GET", DEALS, query_string={"trashed": 1})["records"]) == 1
    assert ann.ok("POST", f"{where}/restore")["record"]["id"] == record["id"]
    assert ann("GET", where).status_code == 200


def test_a_conflict_shows_both_sides(site: Site) -> None:
    ann, boss = site.browser("ann"), site.browser("boss")
    record = make(ann, title="Mine")
    where = f"{DEALS}/{record['id']}"
    boss.ok("PATCH", where, {"rev": 1, "values": {"title": "Theirs"}})
    answer = ann("PATCH", where, {"rev": 1, "values": {"title": "Again mine"}})
    assert answer.status_code == 409
    conflict = answer.get_json()["conflict"]
    assert conflict["rev"] == 2
    assert conflict["fields"]["title"]["mine"] == "Again mine"
    assert conflict["fields"]["title"]["theirs"] == "Theirs"


def test_lists(site: Site) -> None:
    ann = site.browser("ann")
    for number in range(5):
        make(ann, title=f"Deal {number}", amount=str(number), stage="opt_won" if number % 2 else "opt_open")
    first = ann.ok(
        "GET", DEALS, query_string={"sort": "-amount", "limit": 2, "count": "exact", "fields": "title,amount"}
    )
    assert [r["values"]["amount"] for r in first["records"]] == ["4.00", "3.00"]
    assert first["count"] == 5
    second = ann.ok("GET", DEALS, query_string={"sort": "-amount", "limit": 2, "cursor": first["next_cursor"]})
    assert [r["values"]["title"] for r in second["records"]] == ["Deal 2", "Deal 1"]
    won = ann.ok("GET", DEALS, query_string={"filter": json.dumps(["=", "stage", "opt_won"])})
    assert {r["values"]["title"] for r in won["records"]} == {"Deal 1", "Deal 3"}
    found = ann.ok("GET", DEALS, query_string={"search": "eal 3"})
    assert [r["values"]["title"] for r in found["records"]] == ["Deal 3"]
    spec = {"groups": [{"id": "s", "path": "stage"}], "measures": [{"id": "n", "aggregate": "sum", "path": "amount"}]}
    rows = ann.ok("GET", "/apps/shop/deal/aggregate", query_string={"spec": json.dumps(spec)})["rows"]
    assert {row["s"]: row["n"] for row in rows} == {"opt_open": "6.00", "opt_won": "4.00"}
    items = ann.ok("GET", "/apps/shop/deal/lookup", query_string={"q": "Deal 4"})["items"]
    assert [item["title"] for item in items] == ["Deal 4"]


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"title": "x", "nothing": 1}, "/nothing"),
        ({"title": "x", "id": "1"}, "/id"),
        ({"title": "x", "created_at": "2020-01-01T00:00:00Z"}, "/created_at"),
        ({"title": "x", "__proto__": {}}, "/__proto__"),
        ({"title": 5}, "/title"),
        ({"title": "x", "amount": "a lot"}, "/amount"),
        ({"title": "x", "stage": "opt_gone"}, "/stage"),
        ({}, "/title"),
    ],
)
def test_refusals_name_the_place_and_write_nothing(site: Site, values: dict[str, object], place: str) -> None:
    ann = site.browser("ann")
    answer = ann("POST", DEALS, {"values": values})
    assert answer.status_code == 422, answer.text
    assert place in {finding["place"] for finding in answer.get_json()["findings"]}
    assert ann.ok("GET", DEALS)["records"] == []


def test_own_rows_only(site: Site) -> None:
    ann, bob = site.browser("ann"), site.browser("bob")
    record = make(ann, title="Ann's")
    where = f"{DEALS}/{record['id']}"
    assert bob("GET", where).status_code == 404
    assert bob("PATCH", where, {"rev": 1, "values": {"title": "x"}}).status_code == 404
    assert bob("DELETE", where).status_code == 404
    assert bob("GET", f"{where}/history").status_code == 404
    assert bob.ok("GET", DEALS)["records"] == []
    assert bob.ok("GET", "/apps/shop/deal/lookup")["items"] == []


def test_marketing_sees_no_amount_anywhere(site: Site) -> None:
    ann, mia = site.browser("ann"), site.browser("mia")
    record = make(ann, title="Big one", amount="987654.00")
    where = f"{DEALS}/{record['id']}"
    answers = [
        mia("GET", "/apps/shop"),
        mia("GET", "/apps/shop/openapi.json"),
        mia("GET", DEALS),
        mia("GET", where, query_string={"levels": 1}),
        mia("GET", f"{where}/history"),
        mia("GET", "/apps/shop/deal/views"),
        mia("GET", "/apps/shop/deal/records/export"),
        mia("PATCH", where, {"rev": 1, "values": {"title": "Still big"}}),
    ]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        assert "987654" not in answer.text
        assert "amount" not in answer.text, answer.text
    unknown = mia("GET", DEALS, query_string={"sort": "nothing"}).get_json()
    for query in ({"sort": "-amount"}, {"fields": "amount"}, {"filter": json.dumps([">", "amount", "1"])}):
        refused = mia("GET", DEALS, query_string=query)
        assert refused.status_code == 422
        assert refused.get_json()["findings"][0]["code"] == unknown["findings"][0]["code"]
    spec = {"measures": [{"id": "n", "aggregate": "sum", "path": "amount"}]}
    assert mia("GET", "/apps/shop/deal/aggregate", query_string={"spec": json.dumps(spec)}).status_code == 422
    assert mia("PATCH", where, {"rev": 2, "values": {"amount": "1"}}).status_code == 422
    assert "secret" not in mia("GET", "/apps/shop").text.lower()


def test_a_view_that_asks_for_a_hidden_field_is_not_there(site: Site) -> None:
    mia = site.browser("mia").ok("GET", "/apps/shop")
    deal = next(e for e in mia["entities"] if e["key"] == "deal")
    assert [view["id"] for view in deal["views"]] == ["viw_deals"]
    assert [item["id"] for item in mia["menu"]] == ["mnu_deals"]


def test_a_role_change_acts_on_the_next_request(site: Site) -> None:
    from_people = site.browser("out")
    assert from_people("GET", "/apps/shop").status_code == 404
    assert from_people("GET", DEALS).status_code == 404
    give(site, "out", "rol_admin")
    assert from_people("GET", DEALS).status_code == 200
    take(site, "out", "rol_admin")
    assert from_people("GET", DEALS).status_code == 404


def give(site: Site, name: str, role: str) -> None:
    with site.services.database.write() as connection:
        people.add_role(connection, site.ids[name], role, "app_shop")


def take(site: Site, name: str, role: str) -> None:
    with site.services.database.write() as connection:
        people.remove_role(connection, site.ids[name], role)


def test_a_form_sent_twice_makes_one_record(site: Site) -> None:
    ann, bob = site.browser("ann"), site.browser("bob")
    headers = {"Idempotency-Key": "3f9b"}
    first = ann("POST", DEALS, {"values": {"title": "Once"}}, headers=headers)
    again = ann("POST", DEALS, {"values": {"title": "Once"}}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json()["record"]["id"] == again.get_json()["record"]["id"]
    assert bob("POST", DEALS, {"values": {"title": "Other"}}, headers=headers).status_code == 201
    assert len(ann.ok("GET", DEALS)["records"]) == 1


def test_bulk(site: Site) -> None:
    ann = site.browser("ann")
    create = [{"op": "create", "values": {"title": f"B{n}"}} for n in range(3)]
    results = ann.ok("POST", f"{DEALS}/bulk", {"operations": create})["results"]
    assert [one["rev"] for one in results] == [1, 1, 1]
    mixed = [
        {"op": "update", "id": results[0]["id"], "rev": 1, "values": {"title": "C"}},
        {"op": "create", "values": {"nope": 1}},
    ]
    refused = ann("POST", f"{DEALS}/bulk", {"operations": mixed})
    assert refused.status_code == 422
    assert any(f["place"].startswith("/operations/1") for f in refused.get_json()["findings"])
    assert {r["values"]["title"] for r in ann.ok("GET", DEALS)["records"]} == {"B0", "B1", "B2"}
    shapes = [{"op": "drop"}, {"op": "update"}, {"op": "create", "values": [], "x": 1}, 5]
    places = {f["place"] for f in ann("POST", f"{DEALS}/bulk", {"operations": shapes}).get_json()["findings"]}
    assert {"/operations/0/op", "/operations/1/id", "/operations/2/x", "/operations/3/op"} <= places


def test_files_follow_their_record(site: Site) -> None:
    ann, bob = site.browser("ann"), site.browser("bob")
    upload = {
        "file": (io.BytesIO(b"hello"), "..\\..\\a\u202ex.txt"),
        "app": "shop",
        "entity": "deal",
        "field": "papers",
    }
    stored = ann("POST", "/files", data=upload, content_type="multipart/form-data").get_json()
    assert stored["name"].endswith("x.txt")
    assert "/" not in stored["name"]
    path = f"/files/{stored['id']}"
    assert bob("GET", path).status_code == 404
    record = make(ann, title="With paper", papers=[stored["id"]])
    assert record["values"]["papers"][0]["name"] == stored["name"]  # type: ignore[index]
    answer = ann("GET", path, query_string={"inline": 1})
    assert answer.data == b"hello"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert bob("GET", path).status_code == 404
    assert site.browser("mia")("GET", path).status_code == 200
    bad = {**upload, "file": (io.BytesIO(b"<script>"), "x.html")}
    assert ann("POST", "/files", data=bad, content_type="multipart/form-data").status_code == 422
    assert ann("POST", "/files", data={"app": "shop"}, content_type="multipart/form-data").status_code == 422


def test_the_description_speaks_keys_and_is_cached(site: Site) -> None:
    ann = site.browser("ann")
    answer = ann("GET", "/apps/shop")
    body = answer.get_json()
    deal = next(e for e in body["entities"] if e["key"] == "deal")
    assert deal["title"] == "title"
    assert deal["views"][0]["columns"] == ["title", "amount"]
    assert deal["views"][0]["filter"] == ["=", "stage", "opt_open"]
    assert deal["form"]["items"][0] == {"id": "lay_title", "kind": "field", "field": "title", "width": 6}
    fields = {f["key"]: f for f in deal["fields"]}
    assert fields["lines"]["options"]["entity"] == "line"
    assert fields["owner"]["system"] is True
    assert "=" in fields["stage"]["operators"]
    assert body["menu"][0]["entity"] == "deal"
    assert [m["kind"] for m in body["menu"]] == ["view", "view"]
    again = ann("GET", "/apps/shop", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    boss = site.browser("boss")("GET", "/apps/shop").get_json()
    assert [m["kind"] for m in boss["menu"]] == ["view", "view", "dashboard"]
    assert {e["key"] for e in boss["entities"]} == {"deal", "line", "secret"}


@pytest.mark.parametrize("name", ["boss", "ann", "mia"])
def test_the_openapi_document_is_valid(site: Site, name: str) -> None:
    document = site.browser(name).ok("GET", "/apps/shop/openapi.json")
    validate(document)
    assert "/apps/shop/deal/records/{id}" in document["paths"]


def test_views(site: Site) -> None:
    ann, bob, mia = site.browser("ann"), site.browser("bob"), site.browser("mia")
    draft = {
        "label": "Big",
        "columns": ["title", "amount"],
        "filter": [">", "amount", "5"],
        "sort": [{"field": "amount", "dir": "desc"}],
    }
    mine = ann("POST", "/apps/shop/deal/views", draft).get_json()["view"]
    assert (mine["scope"], mine["editable"]) == ("mine", True)
    assert len(bob.ok("GET", "/apps/shop/deal/views")["views"]) == 2
    shared = ann.ok("PATCH", f"/apps/shop/deal/views/{mine['id']}", {"shared": True})["view"]
    assert shared["scope"] == "shared"
    seen = bob.ok("GET", "/apps/shop/deal/views")["views"][2]
    assert (seen["label"], seen["editable"]) == ("Big", False)
    assert "Big" not in str(mia.ok("GET", "/apps/shop/deal/views")), "its condition tells of amounts"
    assert bob("PATCH", f"/apps/shop/deal/views/{mine['id']}", {"label": "Mine now"}).status_code == 403
    assert bob("DELETE", f"/apps/shop/deal/views/{mine['id']}").status_code == 403
    assert mia("POST", "/apps/shop/deal/views", draft).status_code == 422
    ann.ok("DELETE", f"/apps/shop/deal/views/{mine['id']}")
    assert len(bob.ok("GET", "/apps/shop/deal/views")["views"]) == 2


def test_a_view_keeps_how_its_table_looks(site: Site) -> None:
    ann, mia = site.browser("ann"), site.browser("mia")
    look = {
        "group": [{"field": "stage"}, {"field": "created_at", "grain": "month", "desc": True}],
        "totals": {"amount": "sum", "title": "count"},
        "colors": [
            {"filter": [">", "amount", "5"], "color": "warn"},
            {"filter": ["=", "stage", "opt_open"], "color": "ok", "field": "title"},
        ],
        "quick": ["stage"],
        "freeze": 2,
        "parts": {},
        "options": {"rows": "tall"},
    }
    made = ann("POST", VIEWS, {"label": "Looks", "shared": True, **look}).get_json()["view"]
    assert {name: made[name] for name in look} == look
    seen = next(view for view in mia.ok("GET", VIEWS)["views"] if view["id"] == made["id"])
    assert seen["totals"] == {"title": "count"}
    assert seen["colors"] == [look["colors"][1]], "a colour that tells of amounts is not there"  # type: ignore[index]
    assert "amount" not in json.dumps(seen)
    changed = ann.ok("PATCH", f"{VIEWS}/{made['id']}", {"freeze": 0})["view"]
    assert (changed["freeze"], changed["group"]) == (0, look["group"])
    for wrong in (
        {"group": [{"field": "amount", "grain": "month"}]},
        {"group": [{"field": "nothing"}]},
        {"group": [{"field": "stage"}] * 4},
        {"group": "stage"},
        {"totals": {"amount": "most"}},
        {"colors": [{"color": "ok"}]},
        {"colors": [{"filter": ["=", "nothing", 1], "color": "ok"}]},
        {"freeze": 11},
        {"parts": {"by": 7}},
        {"quick": ["nothing"]},
    ):
        assert ann("POST", VIEWS, {"label": "Wrong", **wrong}).status_code == 422, wrong
    assert mia("POST", VIEWS, {"label": "Mine", "totals": {"amount": "sum"}}).status_code == 422


def test_everybody_has_views_in_their_own_order(site: Site) -> None:
    ann, bob = site.browser("ann"), site.browser("bob")
    choice = {"default": "viw_deals", "order": ["viw_deals"]}
    assert ann.ok("PUT", f"{VIEWS}/choice", choice)["choice"] == choice
    assert ann.ok("PUT", f"{VIEWS}/choice", {"order": []})["choice"] == {**choice, "order": []}
    assert ann.ok("GET", VIEWS)["choice"]["default"] == "viw_deals"
    assert bob.ok("GET", VIEWS)["choice"] == {"default": "", "order": []}
    assert ann("PUT", f"{VIEWS}/choice", {"order": [1]}).status_code == 422
    draft = {"label": "For all", "shared": True, "default": True}
    assert bob("POST", VIEWS, draft).status_code == 403, "what opens for everybody is the designer's say"


def test_rows_in_groups(site: Site) -> None:
    ann, mia = site.browser("ann"), site.browser("mia")
    for number in range(5):
        make(ann, title=f"Deal {number}", amount=f"{number}.00", stage="opt_open" if number % 2 else "opt_won")
    question: dict[str, Any] = {"groups": [{"field": "stage"}], "totals": {"amount": "sum"}, "fields": ["title"]}
    found = ann.ok("POST", GROUPS, {**question, "rows": 5, "closed": [["opt_open"]], "sort": "-title"})
    assert [(one["values"], one["count"], one["totals"]["amount"]) for one in found["groups"]] == [
        (["opt_open"], 2, "4.00"),
        (["opt_won"], 3, "6.00"),
    ]
    assert (found["count"], found["totals"]) == (5, {"amount": "10.00"})
    assert [part["group"] for part in found["parts"]] == [1]
    assert [row["values"]["title"] for row in found["parts"][0]["records"]] == ["Deal 4", "Deal 2", "Deal 0"]
    parts = [{"within": ["opt_open"], "offset": 1, "limit": 1}, {"within": ["opt_won"], "limit": 1}]
    colors = [[">", "amount", "2"]]
    asked = {"groups": question["groups"], "sort": "title", "fields": ["title"], "parts": parts, "colors": colors}
    rows = ann.ok("POST", WINDOW, asked)["parts"]
    assert [[row["values"]["title"] for row in part["records"]] for part in rows] == [["Deal 3"], ["Deal 0"]]
    assert rows[0]["records"][0]["marks"] == [0]
    assert "marks" not in rows[1]["records"][0]
    after = {"parts": [{"within": ["opt_won"], "cursor": rows[1]["next_cursor"]}]}
    rest = ann.ok("POST", WINDOW, {**asked, **after})["parts"][0]["records"]
    assert [row["values"]["title"] for row in rest] == ["Deal 2", "Deal 4"]
    flat = ann.ok("POST", GROUPS, {"totals": {"amount": "avg"}, "rows": 2})
    assert (flat["groups"], len(flat["parts"][0]["records"])) == ([], 2)
    assert mia("POST", GROUPS, question).status_code == 422
    assert mia("POST", WINDOW, {**asked, "groups": []}).status_code == 422
    for wrong in ({"parts": []}, {"parts": [{"within": []}], "groups": "x"}, {"parts": [{"within": [["a"]]}]}):
        assert ann("POST", WINDOW, wrong).status_code == 422
    assert ann("POST", GROUPS, {"closed": "all"}).status_code == 422


def test_a_block_of_cells_is_read_and_checked_before_it_is_written(site: Site) -> None:
    ann, mia = site.browser("ann"), site.browser("mia")
    deal, other = make(ann, title="Old", amount="1.00"), make(ann, title="Other")
    rows = [
        {"id": deal["id"], "rev": deal["rev"], "cells": ["New", "1,234.5"]},
        {"id": other["id"], "rev": 9, "cells": ["Late", ""]},
        {"cells": ["Fresh", "a lot"]},
        {"cells": ["", "2"], "values": {"title": "Exact"}},
    ]
    found = ann.ok("POST", PASTE, {"columns": ["title", "amount"], "rows": rows})["rows"]
    assert found[0] == {"values": {"title": "New", "amount": "1234.50"}}
    assert [one["code"] for one in found[1]["findings"]] == ["R320"]
    assert [one["place"] for one in found[2]["findings"]] == ["/amount"]
    assert found[3] == {"values": {"title": "Exact", "amount": "2.00"}}
    assert ann.ok("GET", f"{DEALS}/{deal['id']}")["record"]["values"]["title"] == "Old", "nothing is written"
    hidden = mia.ok("POST", PASTE, {"columns": ["title", "amount"], "rows": [{"id": deal["id"], "cells": ["x", "1"]}]})
    unknown = mia.ok(
        "POST", PASTE, {"columns": ["title", "nothing"], "rows": [{"id": deal["id"], "cells": ["x", "1"]}]}
    )
    assert [one["code"] for one in hidden["rows"][0]["findings"]] == ["R301"]
    assert [one["code"] for one in unknown["rows"][0]["findings"]] == ["R301"]
    for wrong in ({"columns": []}, {"rows": [{"cells": ["one"]}]}, {"rows": [{"cells": [1, 2]}]}, {"rows": []}):
        body = {"columns": ["title", "amount"], "rows": rows, **wrong}
        assert ann("POST", PASTE, body).status_code == 422, wrong


def test_the_directory_tells_names_only(site: Site) -> None:
    ann = site.browser("ann")
    users = ann.ok("GET", "/users", query_string={"q": "an"})["users"]
    assert users == [{"id": site.ids["ann"], "name": "Ann", "department": ""}]
    assert ann.ok("GET", "/departments") == {"departments": []}
