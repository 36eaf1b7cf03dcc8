"""Field types over HTTP: pictures and their small ones, signatures that stay, tags that are suggested, departments."""

from __future__ import annotations

import io
import json
from typing import Any

from PIL import Image

from engine import people
from tests.runtime.conftest import Browser, Site

DEALS = "/apps/shop/deal/records"
GPS = 0x8825


def picture(kind: str = "JPEG") -> bytes:
    notes = Image.Exif()
    notes[GPS] = {1: "N", 2: (30.0, 16.0, 26.8)}
    out = io.BytesIO()
    Image.new("RGB", (800, 400), "green").save(out, kind, **({"exif": notes.tobytes()} if kind == "JPEG" else {}))
    return out.getvalue()


def send(browser: Browser, field: str, name: str, content: bytes) -> Any:
    data = {"app": "shop", "entity": "deal", "field": field, "file": (io.BytesIO(content), name)}
    return browser("POST", "/files", data=data, content_type="multipart/form-data")


def make(browser: Browser, **values: Any) -> Any:
    return browser.ok("POST", DEALS, {"values": {"title": "x", **values}})["record"]


def test_pictures_are_small_for_whoever_sees_the_record(site: Site) -> None:
    ann, bob = site.browser("ann"), site.browser("bob")
    sent = send(ann, "photos", "site.jpg", picture())
    assert sent.status_code == 201, sent.text
    file = sent.get_json()["id"]
    assert bob("GET", f"/files/{file}/thumbnail").status_code == 404
    record = make(ann, photos=[file])
    assert record["values"]["photos"][0]["type"] == "image/jpeg"
    small = ann("GET", f"/files/{file}/thumbnail", query_string={"size": 96})
    assert small.status_code == 200 and small.mimetype == "image/webp"
    with Image.open(io.BytesIO(small.data)) as drawn:
        assert drawn.size == (96, 48)
    with Image.open(io.BytesIO(ann("GET", f"/files/{file}").data)) as whole:
        assert GPS not in whole.getexif()
    assert bob("GET", f"/files/{file}/thumbnail").status_code == 404


def test_a_page_is_no_picture(site: Site) -> None:
    ann = site.browser("ann")
    refused = send(ann, "photos", "photo.png", b"<!doctype html><script>alert(1)</script>")
    assert refused.status_code == 422
    assert refused.get_json()["findings"][0]["code"] == "D102"
    assert send(ann, "photos", "paper.pdf", b"%PDF-1.7").status_code == 422
    assert send(ann, "photos", "broken.png", b"\x89PNG\r\n\x1a\nrest").status_code == 422
    assert send(ann, "papers", "plain.txt", b"words").status_code == 201


def test_a_submitted_signature_stays(site: Site) -> None:
    ann = site.browser("ann")
    first, second = (send(ann, "signed", "signature.png", picture("PNG")).get_json()["id"] for _ in range(2))
    record = make(ann, signed=[first])
    path = f"{DEALS}/{record['id']}"
    for changed in ([second], []):
        refused = ann("PATCH", path, {"rev": record["rev"], "values": {"signed": changed}})
        assert refused.status_code == 422
        assert [(one["code"], one["place"]) for one in refused.get_json()["findings"]] == [("R341", "/signed")]
    ann.ok("PATCH", path, {"rev": record["rev"], "values": {"signed": [first], "title": "y"}})


def test_tags_are_suggested_from_what_one_may_read(site: Site) -> None:
    ann, bob = site.browser("ann"), site.browser("bob")
    make(ann, words=["VIP", "年底前"])
    make(ann, words=["vip "])
    make(bob, words=["秘密"])
    ask = "/apps/shop/deal/suggest"
    assert sorted(ann.ok("GET", ask, query_string={"field": "words"})["words"]) == ["VIP", "vip", "年底前"]
    assert ann.ok("GET", ask, query_string={"field": "words", "q": "年"})["words"] == ["年底前"]
    assert bob.ok("GET", ask, query_string={"field": "words"})["words"] == ["秘密"]
    assert ann("GET", ask, query_string={"field": "title"}).status_code == 404
    assert site.browser("out")("GET", ask, query_string={"field": "words"}).status_code in (403, 404)


def test_departments_are_named_checked_and_asked_by_branch(site: Site) -> None:
    with site.services.database.write() as connection:
        top = people.create_department(connection, name={"zh-CN": "总部", "en": "Head office"})
        sales = people.create_department(connection, name={"zh-CN": "销售部", "en": "Sales"}, parent_id=top)
        people.add_member(connection, site.ids["ann"], sales, main=True)
    ann = site.browser("ann")
    assert ann("POST", DEALS, {"values": {"title": "x", "team": "dep_gone"}}).status_code == 422
    made = ann.ok("POST", DEALS, {"values": {"title": "x", "team": sales}})
    assert made["labels"]["org_department"] == {sales: "Sales"}
    make(ann)

    def found(condition: list[Any]) -> int:
        return len(ann.ok("GET", DEALS, query_string={"filter": json.dumps(condition)})["records"])

    assert found(["under", "team", top]) == 1
    assert found(["under", "team", "@my_department"]) == 1
    assert found(["=", "team", "@my_department"]) == 1
    assert found(["=", "team", top]) == 0
    named = ann.ok("GET", "/departments", query_string={"sounds": 1})["departments"]
    assert any("xsb" in one["sounds"] for one in named)
    assert "sounds" not in ann.ok("GET", "/departments")["departments"][0]


def test_regions_are_sent_once_and_judge_addresses(site: Site) -> None:
    ann = site.browser("ann")
    first = ann("GET", "/regions")
    assert len(first.get_json()["regions"]) == 34
    again = ann("GET", "/regions", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    record = make(ann, where={"code": "330106", "detail": "文三路90号"})
    assert record["values"]["where"]["text"] == "浙江省杭州市西湖区 文三路90号"
    assert ann("POST", DEALS, {"values": {"title": "x", "where": {"code": "330100"}}}).status_code == 422
    found = ann.ok("GET", DEALS, query_string={"filter": json.dumps(["under", "where", ["330100"]])})
    assert len(found["records"]) == 1
