"""Carrying out the steps of a plan: beside the live version, in the switch, after it.

Every step may run twice: whatever it makes it makes only if it is not there, whatever it fills it fills again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import OperationalError

from engine.clock import instant_text
from engine.database import Database
from engine.failpoints import failpoint
from engine.records import ddl_postgres, ddl_sqlite, journal, names, sizes
from engine.records.convert import Mover, Report
from engine.records.fill import fill_default, fill_sort
from engine.records.journal import schema_trash
from engine.records.names import quoted
from engine.records.physical import highest_rid
from engine.records.search import index_everything
from engine.records.steps import Plan, Step
from engine.records.tables import Tables
from metadata.findings import Finding, Refused
from metadata.model import App
from metadata.snapshot import Snapshot

MAX_PAUSE = 0.02

Recompute = Callable[[Connection, Snapshot, str, tuple[str, ...], int, int], int]
"""``(connection, snapshot, entity id, field ids, after rid, size)`` computes the formulas of the next rows and returns
the highest row number done (0: no more). Given by the record layer, which knows expressions."""


class Applier:
    """One plan on one database."""

    def __init__(self, database: Database, old: App | None, new: App, tables: Tables, plan: Plan):
        self.database, self.new, self.tables, self.plan = database, new, tables, plan
        self.ddl = ddl_sqlite if database.dialect == "sqlite" else ddl_postgres
        self._before = {field.id: field for entity in (old.entities if old else ()) for field in entity.fields}
        self._movers: dict[str, Mover] = {}

    # -- beside the live version --------------------------------------------------------------------------------

    def prepare(self, entry_id: str, renew: Callable[[Connection], None]) -> None:
        """Move the data of large tables while people go on working; notes what they change meanwhile.

        ``renew`` keeps the publish lock; it is called in every transaction.
        """
        steps = self.plan.of("prepare")
        with self.database.write() as connection:
            for step in steps:
                if step.op == "add_columns":
                    run(connection, step.statements)
            for entity_id in self._moved(steps):
                mover = self._movers[entity_id] = self.mover(entity_id, steps)
                table, notes = names.record_table(entity_id), names.change_table(entity_id)
                run(connection, self.ddl.note_changes(table, notes, mover.watched))
        failpoint("publish.prepare.noted")
        for entity_id in self._moved(steps):
            self._move(entity_id, entry_id, renew)
        for step in steps:
            if step.op == "create_index":
                with self.database.read() as connection:
                    refuse_duplicates(connection, self.tables, step)
                build_index(self.database, step)
                failpoint("publish.prepare.index")

    def _moved(self, steps: Sequence[Step]) -> list[str]:
        return list(dict.fromkeys(step.entity for step in steps if step.op in ("convert", "fill_keys")))

    def mover(self, entity_id: str, steps: Sequence[Step]) -> Mover:
        """Return the mover of an entity for the conversions and keys among ``steps``."""
        mine = [step for step in steps if step.entity == entity_id]
        snapshot = self.tables.snapshot
        return Mover(
            entity_id,
            self.database.dialect,
            [(self._before[s.field], snapshot.field(s.field)) for s in mine if s.op == "convert"],
            [snapshot.field(s.field) for s in mine if s.op == "fill_keys"],
        )

    def _move(self, entity_id: str, entry_id: str, renew: Callable[[Connection], None]) -> None:
        mover, done = self._movers[entity_id], 0
        while True:
            began = time.monotonic()
            with self.database.write() as connection:
                renew(connection)
                reached = mover.batch(connection, done, sizes.BATCH)
                journal.note(connection, entry_id, cursor=reached)
            failpoint("publish.prepare.batch")
            if not reached:
                return
            done = reached
            breathe(began)

    # -- the switch ---------------------------------------------------------------------------------------------

    def switch(self, connection: Connection, version: int) -> dict[str, Report]:
        """Carry out the steps of the switch in the caller's transaction; returns what became of converted values."""
        self._catch_up(connection)
        reports = {key: report for mover in self._movers.values() for key, report in mover.reports().items()}
        steps = self.plan.of("switch")
        inline: set[str] = set()
        for step in steps:
            if step.op in ("convert", "fill_keys"):
                if step.entity not in inline:
                    inline.add(step.entity)
                    reports.update(self._move_inline(connection, step.entity, steps))
            elif step.op == "reindex":
                index_everything(connection, step.entity, int(step.payload["rows"]))
            elif step.op == "create_index" and step.payload["unique"]:
                self._unique(connection, step)
            elif step.op in ("trash_field", "trash_entity", "restore_entity"):
                self._trash(connection, step, version)
            else:
                run(connection, step.statements)
            failpoint("publish.switch.step")
        self._keep(connection)
        return reports

    def _catch_up(self, connection: Connection) -> None:
        for entity_id, mover in self._movers.items():
            notes = names.change_table(entity_id)
            rids = list(connection.execute(text(f"SELECT rid FROM {quoted(notes)}")).scalars())
            mover.rows(connection, rids)
            run(connection, self.ddl.forget_changes(names.record_table(entity_id), notes))

    def _move_inline(self, connection: Connection, entity_id: str, steps: Sequence[Step]) -> dict[str, Report]:
        mover, done = self.mover(entity_id, steps), 0
        while reached := mover.batch(connection, done, sizes.BATCH):
            done = reached
        return mover.reports()

    def _unique(self, connection: Connection, step: Step) -> None:
        refuse_duplicates(connection, self.tables, step)
        run(connection, step.statements)

    def _trash(self, connection: Connection, step: Step, version: int) -> None:
        payload = step.payload
        table = str(payload["table"])
        places = [(table, name) for name in payload.get("columns", ())]
        places += [(str(payload["links"]), "")] if payload.get("links") else []
        if step.op == "trash_entity":
            places += [(name, "") for name in (table, *payload["link_tables"])]
        reason: Literal["converted", "deleted"] = "converted" if payload.get("converted") else "deleted"
        to_trash(connection, self.new.id, places, entity=step.entity, field=step.field, reason=reason, version=version)

    def _keep(self, connection: Connection) -> None:
        """What the new version names is not in the trash."""
        snapshot = self.tables.snapshot
        kept = [(names.record_table(entity), "") for entity in snapshot.entities]
        kept += [(names.link_table(field), "") for field in self.tables.link_fields()]
        for entity in snapshot.entities:
            table = self.tables.record(entity)
            kept += [(table.name, column.name) for column in table.c]
        trashed = {
            (row.table_name, row.column_name)
            for row in connection.execute(schema_trash.select().where(schema_trash.c.app_id == self.new.id))
        }
        for table_name, column_name in trashed.intersection(kept):
            connection.execute(
                schema_trash.delete().where(
                    schema_trash.c.table_name == table_name, schema_trash.c.column_name == column_name
                )
            )


