"""A workspace with people, one live application and flows, for tests. Jobs are only written down, never run, unless
a test runs them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from engine import people
from engine.actor import Actor
from engine.database import Database
from engine.flows.service import FlowService
from engine.jobs import table
from engine.jobs.port import Job, JobState
from engine.records.around import notices
from engine.records.tables import tables_for
from engine.records.workspace import Workspace
from metadata.codec import from_json
from metadata.model import App, Entity, Field, Flow, FlowEdge, FlowNode, Grant, Role
from metadata.snapshot import Snapshot
from metadata.store import TABLES, MetadataStore

STAFF = {
    # name: (manager, roles)
    "chen": ("wang", ("rol_sales",)),
    "li": ("wang", ("rol_sales",)),
    "wang": ("zhao", ("rol_manager",)),
    "zhao": ("", ("rol_director",)),
    "qian": ("zhao", ("rol_finance",)),
    "sun": ("", ("rol_marketing",)),
    "admin": ("", ("rol_admin",)),
}


class Clock:
    """Stands still unless told."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(milliseconds=1)
        return self.moment


class WrittenJobs:
    """A job engine that only keeps the rows."""

    def enqueue(
        self,
        connection: Any,
        kind: str,
        payload: Mapping[str, Any],
        *,
        job_id: str,
        run_at: datetime | None = None,
        queue: str = "default",
    ) -> None:
        table.add(connection, job_id, kind, payload, run_at, queue, datetime.now(UTC))

    def cancel(self, connection: Any, job_id: str) -> bool:
        return table.cancel(connection, job_id)

    def retry(self, connection: Any, job_id: str) -> bool:
        return table.requeue(connection, job_id, ("failed",), datetime.now(UTC)) is not None

    def state(self, connection: Any, job_id: str) -> JobState | None:
        return table.state(connection, job_id)


class World:
    """Everything a test touches. ``run`` does one command in one transaction."""

    def __init__(self, database: Database, app: App, jobs: Any = None, *, fresh: bool = True):
        self.database = database
        self.app = app
        if fresh:
            self._hire()
            self._publish()
        self.clock = Clock()
        self.workspace = Workspace(database, clock=self.clock)
        self.flows = FlowService(self.workspace, jobs or WrittenJobs())
        self._commands = itertools.count(1)

    def _hire(self) -> None:
        with self.database.write() as connection:
            for name in STAFF:
                people.create_user(connection, username=name, name=name.title(), user_id=f"u_{name}")
            for name, (manager, roles) in STAFF.items():
                if manager:
                    people.set_manager(connection, f"u_{name}", f"u_{manager}")
                for role in roles:
                    people.add_role(connection, f"u_{name}", role, self.app.id)

    def _publish(self) -> None:
        with self.database.write() as connection:
            TABLES.create_all(connection)
            self.go_live(connection, self.app)
            snapshot = Snapshot(self.app, 1)
            tables = tables_for(snapshot, self.database.dialect)
            for entity in snapshot.entities:
                tables.record(entity)
            for f in tables.link_fields():
                tables.links(f)
            tables.record(snapshot.entities[0]).metadata.create_all(connection)

    def go_live(self, connection: Any, app: App) -> None:
        """Make a version live whose tables are those of the first."""
        metadata = MetadataStore(connection)
        metadata.set_live(app.id, metadata.add_version(app, "test"))
        self.app = app

    def actor(self, name: str) -> Actor:
        with self.database.read() as connection:
            return people.actor_for(connection, f"u_{name}", self.app.id)

    def command(self) -> str:
        return f"cmd-{next(self._commands)}"

    def create(self, name: str, entity: str, values: Mapping[str, Any]) -> str:
        with self.workspace.write(self.app.key) as store:
            return store.create(self.actor(name), entity, values).id

    def update(self, name: str, entity: str, record_id: str, values: Mapping[str, Any]) -> None:
        with self.workspace.write(self.app.key) as store:
            store.update(self.actor(name), entity, record_id, values, None)

    def value(self, entity: str, record_id: str, key: str) -> Any:
        with self.workspace.read(self.app.key) as store:
            return store.get(self.actor("admin"), entity, record_id).values[key]

    def start(self, name: str, flow: str, record_id: str, command_id: str = "") -> dict[str, Any]:
        with self.workspace.write(self.app.key) as store:
            return self.flows.start(store, self.actor(name), flow, record_id, command_id or self.command())

    def notices(self, connection: Any, name: str) -> dict[str, Any]:
        """What a person was told, newest first."""
        return notices.listed(self.workspace, connection, self.actor(name), 50, "")

    def open(self, name: str) -> list[dict[str, Any]]:
        with self.database.read() as connection:
            found: list[dict[str, Any]] = self.flows.tasks(connection, self.actor(name), "open")["tasks"]
            return found

    def act(self, name: str, action: str, seat: str = "", **more: Any) -> dict[str, Any]:
        """Act on the person's only open task, or on a named seat."""
        command_id = more.pop("command_id", "") or self.command()
        if not seat:
            (task,) = self.open(name)
            seat = task["id"]
        if action in ("reject", "return"):
            more.setdefault("comment", "because")
        with self.workspace.write(self.app.key) as store:
            return self.flows.act(store, self.actor(name), seat, action, command_id=command_id, **more)

    def told(self, name: str, method: str, *args: Any) -> Any:
        """Call a method of the service that takes (store, actor, ...)."""
        with self.workspace.write(self.app.key) as store:
            return getattr(self.flows, method)(store, self.actor(name), *args)

    def story(self, name: str, entity: str, record_id: str) -> dict[str, Any]:
        """The newest instance on a record, as a person sees it."""
        with self.workspace.read(self.app.key) as store:
            found: dict[str, Any] = self.flows.timeline(store, self.actor(name), entity, record_id)[0]
            return found

    def kinds(self, entity: str, record_id: str) -> list[str]:
        return [line["kind"] for line in self.story("admin", entity, record_id)["timeline"]]

    def jobs(self) -> dict[str, JobState]:
        with self.database.read() as connection:
            return {state.id: state for state in table.listed(connection, ["queued", "running", "done"])}

    def run_jobs(self) -> int:
        """Run every queued job once, due or not."""
        with self.database.read() as connection:
            queued = [state.id for state in table.listed(connection, ["queued"])]
        for job_id in queued:
            with self.database.write() as connection:
                job = table.begin(connection, job_id, datetime.now(UTC))
            assert isinstance(job, Job)
            self.flows.handlers()[job.kind](job)
        return len(queued)


