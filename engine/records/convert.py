"""Moving values of an entity into new columns: changed types and keys of unique fields, a batch of rows at a time.

The old columns are only read. A value that does not convert becomes blank and its text is kept beside the record; a
value whose earlier form is still in the new column (the type was changed back) is restored as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as member
from typing import Any

from sqlalchemy import Column, Connection, Integer, MetaData, Table, bindparam, delete, insert, select, update

from engine.fields.base import FieldType, InvalidValue, Value
from engine.fields.columns import column_type
from engine.records import names
from engine.records.originals import held_originals, replace_originals
from engine.records.tables import link_table, type_of
from metadata.model import Field

SAMPLES = 5


@dataclass(slots=True)
class Report:
    """What became of the values of one field."""

    kept: int = 0
    lossy: int = 0
    refused: int = 0
    restored: int = 0
    samples: list[dict[str, str]] = member(default_factory=list)

    def add(self, outcome: str, before: str, after: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)
        if outcome in ("lossy", "refused") and len(self.samples) < SAMPLES:
            self.samples.append({"outcome": outcome, "before": before[:120], "after": after[:120]})

    def merge(self, other: Mapping[str, Any]) -> None:
        """Add what an earlier run counted."""
        for name in ("kept", "lossy", "refused", "restored"):
            setattr(self, name, getattr(self, name) + int(other.get(name, 0)))
        self.samples = [*other.get("samples", ()), *self.samples][:SAMPLES]


class Place:
    """Where the values of a field are: columns of the record table, or a link table."""

    def __init__(self, table: Table, field: Field, field_type: FieldType, dialect: str):
        self.field, self.type = field, field_type
        self.columns = [table.c[names.column(field, field_type, spec)] for spec in field_type.columns(field)]
        self.links: Table | None = None
        if field_type.storage == "links":
            self.links = link_table(names.link_table(field), MetaData(), dialect)

    @property
    def blank(self) -> Value:
        return self.type.blank(self.field)

    def read(self, connection: Connection, rows: Sequence[Any]) -> dict[str, Value]:
        """Return ``{record id: value}`` of rows that were selected with :attr:`columns`."""
        if self.links is None:
            return {
                row.id: self.type.from_db(self.field, tuple(row._mapping[column] for column in self.columns))
                for row in rows
            }
        table, found = self.links, {row.id: [] for row in rows}  # type: ignore[var-annotated]
        statement = select(table.c.left_id, table.c.right_id).where(table.c.left_id.in_(list(found)))
        for left, right in connection.execute(statement.order_by(table.c.left_id, table.c.pos)):
            found[left].append(right)
        return {record: self.type.from_db(self.field, rights) for record, rights in found.items()}

    def write_links(self, connection: Connection, values: Mapping[str, Value]) -> None:
        """Replace the links of records."""
        if self.links is None:
            return
        connection.execute(delete(self.links).where(self.links.c.left_id.in_(list(values))))
        rows = [
            {"left_id": record, "right_id": right, "pos": pos}
            for record, value in values.items()
            for pos, right in enumerate(value or ())
        ]
        if rows:
            connection.execute(insert(self.links), rows)


@dataclass(slots=True)
class Conversion:
    """Values of one field on their way from ``source`` to ``target``."""

    source: Place
    target: Place
    report: Report = member(default_factory=Report)

    def value(self, before: Value, there: Value, refused_before: bool) -> tuple[Value, str | None]:
        """Return the new value, and the text to keep when there is none."""
        source, target = self.source, self.target
        if before == source.blank:
            if refused_before and there != target.blank:  # the type is changed back: the original is still there
                self.report.restored += 1
                return there, None
            return target.blank, None
        if there != target.blank and self._stands_for(there, before):
            self.report.restored += 1
            return there, None
        try:
            made = target.type.convert(target.field, before, source.field, source.type)
        except InvalidValue:
            text = source.type.format(source.field, before, "zh-CN")
            self.report.add("refused", text, "")
            return target.blank, text
        if made.lossy:
            shown = target.type.format(target.field, made.value, "zh-CN")
            self.report.add("lossy", source.type.format(source.field, before, "zh-CN"), shown)
        else:
            self.report.kept += 1
        return made.value, None

    def _stands_for(self, there: Value, before: Value) -> bool:
        try:
            made = self.source.type.convert(self.source.field, there, self.target.field, self.target.type)
        except InvalidValue:
            return False
        return bool(made.value == before)


class Mover:
    """Carries rows of one entity over: conversions first, then keys of unique fields."""

    def __init__(
        self,
        entity_id: str,
        dialect: str,
        conversions: Sequence[tuple[Field, Field]],
        keyed: Sequence[Field],
    ):
        self.entity_id = entity_id
        self._table = _table(entity_id, dialect, conversions, keyed)
        self.conversions = [
            Conversion(
                Place(self._table, source, _known(source), dialect), Place(self._table, target, _known(target), dialect)
            )
            for source, target in conversions
        ]
        self._keyed = [(Place(self._table, one, _known(one), dialect), self._key_column(one)) for one in keyed]
        read = {column.name: column for place in self._places() for column in place.columns}
        self._select = select(self._table.c.rid, self._table.c.id, *read.values())
        written = {column.name for one in self.conversions for column in one.target.columns}
        written |= {column.name for _, column in self._keyed}
        self.watched = sorted(set(read) - written)
        """Columns whose change makes a row due again."""
        self._update = (
            update(self._table)
            .where(self._table.c.rid == bindparam("at_rid"))
            .values({name: bindparam(name) for name in sorted(written)})
            if written
            else None
        )

    def batch(self, connection: Connection, after: int, size: int) -> int:
        """Carry the next rows over; return the highest row number done, 0 when there are no more."""
        statement = self._select.where(self._table.c.rid > after).order_by(self._table.c.rid).limit(size)
        rows = connection.execute(statement).all()
        self._move(connection, rows)
        return rows[-1].rid if rows else 0

    def rows(self, connection: Connection, rids: Sequence[int]) -> None:
        """Carry given rows over once more (they changed since)."""
        for start in range(0, len(rids), 500):
            part = rids[start : start + 500]
            self._move(connection, connection.execute(self._select.where(self._table.c.rid.in_(part))).all())

    def reports(self) -> dict[str, Report]:
        """Return the counts so far by field id."""
        return {one.target.field.id: one.report for one in self.conversions}

    def _places(self) -> list[Place]:
        places = [place for one in self.conversions for place in (one.source, one.target)]
        return places + [place for place, _ in self._keyed]

    def _key_column(self, field: Field) -> Column[Any]:
        return self._table.c[names.unique_column(field, _known(field))]

    def _move(self, connection: Connection, rows: Sequence[Any]) -> None:
        if not rows:
            return
        changed: dict[str, dict[str, Any]] = {row.id: {"at_rid": row.rid} for row in rows}
        values: dict[str, dict[str, Value]] = {}
        for one in self.conversions:
            values[one.target.field.id] = made = self._convert(connection, one, rows)
            if one.target.links is not None:
                one.target.write_links(connection, made)
                continue
            for record, value in made.items():
                stored = one.target.type.to_db(one.target.field, value)
                changed[record].update(zip((c.name for c in one.target.columns), stored, strict=True))
        for place, column in self._keyed:
            held = values.get(place.field.id) or place.read(connection, rows)
            for record, value in held.items():
                changed[record][column.name] = place.type.unique_key(place.field, value)
        if self._update is not None:
            connection.execute(self._update, list(changed.values()))

    def _convert(self, connection: Connection, one: Conversion, rows: Sequence[Any]) -> dict[str, Value]:
        before, there = one.source.read(connection, rows), one.target.read(connection, rows)
        ids, field = list(before), one.target.field
        refused = held_originals(connection, self.entity_id, field.id, ids)
        made: dict[str, Value] = {}
        texts: dict[str, str] = {}
        for record, value in before.items():
            made[record], text = one.value(value, there[record], record in refused)
            if text is not None:
                texts[record] = text
        replace_originals(connection, self.entity_id, field.id, one.source.field.type, texts, ids)
        return made


def dry_run(
    connection: Connection, entity_id: str, source: Field, target: Field, limit: int = 100_000
) -> tuple[Report, bool]:
    """Convert up to ``limit`` values in memory and say what would become of them; False when there are more."""
    dialect = connection.dialect.name
    table = _table(entity_id, dialect, [(source, source)], ())
    place = Place(table, source, _known(source), dialect)
    goal = Place.__new__(Place)
    goal.field, goal.type, goal.columns, goal.links = target, _known(target), [], None
    conversion = Conversion(place, goal)
    after, seen = 0, 0
    while True:
        statement = select(table.c.rid, table.c.id, *place.columns).where(table.c.rid > after)
        rows = connection.execute(statement.order_by(table.c.rid).limit(2_000 if seen < limit else 1)).all()
        if not rows:
            return conversion.report, True
        if seen >= limit:
            return conversion.report, False
        for value in place.read(connection, rows).values():
            conversion.value(value, goal.blank, False)
        after, seen = rows[-1].rid, seen + len(rows)


def _table(entity_id: str, dialect: str, conversions: Sequence[tuple[Field, Field]], keyed: Sequence[Field]) -> Table:
    """Return the part of a record table that is read or written, whatever version names it."""
    columns: dict[str, Column[Any]] = {}
    for field in [one for pair in conversions for one in pair] + list(keyed):
        field_type = _known(field)
        for spec in field_type.columns(field):
            name = names.column(field, field_type, spec)
            columns.setdefault(name, Column(name, column_type(spec.kind, dialect)))
    for field in keyed:
        name = names.unique_column(field, _known(field))
        columns.setdefault(name, Column(name, column_type("text", dialect)))
    rid = Column("rid", Integer, primary_key=True)
    return Table(
        names.record_table(entity_id), MetaData(), rid, Column("id", column_type("text", dialect)), *columns.values()
    )


def _known(field: Field) -> FieldType:
    found = type_of(field)
    if found is None:
        raise KeyError(field.type)
    return found


Progress = Callable[[int, int], None]
"""Called with rows done and rows in all."""
