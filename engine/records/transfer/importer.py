"""An import from upload to undo. Every row goes through the record store as the person who imports.

Upload > map > dry run (nothing written) > run in batches, each one transaction with its progress and its undo
journal > result, rejects file, undo. A killed run resumes after its last committed batch and makes no doubles.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Row, insert, select, update

from engine.actor import Actor
from engine.clock import instant_text
from engine.problems import Conflict, Forbidden, NotFound, TooLarge
from engine.records.spec import BulkRow
from engine.records.store import RecordStore
from engine.records.transfer.batches import Batch, Match, prepare, write
from engine.records.transfer.guess import ColumnGuess, guess_columns
from engine.records.transfer.mapping import ImportMapping, bind_mapping, suggest_mapping
from engine.records.transfer.resolve import row_reader
from engine.records.transfer.source import SourceTable, read_table
from engine.records.transfer.tables import import_change, import_reject, import_run
from engine.records.workspace import Workspace
from metadata.findings import Finding, Refused
from metadata.ids import new_record_id

BATCH = 1_000
MAX_UPLOAD = 200 * 1024 * 1024
PLAN_FINDINGS = 200
RUN_JOB, UNDO_JOB = "import.run", "import.undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What a run would do: counts, and the first rows that would be refused."""

    total: int
    create: int
    update: int
    unchanged: int
    errors: int
    rows: tuple[tuple[int, tuple[Finding, ...]], ...]


