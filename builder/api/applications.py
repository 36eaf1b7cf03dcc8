"""Making an empty application, and listing those there are."""

from __future__ import annotations

from flask import Response

from builder.host import DUTY, Host, Routes
from engine.publishing import publish
from engine.records.transfer.design import ACTIONS
from engine.records.transfer.guess import column_key
from metadata.findings import Finding, Refused
from metadata.ids import new_id
from metadata.model import App, Entity, Field, Grant, MenuItem, Role, Text, View
from metadata.store import MetadataStore

MAX_NAME = 60


def checked_name(name: object) -> str:
    """The name of a new application. Raises :class:`Refused`."""
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME:
        raise Refused([Finding("B106", "/name", {"high": MAX_NAME})])
    return name.strip()


def blank_app(name: str, key: str) -> App:
    """An application with one entity, a list and an administrator role: enough to begin with."""
    label: Text = {"zh-CN": name, "en": name}
    title = Field(id=new_id("fld"), key="name", type="text", label={"zh-CN": "名称", "en": "Name"}, required=True)
    entity = Entity(
        id=new_id("ent"), key="item", label={"zh-CN": "数据", "en": "Item"}, title=title.id, fields=(title,)
    )
    view = View(
        id=new_id("viw"),
        entity=entity.id,
        label={"zh-CN": "全部", "en": "All"},
        columns=(title.id, "sys_owner", "sys_updated_at"),
        card=(title.id,),
        default=True,
    )
    grant = Grant(id=new_id("grt"), entity=entity.id, actions=ACTIONS, default_level="write")
    admin = Role(id=new_id("rol"), key="admin", label={"zh-CN": "管理员", "en": "Administrator"}, grants=(grant,))
    menu = MenuItem(id=new_id("mnu"), kind="view", label=entity.label, icon="table", target=view.id)
    return App(id=new_id("app"), key=key, name=label, entities=(entity,), views=(view,), roles=(admin,), menu=(menu,))


def add(host: Host, routes: Routes) -> None:
    """Add the routes."""

    @routes.route("/apps", who="duty", duty=DUTY)
    def list_apps() -> Response:
        host.arguments()
        store = MetadataStore(host.connection())
        shown = []
        for row in store.apps():
            draft = store.draft(row.id)
            app = draft.app if draft else store.live(row.id)[1]
            shown.append(
                {
                    "id": row.id,
                    "key": row.key,
                    "name": app.name,
                    "icon": app.icon,
                    "live_version": row.live_version,
                    "draft_rev": draft.rev if draft else 0,
                }
            )
        return host.answer({"apps": shown})

    @routes.route("/apps", methods=("POST",), who="duty", duty=DUTY)
    def create_app() -> Response:
        name = checked_name(host.body(allowed=("name",), required=("name",))["name"])
        taken = [row.key for row in MetadataStore(host.connection()).apps()]
        app = blank_app(name, column_key(name, taken))
        actor = host.actor()
        host.release()
        publish(host.database, app, actor, note=name)
        with host.write() as connection:
            host.make_admin(connection, app.id, tuple(role.id for role in app.roles))
        return host.answer({"app": {"id": app.id, "key": app.key, "name": app.name}}, 201)
