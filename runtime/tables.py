"""Tables of the web layer: sign-in sessions, password hashes, wrong tries, one-time links."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

import engine.forms.public_tables
import engine.org  # noqa: F401  (public links and people: the tables here refer to them)
from engine.database import SYSTEM

session = Table(
    "auth_session",
    SYSTEM,
    Column("id", String(32), primary_key=True),  # shown to people, useless for signing in
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("user_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", BigInteger, nullable=False),  # seconds since 1970
    Column("last_seen", BigInteger, nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", Text, nullable=False),
)

password = Table(
    "auth_password",
    SYSTEM,
    Column("user_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), primary_key=True),
    Column("hash", Text, nullable=False),
    Column("changed_at", BigInteger, nullable=False),
)

attempt = Table(
    "auth_attempt",
    SYSTEM,
    Column("key", String(64), primary_key=True),  # hash of what is counted: an account, an address, or both
    Column("failures", Integer, nullable=False),
    Column("last_at", BigInteger, nullable=False),
    Column("blocked_until", BigInteger, nullable=False),
)

link = Table(
    "auth_link",
    SYSTEM,
    Column("token_hash", String(64), primary_key=True),
    Column("purpose", String(16), nullable=False),
    Column("user_id", String(32)),
    Column("expires_at", BigInteger, nullable=False),
    Column("used", Boolean, nullable=False, default=False),
)

view = Table(  # views people save for themselves or for everybody, beside those the designer made
    "web_view",
    SYSTEM,
    Column("id", String(32), primary_key=True),
    Column("app_id", String(64), nullable=False),
    Column("entity_id", String(64), nullable=False),
    Column("owner_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), nullable=False),
    Column("shared", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", String(32), nullable=False),
)

draft = Table(  # what a person typed into a record and did not save; the owner's alone
    "web_draft",
    SYSTEM,
    Column("owner_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), primary_key=True),
    Column("entity_id", String(64), primary_key=True),
    Column("form_id", String(64), primary_key=True),  # empty: the entity's own form
    Column("record_id", String(32), primary_key=True),  # "new" for one that is not saved yet
    Column("at", String(32), nullable=False),
    Column("body", Text, nullable=False),
)

view_choice = Table(  # how a person wants the views of a list: in what order, which first
    "web_view_choice",
    SYSTEM,
    Column("user_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), primary_key=True),
    Column("entity_id", String(64), primary_key=True),
    Column("body", Text, nullable=False),
)

intent = Table(  # what a client marked with an Idempotency-Key and what became of it
    "web_intent",
    SYSTEM,
    Column("user_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("record_id", String(32), nullable=False),
    Column("at", String(32), nullable=False),
)

Index("ix_auth_session_user", session.c.user_id)
Index("ix_web_view_entity", view.c.entity_id, view.c.owner_id)
