"""From two versions to steps. Pure: reads definitions and an inventory, touches no database.

Nothing that holds data is ever changed in place or dropped. A new field is a nullable column; a changed type is a new
column beside the old one, filled by conversion; what a version no longer names goes to the trash and comes back as it
was when a later version names it again.
"""

from __future__ import annotations

from collections.abc import Iterator

import engine.records.schema_messages  # noqa: F401 - registers the sentences
from engine.fields.base import FieldType
from engine.records import ddl_postgres, ddl_sqlite, names, sizes
from engine.records.physical import Physical
from engine.records.plan_formulas import formula_steps
from engine.records.plan_indexes import Statements, first_indexes, index_steps, search_steps
from engine.records.sql_views import view_statements
from engine.records.steps import Plan, Step, said
from engine.records.tables import Tables, has_unique_column, searched_fields, tables_for, type_of
from metadata.findings import Finding, Refused
from metadata.model import App, Entity, Field
from metadata.snapshot import Snapshot

MAX_COLUMNS = 1_500
"""Below what PostgreSQL (1,600) and SQLite (2,000) can do, so an application moves between them."""


def plan(old: App | None, new: App, stats: Physical) -> Plan:
    """Return the steps from ``old`` (None: nothing published yet) to ``new`` on the database ``stats`` describes.

    Raises :class:`Refused` for changes that cannot keep data.
    """
    planner = _Planner(old, new, stats)
    steps = tuple(planner.steps())
    if planner.refused:
        raise Refused(planner.refused)
    used = sorted(names.record_table(entity) for entity in (old.entities if old else ()))
    empty = tuple(table for table in used if stats.has(table) and not stats.rows.get(table))
    return Plan(dialect=stats.dialect, steps=steps, empty=empty)


def table_names(*apps: App | None) -> set[str]:
    """Return the names of every table the applications may have, trash included."""
    found: set[str] = set()
    for app in apps:
        for entity in app.entities if app else ():
            found |= {names.record_table(entity), names.search_table(entity)}
            found |= {names.link_table(field) for field in entity.fields}
    return found


