"""Tables of public forms: the links, who was asked by name, and which sends were answered."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from engine.database import SYSTEM

link = Table(
    "public_link",
    SYSTEM,
    Column("id", String(32), primary_key=True),
    Column("app_id", String(64), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("maker_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("turn", Integer, nullable=False),  # goes up when the address is made anew; the old one is dead
    Column("label", Text, nullable=False),
    Column("state", String(8), nullable=False),  # open, paused
    Column("settings", Text, nullable=False),
    Column("answers", BigInteger, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("changed_at", String(32), nullable=False),
    Column("deleted_at", String(32), nullable=False),  # blank while it is there
)

ticket = Table(  # a link for one person about one record, which works once
    "public_ticket",
    SYSTEM,
    Column("token_hash", String(64), primary_key=True),
    Column("link_id", String(32), ForeignKey("public_link.id", ondelete="CASCADE"), nullable=False),
    Column("record_id", String(32), nullable=False),
    Column("turn", Integer, nullable=False),
    Column("created_at", String(32), nullable=False),
    Column("used_at", String(32), nullable=False),
)

answer = Table(  # one row a send that was taken; the same send again finds its record here
    "public_answer",
    SYSTEM,
    Column("link_id", String(32), ForeignKey("public_link.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("record_id", String(32), nullable=False),
    Column("visitor", String(64), nullable=False),
    Column("at", String(32), nullable=False),
)

Index("ix_public_link_entity", link.c.app_id, link.c.entity_id)
Index("ix_public_ticket_record", ticket.c.link_id, ticket.c.record_id, unique=True)
Index("ix_public_answer_visitor", answer.c.link_id, answer.c.visitor)
