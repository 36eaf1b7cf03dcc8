"""Comments, marks, favourites, the recycle bin and the search over everything, over HTTP on both databases."""

from __future__ import annotations

import io
from typing import Any

import pytest

from engine.records.search import index_pending, queued_entities
from tests.runtime.conftest import Browser, Site

DEAL = "/apps/shop/deal"


def make(browser: Browser, title: str, **values: Any) -> str:
    answer = browser("POST", f"{DEAL}/records", json={"values": {"title": title, **values}})
    assert answer.status_code == 201, answer.text
    return str(answer.json["record"]["id"])


def said(browser: Browser, record: str) -> list[dict[str, Any]]:
    return list(browser("GET", f"{DEAL}/records/{record}/comments").json["comments"])


def say(browser: Browser, record: str, text: str, **more: Any) -> Any:
    return browser("POST", f"{DEAL}/records/{record}/comments", json={"text": text, **more})


def test_a_mention_reaches_whom_it_names(site: Site) -> None:
    boss, ann = site.browser("boss"), site.browser("ann")
    record = make(ann, "Bridge")
    who = site.ids["boss"]
    found = ann("GET", f"{DEAL}/records/{record}/comments/people?q=boss").json["people"]
    assert [(one["id"], one["readable"]) for one in found] == [(who, True)]
    assert say(ann, record, f"Please look, @{{{who}}}").status_code == 201
    told = boss("GET", "/notices").json
    assert told["unread"] == 1
    (notice,) = told["notices"]
    assert notice["kind"] == "mention"
    assert "Bridge" in notice["text"]
    assert notice["body"].startswith("Please look, @")
    assert notice["record_id"] == record
    (comment,) = said(boss, record)
    assert comment["mine"] is False
    answer = say(boss, record, "Done", reply_to=comment["id"])
    assert answer.status_code == 201
    assert ann("GET", "/notices").json["notices"][0]["kind"] == "reply"
    assert boss("POST", "/notices/read", json={}).status_code == 200
    assert boss("GET", "/notices").json["unread"] == 0


def test_only_readers_can_be_mentioned(site: Site) -> None:
    boss, ann = site.browser("boss"), site.browser("ann")
    record = make(boss, "Secret bridge")
    outsider = site.ids["out"]
    answer = say(boss, record, f"@{{{outsider}}} hello")
    assert answer.status_code == 422
    assert answer.json["findings"][0]["code"] == "R403"
    assert say(boss, record, "@{nobody} hello").json["findings"][0]["code"] == "R404"
    assert say(boss, record, "  ").json["findings"][0]["code"] == "R401"
    assert said(boss, record) == []
    assert say(ann, record, "I see it not").status_code == 404
    assert ann("GET", f"{DEAL}/records/{record}/comments").status_code == 404


def test_one_edits_and_removes_ones_own(site: Site) -> None:
    boss, ann = site.browser("boss"), site.browser("ann")
    record = make(ann, "Bridge")
    made = say(ann, record, "frist").json["comments"][0]
    path = f"{DEAL}/records/{record}/comments/{made['id']}"
    assert boss("PATCH", path, json={"text": "x"}).status_code == 403
    assert boss("DELETE", path).status_code == 403
    edited = ann("PATCH", path, json={"text": "first"}).json["comments"][0]
    assert (edited["text"], edited["edited"]) == ("first", True)
    removed = ann("DELETE", path).json["comments"][0]
    assert (removed["text"], removed["removed"], removed["mine"]) == ("", True, False)
    assert ann("PATCH", path, json={"text": "again"}).status_code == 404
    assert [one["removed"] for one in said(boss, record)] == [True]
    entries = ann("GET", f"{DEAL}/records/{record}/history").json["entries"]
    assert [one["action"] for one in entries] == ["create"]


def test_files_of_a_comment_are_read_with_it(site: Site) -> None:
    boss, ann, mia = site.browser("boss"), site.browser("ann"), site.browser("mia")
    record = make(ann, "Bridge")
    data = {"file": (io.BytesIO(b"plan"), "plan.txt")}
    path = f"{DEAL}/records/{record}/comments/files"
    sent = ann("POST", path, data=data, content_type="multipart/form-data")
    assert sent.status_code == 201, sent.text
    file_id = sent.json["id"]
    assert say(boss, record, "stolen", files=[file_id]).json["findings"][0]["code"] == "R407"
    made = say(ann, record, "", files=[file_id]).json["comments"][0]
    assert made["files"][0]["name"] == "plan.txt"
    assert boss("GET", f"/files/{file_id}").data == b"plan"
    assert site.browser("out")("GET", f"/files/{file_id}").status_code == 404
    assert mia("GET", f"/files/{file_id}").status_code == (200 if said_or_none(mia, record) else 404)
    ann("DELETE", f"{DEAL}/records/{record}/comments/{made['id']}")
    assert boss("GET", f"/files/{file_id}").status_code == 404


def said_or_none(browser: Browser, record: str) -> bool:
    return browser("GET", f"{DEAL}/records/{record}/comments").status_code == 200


