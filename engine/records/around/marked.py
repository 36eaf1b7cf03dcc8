"""Filters by what a person marked: favourites, records opened, records that are unread.

A record is unread where somebody else did something since this person last looked: changed it or commented on it after
this person opened it, or made it after the list was last looked through (``read_through``). A record one changed last
oneself is read, and so is whatever is older than the moment at which one called everything read.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, cast, exists, func, literal, or_, select

from engine.fields.columns import Instant
from engine.records.around.tables import comment, favourite, read_through, visit

MARKS: Final = ("@favourite", "@unread", "@visited")


def marked(user_id: str, mark: str, record: ColumnElement[Any], entity_id: str, records: Table) -> ColumnElement[bool]:
    """Return the SQL of a mark of a person over a record's id; ``records`` is the table of its entity."""
    if mark == "@favourite":
        mine = and_(favourite.c.user_id == user_id, favourite.c.kind == "record")
        return record.in_(select(favourite.c.target_id).where(mine))
    if mark == "@visited":
        return record.in_(select(visit.c.record_id).where(visit.c.user_id == user_id))
    return _unread(user_id, record, entity_id, records)


def _unread(user_id: str, record: ColumnElement[Any], entity_id: str, records: Table) -> ColumnElement[bool]:
    """One row by its key, the person's visit to it and the person's look at the whole list. Blanks end in "no"."""
    one, opened, looked = records.alias(), visit.alias(), read_through.alias()
    since = cast(looked.c.at, Instant)
    changed = and_(
        one.c.rev > opened.c.rev,
        one.c.updated_by.is_distinct_from(user_id),
        or_(looked.c.at.is_(None), one.c.updated_at > since),
    )
    arrived = and_(opened.c.record_id.is_(None), one.c.created_by.is_distinct_from(user_id), one.c.created_at > since)
    spoken = exists(
        select(literal(1)).where(
            comment.c.record_id == one.c.id,
            comment.c.author_id != user_id,
            comment.c.removed_at == "",
            comment.c.created_at > func.coalesce(opened.c.at, looked.c.at),
            or_(looked.c.at.is_(None), comment.c.created_at > looked.c.at),
        )
    )
    seen = one.outerjoin(opened, and_(opened.c.user_id == user_id, opened.c.record_id == one.c.id)).outerjoin(
        looked, and_(looked.c.user_id == user_id, looked.c.entity_id == entity_id)
    )
    wanted = select(literal(1)).select_from(seen).where(one.c.id == record, or_(changed, arrived, spoken))
    return exists(wanted.correlate_except(one, opened, looked))
