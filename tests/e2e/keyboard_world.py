"""An application with one field of every common control, to be filled in without a mouse."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import select

from engine import org, people
from engine.actor import system_actor
from engine.publishing import publish
from metadata.model import App, Entity, Field, Form, FormItem, Grant, MenuItem, Role, View
from runtime.config import load_config
from runtime.services import open_services
from tests.e2e.driving import Product

ALL = ("create", "read", "update", "delete")


def _text(zh: str, en: str) -> dict[str, str]:
    return {"zh-CN": zh, "en": en}


def _options(*names: str, **parents: str) -> list[dict[str, Any]]:
    return [
        {
            "id": f"opt_{name}",
            "label": _text(name.title(), name.title()),
            **({"parent": f"opt_{parents[name]}"} if name in parents else {}),
        }
        for name in names
    ]


def _parts(kind: str, *names: str) -> list[dict[str, Any]]:
    return [{"id": f"{kind}_{name}", "label": _text(name.title(), name.title())} for name in names]


CONTROLS: dict[str, tuple[str, dict[str, Any]]] = {
    "title": ("text", {}),
    "story": ("textarea", {}),
    "pieces": ("number", {"scale": 0}),
    "price": ("currency", {"scale": 2, "currency": "CNY"}),
    "share": ("percent", {"scale": 0}),
    "day": ("date", {}),
    "moment": ("datetime", {}),
    "clock": ("time", {}),
    "agreed": ("switch", {}),
    "stage": ("select", {"options": _options("open", "won", "lost")}),
    "size": ("radio", {"options": _options("small", "large")}),
    "extras": ("checkbox_group", {"options": _options("gift", "fast", "green")}),
    "colors": ("multi_select", {"options": _options("red", "blue", "black")}),
    "words": ("tags", {}),
    "place": ("cascader", {"options": _options("house", "hall", "yard", hall="house")}),
    "marks": ("rating", {}),
    "done": ("progress", {"step": 5}),
    "effort": ("duration", {"units": ["h", "m"]}),
    "handler": ("user", {}),
    "unit": ("dept", {}),
    "like": ("link_one", {"entity": "ent_sheet"}),
    "address": ("address", {}),
    "views": ("matrix", {"rows": _parts("row", "speed", "taste"), "columns": _parts("col", "bad", "good")}),
    "rows": ("subtable", {"entity": "ent_line"}),
    "site": ("url", {}),
    "mail": ("email", {}),
    "phone": ("phone", {}),
}
"""Field key to type and options, in the order of the form."""


def app() -> App:
    line = Entity(
        id="ent_line",
        key="line",
        label=_text("明细", "Line"),
        parent="ent_sheet",
        title="fld_product",
        fields=(
            Field(id="fld_product", key="product", type="text", label=_text("品名", "Product")),
            Field(id="fld_qty", key="qty", type="number", label=_text("数量", "Quantity"), options={"scale": 0}),
        ),
    )
    fields = tuple(
        Field(id=f"fld_{key}", key=key, type=kind, label=_text(f"{key} 项", key.title()), options=options)
        for key, (kind, options) in CONTROLS.items()
    )
    sheet = Entity(id="ent_sheet", key="sheet", label=_text("表", "Sheet"), title="fld_title", fields=fields)
    items = tuple(FormItem(id=f"lay_{one.key}", field=one.id, width=12) for one in fields)
    form = Form(id="frm_sheet", entity="ent_sheet", label=_text("表", "Sheet"), default=True, items=items)
    view = View(id="viw_sheet", entity="ent_sheet", label=_text("表", "Sheet"), columns=("fld_title",), default=True)
    grants = tuple(
        Grant(id=f"grt_{one.key}", entity=one.id, actions=ALL, default_level="write") for one in (sheet, line)
    )
    return App(
        id="app_keys",
        key="keys",
        name=_text("键盘", "Keys"),
        entities=(sheet, line),
        forms=(form,),
        views=(view,),
        roles=(Role(id="rol_keys", key="keys", label=_text("填表人", "Writers"), grants=grants),),
        menu=(MenuItem(id="mnu_sheet", kind="view", target="viw_sheet"),),
    )


def install(product: Product) -> None:
    """Publish the application into a running product and let everybody use it."""
    services = open_services(load_config({**os.environ, "DOUGONG_DATA": str(product.data)}))
    try:
        publish(services.database, app(), system_actor("test"))
        with services.database.write() as connection:
            for user in connection.execute(select(org.user.c.id)).scalars().all():
                people.add_role(connection, user, "rol_keys", "app_keys")
    finally:
        services.close()