def finish(
    database: Database, snapshot: Snapshot, entry: journal.Entry, tables: Tables, recompute: Recompute | None
) -> bool:
    """Carry out the steps after the switch from where they stopped. False when formulas wait for the record layer."""
    for position, step in enumerate(entry.steps):
        if position < entry.position:
            continue
        done = entry.cursor if position == entry.position else 0
        if step.op == "recompute" and recompute is None:
            return False
        if step.op in ("fill_default", "fill_sort", "recompute"):
            _fill(database, snapshot, tables, step, entry.id, done, recompute)
        elif step.op == "create_index":
            build_index(database, step)
        elif step.op == "drop_index" and database.dialect == "postgresql":
            run_alone(database, ddl_postgres.drop_index(str(step.payload["name"]), concurrently=True))
        else:
            with database.write() as connection:
                run(connection, step.statements)
        with database.write() as connection:
            journal.note(connection, entry.id, position=position + 1, cursor=0)
        failpoint("publish.finish.step")
    return True


def _fill(
    database: Database,
    snapshot: Snapshot,
    tables: Tables,
    step: Step,
    entry_id: str,
    done: int,
    recompute: Recompute | None,
) -> None:
    until = int(step.payload.get("until", 0))
    while True:
        began = time.monotonic()
        with database.write() as connection:
            if step.op == "fill_default":
                reached = fill_default(
                    connection, tables, step.entity, step.field, done, until, str(step.payload["at"])
                )
            elif step.op == "fill_sort":
                reached = fill_sort(connection, tables, step.entity, step.field, done, sizes.BATCH)
            elif recompute is not None:
                reached = recompute(connection, snapshot, step.entity, (step.field,), done, sizes.BATCH)
            if reached:
                journal.note(connection, entry_id, cursor=reached)
        failpoint("publish.finish.batch")
        if not reached:
            return
        done = reached
        breathe(began)


