"""Fill an installed CRM with the demo company: its people, and three years of customers, written through the store.

A killed run is continued where it stopped: every transaction also notes how far the stream of writes has come, and
the stream is the same for the same rows, day and seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby, islice
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Connection, Date, Integer, MetaData, String, Table, insert, select, update

from engine import people
from engine.actor import Actor, system_actor
from engine.records.spec import BulkRow, QuerySpec, Record, SortSpec
from engine.records.store import RecordStore
from engine.records.workspace import Workspace
from metadata.snapshot import Snapshot
from metadata.store import MetadataStore
from runtime import passwords
from runtime.demo.generate import SEED, generate
from runtime.demo.people import DEPARTMENTS, PEOPLE, STAFF
from runtime.demo.story import Write

ACTOR = system_actor("demo")

_ORDER = ("account", "contact", "lead", "opportunity", "activity", "contract")
_CHUNK = 1_000
_APPROVALS = 6
_BY_THE_HOUR = 45
_FLOW = "contract_approval"
_DRAFT = "opt_contract_draft"
_COMMENT = "价格和付款条件与客户确认过，同意。"

_Moment = Callable[[Write], datetime]

progress_table = Table(
    "demo_progress",
    MetaData(),
    Column("app_id", String(64), primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("today", Date, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("finished", Integer, nullable=False),
)


class Flows(Protocol):
    """What of the flow service the demo needs."""

    def start(self, store: RecordStore, actor: Actor, flow: str, record_id: str, command_id: str) -> Any: ...

    def tasks(self, connection: Connection, actor: Actor, box: str = "open", limit: int = 50) -> Mapping[str, Any]: ...

    def act(
        self, store: RecordStore, actor: Actor, seat_id: str, action: str, *, comment: str = "", command_id: str
    ) -> Any: ...


@dataclass(slots=True)
class _Run:
    rows: int
    today: date
    seed: int
    done: int
    finished: bool


def install(
    workspace: Workspace,
    app: str,
    *,
    rows: int,
    password_hash: str = "",
    progress: Callable[[str], None] = lambda _text: None,
    today: date | None = None,
    seed: int = SEED,
    flows: Flows | None = None,
) -> None:
    """Add people and about ``rows`` customers with their history. Does nothing where a former run has finished.

    Without ``password_hash`` nobody can sign in; with ``flows`` some young contracts are handed in for approval.
    """
    with workspace.database.write() as connection:
        progress_table.create(connection, checkfirst=True)
        users = install_people(connection, workspace, app, password_hash)
        run = _run(connection, workspace, app, rows, today or workspace.today(), seed)
    if not run.finished:
        load_demo(workspace, app, run, users, progress)
    if flows is not None:
        _hand_in(workspace, app, users, flows)


def install_people(connection: Connection, workspace: Workspace, app: str, password_hash: str) -> dict[str, str]:
    """Add departments, people, reporting lines and role members that are missing; returns ids by username."""
    snapshot = workspace.snapshot(connection, app)
    known = {person.username: person for person in STAFF}
    users: dict[str, str] = {}
    for person in sorted(STAFF, key=lambda one: _rank(one.username, known)):
        found = people.user_by_name(connection, person.username)
        users[person.username] = (
            found.id
            if found
            else people.create_user(
                connection,
                username=person.username,
                name=person.name,
                email=f"{person.username}@dougong.example",
                manager_id=users.get(person.manager, ""),
                duties=person.duties,
            )
        )
        people.add_role(connection, users[person.username], snapshot.role(person.role).id, snapshot.app.id)
        if password_hash and person.signs_in and found is None:
            passwords.store_hash(
                connection, users[person.username], password_hash, at=int(workspace.clock().timestamp())
            )
    names = {department.name["zh-CN"]: department.id for department in people.departments(connection)}
    departments: dict[str, str] = {}
    for position, department in enumerate(DEPARTMENTS):
        departments[department.key] = names.get(department.name["zh-CN"]) or people.create_department(
            connection,
            name=department.name,
            parent_id=departments.get(department.parent, ""),
            head_id=users.get(department.head, ""),
            pos=position,
        )
    for person in STAFF:
        if not people.departments_of(connection, users[person.username]):
            people.add_member(connection, users[person.username], departments[person.department], main=True)
    return users


def load_demo(
    workspace: Workspace, app: str, run: _Run, users: Mapping[str, str], progress: Callable[[str], None]
) -> None:
    """Write the stream of a run from where it stands, some hundred writes a transaction."""
    with workspace.database.read() as connection:
        local = MetadataStore(connection).origins(app)
    writer = _Writer(workspace, users, local)
    together = _together(run.today, workspace.zone)
    stream = islice(generate(run.rows, run.today, seed=run.seed, zone=workspace.zone), run.done, None)
    done, customers = run.done, 0
    for chunk in _chunks(stream, together):
        with workspace.database.write() as connection:
            snapshot = workspace.snapshot(connection, app)
            for _, writes in groupby(chunk, key=together):
                writer.write(connection, snapshot, list(writes))
            done += len(chunk)
            _note(connection, app_id=_app_id(connection, app), done=done)
        customers += sum(write.op == "create" and write.entity == "account" for write in chunk)
        progress(f"  demo data up to {chunk[-1].at:%Y-%m-%d}: {customers:,} of {run.rows:,} customers")
    with workspace.database.write() as connection:
        _note(connection, app_id=_app_id(connection, app), done=done, finished=1)


class _Writer:
    """Puts writes that count as one moment into the store, in as few calls as their order allows."""

    def __init__(self, workspace: Workspace, users: Mapping[str, str], local: Mapping[str, str]):
        self.now = self.moment = workspace.clock()
        self.workspace = Workspace(
            workspace.database,
            files_dir=workspace.files_dir,
            clock=lambda: self.moment,
            zone=workspace.zone,
            snapshots=workspace.snapshots,
        )
        self.users, self.local = users, local

    def write(self, connection: Connection, snapshot: Snapshot, writes: list[Write]) -> None:
        self.moment = min(writes[-1].at, self.now)
        store = RecordStore(connection, snapshot, self.workspace)
        for entity in _ORDER:
            created = [w for w in writes if w.entity == entity and w.op == "create"]
            self.bulk(store, entity, [BulkRow(op="create", id=w.id, values=self.values(w.values)) for w in created])
        for entity in _ORDER:
            changed: dict[str, dict[str, Any]] = {}
            for write in writes:
                if write.entity == entity and write.op == "update":
                    changed.setdefault(write.id, {}).update(self.values(write.values))
            self.bulk(store, entity, [BulkRow(op="update", id=i, values=values) for i, values in changed.items()])

    def bulk(self, store: RecordStore, entity: str, rows: list[BulkRow]) -> None:
        if rows:
            store.bulk(ACTOR, entity, rows, atomic=True)

    def values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Template option ids to local ones, usernames to ids."""
        result = {key: self.local_value(value) for key, value in values.items()}
        if "owner" in result:
            result["owner"] = self.users[result["owner"]]
        return result

    def local_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.local.get(value, value) if value.startswith("opt_") else value
        return [self.local_value(item) for item in value] if isinstance(value, list) else value


