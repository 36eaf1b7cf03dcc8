"""Who works here: people, departments, reporting lines and role membership, kept consistent.

Everything takes an open connection, so a change is part of the caller's transaction. Departments and reporting lines
are trees with closure tables; a move rewrites the closure of the moved branch and nothing else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import Column, Connection, Table, delete, func, insert, or_, select, update

from engine import org
from engine.actor import Actor
from engine.clock import instant_text
from engine.problems import NotFound
from metadata.findings import LANGUAGES, Finding, Refused, register_messages
from metadata.ids import new_record_id

DUTIES = ("builder", "security_admin", "data_admin", "auditor")
"""Rights over the product itself, apart from roles in applications. One person may hold all."""

_USERNAME = re.compile(r"^[\w.@+\-]{1,128}$")

register_messages(
    {
        "O101": {
            "zh-CN": "用户名“{value}”无效：只能用字母、汉字、数字和 . _ - @ +，最多 128 个字符。",
            "en": "The user name “{value}” is not valid: use letters, digits and . _ - @ +, at most 128 characters.",
        },
        "O102": {
            "zh-CN": "用户名“{value}”已被使用，请换一个。",
            "en": "The user name “{value}” is taken. Choose another.",
        },
        "O103": {
            "zh-CN": "不能这样设置：{value}会成为自己的上级。请选择其他上级。",
            "en": "This cannot be: {value} would be above itself. Choose another superior.",
        },
        "O104": {"zh-CN": "姓名不能为空。", "en": "The name must not be blank."},
        "O105": {
            "zh-CN": "“{value}”不在允许的取值中：{allowed}。",
            "en": "“{value}” is not one of the allowed values: {allowed}.",
        },
        "O106": {
            "zh-CN": "时区“{value}”不存在。例如：Asia/Shanghai。",
            "en": "There is no time zone “{value}”. Example: Asia/Shanghai.",
        },
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One row of the directory, as people see it."""

    id: str
    username: str
    name: str
    email: str = ""
    phone: str = ""
    locale: str = "zh-CN"
    zone: str = "Asia/Shanghai"
    active: bool = True
    manager_id: str = ""
    duties: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    id: str
    name: Mapping[str, str]
    parent_id: str = ""
    head_id: str = ""


def fold_username(username: str) -> str:
    """The form user names are stored and compared in (``Ｃhen.Jing`` and ``chen.jing`` are one)."""
    return unicodedata.normalize("NFKC", username).strip().casefold()


# -- people --------------------------------------------------------------------------------------------------------


def create_user(
    connection: Connection,
    *,
    username: str,
    name: str,
    email: str = "",
    phone: str = "",
    locale: str = "zh-CN",
    zone: str = "Asia/Shanghai",
    manager_id: str = "",
    duties: Sequence[str] = (),
    user_id: str = "",
) -> str:
    """Add a person and return the id. Raises :class:`Refused` with every finding (taken name, unknown duty ...)."""
    folded = fold_username(username)
    values = {"name": name.strip(), "email": email or None, "phone": phone or None, "locale": locale, "zone": zone}
    findings = _check_person({**values, "duties": list(duties)})
    if not _USERNAME.match(folded):
        findings.append(Finding("O101", "/username", {"value": username}))
    elif connection.execute(select(org.user.c.id).where(org.user.c.username == folded)).first():
        findings.append(Finding("O102", "/username", {"value": username}))
    if findings:
        raise Refused(findings)
    identifier = user_id or new_record_id()
    row = {**values, "id": identifier, "username": folded, "duties": list(duties), "created_at": instant_text()}
    connection.execute(insert(org.user).values(**row, active=True, settings={}))
    connection.execute(insert(org.reporting).values(lead_id=identifier, member_id=identifier, depth=0))
    if manager_id:
        set_manager(connection, identifier, manager_id)
    return identifier


def update_user(connection: Connection, user_id: str, **changes: Any) -> None:
    """Change ``name``, ``email``, ``phone``, ``locale``, ``zone``, ``duties`` or ``settings``.

    Raises :class:`Refused` for a bad value, :class:`NotFound` for an unknown person, ``TypeError`` for another name.
    """
    unknown = set(changes) - {"name", "email", "phone", "locale", "zone", "duties", "settings"}
    if unknown:
        raise TypeError(f"cannot change {sorted(unknown)} of a person here")
    if findings := _check_person(changes):
        raise Refused(findings)
    _touch(connection, org.user, user_id, changes)


def set_active(connection: Connection, user_id: str, active: bool) -> None:
    """Let a person sign in, or not. Whoever calls this to disable also ends the person's sessions."""
    _touch(connection, org.user, user_id, {"active": active})