def finishing(connection: Connection, plan: Plan) -> tuple[Step, ...]:
    """Return the steps after the switch, with the moment and the row they reach up to written down."""
    found = []
    for step in plan.of("finish"):
        if step.op == "fill_default":
            until = highest_rid(connection, names.record_table(step.entity))
            step = Step(**{**asdict(step), "payload": {**step.payload, "until": until, "at": instant_text()}})
        found.append(step)
    return tuple(found)


def roll_back(database: Database, entry: journal.Entry) -> None:
    """Undo what was prepared: nothing of it was visible. New columns stay empty-handed in the trash for a later run."""
    ddl = ddl_sqlite if database.dialect == "sqlite" else ddl_postgres
    entities = {step.entity for step in entry.steps if step.op in ("convert", "fill_keys")}
    with database.write() as connection:
        for entity_id in entities:
            run(connection, ddl.forget_changes(names.record_table(entity_id), names.change_table(entity_id)))
        for step in entry.steps:
            if step.op == "add_columns":
                places = [(str(step.payload["table"]), str(name)) for name in step.payload["columns"]]
                to_trash(connection, entry.app_id, places, entity=step.entity, reason="abandoned")
            elif step.op == "create_index":
                run(connection, ddl.drop_index(str(step.payload["name"])))
        journal.note(connection, entry.id, state="aborted")


def build_index(database: Database, step: Step) -> None:
    """Build an index on a large table: beside writers on PostgreSQL, in a transaction of its own on SQLite."""
    if database.dialect == "sqlite":
        with database.write() as connection:
            run(connection, step.statements)
        return
    name = str(step.payload["name"])
    if _invalid(database, name):  # left behind by a run that was killed
        run_alone(database, ddl_postgres.drop_index(name, concurrently=True))
    run_alone(database, tuple(map(str, step.payload["concurrently"])))


def _invalid(database: Database, name: str) -> bool:
    statement = text("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")
    with database.read() as connection:
        return bool(connection.execute(statement, {"name": quoted(name)}).scalar())


def run(connection: Connection, statements: Sequence[str]) -> None:
    """Run statements made by ``ddl_*``."""
    for statement in statements:
        connection.execute(text(statement.replace(":", "\\:")))


def run_alone(database: Database, statements: Sequence[str]) -> None:
    """Run statements outside a transaction (PostgreSQL builds and drops indexes beside writers only so)."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        run(connection, statements)


def to_trash(
    connection: Connection,
    app_id: str,
    places: Sequence[tuple[str, str]],
    *,
    entity: str = "",
    field: str = "",
    reason: str,
    version: int = 0,
) -> None:
    """Note tables (with an empty column name) and columns that no live version names."""
    table = schema_trash
    for table_name, column_name in places:
        this = (table.c.table_name == table_name) & (table.c.column_name == column_name)
        if not field and connection.execute(select(table.c.at).where(this)).first() is not None:
            continue  # it was left behind earlier, and then more was known about it
        connection.execute(table.delete().where(this))
        values: Mapping[str, Any] = {
            "table_name": table_name,
            "column_name": column_name,
            "app_id": app_id,
            "entity_id": entity,
            "field_id": field,
            "reason": reason,
            "version": version,
            "at": instant_text(),
        }
        connection.execute(table.insert().values(values))


def refuse_duplicates(connection: Connection, tables: Tables, step: Step) -> None:
    """Raise :class:`Refused`, with samples, for a unique rule that live records break."""
    key, *scope = map(str, step.payload["columns"])
    table = tables.record(step.entity)
    columns = [table.c[name] for name in (key, *scope)]
    statement = select(columns[0]).where(table.c.deleted_at.is_(None), *(column.is_not(None) for column in columns))
    shared = connection.execute(statement.group_by(*columns).having(func.count() > 1).limit(3)).scalars().all()
    if shared:
        field = tables.snapshot.field(step.field)
        params = {"label": field.label, "samples": "、".join(map(str, shared))}
        raise Refused([Finding("R104", f"/entities/{step.entity}/fields/{field.key}/unique", params)])


def plain(report: Report) -> dict[str, Any]:
    """Return a report as JSON."""
    return {name: getattr(report, name) for name in ("kept", "lossy", "refused", "restored", "samples")}


def breathe(began: float) -> None:
    """Leave room between batches, so that other writers get their turn."""
    time.sleep(min(MAX_PAUSE, (time.monotonic() - began) / 2))


def lock_wait(error: OperationalError) -> bool:
    """Say whether a statement failed only because somebody holds a lock right now."""
    return getattr(error.orig, "sqlstate", "") in ("55P03", "40P01") or "locked" in str(error.orig)
