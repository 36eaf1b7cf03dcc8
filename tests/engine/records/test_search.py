"""The quick search through the record store: what is written is found, at once and after the worker, by whom may."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from support import application, entity, field, grant, person, role, workspace

from engine.database import Database
from engine.records import search, sounds
from engine.records.publish import resume
from engine.records.search import index_pending, query_tokens, queued_entities, search_shape, search_tokens
from engine.records.spec import BulkRow, QuerySpec
from engine.records.workspace import Workspace
from tests.contracts.field_values import TEXTS

APP = application(
    entity("firm", field("name"), field("phone", "phone"), field("note", "textarea"), field("secret")),
    roles=(
        role("all", grant("a", "firm", "create read update delete bulk", default="write")),
        role("some", grant("s", "firm", "read", secret="hidden", default="read")),
    ),
)
ANN = person("u_ann", "rol_all")
EVE = person("u_eve", "rol_some")


@pytest.fixture
def space(db: Database) -> Workspace:
    return workspace(db, APP)


def work(space: Workspace) -> int:
    """Let the worker index what is queued; return how many rows."""
    done = 0
    with space.write("test") as store:
        for entity_id in queued_entities(store.connection):
            while count := index_pending(store.connection, store.tables, entity_id, limit=7):
                done += count
        assert queued_entities(store.connection) == ()
    return done


def names(space: Workspace, query: str, actor: object = ANN) -> set[str]:
    with space.read("test") as store:
        page = store.list(actor, QuerySpec(entity="firm", search=query, limit=100))  # type: ignore[arg-type]
        assert store.count(actor, QuerySpec(entity="firm", search=query)) == len(page.records)  # type: ignore[arg-type]
    return {record.values["name"] for record in page.records}


def fill(space: Workspace) -> None:
    rows = [
        {"name": "斗拱软件（上海）有限公司", "phone": "138 0013 8000", "note": "第一次拜访\nA股上市"},
        {"name": "华为技术有限公司", "phone": "010-65529988", "note": "Enterprise BG, deal ID-2024/88"},
        {"name": "Acme Corp.", "phone": "400-800-1234", "note": "100% sure_thing", "secret": "暗号玫瑰"},
        {"name": "ＡＣＭＥ 中国", "note": "ﬁnal offer"},
    ]
    with space.write("test") as store:
        for values in rows[:2]:
            store.create(ANN, "firm", values)
        store.bulk(ANN, "firm", [BulkRow(op="create", values=values) for values in rows[2:]])


QUERIES = {
    "斗": {"斗拱软件（上海）有限公司"},
    "斗拱": {"斗拱软件（上海）有限公司"},
    "有限公司": {"斗拱软件（上海）有限公司", "华为技术有限公司"},
    "上海 拜访": {"斗拱软件（上海）有限公司"},
    "上海 华为": set(),
    "acme": {"Acme Corp."},
    "CORP": {"Acme Corp."},
    "A股": {"斗拱软件（上海）有限公司"},
    "a": {"斗拱软件（上海）有限公司", "华为技术有限公司", "Acme Corp.", "ＡＣＭＥ 中国"},
    "2024/88": {"华为技术有限公司"},
    "ID-2024": {"华为技术有限公司"},
    "100%": {"Acme Corp."},
    "sure_thing": {"Acme Corp."},
    "sureXthing": set(),
    "13800138000": {"斗拱软件（上海）有限公司"},
    "138-0013": {"斗拱软件（上海）有限公司"},
    "01065529988": {"华为技术有限公司"},
    "010-6552": {"华为技术有限公司"},
    "+86 13800138000": {"斗拱软件（上海）有限公司"},
    "玫瑰": {"Acme Corp."},
    "没有": set(),
    "。": set(),
}


@pytest.mark.parametrize("worked", [False, True], ids=["queued", "indexed"])
def test_every_kind_of_query(space: Workspace, worked: bool) -> None:
    fill(space)
    if worked:
        assert work(space) == 4
    for query, found in QUERIES.items():
        assert names(space, query) == found, query
    assert names(space, "") == {name for found in QUERIES.values() for name in found} | {"ＡＣＭＥ 中国"}


def test_a_hidden_column_finds_nothing(space: Workspace) -> None:
    fill(space)
    work(space)
    assert names(space, "玫瑰", EVE) == set()
    assert names(space, "acme", EVE) == {"Acme Corp."}


def test_update_delete_and_restore(space: Workspace) -> None:
    fill(space)
    work(space)
    with space.write("test") as store:
        found = store.list(ANN, QuerySpec(entity="firm", search="华为")).records[0]
        store.update(ANN, "firm", found.id, {"name": "荣耀终端有限公司"}, found.rev)
    for _ in range(2):
        assert names(space, "荣耀") == {"荣耀终端有限公司"}
        assert names(space, "华为") == set()
        work(space)
    with space.write("test") as store:
        store.delete(ANN, "firm", found.id)
    assert names(space, "荣耀") == set()
    with space.write("test") as store:
        store.restore(ANN, "firm", found.id)
    assert names(space, "荣耀") == {"荣耀终端有限公司"}


def test_common_words_walk_the_list(space: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "PROBE", 3)
    with space.write("test") as store:
        store.bulk(ANN, "firm", [BulkRow(op="create", values={"name": f"公司{n}号"}) for n in range(20)])
    work(space)
    assert len(names(space, "公司")) == 20
    assert names(space, "公司7号") == {"公司7号"}


def test_an_index_of_an_older_shape_is_made_anew(space: Workspace) -> None:
    fill(space)
    work(space)
    with space.database.write() as connection:
        connection.execute(update(search_shape).values(shape=1))
    assert resume(space.database) == 1
    assert names(space, "斗拱") == {"斗拱软件（上海）有限公司"}
    assert work(space) == 4
    assert names(space, "斗拱") == {"斗拱软件（上海）有限公司"}
    assert resume(space.database) == 0


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.integers(0, 20), st.integers(1, 8))
def test_the_index_proposes_every_text_that_contains_the_query(content: str | None, start: int, length: int) -> None:
    content = content or ""
    query = content[start : start + length]
    assert set(query_tokens(query)) <= set(search_tokens(content))
    assert set(query_tokens(query.upper() if query.isascii() else query)) <= set(search_tokens(content))


SOUNDS = {
    "hwgs": {"华为技术有限公司"},
    "hwjs": {"华为技术有限公司"},
    "HuaWei": {"华为技术有限公司"},
    "gongsi": {"斗拱软件（上海）有限公司", "华为技术有限公司"},
    "dg": {"斗拱软件（上海）有限公司"},
    "huawei youxian": {"华为技术有限公司"},
    "zg": {"ＡＣＭＥ 中国"},
    "dgruanjian": set(),
    "rjsh": {"斗拱软件（上海）有限公司"},
    "zq": set(),
    "hwxx": set(),
}


def test_names_are_found_by_their_sound(space: Workspace) -> None:
    fill(space)
    work(space)
    for query, found in SOUNDS.items():
        assert names(space, query) == found, query
    assert names(space, "hwgs", EVE) == {"华为技术有限公司"}
    assert names(space, "ahmg", EVE) == set()  # 暗号玫瑰 stands in a field Eve may not read
    assert names(space, "ahmg") == {"Acme Corp."}


def test_a_changed_name_sounds_new(space: Workspace) -> None:
    fill(space)
    work(space)
    with space.write("test") as store:
        found = store.list(ANN, QuerySpec(entity="firm", search="华为")).records[0]
        store.update(ANN, "firm", found.id, {"name": "荣耀终端有限公司"}, found.rev)
    work(space)
    assert names(space, "hwgs") == set()
    assert names(space, "rygs") == {"荣耀终端有限公司"}


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=12), st.integers(0, 9))
def test_the_index_proposes_every_name_that_sounds_like_the_query(name: str, start: int) -> None:
    heard = sounds.sound(name)
    for run in heard.split("|"):
        query = run[start : start + 4]
        if len(query) >= 2:
            assert set(sounds.query_tokens(sounds.words(query))) <= set(sounds.tokens([heard]))
