"""Publishing: from a checked definition to tables, and the live pointer on it, wholly or not at all.

    check > plan > lock > prepare > switch > finish

``prepare`` moves the data of large tables beside the live version, in short transactions. ``switch`` is one
transaction: statements, the new version, the live pointer. ``finish`` builds what may follow: indexes of large
tables, defaults of old rows. A process killed before the switch leaves the old version live and its traces are rolled
back; one killed after it leaves the new version live and its work is finished, by :func:`resume` at the next start.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from engine.actor import Actor
from engine.database import Database
from engine.failpoints import failpoint
from engine.fields.checks import check_fields
from engine.problems import Busy, Conflict
from engine.records import apply, journal
from engine.records.apply import Applier, Recompute
from engine.records.convert import dry_run
from engine.records.gate import close_gate
from engine.records.physical import highest_rid, physical
from engine.records.plan import plan, table_names
from engine.records.search import outdated, rebuild
from engine.records.steps import Plan
from engine.records.tables import tables_for
from metadata.check import Checker
from metadata.check import check as check_metadata
from metadata.codec import content_hash
from metadata.findings import Finding, Refused
from metadata.model import App
from metadata.snapshot import Snapshot
from metadata.store import MetadataStore, PublishRuns, apps

log = logging.getLogger("dougong.records")

LOCK_SECONDS = 120
SWITCH_TRIES = 8
POINTS = (
    "publish.locked",
    "publish.prepare.noted",
    "publish.prepare.batch",
    "publish.prepare.index",
    "publish.prepared",
    "publish.switch.begin",
    "publish.switch.step",
    "publish.switch.version",
    "publish.switch.commit",
    "publish.switched",
    "publish.finish.batch",
    "publish.finish.step",
    "publish.finished",
)
"""Every fail point of a publish, in order."""

Companion = Callable[[Connection, App | None, App, int], None]
"""Called in the switch, ``(connection, old, new, version)``: other packages keep what they derive from a definition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishResult:
    """``version`` is live; ``finished`` is False while work after the switch is left to :func:`resume`.

    ``conversions`` is ``{field id: {"kept", "lossy", "refused", "restored", "samples"}}``.
    """

    version: int
    changed: bool
    finished: bool
    plan: Plan
    conversions: Mapping[str, Any] = field(default_factory=dict)


def check(app: App, *, checkers: Iterable[Checker] = ()) -> list[Finding]:
    """Return every finding about a definition: structure, fields, and what the extra checkers know."""
    return check_metadata(app, (check_fields, *checkers))


def preview(database: Database, app: App, *, samples: bool = False) -> tuple[Plan, Mapping[str, Any]]:
    """Return the plan of publishing ``app`` now, and with ``samples`` what its conversions would do.

    Raises :class:`Refused` for changes that cannot keep data.
    """
    with database.read() as connection:
        _, old = _live(connection, app.id)
        made = _plan(connection, old, app)
        return made, _dry_runs(connection, old, app, made) if samples else {}


def publish(
    database: Database,
    app: App,
    actor: Actor,
    note: str = "",
    *,
    expected: int | None = None,
    checkers: Iterable[Checker] = (),
    companions: Sequence[Companion] = (),
    recompute: Recompute | None = None,
    wait: bool = True,
) -> PublishResult:
    """Make ``app`` the live version. With ``wait`` false the work after the switch is left to the worker.

    ``expected`` is the live version the designer worked from (0: none). Raises :class:`Refused` (findings),
    :class:`Conflict` when another version went live meanwhile, :class:`Busy` when somebody else is publishing.
    """
    errors = [finding for finding in check(app, checkers=checkers) if finding.severity == "error"]
    if errors:
        raise Refused(errors)
    resume(database, app_id=app.id, recompute=recompute)
    token = _lock(database, app.id)
    failpoint("publish.locked")
    try:
        return _Publish(database, app, actor, note, expected, companions, recompute, token).run(wait)
    finally:
        with database.write() as connection:
            MetadataStore(connection).unlock(app.id, token)