class Importer:
    """Imports of one workspace. Files live under ``folder`` by run id."""

    def __init__(self, workspace: Workspace, folder: Path):
        self.workspace, self.folder = workspace, folder

    # -- upload and mapping -------------------------------------------------------------------------------------

    def receive(self, stream: IO[bytes], name: str) -> tuple[str, Path]:
        """Keep an upload; returns (run id, path). Raises :class:`TooLarge`."""
        run_id = new_record_id()
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{run_id}.source"
        size = 0
        with path.open("xb") as out:
            while chunk := stream.read(1 << 20):
                size += len(chunk)
                if size > MAX_UPLOAD:
                    out.close()
                    path.unlink()
                    raise TooLarge(what=name, limit=f"{MAX_UPLOAD >> 20} MB")
                out.write(chunk)
        return run_id, path

    def read(self, run_id: str, *, sheet: str = "", name: str = "") -> SourceTable:
        """Read a received file in the child process. Raises :class:`Refused`; the upload is dropped then."""
        source = self.folder / f"{run_id}.source"
        try:
            return read_table(source, self.folder / f"{run_id}.jsonl", sheet=sheet, name=name)
        except Refused:
            source.unlink(missing_ok=True)
            raise

    def table(self, run: Row[Any]) -> SourceTable:
        path = self.folder / f"{run.id}.jsonl"
        return SourceTable(path=path, columns=tuple(run.columns), rows=run.total, sheets=tuple(run.sheets))

    def guesses(self, table: SourceTable, locale: str) -> tuple[ColumnGuess, ...]:
        return guess_columns(table.columns, lambda: (cells for _, cells in table.walk()), locale)

    def begin(self, store: RecordStore, actor: Actor, entity: str, run_id: str, table: SourceTable, name: str) -> None:
        """Register an upload for an entity. Raises :class:`Forbidden` without the import action."""
        definition = store.snapshot.entity(entity)
        if "import" not in store.access(actor, entity).actions:
            raise Forbidden(what="import")
        store.connection.execute(
            insert(import_run).values(
                id=run_id,
                app_id=store.snapshot.app.id,
                entity_id=definition.id,
                user_id=actor.id,
                created_at=instant_text(),
                name=name,
                state="uploaded",
                sheets=list(table.sheets),
                columns=list(table.columns),
                total=table.rows,
            )
        )

    def run_of(self, connection: Connection, actor: Actor, run_id: str) -> Row[Any]:
        """The state of an import; only its owner sees it. Raises :class:`NotFound`."""
        run = connection.execute(select(import_run).where(import_run.c.id == run_id)).one_or_none()
        if run is None or run.user_id != actor.id:
            raise NotFound(what=run_id)
        return run

    def suggestion(self, store: RecordStore, run: Row[Any]) -> dict[str, str]:
        return suggest_mapping(store.snapshot, store.snapshot.entity(run.entity_id), run.columns)

    # -- dry run ------------------------------------------------------------------------------------------------

    def plan(self, store: RecordStore, actor: Actor, run: Row[Any], mapping: ImportMapping) -> ImportPlan:
        """Check every row exactly as the run will, and write nothing. Raises :class:`Refused` for a bad mapping."""
        counts = {"create": 0, "update": 0, "unchanged": 0, "errors": 0}
        shown: list[tuple[int, tuple[Finding, ...]]] = []
        for batch in self._batches(store, actor, run, mapping, seen={}):
            for item in batch.items:
                counts[item.outcome] += 1
                if item.findings and len(shown) < PLAN_FINDINGS:
                    shown.append((item.row, tuple(item.findings)))
        return ImportPlan(total=run.total, rows=tuple(shown), **counts)

    def keep_plan(self, connection: Connection, run: Row[Any], mapping: ImportMapping) -> None:
        """Remember the confirmed mapping. Raises :class:`Conflict` once the run has begun."""
        if run.state not in ("uploaded", "planned"):
            raise Conflict("I113")
        connection.execute(
            update(import_run).where(import_run.c.id == run.id).values(state="planned", mapping=_mapping_json(mapping))
        )

    def _batches(
        self,
        store: RecordStore,
        actor: Actor,
        run: Row[Any],
        mapping: ImportMapping,
        *,
        seen: dict[str, int],
    ) -> Iterator[Batch]:
        entity = store.snapshot.entity(run.entity_id)
        bound, key = bind_mapping(store.snapshot, entity, run.columns, mapping)
        reader = row_reader(store, actor, entity, run.columns, bound, mapping)
        match = Match(store=store, actor=actor, entity=entity, key=key, mode=mapping.mode, seen=seen)
        rows = self.table(run).walk()
        while chunk := list(islice(rows, BATCH)):
            yield prepare(store, actor, entity, reader, match, chunk)

    # -- run ----------------------------------------------------------------------------------------------------

    def mark(self, connection: Connection, run: Row[Any], state: str, allowed: Sequence[str]) -> None:
        """Move to a state. Raises :class:`Conflict` when the import is not in one of ``allowed``."""
        moved = connection.execute(
            update(import_run)
            .where(import_run.c.id == run.id, import_run.c.state.in_(allowed))
            .values(state=state, error="")
        )
        if not moved.rowcount:
            raise Conflict("I113")

    def run(self, actor: Actor, run_id: str) -> None:
        """Work until the import is done; safe to call again after a kill."""
        ahead = _Ahead()
        while self._run_batch(actor, run_id, ahead):
            pass

    def _run_batch(self, actor: Actor, run_id: str, ahead: _Ahead) -> bool:
        with self.workspace.database.write() as connection:
            run = self.run_of(connection, actor, run_id)
            if run.state != "running":
                return False
            store = self.workspace.writer(connection, run.app_id)
            mapping = ImportMapping(**run.mapping)
            chunk = ahead.take(self.table(run), run.done)
            if not chunk:
                connection.execute(update(import_run).where(import_run.c.id == run_id).values(state="done"))
                return False
            entity = store.snapshot.entity(run.entity_id)
            bound, key = bind_mapping(store.snapshot, entity, run.columns, mapping)
            reader = row_reader(store, actor, entity, run.columns, bound, mapping)
            match = Match(store=store, actor=actor, entity=entity, key=key, mode=mapping.mode, seen={})
            batch = prepare(store, actor, entity, reader, match, chunk, check=False)
            counts = write(store, actor, entity, batch, run_id)
            connection.execute(
                update(import_run)
                .where(import_run.c.id == run_id)
                .values({"done": run.done + len(chunk), **{name: getattr(run, name) + n for name, n in counts.items()}})
            )
        return True

    def fail(self, run_id: str, text: str) -> None:
        """Stop a run for good, with the reason; what was committed stays and can be undone."""
        with self.workspace.database.write() as connection:
            connection.execute(update(import_run).where(import_run.c.id == run_id).values(state="failed", error=text))

    # -- undo and rejects ---------------------------------------------------------------------------------------

    def undo(self, actor: Actor, run_id: str) -> None:
        """Take everything back that nobody changed since, newest first; the rest is counted as kept."""
        while self._undo_batch(actor, run_id):
            pass

    def _undo_batch(self, actor: Actor, run_id: str) -> bool:
        with self.workspace.database.write() as connection:
            run = self.run_of(connection, actor, run_id)
            if run.state != "undoing":
                return False
            store = self.workspace.writer(connection, run.app_id)
            changes = connection.execute(
                select(import_change)
                .where(import_change.c.run_id == run_id)
                .order_by(import_change.c.seq.desc())
                .limit(BATCH)
            ).all()
            undone = _take_back(store, actor, run.entity_id, changes)
            connection.execute(
                import_change.delete().where(import_change.c.seq.in_([change.seq for change in changes]))
            )
            connection.execute(
                update(import_run)
                .where(import_run.c.id == run_id)
                .values(
                    undone=run.undone + undone,
                    kept=run.kept + len(changes) - undone,
                    state="undoing" if len(changes) == BATCH else "undone",
                )
            )
        return len(changes) == BATCH

    def rejects(self, connection: Connection, run: Row[Any], locale: str) -> Iterator[str]:
        """The refused rows as CSV text, each with its reason in a last column, ready to be mended and sent again."""
        yield "\ufeff" + _csv_line([*run.columns, "错误" if locale.startswith("zh") else "Errors"])
        rows = connection.execute(
            select(import_reject).where(import_reject.c.run_id == run.id).order_by(import_reject.c.row)
        )
        for row in rows:
            texts = [Finding(f["code"], f["place"], f["params"]).text(locale) for f in row.findings]
            yield _csv_line([*row.cells, "; ".join(texts)])


