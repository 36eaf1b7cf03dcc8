"""An application made to try forms on: every common control, every layout element, rules, a sub-table, one question at
a time, and a form with five hundred fields. It is published into the running install of a test.
"""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import select

from engine import org, people
from engine.actor import system_actor
from engine.publishing import publish
from metadata.model import App, Entity, Expr, Field, Form, FormItem, Grant, MenuItem, Role, Rule, View
from runtime.config import load_config
from runtime.services import open_services
from tests.e2e.driving import Product

ALL = ("create", "read", "update", "delete", "import", "export", "print", "transfer", "bulk", "history")
LEVELS = (("high", "高", "High"), ("middle", "中", "Middle"), ("low", "低", "Low"))
WIDE_FIELDS, WIDE_FORMULAS = 400, 100


def _text(zh: str, en: str = "") -> dict[str, str]:
    return {"zh-CN": zh, "en": en or zh}


def _field(key: str, kind: str, zh: str, **more: Any) -> Field:
    return Field(id=f"fld_{key}", key=key, type=kind, label=_text(zh, key.replace("_", " ").title()), **more)


def _at(key: str, width: Any = 6, **more: Any) -> FormItem:
    return FormItem(id=f"lay_{key}", field=f"fld_{key}", width=width, **more)


def _put(key: str, kind: Any, *items: FormItem, **more: Any) -> FormItem:
    return FormItem(id=f"lay_{key}", kind=kind, width=12, items=items, **more)


def _expr(source: str, **names: str) -> Expr:
    return Expr(src=source, refs=names)


def _levels(field: str) -> dict[str, Any]:
    return {"options": [{"id": f"opt_{field}_{one}", "label": _text(zh, en)} for one, zh, en in LEVELS]}


def _request() -> tuple[Entity, Entity, Form]:
    """A purchase request: steps, tabs, columns and rules."""
    item = Entity(
        id="ent_item",
        key="item",
        label=_text("采购明细", "Item"),
        parent="ent_request",
        title="fld_product",
        fields=(
            _field("product", "text", "品名", required=True),
            _field("qty", "number", "数量", options={"scale": 0, "min": "0"}),
            _field("price", "currency", "单价", options={"scale": 2, "currency": "CNY"}),
            _field("due", "date", "到货日"),
            _field(
                "amount",
                "formula",
                "金额",
                options={
                    "expr": {"src": "qty * price", "refs": {"qty": "fld_qty", "price": "fld_price"}},
                    "result": "number",
                    "scale": 2,
                },
            ),
        ),
    )
    request = Entity(
        id="ent_request",
        key="request",
        label=_text("采购申请", "Request"),
        title="fld_title",
        fields=(
            _field("title", "text", "事由", required=True),
            _field("level", "select", "紧急程度", options=_levels("level")),
            _field("why", "textarea", "加急原因"),
            _field("kinds", "multi_select", "类别", options=_levels("kinds")),
            _field("budget", "number", "预算", options={"scale": 2}),
            _field("share", "percent", "自付比例", options={"scale": 0}),
            _field("day", "date", "需要日期"),
            _field("moment", "datetime", "会议时间"),
            _field("agreed", "switch", "已沟通"),
            _field("mail", "email", "联系邮箱"),
            _field("phone", "phone", "联系电话"),
            _field("person", "user", "经办人"),
            _field("same", "link_one", "参考申请", options={"entity": "ent_request"}),
            _field("items", "subtable", "采购明细", options={"entity": "ent_item", "totals": {"fld_qty": "sum"}}),
        ),
        rules=(
            Rule(
                id="rul_urgent",
                kind="show",
                when=_expr('level = "高"', level="fld_level"),
                fields=("fld_why",),
            ),
            Rule(
                id="rul_why",
                kind="require",
                when=_expr('level = "高"', level="fld_level"),
                fields=("fld_why",),
            ),
            Rule(
                id="rul_budget",
                severity="warn",
                check=Expr(src="budget <= 10000", refs={"budget": "fld_budget"}, blank_as_zero=True),
                message=_text("预算超过一万元", "The budget is over ten thousand"),
                fields=("fld_budget",),
            ),
        ),
    )
    form = Form(
        id="frm_request",
        entity="ent_request",
        label=_text("采购申请", "Request"),
        default=True,
        items=(
            _put(
                "step1",
                "page",
                _put("hello", "note", text=_text("请先填写基本情况。", "First the basics."), config={"tone": "info"}),
                _put(
                    "basics",
                    "section",
                    _at("title", 12),
                    _at("level"),
                    _at("why", 12),
                    label=_text("基本情况", "Basics"),
                ),
                _put("cut", "divider", label=_text("分类", "Kinds")),
                _at("kinds"),
                _at("agreed"),
                label=_text("事由", "Reason"),
            ),
            _put(
                "step2",
                "page",
                _put(
                    "pair",
                    "columns",
                    FormItem(id="lay_left", kind="section", width=6, items=(_at("budget", 12), _at("share", 12))),
                    FormItem(id="lay_right", kind="section", width=6, items=(_at("day", 12), _at("moment", 12))),
                ),
                _put(
                    "tabs",
                    "tabs",
                    _put("who", "tab", _at("person"), _at("same"), label=_text("人员", "People")),
                    _put("reach", "tab", _at("mail"), _at("phone"), label=_text("联系方式", "Contact")),
                ),
                label=_text("预算与联系", "Budget"),
            ),
            _put(
                "step3",
                "page",
                _at("items", 12),
                _put("map", "embed", label=_text("地图", "Map"), config={"url": "https://maps.example.com/?q={title}"}),
                _put(
                    "link",
                    "button",
                    label=_text("打开说明", "Open the manual"),
                    config={"url": "https://docs.example.com/{title}"},
                ),
                label=_text("明细", "Items"),
            ),
        ),
    )
    return request, item, form