def resume(database: Database, *, app_id: str = "", recompute: Recompute | None = None) -> int:
    """Finish or roll back every publish whose process is gone; return how many were settled.

    Call it at start and from time to time in the worker; a publish that runs elsewhere is left alone.
    """
    with database.read() as connection:
        entries = journal.unfinished(connection, app_id)
    settled = 0 if app_id else _renew_search(database)
    for entry in entries:
        try:
            token = _lock(database, entry.app_id)
        except Busy:
            continue
        try:
            settled += _settle(database, entry.id, recompute)
        finally:
            with database.write() as connection:
                MetadataStore(connection).unlock(entry.app_id, token)
    return settled


def _renew_search(database: Database) -> int:
    """Make search tables of an older shape anew; return how many."""
    with database.read() as connection:
        store = MetadataStore(connection)
        live = [Snapshot(store.live(row.id)[1], row.live_version) for row in store.apps() if row.live_version]
        old = [
            (tables, one)
            for tables in (tables_for(snapshot, database.dialect) for snapshot in live)
            for one in outdated(connection, tables)
        ]
    for tables, entity in old:
        with database.write() as connection:
            rebuild(connection, tables, entity)
    return len(old)


def _settle(database: Database, entry_id: str, recompute: Recompute | None) -> int:
    with database.read() as connection:
        found = next((one for one in journal.unfinished(connection) if one.id == entry_id), None)
    if found is None:
        return 0
    if found.state == "preparing":
        apply.roll_back(database, found)
        return 1
    return int(_finish(database, found, recompute))


def _finish(database: Database, entry: journal.Entry, recompute: Recompute | None) -> bool:
    """Do what is left after the switch, by the version that is live now."""
    with database.read() as connection:
        version, app = MetadataStore(connection).live(entry.app_id)
    snapshot = Snapshot(app, version)
    if not apply.finish(database, snapshot, entry, tables_for(snapshot, database.dialect), recompute):
        return False
    with database.write() as connection:
        journal.note(connection, entry.id, state="done")
    failpoint("publish.finished")
    return True


class _Outdated(Exception):
    """Rows came to a table that was empty when the publish was planned."""


