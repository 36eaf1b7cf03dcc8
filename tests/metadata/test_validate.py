"""The gate: bytes and values of every kind of wrong, each with its code, place and sentences in two languages."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import orjson
import pytest

from metadata.findings import Refused, message_codes
from metadata.validate import MAX_BYTES, MAX_DEPTH, load, read, validate

RAW = (Path(__file__).parents[2] / "apps" / "crm_template.json").read_bytes()
CRM: dict[str, Any] = orjson.loads(RAW)
MINIMAL = {"format": 1, "id": "app_a", "key": "a", "name": {"zh-CN": "甲", "en": "A"}}


GRANT = {"id": "grt_a", "entity": "ent_a"}
CELL = {"w": "wdg_a", "x": 0, "y": 0, "width": 1, "height": 1}
VIEW = {"id": "viw_a", "entity": "ent_a", "label": {"en": "A"}}


def one(kind: str, prefix: str, **values: Any) -> dict[str, Any]:
    return {**MINIMAL, kind: [{"id": f"{prefix}_a", "key": "a", "label": {"en": "A"}, **values}]}


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


class Odd:
    """Something no JSON parser makes."""


BYTES: list[tuple[str, str, bytes]] = [
    ("M001", "", b""),
    ("M001", "", b"{"),
    ("M001", "", b'{"a": 1,}'),
    ("M001", "", b'{"a": NaN}'),
    ("M001", "", b'{"a": Infinity}'),
    ("M001", "", b'{"a": 01}'),
    ("M001", "", b'{"a": 1} x'),
    ("M001", "", b"\xff\xfe{\x00}\x00"),
    ("M001", "", b'{"a": "\xe5\xae"}'),
    ("M001", "", b'{"a": "\\ud800"}'),
    ("M001", "", b"[" * 5000 + b"]" * 5000),
    ("M002", "", b" " * (MAX_BYTES + 1)),
    ("M003", "", b"[" * 100 + b"]" * 100),
    ("M004", "/b/0/a", b'{"b": [{"a": 1, "a": 2}]}'),
    ("M005", "", b'{"a": 123456789012345678901234567890}'),
    ("M005", "", b'{"a": 9007199254740993}'),
    ("M005", "", b'{"a": 0.12345678901234567890123456789}'),
    ("M005", "", b'{"a": 1e400}'),
    ("M017", "/a", b'{"a": "x\\u0000y"}'),
]


@pytest.mark.parametrize(("code", "place", "raw"), BYTES, ids=[repr(raw[:20]) for _, _, raw in BYTES])
def test_bytes(code: str, place: str, raw: bytes) -> None:
    with pytest.raises(Refused) as caught:
        read(raw)
    codes = [f.code for f in caught.value.findings]
    assert codes in ([code], ["M001"])
    assert caught.value.findings[0].place.startswith(place) or place == ""


def test_syntax_errors_say_line_and_column() -> None:
    with pytest.raises(Refused) as caught:
        read('{\n  "名称": 1\n  "b": 2\n}'.encode())
    (finding,) = caught.value.findings
    assert (finding.params["line"], finding.params["column"]) == (3, 3)
    assert finding.text("zh-CN").startswith("第 3 行第 3 列不是正确的 JSON：")


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read(b'\xef\xbb\xbf{"a": 1.5}') == {"a": 1.5}


def first(data: Any) -> tuple[str, str]:
    found = validate(data)
    return (found[0].code, found[0].place) if found else ("", "")


VALUES: list[tuple[str, str, Any]] = [
    ("M003", "", {**MINIMAL, "samples": nested(MAX_DEPTH + 5)}),
    ("M005", "/version", {**MINIMAL, "version": 2**70}),
    ("M005", "/version", {**MINIMAL, "version": float("nan")}),
    ("M006", "", None),
    ("M006", "", []),
    ("M006", "/name", {**MINIMAL, "name": "A"}),
    ("M007", "", {"format": 1, "id": "app_a", "key": "a"}),
    ("M008", "/colour", {**MINIMAL, "colour": 1}),
    ("M009", "/key", {**MINIMAL, "key": "A b"}),
    ("M009", "/id", {**MINIMAL, "id": "ent_a"}),
    ("M009", "/name", {**MINIMAL, "name": {"English": "A"}}),
    ("M010", "/roles/0/grants/0/default_level", one("roles", "rol", grants=[{**GRANT, "default_level": "all"}])),
    ("M011", "/name/en", {**MINIMAL, "name": {"en": "x" * 2001}}),
    ("M012", "/name", {**MINIMAL, "name": {}}),
    ("M013", "/dashboards/0/grid/0/x", one("dashboards", "dsh", grid=[{**CELL, "x": 12}])),
    ("M014", "/views/0/columns", {**MINIMAL, "views": [{**VIEW, "columns": ["sys_id", "sys_id"]}]}),
    ("M016", "/format", {**MINIMAL, "format": 99}),
    ("M016", "/format", {"id": "app_a"}),
    ("M017", "/name", {**MINIMAL, "name": Odd()}),
    ("M017", "/name", {**MINIMAL, "name": {1: "x"}}),
    ("M017", "/icon", {**MINIMAL, "icon": "\ud800"}),
    ("M018", "", [0] * 600_000),
]


@pytest.mark.parametrize(("code", "place", "data"), VALUES, ids=[f"{code}{place}" for code, place, _ in VALUES])
def test_values(code: str, place: str, data: Any) -> None:
    found = validate(data)
    assert found and found[0].code == code and found[0].place.startswith(place)
    for finding in found:
        for language in ("zh-CN", "en"):
            assert finding.text(language)


def test_every_file_code_has_a_case() -> None:
    tested = {code for code, _, _ in BYTES} | {code for code, _, _ in VALUES} | {"M015"}  # M015: test_upgrade
    assert {code for code in message_codes() if code.startswith("M0")} == tested


def test_a_circle_of_objects_ends() -> None:
    circle: dict[str, Any] = dict(MINIMAL)
    circle["samples"] = [circle]
    assert first(circle)[0] == "M003"


def test_unknown_keys_get_a_suggestion() -> None:
    data = copy.deepcopy(CRM)
    data["entities"][0]["fields"][0]["requierd"] = True
    (finding,) = validate(data)
    assert finding.place == "/entities/0/fields/0/requierd"
    assert finding.text("zh-CN") == "对象“客户” › 字段“客户名称”：不认识“requierd”。是不是想写“required”？"
    assert finding.text("en") == (
        'entity "Account" › field "Account name": "requierd" is not known here. Did you mean "required"?'
    )


def test_all_findings_come_at_once_but_not_without_end() -> None:
    data = copy.deepcopy(CRM)
    for entity in data["entities"]:
        for field in entity["fields"]:
            field["colour"] = 1
            field["key"] = "A"
    found = validate(data)
    assert 100 <= len(found) <= 200
    assert {f.code for f in found} == {"M008", "M009"}


def test_text_in_findings_is_cut() -> None:
    data = {**MINIMAL, "key": "x" * 100_000, "y" * 100_000: 1}
    assert max(len(f.text("en")) for f in validate(data)) < 1_000


def test_the_template_passes_and_load_reports_structure() -> None:
    assert validate(CRM) == []
    app = load(RAW)
    assert app.key == "crm"
    data = copy.deepcopy(CRM)
    data["views"][0]["entity"] = "ent_gone"
    with pytest.raises(Refused) as caught:
        load(data)
    assert {f.code for f in caught.value.findings} >= {"M103"}


def test_load_leaves_the_given_value_alone() -> None:
    data = copy.deepcopy(CRM)
    load(data)
    assert data == CRM


def test_warnings_do_not_refuse() -> None:
    load({**MINIMAL, "name": {"zh-CN": "甲"}})