def crm_app() -> App:
    """The application shipped with the product."""
    body = orjson.loads((Path(__file__).parents[3] / "apps" / "crm_template.json").read_bytes())
    body.pop("$schema", None)
    return from_json(App, body)


def text(value: str) -> dict[str, str]:
    return {"zh-CN": value, "en": value}


def node(name: str, kind: str, **config: Any) -> FlowNode:
    return FlowNode(id=f"nod_{name}", type=kind, label=text(name), config=config)


def wires(*chains: str) -> tuple[FlowEdge, ...]:
    """``"start > a:approved > end"`` makes two edges; ``:port`` names the port a node is left by."""
    edges = []
    for chain in chains:
        stops = [stop.strip() for stop in chain.split(">")]
        for source, target in itertools.pairwise(stops):
            name, _, port = source.partition(":")
            to = target.partition(":")[0]
            edges.append(
                FlowEdge(
                    id=f"edg_{len(edges)}_{name}_{to}",
                    from_node=f"nod_{name}",
                    to_node=f"nod_{to}",
                    port=port or "out",
                )
            )
    return tuple(edges)


def doc_app(*flows: Flow) -> App:
    """One entity ``doc`` (title, amount, state, checked, keeper, link to another doc) that everybody may read and
    sales may edit, with flows on it."""
    states = {"options": [{"id": f"opt_{name}", "label": text(name)} for name in ("new", "busy", "good", "bad")]}
    fields = (
        Field(id="fld_title", key="title", type="text", label=text("title")),
        Field(id="fld_amount", key="amount", type="number", label=text("amount"), options={"scale": 2}),
        Field(id="fld_state", key="state", type="select", label=text("state"), options=states),
        Field(id="fld_checked", key="checked", type="text", label=text("checked")),
        Field(id="fld_secret", key="secret", type="text", label=text("secret")),
        Field(id="fld_keeper", key="keeper", type="user", label=text("keeper")),
        Field(id="fld_other", key="other", type="link_one", label=text("other"), options={"entity": "ent_doc"}),
    )
    entity = Entity(id="ent_doc", key="doc", label=text("doc"), title="fld_title", fields=fields)
    every = ("create", "read", "update", "delete", "history", "transfer")
    full = Grant(id="grt_all", entity="ent_doc", actions=every, default_level="write")
    own = Grant(id="grt_own", entity="ent_doc", actions=every, range=_own(), default_level="write")
    names = ("sales", "manager", "director", "finance", "marketing", "admin")
    grants = {"admin": (full,), "sales": (own,)}
    roles = tuple(
        Role(id=f"rol_{name}", key=name, label=text(name), grants=_renamed(grants.get(name, ()), name))
        for name in names
    )
    return App(id="app_docs", key="docs", name=text("Docs"), entities=(entity,), roles=roles, flows=flows)


def _own() -> Any:
    return from_json(Grant, {"id": "grt_x", "entity": "ent_doc", "range": {"kind": "own"}}).range


def _renamed(grants: tuple[Grant, ...], name: str) -> tuple[Grant, ...]:
    return tuple(
        Grant(
            id=f"{grant.id}_{name}",
            entity=grant.entity,
            actions=grant.actions,
            range=grant.range,
            default_level=grant.default_level,
        )
        for grant in grants
    )


def doc_flow(nodes: tuple[FlowNode, ...], edges: tuple[FlowEdge, ...], **more: Any) -> Flow:
    settings = {"admins": ["rol_admin"], **more.pop("settings", {})}
    return Flow(
        id=more.pop("id", "flw_doc"),
        key=more.pop("key", "doc"),
        label=text("Doc flow"),
        entity="ent_doc",
        trigger=more.pop("trigger", {"kind": "button"}),
        settings=settings,
        nodes=nodes,
        edges=edges,
    )
