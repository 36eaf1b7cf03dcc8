"""Filters by what a person marked: favourites, records opened, records that changed since."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select

from engine.records.around.tables import comment, favourite, visit

MARKS: Final = ("@favourite", "@unread", "@visited")


def marked(user_id: str, mark: str, record: ColumnElement[Any], rev: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the SQL of a mark of a person over a record's id and revision."""
    if mark == "@favourite":
        mine = and_(favourite.c.user_id == user_id, favourite.c.kind == "record")
        return record.in_(select(favourite.c.target_id).where(mine))
    opened = and_(visit.c.user_id == user_id, visit.c.record_id == record)
    if mark == "@visited":
        return record.in_(select(visit.c.record_id).where(visit.c.user_id == user_id))
    later = exists(
        select(literal(1))
        .where(comment.c.record_id == record, comment.c.author_id != user_id, comment.c.created_at > visit.c.at)
        .correlate_except(comment)
    )
    return exists(select(literal(1)).where(opened, or_(rev > visit.c.rev, later)).correlate_except(visit))