def set_manager(connection: Connection, user_id: str, manager_id: str) -> None:
    """Put a person (and everyone below) under another, or under nobody (``""``). Raises :class:`Refused` on circles."""
    person = get_user(connection, user_id)
    if manager_id:
        get_user(connection, manager_id)
    _move(connection, org.reporting, "lead_id", "member_id", user_id, manager_id, place="/manager", name=person.name)
    _touch(connection, org.user, user_id, {"manager_id": manager_id or None})


def get_user(connection: Connection, user_id: str) -> Person:
    """Return a person. Raises :class:`NotFound`."""
    row = connection.execute(select(org.user).where(org.user.c.id == user_id)).mappings().first()
    if row is None:
        raise NotFound(what=user_id)
    return _person(row)


def user_by_name(connection: Connection, username: str) -> Person | None:
    """Return the person with a user name in any writing of it, or None."""
    row = connection.execute(select(org.user).where(org.user.c.username == fold_username(username))).mappings().first()
    return _person(row) if row else None


def find_users(connection: Connection, text: str = "", *, limit: int = 20, active_only: bool = True) -> list[Person]:
    """People whose name, user name or mail contains ``text``; whole-name beginnings come first."""
    query = select(org.user).limit(limit)
    if active_only:
        query = query.where(org.user.c.active)
    if wanted := text.strip():
        columns = (org.user.c.name, org.user.c.username, org.user.c.email)
        query = query.where(or_(*(column.icontains(wanted, autoescape=True) for column in columns)))
        query = query.order_by(org.user.c.name.istartswith(wanted, autoescape=True).desc())
    rows = connection.execute(query.order_by(org.user.c.name, org.user.c.id)).mappings()
    return [_person(row) for row in rows]


def has_users(connection: Connection) -> bool:
    """Say whether anybody can sign in at all (before the first set-up nobody can)."""
    return connection.execute(select(org.user.c.id).limit(1)).first() is not None


def _person(row: Mapping[str, Any] | Any) -> Person:
    return Person(
        id=row["id"], username=row["username"], name=row["name"], email=row["email"] or "", phone=row["phone"] or "",
        locale=row["locale"], zone=row["zone"], active=bool(row["active"]), manager_id=row["manager_id"] or "",
        duties=tuple(row["duties"]), settings=row["settings"],
    )  # fmt: skip


def _check_person(values: Mapping[str, Any]) -> list[Finding]:
    findings = []
    if "name" in values and not str(values["name"]).strip():
        findings.append(Finding("O104", "/name"))
    if "locale" in values and values["locale"] not in LANGUAGES:
        findings.append(Finding("O105", "/locale", {"value": values["locale"], "allowed": ", ".join(LANGUAGES)}))
    if "zone" in values and values["zone"] not in available_timezones():
        findings.append(Finding("O106", "/zone", {"value": values["zone"]}))
    for index, duty in enumerate(values.get("duties") or ()):
        if duty not in DUTIES:
            findings.append(Finding("O105", f"/duties/{index}", {"value": duty, "allowed": ", ".join(DUTIES)}))
    return findings


# -- departments ---------------------------------------------------------------------------------------------------


def create_department(
    connection: Connection,
    *,
    name: Mapping[str, str],
    parent_id: str = "",
    head_id: str = "",
    pos: int = 0,
    department_id: str = "",
) -> str:
    """Add a department and return the id. Raises :class:`NotFound` for an unknown parent."""
    identifier = department_id or new_record_id()
    row = {"id": identifier, "name": dict(name), "head_id": head_id or None, "pos": pos}
    connection.execute(insert(org.department).values(**row, parent_id=None))
    connection.execute(insert(org.department_closure).values(ancestor_id=identifier, descendant_id=identifier, depth=0))
    if parent_id:
        move_department(connection, identifier, parent_id)
    return identifier


def move_department(connection: Connection, department_id: str, parent_id: str) -> None:
    """Hang a department (with all below) under another, or at the top (``""``). Raises :class:`Refused` on a circle."""
    found = {department.id: department for department in departments(connection)}
    for wanted in (department_id, *([parent_id] if parent_id else [])):
        if wanted not in found:
            raise NotFound(what=wanted)
    name = found[department_id].name
    closure = org.department_closure
    _move(connection, closure, "ancestor_id", "descendant_id", department_id, parent_id, place="/parent", name=name)
    _touch(connection, org.department, department_id, {"parent_id": parent_id or None})


def departments(connection: Connection) -> list[Department]:
    """Every department, in the order people keep them."""
    rows = connection.execute(select(org.department).order_by(org.department.c.pos, org.department.c.id)).mappings()
    return [
        Department(id=row["id"], name=row["name"], parent_id=row["parent_id"] or "", head_id=row["head_id"] or "")
        for row in rows
    ]


