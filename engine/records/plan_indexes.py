"""Steps for the indexes and the search table of an entity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from sqlalchemy import Column, Table

from engine.records import names, sizes
from engine.records.indexes import IndexSpec, wanted_indexes
from engine.records.physical import Physical
from engine.records.steps import Phase, Step, said
from engine.records.tables import Tables, searched_fields
from metadata.model import Entity, Field


class Statements(Protocol):
    """What ``ddl_sqlite`` and ``ddl_postgres`` offer."""

    def create_table(self, table: Table) -> tuple[str, ...]: ...
    def add_columns(self, table: str, columns: Sequence[Column[object]]) -> tuple[str, ...]: ...
    def create_index(self, spec: IndexSpec, *, concurrently: bool = False) -> tuple[str, ...]: ...
    def drop_index(self, name: str, *, concurrently: bool = False) -> tuple[str, ...]: ...
    def create_search(self, table: Table) -> tuple[str, ...]: ...
    def drop_table(self, name: str) -> tuple[str, ...]: ...
    def drop_view(self, name: str) -> tuple[str, ...]: ...


def first_indexes(tables: Tables, ddl: Statements, entity: Entity) -> tuple[str, ...]:
    """Return the statements for the indexes of a table that is just being made."""
    return tuple(statement for spec in wanted_indexes(tables, entity) for statement in ddl.create_index(spec))


def index_steps(stats: Physical, tables: Tables, ddl: Statements, entity: Entity) -> Iterator[Step]:
    """Steps that make and drop indexes of a table that is there already."""
    table = names.record_table(entity)
    if not stats.has(table):
        return
    wanted = {spec.name: spec for spec in wanted_indexes(tables, entity)}
    there = stats.indexes_of(table)
    rows = stats.rows.get(table, 0)
    for spec in wanted.values():
        if spec.name not in there:
            yield _index(stats.dialect, ddl, entity, spec, rows)
    for name in sorted(there - set(wanted)):
        yield Step(
            op="drop_index",
            kind="instant",
            phase="finish" if rows > sizes.INLINE_INDEX_ROWS else "switch",
            entity=entity.id,
            text=said("删除“{0}”不再需要的索引", 'Drop an index "{0}" no longer needs', entity.label),
            statements=ddl.drop_index(name),
            payload={"name": name},
        )


def _index(dialect: str, ddl: Statements, entity: Entity, spec: IndexSpec, rows: int) -> Step:
    large = rows > sizes.INLINE_INDEX_ROWS
    return Step(
        op="create_index",
        kind="slow" if large else "instant",
        phase=_phase(dialect, spec, large),
        entity=entity.id,
        field=spec.field,
        rows=rows,
        text=said("为“{0}”建立索引", 'Build an index on "{0}"', entity.label),
        statements=ddl.create_index(spec),
        payload={
            "name": spec.name,
            "unique": spec.unique,
            "columns": list(spec.columns),
            "concurrently": list(ddl.create_index(spec, concurrently=True)),
        },
    )


def _phase(dialect: str, spec: IndexSpec, large: bool) -> Phase:
    """A unique index must stand before the switch; others may follow. Only PostgreSQL builds beside writers."""
    if not large:
        return "switch"
    if spec.unique:
        return "prepare" if dialect == "postgresql" else "switch"
    return "finish"


def search_steps(
    stats: Physical, tables: Tables, ddl: Statements, entity: Entity, had: Sequence[Field]
) -> Iterator[Step]:
    """Steps that make, refill or drop the search table; ``had`` are the fields searched before."""
    name = names.search_table(entity)
    table = tables.search(entity)
    rows = stats.rows.get(names.record_table(entity), 0)
    if table is None:
        if stats.has(name):
            yield Step(
                op="drop_search",
                kind="instant",
                phase="finish",
                entity=entity.id,
                text=said("删除“{0}”的搜索索引", 'Drop the search index of "{0}"', entity.label),
                statements=ddl.drop_table(name),
                payload={"table": name},
            )
        return
    if not stats.has(name):
        yield Step(
            op="create_search",
            kind="instant",
            phase="switch",
            entity=entity.id,
            text=said("为“{0}”建立搜索索引", 'Make "{0}" searchable', entity.label),
            statements=ddl.create_search(table),
        )
    wanted = {(field.id, field.type) for field in searched_fields(tables.snapshot, entity)}
    if rows and (not stats.has(name) or wanted - {(field.id, field.type) for field in had}):
        yield Step(
            op="reindex",
            kind="slow" if rows > sizes.INLINE_ROWS else "instant",
            phase="switch",
            entity=entity.id,
            rows=rows,
            text=said(
                "为“{0}”的已有记录编制搜索索引（后台）",
                'Index existing records of "{0}" (in the background)',
                entity.label,
            ),
            payload={"rows": rows},
        )