def _hand_in(workspace: Workspace, app: str, users: Mapping[str, str], flows: Flows) -> None:
    """Let sellers ask for the approval of young contracts, and their manager pass the largest on.

    So the first look at the tasks shows something to everybody who decides. The smallest draft stays, to be tried.
    """
    managers = {users[person.username]: users[person.manager] for person in STAFF if person.manager}
    reachable = {users[person.username] for person in PEOPLE}
    with workspace.write(app) as store:
        waiting = [record for record in _drafts(store) if managers.get(record.values["owner"]) in reachable]
        for record in waiting[: min(_APPROVALS, len(waiting) - 1)]:
            flows.start(store, _actor(store, record.values["owner"]), _FLOW, record.id, f"demo:{record.id}")
    if len(waiting) < 2:
        return
    largest = waiting[0]
    with workspace.write(app) as store:
        manager = _actor(store, managers[largest.values["owner"]])
        for task in flows.tasks(store.connection, manager)["tasks"]:
            if task["record_id"] == largest.id:
                command = f"demo:{largest.id}:passed"
                flows.act(store, manager, task["id"], "approve", comment=_COMMENT, command_id=command)


def _drafts(store: RecordStore) -> list[Record]:
    """Draft contracts with their owners, the largest first."""
    draft = MetadataStore(store.connection).origins(store.snapshot.app.id).get(_DRAFT, _DRAFT)
    spec = QuerySpec(
        entity="contract",
        fields=("owner",),
        filter=["=", "status", draft],
        sort=(SortSpec(path="amount", descending=True),),
        limit=100,
    )
    return list(store.list(ACTOR, spec).records)


def _actor(store: RecordStore, user_id: str) -> Actor:
    return people.actor_for(store.connection, user_id, store.snapshot.app.id)


def _run(connection: Connection, workspace: Workspace, app: str, rows: int, today: date, seed: int) -> _Run:
    """Return the run to go on with: the one begun before, else a new one."""
    app_id = workspace.snapshot(connection, app).app.id
    table = progress_table
    row = connection.execute(select(table).where(table.c.app_id == app_id)).one_or_none()
    if row is not None:
        return _Run(row.rows, row.today, row.seed, row.done, bool(row.finished))
    values = {"rows": rows, "today": today, "seed": seed, "done": 0, "finished": 0}
    connection.execute(insert(table).values(app_id=app_id, **values))
    return _Run(rows, today, seed, 0, False)


def _note(connection: Connection, app_id: str, **values: int) -> None:
    table = progress_table
    connection.execute(update(table).where(table.c.app_id == app_id).values(**values))


def _app_id(connection: Connection, app: str) -> str:
    return MetadataStore(connection).app(app).id


def _chunks(stream: Iterable[Write], together: _Moment) -> Iterator[list[Write]]:
    """Cut a stream between two moments, some hundred writes a piece."""
    chunk: list[Write] = []
    for write in stream:
        if len(chunk) >= _CHUNK and together(write) != together(chunk[-1]):
            yield chunk
            chunk = []
        chunk.append(write)
    if chunk:
        yield chunk


def _together(today: date, zone: ZoneInfo) -> _Moment:
    """Return what makes writes one moment: the hour in the last weeks, before that the day (each call costs a row)."""
    recent = datetime.combine(today - timedelta(days=_BY_THE_HOUR), time(), zone)

    def moment(write: Write) -> datetime:
        local = write.at.astimezone(zone)
        return local.replace(hour=local.hour if local >= recent else 0, minute=0, second=0)

    return moment


def _rank(username: str, known: Mapping[str, Any]) -> int:
    """How many superiors somebody has; who has none comes first."""
    manager = known[username].manager
    return 1 + _rank(manager, known) if manager else 0
