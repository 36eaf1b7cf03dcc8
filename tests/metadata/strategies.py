"""Random applications and random edits: legal in shape, without meaning (references may dangle); laws need none."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from metadata.model import (
    App,
    Dashboard,
    Entity,
    Expr,
    Field,
    Flow,
    FlowEdge,
    FlowNode,
    Form,
    FormItem,
    Grant,
    GridCell,
    MenuItem,
    Print,
    Range,
    Role,
    Rule,
    Sort,
    Unique,
    View,
    Widget,
)
from metadata.tree import attributes, child_lists

_WORDS = ("客户", "Account", "金额", "Ünïcode", "x", "名称 2", "😀", "fld_like")


class Maker:
    """Makes definitions from one random source; every id is new."""

    def __init__(self, source: random.Random, tag: str = ""):
        self.r = source
        self.tag = tag
        self.number = 0
        self.made: dict[str, list[str]] = {}

    def id(self, prefix: str) -> str:
        self.number += 1
        made = f"{prefix}_{self.tag}{self.number}"
        self.made.setdefault(prefix, []).append(made)
        return made

    def ref(self, prefix: str) -> str:
        return self.r.choice(self.made.get(prefix) or [f"{prefix}_none"])

    def text(self) -> dict[str, str]:
        return {language: self.r.choice(_WORDS) for language in self.r.choice((["en"], ["zh-CN", "en"]))}

    def some(self, make: Callable[[], Any], most: int = 3) -> tuple[Any, ...]:
        return tuple(make() for _ in range(self.r.randint(0, most)))

    def key(self) -> str:
        self.number += 1
        return f"k{self.number}"

    def expr(self) -> Expr:
        target = self.ref("fld")
        return Expr(src=f'amount > {self.r.randint(0, 9)} AND stage = "{self.ref("opt")}"', refs={"amount": target})

    def json(self) -> Any:
        values = (None, True, 0, 1, 1.5, "text", "opt_in", [1, "a"], {"a": {"b": None}}, self.ref("opt"))
        return self.r.choice(values)

    def field(self) -> Field:
        r = self.r
        options: dict[str, Any] = {}
        if r.random() < 0.4:
            options["options"] = [{"id": self.id("opt"), "label": self.text()} for _ in range(r.randint(0, 3))]
        if r.random() < 0.3:
            options["entity"] = self.ref("ent")
        if r.random() < 0.2:
            options["expr"] = {"src": "a * b", "refs": {"a": self.ref("fld"), "b.c": self.ref("fld")}}
        return Field(
            id=self.id("fld"),
            key=self.key(),
            type=r.choice(("text", "number", "select", "link_one", "subtable")),
            label=self.text(),
            help=self.text() if r.random() < 0.2 else {},
            required=r.random() < 0.3,
            unique=Unique(scope=self.some(lambda: self.ref("fld"), 1)) if r.random() < 0.2 else None,
            default=self.json() if r.random() < 0.3 else None,
            default_expr=self.expr() if r.random() < 0.1 else None,
            options=options,
            trashed=r.random() < 0.1,
        )

    def rule(self) -> Rule:
        fields = self.some(lambda: self.ref("fld"))
        if self.r.random() < 0.5:
            return Rule(id=self.id("rul"), check=self.expr(), message=self.text(), fields=fields)
        kind = self.r.choice(("show", "require", "lock", "set", "choose"))
        values = {self.ref("fld"): self.expr()} if kind == "set" else {}
        options = tuple(dict.fromkeys(self.some(lambda: self.ref("opt"), 2))) if kind == "choose" else ()
        return Rule(id=self.id("rul"), kind=kind, when=self.expr(), fields=fields, values=values, options=options)

    def entity(self) -> Entity:
        return Entity(
            id=self.id("ent"),
            key=self.key(),
            label=self.text(),
            fields=self.some(self.field, 5),
            title=self.ref("fld"),
            parent=self.ref("ent") if self.r.random() < 0.2 else "",
            sort=(Sort(field=self.ref("fld"), dir="desc"),) if self.r.random() < 0.5 else (),
            rules=self.some(self.rule, 2),
            trashed=self.r.random() < 0.1,
        )

    def item(self, depth: int = 2) -> FormItem:
        kind = self.r.choice(("field", "note", "section", "columns") if depth else ("field", "note"))
        if kind == "field":
            return FormItem(id=self.id("lay"), field=self.ref("fld"))
        items = self.some(lambda: self.item(depth - 1), 3) if depth and kind != "note" else ()
        when = self.expr() if self.r.random() < 0.2 else None
        return FormItem(id=self.id("lay"), kind=kind, label=self.text(), when=when, items=items)

    def form(self) -> Form:
        return Form(id=self.id("frm"), entity=self.ref("ent"), label=self.text(), items=self.some(self.item))

    def print(self) -> Print:
        refs = {"name": self.ref("fld")}
        return Print(id=self.id("prt"), entity=self.ref("ent"), label=self.text(), html="{{ name }}", refs=refs)

    def view(self) -> View:
        path = f"{self.ref('fld')}.{self.ref('fld')}"
        return View(
            id=self.id("viw"),
            entity=self.ref("ent"),
            label=self.text(),
            columns=tuple(dict.fromkeys((self.ref("fld"), path, "sys_owner"))),
            filter=["and", ["=", self.ref("fld"), self.json()], ["blank", path]] if self.r.random() < 0.5 else None,
        )

    def node(self) -> FlowNode:
        config = {"set": {self.ref("fld"): {"value": self.ref("opt")}}, "path": [self.ref("fld")], "n": self.json()}
        return FlowNode(id=self.id("nod"), type="approve", label=self.text(), config=config)

    def edge(self) -> FlowEdge:
        when = self.expr() if self.r.random() < 0.3 else None
        return FlowEdge(id=self.id("edg"), from_node=self.ref("nod"), to_node=self.ref("nod"), when=when)

    def flow(self) -> Flow:
        nodes = self.some(self.node, 4)
        layout = {node.id: {"x": self.r.randint(0, 9), "y": 1} for node in nodes}
        return Flow(
            id=self.id("flw"),
            key=self.key(),
            label=self.text(),
            entity=self.ref("ent"),
            nodes=nodes,
            edges=self.some(self.edge, 4),
            layout=layout,
        )

    def widget(self) -> Widget:
        return Widget(
            id=self.id("wdg"),
            type="bar",
            label=self.text(),
            dataset={"entity": self.ref("ent"), "filter": ["in", self.ref("fld"), [self.ref("opt")]]},
            dims=({"id": "d1", "field": f"{self.ref('fld')}.{self.ref('fld')}"},),
            measures=({"id": "m1", "agg": "sum", "field": self.ref("fld")},),
            sort=(["d1", "asc"],),
        )

    def dashboard(self) -> Dashboard:
        widgets = self.some(self.widget)
        grid = tuple(GridCell(w=w.id, x=0, y=n, width=6, height=2) for n, w in enumerate(widgets))
        return Dashboard(id=self.id("dsh"), key=self.key(), label=self.text(), widgets=widgets, grid=grid)

    def grant(self) -> Grant:
        return Grant(
            id=self.id("grt"),
            entity=self.ref("ent"),
            actions=tuple(self.r.sample(("read", "create", "update"), 2)),
            range=Range(kind=self.r.choice(("all", "own", "team"))),
            fields={self.ref("fld"): "masked", "sys_owner": "read"},
        )

    def role(self) -> Role:
        return Role(id=self.id("rol"), key=self.key(), label=self.text(), grants=self.some(self.grant))

    def menu(self, depth: int = 0) -> MenuItem:
        if depth < 2 and self.r.random() < 0.4:
            items = self.some(lambda: self.menu(depth + 1))
            return MenuItem(id=self.id("mnu"), kind="folder", label=self.text(), items=items)
        return MenuItem(id=self.id("mnu"), kind="view", target=self.ref("viw"))

    def app(self) -> App:
        return App(
            id=self.id("app"),
            key="app",
            name=self.text(),
            entities=self.some(self.entity, 4),
            forms=self.some(self.form),
            views=self.some(self.view),
            prints=self.some(self.print, 2),
            flows=self.some(self.flow, 2),
            dashboards=self.some(self.dashboard, 2),
            roles=self.some(self.role, 2),
            menu=self.some(self.menu),
        )

    # -- edits --------------------------------------------------------------------------------------------------

    def edited(self, definition: Any, rate: float = 0.15) -> Any:
        """Return a definition with random parts changed, added, removed and moved; ids stay."""
        r = self.r
        values: dict[str, Any] = {}
        for name in attributes(definition):
            if name not in ("id", "key", "format", "kind") and r.random() < rate:
                values[name] = getattr(self.like(definition), name)
        for name in child_lists(definition):
            children = [self.edited(child, rate) for child in getattr(definition, name) if r.random() > rate]
            if children and r.random() < rate:
                r.shuffle(children)
            while r.random() < rate * 2:
                children.insert(r.randint(0, len(children)), self.child(definition, name))
            values[name] = tuple(children)
        return replace(definition, **values)

    def like(self, definition: Any) -> Any:
        return getattr(self, _MAKERS[type(definition)])()

    def child(self, definition: Any, name: str) -> Any:
        return getattr(self, "item" if type(definition) in (Form, FormItem) else _CHILD[name])()


_MAKERS = {
    App: "app",
    Entity: "entity",
    Field: "field",
    Rule: "rule",
    Form: "form",
    FormItem: "item",
    View: "view",
    Print: "print",
    Flow: "flow",
    FlowNode: "node",
    FlowEdge: "edge",
    Dashboard: "dashboard",
    Widget: "widget",
    Role: "role",
    Grant: "grant",
    MenuItem: "menu",
}

_CHILD = {
    "entities": "entity",
    "fields": "field",
    "rules": "rule",
    "forms": "form",
    "views": "view",
    "prints": "print",
    "flows": "flow",
    "nodes": "node",
    "edges": "edge",
    "dashboards": "dashboard",
    "widgets": "widget",
    "roles": "role",
    "grants": "grant",
    "menu": "menu",
    "items": "menu",
}


def moved_menu(app: App, r: random.Random) -> App:
    """Take a menu item out of its folder and put it at the top."""
    folders = [item for item in app.menu if item.items]
    if not folders:
        return app
    folder = r.choice(folders)
    item = r.choice(folder.items)
    rest = replace(folder, items=tuple(one for one in folder.items if one.id != item.id))
    return replace(app, menu=(item, *(rest if one.id == folder.id else one for one in app.menu)))


seeds = st.integers(min_value=0, max_value=2**32 - 1)
"""Tests draw a seed and make the application from it: a failing example is one number."""


def app_from(seed: int) -> App:
    return Maker(random.Random(seed)).app()


def edited_twice(seed: int, rate: float = 0.15) -> tuple[App, App, App]:
    """An application and two independent edits of it."""
    source = random.Random(seed)
    maker = Maker(source)
    base = maker.app()
    one = maker.edited(base, rate)
    other = maker.edited(base, rate)
    if source.random() < 0.3:
        one = moved_menu(one, source)
    return base, one, other