class _Ahead:
    """Where the batch before ended in the table, so that the next one need not look for it."""

    def __init__(self) -> None:
        self._at = -1
        self._rows: Iterator[tuple[int, list[str]]] = iter(())

    def take(self, table: SourceTable, start: int) -> list[tuple[int, list[str]]]:
        """Return the batch after ``start`` rows."""
        if start != self._at:
            self._rows = table.walk(start)
        chunk = list(islice(self._rows, BATCH))
        self._at = start + len(chunk)
        return chunk


def _take_back(store: RecordStore, actor: Actor, entity: str, changes: Sequence[Row[Any]]) -> int:
    """Delete what was made and set back what was changed; returns for how many that was possible."""
    rows = [
        BulkRow(op="delete", id=change.record_id, rev=change.rev)
        if change.before is None
        else BulkRow(op="update", id=change.record_id, rev=change.rev, values=change.before)
        for change in changes
    ]
    try:
        result = store.bulk(actor, entity, rows, atomic=False, right="import")
    except Forbidden:  # the right to import is gone, and with it the right to undo
        return 0
    return len(rows) - result.failed


def _mapping_json(mapping: ImportMapping) -> Mapping[str, Any]:
    return {**asdict(mapping), "columns": dict(mapping.columns), "blank_words": list(mapping.blank_words)}


def _csv_line(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(safe_cell(cell) for cell in cells)
    return out.getvalue()


def safe_cell(text: str) -> str:
    """Text a spreadsheet will not run: a leading = + - @ tab or CR gets an apostrophe, plain numbers stay."""
    if text[:1] in ("=", "+", "-", "@", "\t", "\r") and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