class _Planner:
    def __init__(self, old: App | None, new: App, stats: Physical):
        self.stats = stats
        self.old = Snapshot(old, 0) if old else None
        self.new = Snapshot(new, 0)
        self.tables = tables_for(self.new, stats.dialect)
        self.old_tables = tables_for(self.old, stats.dialect) if self.old else None
        self.ddl: Statements = ddl_sqlite if stats.dialect == "sqlite" else ddl_postgres
        self.refused: list[Finding] = []
        self._was = {field.id: (field, entity) for entity in (old.entities if old else ()) for field in entity.fields}

    def steps(self) -> Iterator[Step]:
        order = {"prepare": 0, "switch": 1, "finish": 2}
        found = [step for entity in self.new.entities for step in self._entity(entity)]
        found += self._gone()
        found += self._views()
        if not self.refused:
            found += formula_steps(self.old, self.new, self._rows)
        return iter(sorted(found, key=lambda step: order[step.phase]))

    # -- entities -----------------------------------------------------------------------------------------------

    def _entity(self, entity: Entity) -> Iterator[Step]:
        table = names.record_table(entity)
        before = self.old.entity(entity.id) if self.old and self.old.has_entity(entity.id) else None
        columns = self.tables.record(entity)
        if len(columns.c) > MAX_COLUMNS:
            params = {"label": entity.label, "count": len(columns.c), "limit": MAX_COLUMNS}
            self.refused.append(Finding("R105", f"/entities/{entity.key}", params))
        if not self.stats.has(table):
            yield Step(
                op="create_entity",
                kind="instant",
                phase="switch",
                entity=entity.id,
                text=said("新建表“{0}”", 'New entity "{0}"', entity.label),
                statements=(*self.ddl.create_table(columns), *first_indexes(self.tables, self.ddl, entity)),
            )
        elif before is None:
            yield Step(
                op="restore_entity",
                kind="instant",
                phase="switch",
                entity=entity.id,
                rows=self._rows(entity),
                payload={"table": table, "columns": sorted(self.stats.columns[table] - {c.name for c in columns.c})},
                text=said("从回收站恢复表“{0}”", 'Restore entity "{0}" from the trash', entity.label),
            )
        moved = before is not None and before.parent and entity.parent and before.parent != entity.parent
        if moved and self._rows(entity):
            self.refused.append(Finding("R102", f"/entities/{entity.key}/parent", {"label": entity.label}))
        data = [step for field in self.new.own_fields(entity) for step in self._field(entity, field)]
        yield from self._columns(entity, any(step.phase == "prepare" for step in data))
        yield from data
        yield from index_steps(self.stats, self.tables, self.ddl, entity)
        had = searched_fields(self.old, before) if self.old and before else ()
        yield from search_steps(self.stats, self.tables, self.ddl, entity, had)

    def _rows(self, entity: Entity) -> int:
        return self.stats.rows.get(names.record_table(entity), 0)

    def _columns(self, entity: Entity, early: bool) -> Iterator[Step]:
        """All columns of a table that are not there yet, in one step; ``early`` when data moves before the switch."""
        table = names.record_table(entity)
        if not self.stats.has(table):
            return
        missing = [column for column in self.tables.record(entity).c if not self.stats.has_column(table, column.name)]
        if missing:
            yield Step(
                op="add_columns",
                kind="instant",
                phase="prepare" if early else "switch",
                entity=entity.id,
                text=said("为“{0}”增加 {1} 列", 'Add {1} columns to "{0}"', entity.label, len(missing)),
                statements=self.ddl.add_columns(table, missing),
                payload={"table": table, "columns": [column.name for column in missing]},
            )

    # -- fields -------------------------------------------------------------------------------------------------

    def _field(self, entity: Entity, field: Field) -> Iterator[Step]:
        field_type = type_of(field)
        if field_type is None:
            return
        was = self._live_before(entity, field)
        held = self._was.get(field.id)
        rows = self._rows(entity)
        if field_type.storage == "links" and not self.stats.has(names.link_table(field)):
            yield Step(
                op="create_links",
                kind="instant",
                phase="switch",
                entity=entity.id,
                field=field.id,
                text=said("为字段“{0}”新建关联表", 'New link table for field "{0}"', field.label),
                statements=self.ddl.create_table(self.tables.links(field)),
            )
        if was is None and self.stats.has(names.record_table(entity)):
            restored = self._there(entity, field, field_type) or (held is not None and held[1].id == entity.id)
            yield Step(
                op="restore_field" if restored else "add_field",
                kind="instant",
                phase="switch",
                entity=entity.id,
                field=field.id,
                text=said("恢复字段“{0}”", 'Restore field "{0}"', field.label)
                if restored
                else said("增加字段“{0}”", 'Add field "{0}"', field.label),
            )
            if not restored and rows and field.default not in (None, "", [], False) and field_type.columns(field):
                yield self._slow(
                    "fill_default", "finish", entity, field, "填写字段“{0}”的默认值", 'Fill in the default of "{0}"'
                )
        source = was or (held[0] if held and held[1].id == entity.id else None)
        if source is not None and self._differs(source, field, field_type):
            yield from self._conversion(entity, source, field, field_type)
        yield from self._fills(entity, field, field_type, was)

    def _there(self, entity: Entity, field: Field, field_type: FieldType) -> bool:
        """Say whether the data of a field is in the database already, from an earlier version."""
        if field_type.storage == "links":
            return self.stats.has(names.link_table(field))
        table = names.record_table(entity)
        held = (column.name for column in self.tables.columns(field))
        return any(self.stats.has_column(table, one) and (table, one) not in self.stats.abandoned for one in held)

    def _live_before(self, entity: Entity, field: Field) -> Field | None:
        if self.old is None or not self.old.has_entity(entity.id):
            return None
        return next((one for one in self.old.own_fields(entity.id) if one.id == field.id), None)

    def _converts(self, field: Field) -> bool:
        held = self._was.get(field.id)
        field_type = type_of(field)
        return held is not None and field_type is not None and self._differs(held[0], field, field_type)

    def _differs(self, source: Field, field: Field, field_type: FieldType) -> bool:
        """Say whether values of the two definitions are stored in different places."""
        source_type = type_of(source)
        if (
            source_type is None
            or field_type.storage == "computed"
            or "none" in (field_type.storage, source_type.storage)
        ):
            return False
        if field_type.target(field) != source_type.target(source) and source.type == field.type:
            self.refused.append(Finding("R101", f"/fields/{field.key}/options/entity", {"label": field.label}))
            return False
        return source_type.storage_tag(source) != field_type.storage_tag(field)

    def _conversion(self, entity: Entity, source: Field, field: Field, field_type: FieldType) -> Iterator[Step]:
        source_type = type_of(source)
        if source_type is None:
            return
        storages = {field_type.storage, source_type.storage}
        if "children" in storages:
            self.refused.append(Finding("R103", f"/fields/{field.key}/type", {"label": field.label}))
            return
        rows = self._rows(entity)
        if not rows:
            return
        inline = rows <= sizes.INLINE_ROWS or "links" in storages
        labels = (field.label, source_type.label, field_type.label)
        yield Step(
            op="convert",
            kind="slow" if rows > sizes.INLINE_ROWS else "instant",
            phase="switch" if inline else "prepare",
            entity=entity.id,
            field=field.id,
            rows=rows,
            loss=True,
            text=said("把字段“{0}”从“{1}”转换为“{2}”", 'Convert field "{0}" from {1} to {2}', *labels),
            payload={"notes": not inline},
        )

    def _fills(self, entity: Entity, field: Field, field_type: FieldType, was: Field | None) -> Iterator[Step]:
        """Columns worked out from values that are already there: keys, sort keys."""
        rows = self._rows(entity)
        if not rows or not self.stats.has(names.record_table(entity)):
            return
        was_type = type_of(was) if was else None
        same = was is not None and was_type is not None
        converted = self._converts(field)
        if has_unique_column(field, field_type):
            had = same and was is not None and was_type is not None and has_unique_column(was, was_type)
            changed = (
                was is None or was.unique is None or was.unique.normalise != (field.unique and field.unique.normalise)
            )
            if not had or changed or converted:
                phase = "switch" if rows <= sizes.INLINE_ROWS else "prepare"
                yield self._slow(
                    "fill_keys", phase, entity, field, "为“{0}”计算唯一键", 'Work out the unique keys of "{0}"'
                )
        suffixes = [spec.suffix for spec in field_type.columns(field)]
        had_order = was is not None and was_type is not None and "py" in [one.suffix for one in was_type.columns(was)]
        if "py" in suffixes and not converted and was is not None and not had_order:
            yield self._slow(
                "fill_sort", "finish", entity, field, "为“{0}”计算拼音排序", 'Work out the pinyin order of "{0}"'
            )

    def _slow(self, op: str, phase: str, entity: Entity, field: Field, zh: str, en: str) -> Step:
        rows = self._rows(entity)
        return Step(
            op=op,  # type: ignore[arg-type]
            kind="slow" if rows > sizes.INLINE_ROWS else "instant",
            phase=phase,  # type: ignore[arg-type]
            entity=entity.id,
            field=field.id,
            rows=rows,
            text=said(zh, en, field.label),
        )

    # -- what goes ----------------------------------------------------------------------------------------------

    def _gone(self) -> Iterator[Step]:
        if self.old is None or self.old_tables is None:
            return
        for entity in self.old.entities:
            if not self.new.has_entity(entity.id):
                yield Step(
                    op="trash_entity",
                    kind="trash",
                    phase="switch",
                    entity=entity.id,
                    rows=self._rows(entity),
                    loss=True,
                    text=said(
                        "把表“{0}”移到回收站（数据保留，可恢复）",
                        'Move entity "{0}" to the trash (data stays)',
                        entity.label,
                    ),
                    payload={"table": names.record_table(entity), "link_tables": self._link_tables(entity)},
                )
                continue
            yield from self._gone_fields(entity, self.old_tables)

    def _link_tables(self, entity: Entity) -> list[str]:
        held = [names.link_table(field) for field in entity.fields]
        return [name for name in held if self.stats.has(name)]

    def _gone_fields(self, entity: Entity, old_tables: Tables) -> Iterator[Step]:
        kept = {field.id: field for field in self.new.own_fields(entity.id)}
        for field in self.old.own_fields(entity) if self.old else ():
            field_type = type_of(field)
            if field_type is None:
                continue
            columns = [column.name for column in old_tables.columns(field)]
            key = old_tables.unique_column(field)
            columns += [] if key is None else [key.name]
            links = names.link_table(field) if field_type.storage == "links" else ""
            now = kept.get(field.id)
            if now is None:
                yield Step(
                    op="trash_field",
                    kind="trash",
                    phase="switch",
                    entity=entity.id,
                    field=field.id,
                    rows=self._rows(entity),
                    loss=True,
                    text=said(
                        "把字段“{0}”移到回收站（数据保留，可恢复）",
                        'Move field "{0}" to the trash (data stays)',
                        field.label,
                    ),
                    payload={"table": names.record_table(entity), "columns": columns, "links": links},
                )
                continue
            now_key = self.tables.unique_column(now)
            now_columns = {column.name for column in self.tables.columns(now)} | {
                now_key.name if now_key is not None else ""
            }
            left = [name for name in columns if name not in now_columns]
            now_type = type_of(now)
            if links and now_type is not None and now_type.storage == "links":
                links = ""
            if left or links:
                yield Step(
                    op="trash_field",
                    kind="trash",
                    phase="switch",
                    entity=entity.id,
                    field=field.id,
                    rows=self._rows(entity),
                    text=said("保留“{0}”转换前的数据", 'Keep the data of "{0}" from before', field.label),
                    payload={"table": names.record_table(entity), "columns": left, "links": links, "converted": True},
                )

    def _views(self) -> Iterator[Step]:
        wanted = view_statements(self.tables)
        before = view_statements(self.old_tables) if self.old_tables else {}
        gone = [name for name in before if name not in wanted]
        made = [name for name, sql in wanted.items() if before.get(name) != sql or name not in self.stats.views]
        if not gone and not made:
            return
        drops = [statement for name in (*gone, *made) for statement in self.ddl.drop_view(name)]
        yield Step(
            op="views",
            kind="instant",
            phase="switch",
            text=said("更新供报表工具读取的 {0} 个视图", "Refresh {0} readable SQL views", len(gone) + len(made)),
            statements=(*drops, *(wanted[name] for name in made)),
        )
