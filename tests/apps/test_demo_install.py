"""The demo company in a real database: people, access, history, and a killed installation that goes on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from sqlalchemy import Connection, func, select

from engine import people
from engine.actor import Actor, system_actor
from engine.database import Database
from engine.flows.service import FlowService
from engine.jobs.port import Jobs, Payload
from engine.records.publish import publish
from engine.records.spec import AggregateSpec, MeasureSpec, QuerySpec
from engine.records.workspace import Workspace
from metadata.refs import defined
from metadata.store import MetadataStore
from metadata.template import import_template
from metadata.validate import load
from runtime.demo import PEOPLE, install
from runtime.demo.generate import generate
from runtime.demo.loading import progress_table

RAW = (Path(__file__).parents[2] / "apps" / "crm_template.json").read_bytes()
TODAY = date(2026, 11, 21)
ROWS = 30
ENTITIES = ("account", "contact", "lead", "opportunity", "activity", "contract")


class Stop(Exception):
    """Stands for a kill between two transactions."""


@pytest.fixture
def workspace(db: Database) -> Workspace:
    publish(db, load(RAW), system_actor("test"))
    return Workspace(db, clock=lambda: datetime(2026, 11, 21, 9, tzinfo=UTC))


def expected() -> dict[str, int]:
    made = [write.entity for write in generate(ROWS, TODAY) if write.op == "create"]
    return {entity: made.count(entity) for entity in ENTITIES}


def counts(workspace: Workspace, actor: Actor) -> dict[str, int]:
    with workspace.read("crm") as store:
        return {entity: store.count(actor, QuerySpec(entity=entity, count="exact")) for entity in ENTITIES}


def actor_of(workspace: Workspace, username: str) -> Actor:
    with workspace.database.read() as connection:
        person = people.user_by_name(connection, username)
        assert person is not None
        return people.actor_for(connection, person.id, MetadataStore(connection).app("crm").id)


def test_install_then_look_around(workspace: Workspace) -> None:
    said: list[str] = []
    install(workspace, "crm", rows=ROWS, progress=said.append)
    admin = actor_of(workspace, "admin")
    assert counts(workspace, admin) == expected()
    assert said and f"{ROWS} of {ROWS} customers" in said[-1]

    sizes = {person.username: counts(workspace, actor_of(workspace, person.username))["account"] for person in PEOPLE}
    assert 0 < sizes["chen.jing"] < sizes["wang.fang"] < sizes["zhao.min"] == sizes["admin"] == sizes["sun.yue"] == ROWS
    assert sizes["chen.jing"] + sizes["li.lei"] < sizes["wang.fang"]

    with workspace.read("crm") as store:
        page = store.list(admin, QuerySpec(entity="contract", fields=("number", "amount", "created_at"), limit=200))
        numbers = [record.values["number"] for record in page.records]
        assert len(set(numbers)) == len(numbers) and all(number.startswith("HT-202") for number in numbers)
        record = page.records[0]
        assert record.values["number"][3:9] == record.values["created_at"].strftime("%Y%m")
        entries = store.history(admin, "contract", record.id)
        assert [entry.action for entry in entries][-1] == "create" and entries[0].actor == "system:demo"
        total = AggregateSpec(entity="contract", measures=(MeasureSpec(id="m", aggregate="sum", path="amount"),))
        (answer,) = store.aggregate(admin, total)
        assert answer["m"] > 0

    marketing = actor_of(workspace, "sun.yue")
    with workspace.read("crm") as store:
        (one,) = store.list(marketing, QuerySpec(entity="contract", limit=1)).records
        assert "name" in one.values and "amount" not in one.values


def test_every_view_answers_for_everybody(workspace: Workspace) -> None:
    install(workspace, "crm", rows=15)
    for person in PEOPLE:
        actor = actor_of(workspace, person.username)
        with workspace.read("crm") as store:
            for view in store.snapshot.app.views:
                readable = set(store.access(actor, view.entity).levels)
                shown = tuple(
                    path for path in view.columns if store.snapshot.path(view.entity, path)[0].key in readable
                )
                if shown:
                    store.list(actor, QuerySpec(entity=view.entity, fields=shown, filter=view.filter, count="exact"))


def test_a_killed_installation_goes_on_where_it_stopped(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.demo.loading._CHUNK", 120)

    def stop_soon(_text: str) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise Stop

    calls: list[int] = []
    with pytest.raises(Stop):
        install(workspace, "crm", rows=ROWS, progress=stop_soon)
    with workspace.database.read() as connection:
        row = connection.execute(select(progress_table)).one()
        assert 200 < row.done < 400 and not row.finished
    install(workspace, "crm", rows=5, today=date(2027, 1, 1))  # the begun run is finished, not another one started
    assert counts(workspace, actor_of(workspace, "admin")) == expected()
    install(workspace, "crm", rows=1_000)  # finished: nothing more
    assert counts(workspace, actor_of(workspace, "admin")) == expected()
    with workspace.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(progress_table)).scalar() == 1


def test_local_ids_are_followed(db: Database) -> None:
    taken = [identifier for identifier, _ in defined(orjson.loads(RAW))]
    app, origins = import_template(RAW, taken)
    publish(db, app, system_actor("test"))
    with db.write() as connection:
        MetadataStore(connection).set_origins("crm", origins)
    workspace = Workspace(db)
    install(workspace, "crm", rows=8, today=TODAY)
    with workspace.read("crm") as store:
        page = store.list(system_actor("test"), QuerySpec(entity="account", fields=("stage",), limit=50))
        assert {record.values["stage"] for record in page.records} <= set(origins.values())
        assert len(page.records) == 8


class NoJobs:
    """Jobs nobody runs: reminders are not what is tested here."""

    def enqueue(self, connection: Connection, kind: str, payload: Payload, **options: Any) -> str:
        return str(options.get("key", "job"))

    def cancel(self, connection: Connection, job_id: str) -> bool:
        return True


def test_the_first_look_at_the_tasks_shows_something(workspace: Workspace) -> None:
    flows: Any = FlowService(workspace, cast(Jobs, NoJobs()))
    for _ in range(2):  # a repeated start changes nothing
        install(workspace, "crm", rows=60, password_hash="$argon2id$x", flows=flows)
        open_tasks = {}
        for username in ("wang.fang", "zhao.min", "qian.wei", "chen.jing"):
            with workspace.read("crm") as store:
                actor = actor_of(workspace, username)
                open_tasks[username] = flows.tasks(store.connection, actor)["open_count"]
        assert open_tasks["wang.fang"] >= 2 and open_tasks["zhao.min"] == open_tasks["qian.wei"] == 1
        assert open_tasks["chen.jing"] == 0
    with workspace.read("crm") as store:
        drafts = QuerySpec(entity="contract", filter=["=", "status", "opt_contract_draft"], count="exact")
        assert store.count(actor_of(workspace, "chen.jing"), drafts) >= 1