def add_member(connection: Connection, user_id: str, department_id: str, *, main: bool = False) -> None:
    """Put a person into a department; ``main`` makes it the main one and the others side ones."""
    table = org.membership
    if main:
        connection.execute(update(table).where(table.c.user_id == user_id).values(main=False))
    remove_member(connection, user_id, department_id)
    connection.execute(insert(table).values(user_id=user_id, department_id=department_id, main=main))
    org.note_change(connection, org.user.name, user_id)


def remove_member(connection: Connection, user_id: str, department_id: str) -> None:
    table = org.membership
    connection.execute(delete(table).where(table.c.user_id == user_id, table.c.department_id == department_id))
    org.note_change(connection, org.user.name, user_id)


# -- roles and actors ----------------------------------------------------------------------------------------------


def add_role(connection: Connection, user_id: str, role_id: str, app_id: str) -> None:
    """Give a person a role of an application (twice is once)."""
    remove_role(connection, user_id, role_id)
    connection.execute(insert(org.role_member).values(role_id=role_id, user_id=user_id, app_id=app_id))


def remove_role(connection: Connection, user_id: str, role_id: str) -> None:
    table = org.role_member
    connection.execute(delete(table).where(table.c.role_id == role_id, table.c.user_id == user_id))


def roles_of(connection: Connection, user_id: str) -> dict[str, frozenset[str]]:
    """Role ids of a person by application id."""
    table = org.role_member
    found: dict[str, set[str]] = {}
    for role_id, app_id in connection.execute(
        select(table.c.role_id, table.c.app_id).where(table.c.user_id == user_id)
    ):
        found.setdefault(app_id, set()).add(role_id)
    return {app_id: frozenset(roles) for app_id, roles in found.items()}


def departments_of(connection: Connection, user_id: str) -> tuple[str, ...]:
    """Department ids of a person, the main one first."""
    table = org.membership
    query = select(table.c.department_id).where(table.c.user_id == user_id)
    return tuple(connection.execute(query.order_by(table.c.main.desc(), table.c.department_id)).scalars())


def actor_for(
    connection: Connection,
    user_id: str,
    app_id: str,
    *,
    request_id: str = "",
    session_id: str = "",
    address: str = "",
    on_behalf_of: str = "",
) -> Actor:
    """Return the actor a person is in an application, with today's roles. Raises :class:`NotFound`.

    A disabled person gets no role and no duty: whatever still runs in the name of one finds every door closed.
    """
    person = get_user(connection, user_id)
    return Actor(
        kind="user",
        id=person.id,
        name=person.name,
        roles=roles_of(connection, user_id).get(app_id, frozenset()) if person.active else frozenset(),
        departments=departments_of(connection, user_id) if person.active else (),
        duties=frozenset(person.duties) if person.active else frozenset(),
        locale=person.locale,
        zone=person.zone,
        request_id=request_id,
        session_id=session_id,
        address=address,
        on_behalf_of=on_behalf_of,
    )


# -- shared --------------------------------------------------------------------------------------------------------


_UNREAD = frozenset({"locale", "zone", "duties", "settings"})
"""What no formula reads of a person."""


def _touch(connection: Connection, table: Table, identifier: str, changes: Mapping[str, Any]) -> None:
    if changes:
        done = connection.execute(update(table).where(table.c.id == identifier).values(**changes))
        if not done.rowcount:
            raise NotFound(what=identifier)
        if not _UNREAD.issuperset(changes):
            org.note_change(connection, table.name, identifier)


def _move(
    connection: Connection, closure: Table, above: str, below: str, node: str, parent: str, *, place: str, name: Any
) -> None:
    """Rewrite the closure rows between a branch and what is above it."""
    up: Column[Any] = closure.c[above]
    down: Column[Any] = closure.c[below]
    branch = dict(_pairs(connection.execute(select(down, closure.c.depth).where(up == node))))
    if parent in branch:
        raise Refused([Finding("O103", place, {"value": name})])
    connection.execute(delete(closure).where(down.in_(list(branch)), up.not_in(list(branch))))
    if not parent:
        return
    lead = dict(_pairs(connection.execute(select(up, closure.c.depth).where(down == parent))))
    connection.execute(
        insert(closure),
        [
            {above: top, below: member, "depth": over + under + 1}
            for top, over in lead.items()
            for member, under in branch.items()
        ],
    )


def _pairs(rows: Iterable[Any]) -> list[tuple[str, int]]:
    return [(row[0], row[1]) for row in rows]


def count_active(connection: Connection) -> int:
    """How many people may sign in."""
    return connection.execute(select(func.count()).select_from(org.user).where(org.user.c.active)).scalar_one()
