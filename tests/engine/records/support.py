"""Applications, people and workspaces for tests of the record layer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import insert

from engine import org
from engine.actor import Actor, system_actor
from engine.database import Database
from engine.records import publish as publishing
from engine.records.backfill import recompute
from engine.records.workspace import Workspace
from metadata.codec import from_json
from metadata.model import App, Entity, Expr, Field, Grant, Range, Role
from metadata.store import TABLES

PEOPLE = ("u_ann", "u_bob", "u_eve", "u_lead", "u_boss")
"""Ann and Bob report to the lead, the lead to the boss; Eve reports to nobody and sits in another department."""

_LEADS = (("u_lead", "u_ann", 1), ("u_lead", "u_bob", 1), ("u_boss", "u_lead", 1), ("u_boss", "u_ann", 2))
_SEATS = (("u_ann", "d_east"), ("u_bob", "d_west"), ("u_eve", "d_other"), ("u_lead", "d_sales"), ("u_boss", "d_sales"))
_DEPARTMENTS = (("d_sales", None), ("d_east", "d_sales"), ("d_west", "d_sales"), ("d_other", None))


class Clock:
    """A clock that moves one second at every look, so that times are told apart and the same in every run."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment


def crm() -> App:
    """Return the application shipped with the product."""
    body = orjson.loads((Path(__file__).parents[3] / "apps" / "crm_template.json").read_bytes())
    body.pop("$schema", None)
    found: App = from_json(App, body)
    return found


def people(database: Database) -> None:
    """Add the people of :data:`PEOPLE` with departments and reporting lines."""
    with database.write() as connection:
        connection.execute(
            insert(org.user),
            [{"id": u, "username": u, "name": u[2:].title(), "created_at": "2026-01-01"} for u in PEOPLE],
        )
        connection.execute(
            insert(org.department), [{"id": d, "name": {"en": d}, "parent_id": up} for d, up in _DEPARTMENTS]
        )
        closure = [(d, d, 0) for d, _ in _DEPARTMENTS] + [(up, d, 1) for d, up in _DEPARTMENTS if up]
        connection.execute(
            insert(org.department_closure),
            [{"ancestor_id": a, "descendant_id": d, "depth": n} for a, d, n in closure],
        )
        connection.execute(
            insert(org.membership), [{"user_id": u, "department_id": d, "main": True} for u, d in _SEATS]
        )
        lines = [(u, u, 0) for u in PEOPLE] + list(_LEADS)
        connection.execute(insert(org.reporting), [{"lead_id": a, "member_id": m, "depth": n} for a, m, n in lines])


def publish(database: Database, app: App) -> None:
    """Make an application live."""
    with database.write() as connection:
        TABLES.create_all(connection)
    publishing.publish(database, app, system_actor("test"), recompute=recompute)


def workspace(database: Database, app: App) -> Workspace:
    """Return a workspace with people and one live application, on a frozen clock."""
    people(database)
    publish(database, app)
    return Workspace(database, clock=Clock())


def person(user: str, *roles: str) -> Actor:
    """Return a person with some roles (ids)."""
    departments = tuple(d for u, d in _SEATS if u == user)
    return Actor(kind="user", id=user, name=user, roles=frozenset(roles), departments=departments)


def text(value: str) -> dict[str, str]:
    return {"zh-CN": value, "en": value}


def field(name: str, kind: str = "text", **rest: Any) -> Field:
    """Return a field ``fld_<name>`` with key ``name``."""
    options: Mapping[str, Any] = rest.pop("options", {})
    return Field(id=f"fld_{name}", key=name, type=kind, label=text(name), options=options, **rest)


def formula(name: str, source: str, result: str = "number", scale: int = 2, **rest: Any) -> Field:
    options = {"expr": {"src": source}, "result": result, **({"scale": scale} if result == "number" else {})}
    return field(name, "formula", options=options, **rest)


def entity(name: str, *fields: Field, **rest: Any) -> Entity:
    return Entity(id=f"ent_{name}", key=name, label=text(name), fields=fields, **rest)


def grant(name: str, target: str, actions: str, range: str | Range = "all", /, **levels: Any) -> Grant:
    """Return a grant; ``levels`` are by field name, ``default`` is the level of all others."""
    default = levels.pop("default", "hidden")
    chosen = range if isinstance(range, Range) else Range(kind=range)  # type: ignore[arg-type]
    return Grant(
        id=f"grt_{name}",
        entity=f"ent_{target}",
        actions=tuple(actions.split()),
        range=chosen,
        fields={key if key.startswith("sys_") else f"fld_{key}": level for key, level in levels.items()},
        default_level=default,
    )


def role(name: str, *grants: Grant) -> Role:
    return Role(id=f"rol_{name}", key=name, label=text(name), grants=grants)


def application(*entities: Entity, roles: tuple[Role, ...] = ()) -> App:
    return App(id="app_test", key="test", name=text("Test"), entities=entities, roles=roles)


def where(source: str) -> Range:
    """Return an expression range."""
    return Range(kind="expression", expr=Expr(src=source))
