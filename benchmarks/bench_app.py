"""The application bench_http measures: one customer entity of eleven columns and an ordinary role, filled quickly."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from engine import people
from engine.actor import system_actor
from engine.publishing import publish
from engine.records.spec import BulkRow
from metadata.model import App, Entity, Field, Grant, MenuItem, Role, Sort, View
from runtime import passwords, worker
from runtime.config import load_config
from runtime.services import open_services

BATCH = 10_000
ACTIONS = ("create", "read", "update", "delete", "export", "bulk", "history")


def _select(key: str, *options: str) -> Field:
    shown = [{"id": f"opt_{key}_{one}", "label": {"en": one}, "color": "info"} for one in options]
    return Field(id=f"fld_{key}", key=key, type="select", label={"en": key}, options={"options": shown})


def _field(key: str, kind: str, **more: Any) -> Field:
    return Field(id=f"fld_{key}", key=key, type=kind, label={"en": key}, **more)


def definition() -> App:
    """The application as metadata."""
    fields = (
        _field("name", "text", required=True),
        _select("stage", "contact", "offer", "won", "lost"),
        _select("region", "east", "south", "north"),
        _select("source", "web", "fair", "friend"),
        _field("phone", "phone"),
        _field("amount", "currency", options={"scale": 2, "currency": "CNY"}, indexed=True),
        _field("signed_on", "date"),
        _field("next_on", "date"),
        _field("visits", "number", options={"scale": 0}),
        _field("note", "textarea"),
    )
    entity = Entity(
        id="ent_customer", key="customer", label={"en": "Customer"}, title="fld_name", fields=fields,
        sort=(Sort(field="fld_amount", dir="desc"),),
    )  # fmt: skip
    view = View(
        id="viw_all", entity=entity.id, label={"en": "All"}, columns=("fld_name", "fld_amount"), default=True,
        filter=["=", "fld_stage", "opt_stage_won"], sort=entity.sort,
    )  # fmt: skip
    grant = Grant(id="grt_clerk", entity=entity.id, actions=ACTIONS, default_level="write")
    role = Role(id="rol_clerk", key="clerk", label={"en": "Clerk"}, grants=(grant,))
    menu = MenuItem(id="mnu_all", kind="view", target=view.id)
    return App(
        id="app_bench",
        key="bench",
        name={"en": "Bench"},
        entities=(entity,),
        views=(view,),
        roles=(role,),
        menu=(menu,),
    )


def fill(
    env: Mapping[str, str],
    password: str,
    rows: Iterator[dict[str, Any]],
    count: int,
    app: App | None = None,
    duties: Sequence[str] = (),
) -> list[str]:
    """Publish the application, add an account, write the rows through the record store; returns ids."""
    services = open_services(load_config({**os.environ, **env}))
    app = app or definition()
    publish(services.database, app, system_actor("bench"))
    with services.database.write() as connection:
        user = people.create_user(connection, username="bench", name="Bench", duties=duties)
        people.add_role(connection, user, "rol_clerk", app.id)
        passwords.store_hash(connection, user, passwords.hash_of(password), at=int(time.time()))
        actor = people.actor_for(connection, user, app.id)
    ids: list[str] = []
    while len(ids) < count:
        batch = [BulkRow(op="create", values=values) for values in islice(rows, BATCH)]
        with services.workspace.write("bench") as store:
            ids += [outcome.id for outcome in store.bulk(actor, "customer", batch).results]
    while worker.index_once(services):  # what the worker process does within seconds
        pass
    with services.database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
    services.close()
    return ids
