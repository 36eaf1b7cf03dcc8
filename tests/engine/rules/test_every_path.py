"""Whatever way a bad record comes in, it is refused with the same finding of the same rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support import application, entity, field, grant, person, role, text, workspace
from test_settling import rule

from engine.database import Database
from engine.records.spec import BulkRow, Record
from engine.records.transfer.importer import Importer
from engine.records.transfer.mapping import ImportMapping
from engine.records.workspace import Workspace
from metadata.findings import Finding, Refused
from metadata.model import App, Rule

BOSS = person("u_ann", "rol_boss")
STATES = {"options": [{"id": f"opt_{one}", "label": text(one)} for one in ("new", "good", "bad")]}
RULES = (
    rule("k", "check", check="ISBLANK(amount) OR amount < 10", fields="amount"),
    rule("q", "require", when='state = "good"', fields="checked"),
    rule("c", "choose", when="amount > 5", fields="state", options=("opt_new", "opt_good")),
    rule("w", "check", check='checked <> "odd"', severity="warn", fields="checked"),
    rule("h", "show", when='state = "new"', fields="secret"),
)
BAD: Mapping[str, tuple[dict[str, str], tuple[str, str, str]]] = {
    "check": ({"amount": "11"}, ("R325", "/amount", "rul_k")),
    "require": ({"state": "opt_good"}, ("R304", "/checked", "")),
    "choose": ({"amount": "6", "state": "opt_bad"}, ("R331", "/state", "rul_c")),
    "warn": ({"checked": "odd"}, ("R332", "/checked", "rul_w")),
}


def app(*rules: Rule) -> App:
    doc = entity(
        "doc",
        field("title"),
        field("amount", "number", options={"scale": 2}),
        field("state", "select", options=STATES),
        field("checked"),
        field("secret", required=True),
        title="fld_title",
        rules=rules,
    )
    every = "create read update delete bulk import"
    return application(doc, roles=(role("boss", grant("boss", "doc", every, default="write")),))


def refused(call: Callable[[], Any]) -> list[Finding]:
    with pytest.raises(Refused) as caught:
        call()
    return list(caught.value.findings)


def made(space: Workspace) -> Record:
    with space.write("test") as store:
        return store.create(BOSS, "doc", {"title": "old"})


def by_create(space: Workspace, values: dict[str, str], folder: Path) -> list[Finding]:
    with space.write("test") as store:
        return refused(lambda: store.create(BOSS, "doc", values))


def by_update(space: Workspace, values: dict[str, str], folder: Path) -> list[Finding]:
    record = made(space)
    with space.write("test") as store:
        return refused(lambda: store.update(BOSS, "doc", record.id, values, record.rev))


def by_bulk_create(space: Workspace, values: dict[str, str], folder: Path) -> list[Finding]:
    with space.write("test") as store:
        done = store.bulk(BOSS, "doc", [BulkRow(op="create", values=values)], atomic=False)
    return list(done.results[0].findings)


def by_bulk_update(space: Workspace, values: dict[str, str], folder: Path) -> list[Finding]:
    record = made(space)
    with space.write("test") as store:
        rows = [BulkRow(op="update", id=record.id, values=values)]
        found = refused(lambda: store.bulk(BOSS, "doc", rows))
    return [replace(one, place=one.place.removeprefix("/operations/0/values")) for one in found]


def by_import(space: Workspace, values: dict[str, str], folder: Path) -> list[Finding]:
    importer = Importer(space, folder / "imports")
    path = folder / "in.csv"
    told = {key: value.removeprefix("opt_") for key, value in values.items()}
    path.write_text(f"{','.join(['title', *told])}\n{','.join(['x', *told.values()])}\n", encoding="utf-8")
    with path.open("rb") as stream:
        run_id, _ = importer.receive(stream, "in.csv")
    table = importer.read(run_id, name="in.csv")
    with space.write("test") as store:
        importer.begin(store, BOSS, "doc", run_id, table, "in.csv")
    with space.read("test") as store:
        run = importer.run_of(store.connection, BOSS, run_id)
        columns = {"title": "title", **{key: key for key in told}}
        plan = importer.plan(store, BOSS, run, ImportMapping(columns=columns, locale="en"))
    assert plan.create == 0
    return [finding for _, findings in plan.rows for finding in findings]


PATHS = {
    "create": by_create,
    "update": by_update,
    "bulk create": by_bulk_create,
    "bulk update": by_bulk_update,
    "import": by_import,
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_record_is_refused_alike(db: Database, tmp_path: Path, path: str, bad: str) -> None:
    space = workspace(db, app(*RULES))
    values, finding = BAD[bad]
    found = PATHS[path](space, {**values}, tmp_path)
    assert [(one.code, one.place, one.rule) for one in found] == [finding]


@pytest.mark.parametrize("path", PATHS)
def test_what_is_hidden_never_blocks(db: Database, tmp_path: Path, path: str) -> None:
    space = workspace(db, app(*RULES))
    found = PATHS[path](space, {"secret": "ignored", "amount": "12"}, tmp_path)
    assert [one.place for one in found] == ["/amount"]
