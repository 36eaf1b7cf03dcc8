"""Serial numbers. Gapless ones count in the transaction of the record, so a refused write leaves no hole.

Fast ones (PostgreSQL) count in a transaction of their own: writers do not wait for each other, and a refused write
loses its number. On SQLite there is one writer at a time anyway and both count alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, String, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from engine.database import SYSTEM, Database
from engine.fields.serials import read_serial, render_serial, serial_period
from engine.records.catalog import EntityModel
from engine.records.drafts import Draft
from metadata.model import Field

serial_counter = Table(
    "serial_counter",
    SYSTEM,
    Column("field_id", String(64), primary_key=True),
    Column("period", String(16), primary_key=True),
    Column("value", BigInteger, nullable=False),
)


def _raise(dialect: Any) -> Any:
    """Statement that raises a counter by ``step`` and returns where it stands."""
    insert = dialect.insert(serial_counter).values(
        field_id=bindparam("field"), period=bindparam("span"), value=bindparam("step")
    )
    return insert.on_conflict_do_update(
        index_elements=["field_id", "period"], set_={"value": serial_counter.c.value + bindparam("step")}
    ).returning(serial_counter.c.value)


_RAISE: Final = {"sqlite": _raise(sqlite), "postgresql": _raise(postgresql)}


def raise_counter(connection: Connection, name: str) -> int:
    """Raise a counter that belongs to no field by one, in the transaction of the record; return where it stands."""
    binds = {"field": name, "span": "", "step": 1}
    return int(connection.execute(_RAISE[connection.dialect.name], binds).scalar_one())


def serial_fields(model: EntityModel) -> tuple[str, ...]:
    """Return the ids of the serial fields of an entity."""
    return tuple(f.id for f in model.own if f.field.type == "serial")


def allot(connection: Connection, database: Database, drafts: Sequence[Draft], day: date) -> None:
    """Give new records of one entity their numbers; one that came with an import keeps its own."""
    if not drafts:
        return
    for field_id in serial_fields(drafts[0].model):
        f = drafts[0].model.by_id[field_id].field
        _make_room(connection, f, [str(draft.new[field_id]) for draft in drafts if draft.new.get(field_id)])
        waiting = [draft for draft in drafts if not draft.new.get(field_id)]
        if waiting:
            last = _count(connection, database, f, day, len(waiting))
            for number, draft in enumerate(waiting, start=last - len(waiting) + 1):
                draft.new[field_id] = render_serial(f, day, number)


def _count(connection: Connection, database: Database, f: Field, day: date, step: int) -> int:
    binds = {"field": f.id, "span": serial_period(f, day), "step": step}
    if f.options.get("mode") == "fast" and database.dialect == "postgresql":
        with database.engine.begin() as own:
            return int(own.execute(_RAISE["postgresql"], binds).scalar_one())
    return int(connection.execute(_RAISE[connection.dialect.name], binds).scalar_one())


def _make_room(connection: Connection, f: Field, brought: Sequence[str]) -> None:
    """Raise the counters over numbers that records brought along, so that none is given a second time."""
    highest: dict[str, int] = {}
    for text in brought:
        read = read_serial(f, text)
        if read is not None:
            period, value = read
            highest[period] = max(value, highest.get(period, 0))
    for period, value in sorted(highest.items()):
        _at_least(connection, f, period, value)


def _at_least(connection: Connection, f: Field, period: str, value: int) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(serial_counter).values(field_id=f.id, period=period, value=value)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=["field_id", "period"], set_={"value": value}, where=serial_counter.c.value < value
        )
    )