def test_unread_and_favourites_are_ones_own(site: Site) -> None:
    boss, ann = site.browser("boss"), site.browser("ann")
    record = make(ann, "Bridge")
    assert boss.ok("POST", f"{DEAL}/records/{record}/visit") == {"since": "", "unread": False}
    star = {"kind": "record", "entity": "deal", "id": record, "on": True}
    assert boss("PUT", "/apps/shop/favourites", json=star).status_code == 200
    marks = boss("POST", f"{DEAL}/marks", json={"ids": [record]}).json
    assert marks == {"unread": [], "favourite": [record]}
    assert ann("POST", f"{DEAL}/marks", json={"ids": [record]}).json == {"unread": [], "favourite": []}
    assert (
        ann("PATCH", f"{DEAL}/records/{record}", json={"rev": 1, "values": {"title": "Long bridge"}}).status_code == 200
    )
    assert boss("POST", f"{DEAL}/marks", json={"ids": [record]}).json["unread"] == [record]
    for mark, found in (("@unread", 1), ("@favourite", 1), ("@visited", 1)):
        listed = boss("GET", f'{DEAL}/records?filter=["mine","{mark}"]').json["records"]
        assert len(listed) == found, mark
        assert ann("GET", f'{DEAL}/records?filter=["mine","{mark}"]').json["records"] == []
    assert boss("GET", f'{DEAL}/records?filter=["mine","@other"]').status_code == 422
    hand = boss("GET", "/me/hand").json
    assert [one["title"] for one in hand["favourites"]] == ["Long bridge"]
    assert [one["id"] for one in hand["recent"]] == [record]
    again = boss.ok("POST", f"{DEAL}/records/{record}/visit")
    assert again["unread"]
    assert again["since"] < boss.ok("GET", "/me/hand")["recent"][0]["at"]
    assert boss("POST", f"{DEAL}/marks", json={"ids": [record]}).json["unread"] == []
    say(ann, record, "What do you think?")
    assert boss("POST", f"{DEAL}/marks", json={"ids": [record]}).json["unread"] == [record]
    assert len(boss("GET", f'{DEAL}/records?filter=["mine","@unread"]').json["records"]) == 1
    boss("DELETE", f"{DEAL}/records/{record}")
    assert boss("GET", "/me/hand").json == {"favourites": [], "recent": []}
    assert boss("PUT", "/apps/shop/favourites", json={**star, "on": False}).status_code == 200


def test_news_is_what_others_did_since_one_looked(site: Site) -> None:
    boss, ann = site.browser("boss"), site.browser("ann")
    old = make(ann, "Old")

    def unread(browser: Browser) -> set[str]:
        listed = {one["id"] for one in browser.ok("GET", f'{DEAL}/records?filter=["mine","@unread"]')["records"]}
        every = [one["id"] for one in browser.ok("GET", f"{DEAL}/records")["records"]]
        assert set(browser.ok("POST", f"{DEAL}/marks", {"ids": every})["unread"]) == listed
        rest = browser.ok("GET", f'{DEAL}/records?filter=["not",["mine","@unread"]]')["records"]
        assert {one["id"] for one in rest} == set(every) - listed
        return listed

    assert unread(boss) == set(), "what was there before the first look is no news"
    new, own = make(ann, "New"), make(boss, "Own")
    assert unread(boss) == {new}
    assert unread(ann) == set()
    boss.ok("POST", f"{DEAL}/records/{new}/visit")
    assert unread(boss) == set()
    ann.ok("PATCH", f"{DEAL}/records/{new}", {"rev": 1, "values": {"title": "Newer"}})
    ann.ok("PATCH", f"{DEAL}/records/{old}", {"rev": 1, "values": {"title": "Older"}})
    assert unread(boss) == {new}, "a record one never opened is news when it arrives, not with each change"
    say(ann, old, "Look at this")
    assert unread(boss) == {new, old}
    boss.ok("PATCH", f"{DEAL}/records/{new}", {"rev": 2, "values": {"title": "Mine"}})
    assert unread(boss) == {old}, "what one changed last oneself is read"
    before = boss.ok("POST", f"{DEAL}/read", {})
    assert unread(boss) == set()
    boss.ok("POST", f"{DEAL}/read", before)
    assert unread(boss) == {old}
    assert boss("POST", f"{DEAL}/read", {"since": "yesterday"}).status_code == 422
    (said_last,) = said(ann, old)
    ann("DELETE", f"{DEAL}/records/{old}/comments/{said_last['id']}")
    assert unread(boss) == set()
    assert own not in unread(ann), "ann may not read it"


def test_dashboards_and_views_are_kept_too(site: Site) -> None:
    boss = site.browser("boss")
    board = {"kind": "dashboard", "id": "sales"}
    view = {"kind": "view", "entity": "deal", "id": "viw_deals"}
    for item in (board, view):
        boss.ok("PUT", "/apps/shop/favourites", {**item, "on": True})
    kept = boss.ok("GET", "/me/hand")["favourites"]
    assert [(one["kind"], one.get("key", one["entity"])) for one in kept] == [("view", "deal"), ("dashboard", "sales")]
    for item in (board, view):
        boss.ok("PUT", "/apps/shop/favourites", {**item, "on": False})
    assert boss.ok("GET", "/me/hand")["favourites"] == []


