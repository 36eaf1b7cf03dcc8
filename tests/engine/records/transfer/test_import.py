"""Imports: dry run equals run, update by key, rejects with reasons, undo that spares later edits, resume."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.actor import Actor
from engine.database import Database
from engine.problems import Conflict, Forbidden, NotFound
from engine.records.spec import QuerySpec, Record
from engine.records.transfer import importer as importer_module
from engine.records.transfer.exporter import Exporter
from engine.records.transfer.importer import Importer, ImportPlan, safe_cell
from engine.records.transfer.mapping import ImportMapping
from engine.records.workspace import Workspace
from metadata.findings import Refused
from metadata.model import Unique
from tests.engine.records.support import application, entity, field, grant, person, role, workspace

TABLE = '名称,城市,金额,开始\n华为,深圳,"1,200.5",2026/3/1\n腾讯,深圳,x,2026-01-02\n阿里,杭州,300,\n'


@dataclass
class Desk:
    space: Workspace
    importer: Importer
    folder: Path
    boss: Actor

    def upload(self, text: str, actor: Actor | None = None) -> str:
        path = self.folder / "in.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        with path.open("rb") as stream:
            run_id, _ = self.importer.receive(stream, "in.csv")
        table = self.importer.read(run_id, name="in.csv")
        with self.space.write("test") as store:
            self.importer.begin(store, actor or self.boss, "firm", run_id, table, "in.csv")
        return run_id

    def run_of(self, run_id: str) -> Any:
        with self.space.read("test") as store:
            return self.importer.run_of(store.connection, self.boss, run_id)

    def plan(self, run_id: str, mapping: ImportMapping) -> ImportPlan:
        with self.space.read("test") as store:
            return self.importer.plan(store, self.boss, self.run_of(run_id), mapping)

    def start(self, run_id: str, mapping: ImportMapping) -> None:
        with self.space.write("test") as store:
            run = self.importer.run_of(store.connection, self.boss, run_id)
            self.importer.keep_plan(store.connection, run, mapping)
            self.importer.mark(store.connection, run, "running", ("planned",))

    def run(self, text: str, **settings: Any) -> Any:
        run_id = self.upload(text)
        self.start(run_id, mapping(**settings))
        self.importer.run(self.boss, run_id)
        return self.run_of(run_id)

    def undo(self, run_id: str) -> Any:
        with self.space.write("test") as store:
            run = self.importer.run_of(store.connection, self.boss, run_id)
            self.importer.mark(store.connection, run, "undoing", ("done", "failed"))
        self.importer.undo(self.boss, run_id)
        return self.run_of(run_id)

    def firms(self) -> dict[str, Record]:
        with self.space.read("test") as store:
            return {r.values["name"]: r for r in store.list(self.boss, QuerySpec(entity="firm", limit=100)).records}


def mapping(**settings: Any) -> ImportMapping:
    columns = {"名称": "name", "城市": "city", "金额": "amount", "开始": "start"}
    return ImportMapping(columns=columns, locale="zh-CN", **settings)


@pytest.fixture
def desk(db: Database, tmp_path: Path) -> Desk:
    firm = entity(
        "firm",
        field("name", required=True, unique=Unique()),
        field("city"),
        field("amount", "currency", options={"scale": 2, "currency": "CNY"}),
        field("start", "date"),
        field("number", "serial", options={"pattern": "F-{seq:3}"}),
        title="fld_name",
    )
    every = "create read update delete import export"
    boss = role("boss", grant("boss", "firm", every, default="write"))
    clerk = role("clerk", grant("clerk", "firm", "create read update", default="write", amount="hidden"))
    space = workspace(db, application(firm, roles=(boss, clerk)))
    return Desk(space, Importer(space, tmp_path / "imports"), tmp_path / "up", person("u_ann", "rol_boss"))


def test_a_dry_run_says_what_the_run_does_and_writes_nothing(desk: Desk) -> None:
    run_id = desk.upload(TABLE)
    plan = desk.plan(run_id, mapping())
    assert (plan.total, plan.create, plan.errors) == (3, 2, 1)
    ((row, findings),) = plan.rows
    assert row == 2 and findings[0].place == "/amount"
    assert desk.firms() == {}
    desk.start(run_id, mapping())
    desk.importer.run(desk.boss, run_id)
    done = desk.run_of(run_id)
    assert (done.state, done.created, done.failed) == ("done", plan.create, plan.errors)
    firms = desk.firms()
    assert set(firms) == {"华为", "阿里"}
    assert str(firms["华为"].values["amount"]) == "1200.50" and str(firms["华为"].values["start"]) == "2026-03-01"


def test_refused_rows_come_back_with_their_reason(desk: Desk) -> None:
    done = desk.run(TABLE)
    with desk.space.read("test") as store:
        lines = "".join(desk.importer.rejects(store.connection, done, "zh-CN")).splitlines()
    assert lines[0] == "\ufeff名称,城市,金额,开始,错误"
    assert lines[1].startswith("腾讯,深圳,x,2026-01-02,") and len(lines) == 2


def test_update_by_key_changes_what_differs_and_leaves_the_rest_alone(desk: Desk) -> None:
    desk.run(TABLE.replace("x", "5"))
    before = desk.firms()
    again = TABLE.replace("x", "5").replace("杭州", "上海") + "百度,北京,1,\n"
    done = desk.run(again, mode="upsert", key="name")
    assert (done.created, done.updated, done.unchanged, done.failed) == (1, 1, 2, 0)
    after = desk.firms()
    assert after["阿里"].values["city"] == "上海" and after["华为"].rev == before["华为"].rev
    only = desk.run("名称,城市,金额,开始\n阿里,苏州,,\n新的,无锡,,\n", mode="update", key="name")
    assert (only.updated, only.created, only.failed) == (1, 0, 1)
    assert desk.firms()["阿里"].values["amount"] is None


def test_the_same_key_twice_in_a_file_is_refused_by_row(desk: Desk) -> None:
    run_id = desk.upload("名称,城市,金额,开始\n华为,a,,\n华为,b,,\n")
    plan = desk.plan(run_id, mapping(mode="upsert", key="name"))
    assert [(row, [f.code for f in found]) for row, found in plan.rows] == [(2, ["I112"])]


def test_undo_takes_everything_back_but_later_work(desk: Desk) -> None:
    first = desk.run(TABLE.replace("x", "5"))
    changed = desk.run(TABLE.replace("x", "6"), mode="upsert", key="name")
    assert desk.undo(changed.id).undone == 1
    assert str(desk.firms()["腾讯"].values["amount"]) == "5.00"
    with desk.space.write("test") as store:
        ali = desk.firms()["阿里"]
        store.update(desk.boss, "firm", ali.id, {"city": "宁波"}, ali.rev)
    undone = desk.undo(first.id)
    assert (undone.state, undone.undone + undone.kept) == ("undone", 3)
    assert "阿里" in desk.firms() and "华为" not in desk.firms()


def test_a_killed_run_goes_on_after_its_last_batch(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importer_module, "BATCH", 10)
    run_id = desk.upload("名称,城市,金额,开始\n" + "".join(f"公司{n},x,{n},\n" for n in range(35)))
    desk.start(run_id, mapping())
    real: Callable[..., bool] = Importer._run_batch
    calls = []

    def killed(self: Importer, actor: Actor, run: str, *rest: Any) -> bool:
        calls.append(run)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(self, actor, run, *rest)

    monkeypatch.setattr(Importer, "_run_batch", killed)
    with pytest.raises(KeyboardInterrupt):
        desk.importer.run(desk.boss, run_id)
    assert desk.run_of(run_id).done == 20
    desk.importer.run(desk.boss, run_id)
    done = desk.run_of(run_id)
    assert (done.state, done.created, len(desk.firms())) == ("done", 35, 35)


def test_numbers_that_come_along_are_kept_and_never_given_again(desk: Desk) -> None:
    columns = {"名称": "name", "编号": "number"}
    text = "名称,编号\n华为,F-041\n腾讯,\n阿里,旧-7\n"
    run_id = desk.upload(text)
    desk.start(run_id, ImportMapping(columns=columns, locale="zh-CN"))
    desk.importer.run(desk.boss, run_id)
    assert {name: r.values["number"] for name, r in desk.firms().items()} == {
        "华为": "F-041",
        "腾讯": "F-042",
        "阿里": "旧-7",
    }
    with desk.space.write("test") as store:
        assert store.create(desk.boss, "firm", {"name": "百度"}).values["number"] == "F-043"
    again = desk.upload("名称,编号\n华为,\n腾讯,F-042\n")
    plan = desk.plan(again, ImportMapping(columns=columns, locale="zh-CN", mode="upsert", key="name"))
    assert (plan.unchanged, plan.errors) == (2, 0)


def test_who_may_not_import_cannot_and_nobody_sees_anothers_import(desk: Desk) -> None:
    clerk = person("u_bob", "rol_clerk")
    with pytest.raises(Forbidden):
        desk.upload(TABLE, clerk)
    run_id = desk.upload(TABLE)
    with desk.space.read("test") as store, pytest.raises(NotFound):
        desk.importer.run_of(store.connection, clerk, run_id)
    done = desk.run(TABLE)
    with desk.space.write("test") as store, pytest.raises(Conflict):
        desk.importer.keep_plan(store.connection, done, mapping())


def test_a_mapping_that_cannot_work_names_the_column(desk: Desk) -> None:
    run_id = desk.upload(TABLE)
    with pytest.raises(Refused) as error:
        desk.plan(
            run_id, ImportMapping(columns={"名称": "name", "城市": "name", "金额": "nope"}, mode="upsert", key="city")
        )
    assert [f.code for f in error.value.findings] == ["I107", "I108", "I109"]


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (["NAME", "Ci-ty"], ["name", "city"]),
        (["客户name", "ity"], ["name", "city"]),
        (["e", "其他", "name", "公司name"], [None, None, "name", None]),  # one sign says nothing; a field is taken once
    ],
)
def test_headings_find_the_field_they_mean(desk: Desk, headings: list[str], fields: list[str | None]) -> None:
    run_id = desk.upload(",".join(headings) + "\n" + ",".join("甲" for _ in headings) + "\n")
    with desk.space.read("test") as store:
        found = desk.importer.suggestion(store, desk.importer.run_of(store.connection, desk.boss, run_id))
    assert [found.get(heading) for heading in headings] == fields


def test_an_export_holds_what_may_be_read_and_nothing_a_spreadsheet_runs(desk: Desk, tmp_path: Path) -> None:
    desk.run('名称,城市,金额,开始\n"=1+1",+x,5,\n')
    with desk.space.read("test") as store:
        lines = b"".join(Exporter(store, desk.boss, QuerySpec(entity="firm")).csv()).decode("utf-8-sig").splitlines()
        assert lines[1].startswith("'=1+1,'+x,")
        done = Exporter(store, desk.boss, QuerySpec(entity="firm")).xlsx(tmp_path / "out.xlsx")
        assert done.rows == 1
        with pytest.raises(Forbidden):
            Exporter(store, person("u_bob", "rol_clerk"), QuerySpec(entity="firm"))


@pytest.mark.parametrize(
    ("text", "safe"), [("=A1", "'=A1"), ("-5.2", "-5.2"), ("-x", "'-x"), ("@a", "'@a"), ("a=b", "a=b")]
)
def test_cells_a_spreadsheet_would_run_are_neutralised(text: str, safe: str) -> None:
    assert safe_cell(text) == safe
