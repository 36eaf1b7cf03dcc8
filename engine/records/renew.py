"""Computing formulas of stored records again, a batch of one entity at a time.

Totals over many records are computed by the database, one statement for all that can be; the rest, and whatever the
database calls an error, in Python over rows loaded for the whole batch. Either way only what came out different is
written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, false, select, update

from engine.expr.to_sql import NotPushable, compile_sql, read_value
from engine.expr.values import Env
from engine.records import faults
from engine.records.catalog import Catalog, EntityModel
from engine.records.derive import Environments, settle
from engine.records.formulas import Formula
from engine.records.grounds import table_resolver
from engine.records.loading import Loader, Values, typer_of
from engine.records.search import queue_rows
from engine.records.searching import searched
from engine.records.writer import writer_of


@dataclass(slots=True, eq=False, kw_only=True)
class Renewed:
    """A stored record whose formulas are computed again. ``changed`` are the fields with another value than before."""

    rid: int
    old: Values
    new: Values
    extra: Mapping[str, Any] | None
    errors: faults.Errors
    changed: set[str] = field(default_factory=set)
    unwritten: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        identifier: str = self.old["sys_id"]
        return identifier


class Renewal:
    """One batch of records. ``due`` in :meth:`run` says which formulas are asked for in which records."""

    def __init__(
        self, connection: Connection, catalog: Catalog, env: Env, model: EntityModel, rows: Sequence[Row[Any]]
    ):
        self.connection, self.catalog, self.env, self.model = connection, catalog, env, model
        typer = typer_of(catalog, model)
        loader = Loader(connection, catalog)
        self._environments = Environments(catalog, loader, env)
        self._items: list[Renewed] = []
        for row in rows:
            old = typer.values(row)
            one = Renewed(rid=row.rid, old=old, new=dict(old), extra=row.extra, errors=faults.errors_of(row.extra))
            loader.know(model.id, one.id, one.new)
            self._items.append(one)

    def run(self, formulas: Sequence[Formula], due: Mapping[str, Collection[str]]) -> list[Renewed]:
        """Compute formulas, given in order, and write what changed; returns the records with other values.

        A formula is computed in the records ``due`` names for it, and where one before it changed what it reads in
        the record itself.
        """
        waiting = list(formulas)
        while waiting:
            together = self._together(waiting)
            if together:
                self._by_database(together, due)
                waiting = [formula for formula in waiting if formula not in together]
            else:
                self._in_python(waiting.pop(0), due)
        self._write()
        return [one for one in self._items if one.changed]

    def _together(self, waiting: Sequence[Formula]) -> list[Formula]:
        """Return the totals that can be computed now in one statement: nothing they read still waits."""
        ahead = {formula.id for formula in waiting}
        return [formula for formula in waiting if not formula.needs & ahead and pushed(self.catalog, formula, self.env)]

    def _wanted(self, formula: Formula, due: Mapping[str, Collection[str]]) -> list[Renewed]:
        asked = due.get(formula.id, ())
        return [one for one in self._items if one.id in asked or formula.reads_here(one.changed)]

    def _in_python(self, formula: Formula, due: Mapping[str, Collection[str]]) -> None:
        wanted = self._wanted(formula, due)
        self._environments.prepare(self.model.id, [one.new for one in wanted], formula.loads)
        for one in wanted:
            self._compute(formula, one)

    def _compute(self, formula: Formula, one: Renewed) -> None:
        self._take(formula, one, formula.compute(self._environments.values(self.model.id, one.new, formula.loads)))

    def _by_database(self, formulas: Sequence[Formula], due: Mapping[str, Collection[str]]) -> None:
        wanted = {formula.id: {one.id: one for one in self._wanted(formula, due)} for formula in formulas}
        if any(formula.reads_here(one.unwritten) for formula in formulas for one in wanted[formula.id].values()):
            self._write()
        ids = sorted({record_id for records in wanted.values() for record_id in records})
        if not ids:
            return
        statement = _statement(self.catalog, self.model, formulas, self.env)
        for record_id, *found in self.connection.execute(statement, {"ids": ids}):
            for place, formula in enumerate(formulas):
                one = wanted[formula.id].get(record_id)
                if one is None:
                    continue
                value, failed = found[2 * place : 2 * place + 2]
                if failed:  # the database knows that, not why
                    self._compute(formula, one)
                else:
                    self._take(formula, one, read_value(formula.tree, value))

    def _take(self, formula: Formula, one: Renewed, computed: Any) -> None:
        value, code = settle(self.model.by_id[formula.id], computed)
        if value != one.new.get(formula.id):
            one.new[formula.id] = value
            one.changed.add(formula.id)
            one.unwritten.add(formula.id)
        if code != one.errors.get(formula.id, ""):
            faults.note(one.errors, formula.id, code)
            one.unwritten.add(formula.id)

    def _write(self) -> None:
        """Write what was computed since the last time, one statement for all records with the same columns."""
        writer, table = writer_of(self.catalog, self.model), self.model.table
        grouped: dict[frozenset[str], list[dict[str, Any]]] = {}
        for one in self._items:
            if not one.unwritten:
                continue
            row: dict[str, Any] = {}
            for field_id in sorted(one.unwritten):
                row.update(writer.columns(field_id, one.new[field_id]))
            if one.errors != faults.errors_of(one.extra):
                row["extra"] = one.extra = faults.with_errors(one.extra, one.errors)
            grouped.setdefault(frozenset(row), []).append({**row, "at_rid": one.rid})
        for names, rows in grouped.items():
            statement = update(table).where(table.c.rid == bindparam("at_rid"))
            named = {name: bindparam(name, type_=table.c[name].type) for name in sorted(names)}
            self.connection.execute(statement.values(named), rows)
        looked_up = {f.id for f in searched(self.catalog, self.model)}
        queue_rows(self.connection, self.model.id, [one.rid for one in self._items if one.unwritten & looked_up])
        for one in self._items:
            one.unwritten.clear()


def pushed(catalog: Catalog, formula: Formula, env: Env) -> bool:
    """Say whether the database computes a formula: a total it can do whole."""
    if not formula.totals or catalog.dialect not in formula.tree.pushable:
        return False
    key = ("pushed", formula.id, env.zone.key)
    found: bool | None = catalog.kept.get(key)
    if found is None:
        try:
            _columns(catalog, catalog.entity(formula.entity), formula, env)
            found = True
        except NotPushable:
            found = False
        catalog.kept[key] = found
    return found


def _columns(catalog: Catalog, model: EntityModel, formula: Formula, env: Env) -> Iterable[Any]:
    prefix = f"t{formula.number}_"
    made = compile_sql(formula.tree, table_resolver(catalog, model, model.table, prefix), catalog.dialect, env)
    guard = false() if made.guard is None else made.guard
    return made.value.label(f"v{formula.number}"), guard.label(f"g{formula.number}")


def _statement(catalog: Catalog, model: EntityModel, formulas: Sequence[Formula], env: Env) -> Select[Any]:
    key = ("totals", tuple(formula.id for formula in formulas), env.zone.key)
    found: Select[Any] | None = catalog.kept.get(key)
    if found is None:
        table = model.table
        columns = [column for formula in formulas for column in _columns(catalog, model, formula, env)]
        found = select(table.c.id, *columns).where(table.c.id.in_(bindparam("ids", expanding=True)))
        catalog.kept[key] = found
    return found