def test_nothing_unseen_becomes_a_favourite(site: Site) -> None:
    boss, ann = site.browser("boss"), site.browser("ann")
    record = make(boss, "Secret bridge")
    for item in (
        {"kind": "record", "entity": "deal", "id": record, "on": True},
        {"kind": "view", "entity": "secret", "id": "viw_auto", "on": True},
        {"kind": "dashboard", "id": "nothing", "on": True},
    ):
        assert ann("PUT", "/apps/shop/favourites", json=item).status_code == 404, item
    assert ann("POST", f"{DEAL}/records/{record}/visit").status_code == 404


def test_the_recycle_bin(site: Site) -> None:
    boss, ann = site.browser("boss"), site.browser("ann")
    one, two = make(ann, "Bridge", lines=[{"product": "Steel"}]), make(boss, "Tower")
    say(ann, one, "gone soon")
    for record, browser in ((one, ann), (two, boss)):
        assert browser("DELETE", f"{DEAL}/records/{record}").status_code == 200
    counts = {each["entity"]: each["count"] for each in boss("GET", "/apps/shop/recycle-bin").json["entities"]}
    assert counts["deal"] == 2
    assert counts["line"] == 0
    listed = boss("GET", "/apps/shop/recycle-bin/deal").json["records"]
    assert [each["title"] for each in listed] == ["Tower", "Bridge"]
    assert [each["title"] for each in boss("GET", "/apps/shop/recycle-bin/deal?search=brid").json["records"]] == [
        "Bridge"
    ]
    assert [each["id"] for each in ann("GET", "/apps/shop/recycle-bin/deal").json["records"]] == [one]
    back = ann("POST", "/apps/shop/recycle-bin/deal/restore", json={"ids": [one, two]}).json["results"]
    assert [each["status"] for each in back] == ["done", "refused"]
    assert [each["text"] for each in said(ann, one)] == ["gone soon"]
    ann("DELETE", f"{DEAL}/records/{one}")
    assert ann("POST", "/apps/shop/recycle-bin/deal/purge", json={"ids": [one]}).status_code == 403


def test_taking_away_for_good_needs_the_duty(site: Site) -> None:
    boss, ann = site.browser("boss"), site.browser("ann")
    record = make(ann, "Bridge", lines=[{"product": "Steel"}, {"product": "Rope"}])
    say(ann, record, "gone soon")
    assert boss("POST", "/apps/shop/recycle-bin/deal/purge", json={"ids": [record]}).status_code == 404
    ann("DELETE", f"{DEAL}/records/{record}")
    loss = boss("POST", "/apps/shop/recycle-bin/deal/preview", json={"ids": [record]}).json
    assert loss == {"records": 1, "rows": 2, "files": 0, "comments": 1}
    assert boss("POST", "/apps/shop/recycle-bin/deal/purge", json={"ids": [record]}).json == {"purged": 1}
    assert boss("GET", "/apps/shop/recycle-bin/deal").json["records"] == []
    assert boss("POST", f"{DEAL}/records/{record}/restore").status_code == 404


def index(site: Site) -> None:
    with site.services.workspace.write("shop") as store:
        for entity_id in queued_entities(store.connection):
            while index_pending(store.connection, store.tables, entity_id):
                pass


@pytest.mark.parametrize("indexed", [False, True])
def test_one_search_over_everything(site: Site, indexed: bool) -> None:
    boss, ann = site.browser("boss"), site.browser("ann")
    make(ann, "华为技术有限公司", lines=[{"product": "华为交换机"}])
    make(boss, "Huge tower")
    boss("POST", "/apps/shop/secret/records", json={"values": {"word": "华为机密"}})
    if indexed:
        index(site)
    groups = {one["entity"]: one for one in boss("GET", "/find?q=华为").json["groups"]}
    assert set(groups) == {"deal", "line", "secret"}
    assert groups["deal"]["hits"][0]["ranges"] == [[0, 2]]
    assert {one["entity"] for one in ann("GET", "/find?q=华为").json["groups"]} == {"deal", "line"}
    assert ann("GET", "/find?q=tower").json["groups"] == []
    assert boss("GET", "/find?q=").json["groups"] == []
    if indexed:
        found = ann("GET", "/find?q=hwgs").json["groups"]
        assert [hit["title"] for one in found for hit in one["hits"]] == ["华为技术有限公司"]
    assert ann("GET", "/find?q=x&app=nothing").status_code == 404


def test_all_counts_of_the_tabs_in_one_answer(site: Site) -> None:
    ann = site.browser("ann")
    record = make(ann, "Bridge")
    assert ann("GET", f"{DEAL}/records/{record}/related").json == {"counts": {}}
    assert ann("GET", f"{DEAL}/records/{'0' * 16}/related").status_code == 404