def _survey() -> tuple[Entity, Form]:
    """One question at a time."""
    entity = Entity(
        id="ent_survey",
        key="survey",
        label=_text("满意度", "Survey"),
        title="fld_visitor",
        fields=(
            _field("visitor", "text", "您的称呼", required=True),
            _field("score", "select", "您满意吗", options=_levels("score"), required=True),
            _field("words", "textarea", "想说的话"),
        ),
    )
    items = (_at("visitor", 12), _at("score", 12), _at("words", 12))
    form = Form(
        id="frm_survey", entity="ent_survey", label=_text("满意度", "Survey"), default=True, mode="single", items=items
    )
    return entity, form


def _wide() -> tuple[Entity, Form]:
    """Five hundred fields, a hundred of them worked out from others."""
    plain = [_field("title_w", "text", "名称", required=True)]
    plain += [_field(f"n{at}", "number", f"数 {at}", options={"scale": 2}) for at in range(1, WIDE_FIELDS)]
    made = []
    for at in range(1, WIDE_FORMULAS + 1):
        first, second = f"n{at}", f"n{at + WIDE_FORMULAS}"
        before = f"f{at - 1}" if at % 10 != 1 else "n400"
        names = [first, second, *([before] if before != "n400" else [])]
        options = {
            "expr": {"src": " + ".join(names), "refs": {name: f"fld_{name}" for name in names}},
            "result": "number",
            "scale": 2,
        }
        made.append(_field(f"f{at}", "formula", f"合计 {at}", options=options))
    fields = (*plain, *made)
    items = tuple(_at(one.key, 3) for one in fields)
    entity = Entity(id="ent_wide", key="wide", label=_text("大表单", "Wide"), title="fld_title_w", fields=fields)
    return entity, Form(id="frm_wide", entity="ent_wide", label=_text("大表单", "Wide"), default=True, items=items)


def forms_app() -> App:
    request, item, form = _request()
    survey, asking = _survey()
    wide, large = _wide()
    entities = (request, item, survey, wide)
    grants = tuple(Grant(id=f"grt_{one.key}", entity=one.id, actions=ALL, default_level="write") for one in entities)
    views = tuple(
        View(id=f"viw_{one.key}", entity=one.id, label=one.label, columns=(one.fields[0].id,), default=True)
        for one in (request, survey, wide)
    )
    return App(
        id="app_forms",
        key="forms",
        name=_text("表单", "Forms"),
        entities=entities,
        forms=(form, asking, large),
        views=views,
        roles=(Role(id="rol_forms", key="forms", label=_text("填表人", "Writers"), grants=grants),),
        menu=tuple(MenuItem(id=f"mnu_{view.id[4:]}", kind="view", target=view.id) for view in views),
    )


def install(product: Product) -> None:
    """Publish the application into a running product and let everybody use it."""
    env = {**os.environ, "DOUGONG_DATA": str(product.data)}
    services = open_services(load_config(env))
    try:
        publish(services.database, forms_app(), system_actor("test"))
        with services.database.write() as connection:
            for user in connection.execute(select(org.user.c.id)).scalars().all():
                people.add_role(connection, user, "rol_forms", "app_forms")
    finally:
        services.close()