class _Publish:
    """One publish under the lock."""

    def __init__(
        self,
        database: Database,
        app: App,
        actor: Actor,
        note: str,
        expected: int | None,
        companions: Sequence[Companion],
        recompute: Recompute | None,
        token: str,
    ):
        self.database, self.app, self.actor, self.note = database, app, actor, note
        self.expected, self.companions, self.recompute, self.token = expected, companions, recompute, token
        self.tables = tables_for(Snapshot(app, 0), database.dialect)

    def run(self, wait: bool) -> PublishResult:
        for _ in range(SWITCH_TRIES):
            try:
                return self._run(wait)
            except _Outdated:
                log.info("planned again", extra={"app": self.app.id})
        raise Busy()

    def _run(self, wait: bool) -> PublishResult:
        with self.database.read() as connection:
            self._refuse_taken_key(connection)
            version, old = _live(connection, self.app.id)
            if self.expected is not None and self.expected != version:
                raise Conflict("R107", expected=self.expected, found=version)
            made = _plan(connection, old, self.app)
        if old is not None and content_hash(old) == content_hash(self.app) and old == self.app and not made.steps:
            return PublishResult(version=version, changed=False, finished=True, plan=made)
        applier = Applier(self.database, old, self.app, self.tables, made)
        entry_id = self._prepare(applier, made)
        try:
            version, entry_id, reports = self._switch(applier, made, old, entry_id)
        except BaseException:
            self._roll_back(entry_id)
            raise
        failpoint("publish.switched")
        finished = self._after(entry_id) if wait else entry_id == ""
        return PublishResult(version=version, changed=True, finished=finished, plan=made, conversions=reports)

    def _refuse_taken_key(self, connection: Connection) -> None:
        taken = connection.execute(apps.select().where(apps.c.key == self.app.key, apps.c.id != self.app.id)).first()
        if taken is not None:
            raise Refused([Finding("R109", "/key", {"key": self.app.key})])

    def _prepare(self, applier: Applier, made: Plan) -> str:
        """Move data beside the live version; return the journal entry (empty when there was nothing to do)."""
        steps = made.of("prepare")
        if not steps:
            return ""
        with self.database.write() as connection:
            entry_id = journal.begin(connection, self.app.id, "preparing", steps, None)
        try:
            applier.prepare(entry_id, self._renew)
        except BaseException:
            self._roll_back(entry_id)
            raise
        failpoint("publish.prepared")
        return entry_id

    def _renew(self, connection: Connection) -> None:
        if not MetadataStore(connection).renew(self.app.id, self.token, LOCK_SECONDS):
            raise Busy("R106", app=self.app.name, owner="")

    def _roll_back(self, entry_id: str) -> None:
        if not entry_id:
            return
        with self.database.read() as connection:
            entry = next((one for one in journal.unfinished(connection, self.app.id) if one.id == entry_id), None)
        if entry is not None and entry.state == "preparing":
            apply.roll_back(self.database, entry)

    def _switch(
        self, applier: Applier, made: Plan, old: App | None, entry_id: str
    ) -> tuple[int, str, Mapping[str, Any]]:
        for attempt in range(SWITCH_TRIES):
            try:
                with self.database.write() as connection:
                    return self._switch_once(connection, applier, made, old, entry_id)
            except OperationalError as error:
                if not apply.lock_wait(error) or attempt == SWITCH_TRIES - 1:
                    raise
                time.sleep(0.1 * (attempt + 1))
        raise Busy()

    def _switch_once(
        self, connection: Connection, applier: Applier, made: Plan, old: App | None, entry_id: str
    ) -> tuple[int, str, Mapping[str, Any]]:
        close_gate(connection, self.app.id)
        self._renew(connection)
        if any(highest_rid(connection, table) for table in made.empty):
            raise _Outdated
        failpoint("publish.switch.begin")
        store = MetadataStore(connection)
        version = store.add_version(self.app, self.actor.id, self.note)
        reports = {key: apply.plain(report) for key, report in applier.switch(connection, version).items()}
        failpoint("publish.switch.version")
        store.set_live(self.app.id, version)
        for companion in self.companions:
            companion(connection, old, self.app, version)
        steps = apply.finishing(connection, made)
        if steps and not entry_id:
            entry_id = journal.begin(connection, self.app.id, "switched", steps, version)
        if entry_id:
            state = "switched" if steps else "done"
            changes = {"state": state, "steps": steps, "version": version, "position": 0, "cursor": 0}
            journal.note(connection, entry_id, report=reports, **changes)
        failpoint("publish.switch.commit")
        return version, entry_id if steps else "", reports

    def _after(self, entry_id: str) -> bool:
        if not entry_id:
            return True
        with self.database.read() as connection:
            entry = next((one for one in journal.unfinished(connection, self.app.id) if one.id == entry_id), None)
        return entry is None or _finish(self.database, entry, self.recompute)


def _lock(database: Database, app_id: str) -> str:
    with database.write() as connection:
        journal.break_lock(connection, app_id)
        try:
            return MetadataStore(connection).lock(app_id, journal.owner_name(), LOCK_SECONDS)
        except PublishRuns as error:
            raise Busy("R106", app=app_id, owner=error.owner) from error


def _live(connection: Connection, app_id: str) -> tuple[int, App | None]:
    store = MetadataStore(connection)
    try:
        return store.live(app_id)
    except KeyError:
        return 0, None


def _plan(connection: Connection, old: App | None, new: App) -> Plan:
    return plan(old, new, physical(connection, table_names(old, new)))


def _dry_runs(connection: Connection, old: App | None, new: App, made: Plan) -> dict[str, Any]:
    before = {one.id: one for entity in (old.entities if old else ()) for one in entity.fields}
    after = {one.id: one for entity in new.entities for one in entity.fields}
    found: dict[str, Any] = {}
    for step in made.steps:
        if step.op == "convert":
            report, complete = dry_run(connection, step.entity, before[step.field], after[step.field])
            found[step.field] = {**apply.plain(report), "complete": complete}
    return found
