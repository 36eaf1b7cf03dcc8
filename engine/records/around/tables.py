"""Tables of what stands around records. Instants are UTC text of fixed width; all of it is removed with the record."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

import engine.org  # noqa: F401  (the people these tables refer to)
from engine.database import SYSTEM

notice = Table(  # what a person is told; put into sentences for the reader from a code or words, and facts
    "notice",
    SYSTEM,
    Column("id", String(32), primary_key=True),
    Column("key", String(200), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("app_id", String(64), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("record_id", String(32), nullable=False),
    Column("words", JSON, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("read", Boolean, nullable=False, default=False),
    UniqueConstraint("key", "user_id", name="uq_notice_key"),
)
Index("ix_notice_user", notice.c.user_id, notice.c.read, notice.c.created_at)
Index("ix_notice_record", notice.c.record_id)

comment = Table(  # ``text`` names people as ``@{id}``; it is blank once the comment is removed
    "record_comment",
    SYSTEM,
    Column("id", String(32), primary_key=True),
    Column("app_id", String(64), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("record_id", String(32), nullable=False),
    Column("reply_to", String(32), nullable=False, default=""),
    Column("author_id", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("files", JSON, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("edited_at", String(32), nullable=False, default=""),
    Column("removed_at", String(32), nullable=False, default=""),
)
Index("ix_record_comment_record", comment.c.record_id, comment.c.id)

favourite = Table(  # a record, a view or a dashboard somebody keeps at hand
    "favourite",
    SYSTEM,
    Column("user_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", String(16), primary_key=True),  # record, view, dashboard
    Column("target_id", String(64), primary_key=True),
    Column("app_id", String(64), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("at", String(32), nullable=False),
)
Index("ix_favourite_target", favourite.c.target_id)

visit = Table(  # when a person last opened a record, and which revision that person saw
    "record_visit",
    SYSTEM,
    Column("user_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), primary_key=True),
    Column("record_id", String(32), primary_key=True),
    Column("app_id", String(64), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("rev", Integer, nullable=False),
    Column("at", String(32), nullable=False),
)
Index("ix_record_visit_recent", visit.c.user_id, visit.c.at)
Index("ix_record_visit_record", visit.c.record_id)

read_through = Table(  # since when what arrives in an entity is news to a person: the first look, then "all read"
    "record_read_through",
    SYSTEM,
    Column("user_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), primary_key=True),
    Column("entity_id", String(64), primary_key=True),
    Column("at", String(32), nullable=False),
)
