"""People, departments and reporting lines: the tables permissions and person fields read.

Departments and reporting lines carry closure tables (ancestor, descendant, depth), so "department and below" and
"own and team" are one subquery, and a move is one transaction. Role membership is per application.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Connection, ForeignKey, Index, Integer, String, Table, Text, insert

from engine.database import SYSTEM

user = Table(
    "org_user",
    SYSTEM,
    Column("id", String(32), primary_key=True),
    Column("username", String(128), nullable=False, unique=True),  # stored case-folded
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("phone", Text),
    Column("locale", String(8), nullable=False, default="zh-CN"),
    Column("zone", String(64), nullable=False, default="Asia/Shanghai"),
    Column("active", Boolean, nullable=False, default=True),
    Column("manager_id", String(32), ForeignKey("org_user.id")),
    Column("duties", JSON, nullable=False, default=list),  # builder, security_admin, data_admin, auditor
    Column("settings", JSON, nullable=False, default=dict),  # theme, density ...
    Column("created_at", String(32), nullable=False),
)

department = Table(
    "org_department",
    SYSTEM,
    Column("id", String(32), primary_key=True),
    Column("name", JSON, nullable=False),  # language map
    Column("parent_id", String(32), ForeignKey("org_department.id")),
    Column("head_id", String(32), ForeignKey("org_user.id")),
    Column("pos", Integer, nullable=False, default=0),
)

department_closure = Table(
    "org_department_closure",
    SYSTEM,
    Column("ancestor_id", String(32), ForeignKey("org_department.id", ondelete="CASCADE"), primary_key=True),
    Column("descendant_id", String(32), ForeignKey("org_department.id", ondelete="CASCADE"), primary_key=True),
    Column("depth", Integer, nullable=False),
)

membership = Table(
    "org_membership",
    SYSTEM,
    Column("user_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), primary_key=True),
    Column("department_id", String(32), ForeignKey("org_department.id", ondelete="CASCADE"), primary_key=True),
    Column("main", Boolean, nullable=False, default=False),
)

reporting = Table(  # closure of manager_id; depth 0 is the person
    "org_reporting",
    SYSTEM,
    Column("lead_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), primary_key=True),
    Column("member_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), primary_key=True),
    Column("depth", Integer, nullable=False),
)

role_member = Table(
    "org_role_member",
    SYSTEM,
    Column("role_id", String(64), primary_key=True),
    Column("user_id", String(32), ForeignKey("org_user.id", ondelete="CASCADE"), primary_key=True),
    Column("app_id", String(64), nullable=False),
)

org_change = Table(  # what changed in the organization or in calendars and formulas have yet to follow
    "org_change",
    SYSTEM,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("entity", String(32), nullable=False),  # org_user, org_department, or calendar
    Column("record", String(128), nullable=False),
)
CALENDAR = "calendar"

Index("ix_org_membership_department", membership.c.department_id)
Index("ix_org_reporting_member", reporting.c.member_id)
Index("ix_org_role_member_user", role_member.c.user_id, role_member.c.app_id)


def note_change(connection: Connection, entity: str, record: str) -> None:
    """Have formulas that read a person, a department or a calendar follow its change."""
    connection.execute(insert(org_change).values(entity=entity, record=record))
