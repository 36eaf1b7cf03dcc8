"""Whatever way a bad record comes in, it is refused with the same finding of the same rule."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from support import application, entity, field, grant, person, role, text, workspace
from test_settling import rule

from engine.actor import system_actor
from engine.database import Database
from engine.flows import tables as flow_tables
from engine.forms.public_links import Link
from engine.forms.public_principal import Allowed, principal
from engine.forms.public_settings import LinkSettings
from engine.records.spec import BulkRow, Record
from engine.records.transfer.importer import Importer
from engine.records.transfer.mapping import ImportMapping
from engine.records.workspace import Workspace
from metadata.findings import Finding, Refused
from metadata.model import App, Rule
from tests.engine.flows.flow_world import World, doc_app
from tests.engine.flows.flow_world import node as flow_node
from tests.engine.flows.test_flow_engine import straight

BOSS = person("u_ann", "rol_boss")
CLERK = person("u_bob", "rol_clerk")
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
    boss, clerk = (grant(name, "doc", every, default="write") for name in ("boss", "clerk"))
    clerk = replace(clerk, fields={"fld_checked": "read"})
    return application(doc, roles=(role("boss", boss), role("clerk", clerk)))


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


def by_system(space: Workspace, values: dict[str, str], folder: Path) -> list[Finding]:
    record = made(space)
    with space.write("test") as store:
        return refused(lambda: store.update(system_actor("test"), "doc", record.id, values, record.rev))


def by_public_form(space: Workspace, values: dict[str, str], folder: Path) -> list[Finding]:
    link = Link(
        id="lnk_a", app_id="app_test", entity_id="ent_doc", maker_id=BOSS.id, turn=1, label="Public", state="open",
        settings=LinkSettings(), answers=0, created_at="",
    )  # fmt: skip
    fields = ("fld_title", "fld_amount", "fld_state", "fld_checked", "fld_secret")
    with space.write("test") as store:
        visitor = principal(store, link, Allowed(fields={"ent_doc": fields}, pickers={}))
        return refused(lambda: store.create(visitor, "doc", values))


PATHS = {
    "create": by_create,
    "update": by_update,
    "bulk create": by_bulk_create,
    "bulk update": by_bulk_update,
    "import": by_import,
    "system": by_system,
    "public form": by_public_form,
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_record_is_refused_alike(db: Database, tmp_path: Path, path: str, bad: str) -> None:
    space = workspace(db, app(*RULES))
    values, finding = BAD[bad]
    found = PATHS[path](space, {**values}, tmp_path)
    assert [(one.code, one.place, one.rule) for one in found] == [finding]


def test_a_rule_may_ask_for_what_the_writer_cannot_fill_in(db: Database) -> None:
    space = workspace(db, app(*RULES))
    record = made(space)
    with space.write("test") as store:
        found = refused(lambda: store.update(CLERK, "doc", record.id, {"state": "opt_good"}, record.rev))
        assert [(one.code, one.place) for one in found] == [("R304", "/checked")]
    with space.write("test") as store:
        assert store.update(CLERK, "doc", record.id, {"title": "new"}, record.rev).values["title"] == "new"


@pytest.mark.parametrize("bad", BAD)
def test_a_flow_is_refused_alike(db: Database, bad: str) -> None:
    values, (code, place, _) = BAD[bad]
    setting = {f"fld_{key}": {"value": value} for key, value in values.items()}
    base = doc_app(straight(flow_node("u", "record.update", set=setting)))
    doc = replace(base.entities[0], rules=RULES[:-1])
    found = World(db, replace(base, entities=(doc,)))
    record = found.create("chen", "doc", {"title": "x"})
    assert found.start("chen", "doc", record)["status"] == "held"
    history = flow_tables.history
    with db.read() as connection:
        told = connection.execute(select(history.c.facts).where(history.c.kind == "refused")).scalars().all()
        assert connection.execute(select(flow_tables.token.c.why)).scalars().all() == ["L206"]
    assert [one["why"] for one in told] == [[f"{code} {place}"]]


@pytest.mark.parametrize("path", PATHS)
def test_what_is_hidden_never_blocks(db: Database, tmp_path: Path, path: str) -> None:
    space = workspace(db, app(*RULES))
    found = PATHS[path](space, {"secret": "ignored", "amount": "12"}, tmp_path)
    assert [one.place for one in found] == ["/amount"]
