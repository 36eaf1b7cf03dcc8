"""An application from a table: one entity with form, list, dashboard and an administrator role.

The result is ordinary metadata, so everything can be changed in the designer afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.records.transfer.guess import ColumnGuess, column_key
from metadata.ids import new_id
from metadata.model import (
    App,
    Dashboard,
    Entity,
    Field,
    Form,
    FormItem,
    Grant,
    GridCell,
    Json,
    MenuItem,
    Role,
    Sort,
    Text,
    View,
    Widget,
)

ACTIONS = ("create", "read", "update", "delete", "import", "export", "print", "transfer", "bulk", "history", "share")
_WIDE = ("textarea", "subtable", "file")
_LIST_COLUMNS = 9


def app_from_table(name: str, columns: Sequence[ColumnGuess], taken_keys: Iterable[str] = ()) -> App:
    """Design an application for ``columns``. ``name`` becomes its name and the entity's."""
    label: Text = {"zh-CN": name, "en": name}
    entity = _entity(name, label, columns)
    view = View(
        id=new_id("viw"),
        entity=entity.id,
        label={"zh-CN": "全部", "en": "All"},
        columns=tuple(f.id for f in entity.fields if f.type not in _WIDE)[:_LIST_COLUMNS],
        card=tuple(f.id for f in entity.fields if f.id != entity.title and f.type not in _WIDE)[:3],
        sort=entity.sort,
        default=True,
    )
    board = _dashboard(label, entity)
    return App(
        id=new_id("app"),
        key=column_key(name, list(taken_keys)),
        name=label,
        icon="table-2",
        entities=(entity,),
        forms=(_form(entity),),
        views=(view,),
        dashboards=(board,),
        roles=(_administrator(entity, board),),
        menu=(
            MenuItem(id=new_id("mnu"), kind="view", label=label, icon="table-2", target=view.id),
            MenuItem(id=new_id("mnu"), kind="dashboard", label=board.label, icon="chart-column", target=board.id),
        ),
    )


def _entity(name: str, label: Text, columns: Sequence[ColumnGuess]) -> Entity:
    fields = tuple(
        Field(id=new_id("fld"), key=c.key, type=c.type, label={"zh-CN": c.name, "en": c.name}, options=dict(c.options))
        for c in columns
    )
    titles = [f for f, c in zip(fields, columns, strict=True) if c.type == "text"]
    most_telling = max(
        (c for c in columns if c.type == "text"),
        key=lambda c: (c.distinct, "name" in c.key or "名称" in c.name),
        default=None,
    )
    title = next(
        (f for f, c in zip(fields, columns, strict=True) if c is most_telling), titles[0] if titles else fields[0]
    )
    dated = next((f for f in fields if f.type in ("date", "datetime")), None)
    return Entity(
        id=new_id("ent"),
        key=column_key(name, []),
        label=label,
        icon="table-2",
        title=title.id,
        fields=fields,
        sort=(Sort(field=dated.id, dir="desc"),) if dated else (Sort(field="sys_created_at", dir="desc"),),
    )


def _form(entity: Entity) -> Form:
    items = tuple(FormItem(id=new_id("lay"), field=f.id, width=12 if f.type in _WIDE else 6) for f in entity.fields)
    label = {"zh-CN": "基本信息", "en": "Details"}
    section = FormItem(id=new_id("lay"), kind="section", label=label, width=12, items=items)
    return Form(id=new_id("frm"), entity=entity.id, label=entity.label, items=(section,), default=True)


def _administrator(entity: Entity, board: Dashboard) -> Role:
    grant = Grant(id=new_id("grt"), entity=entity.id, actions=ACTIONS, default_level="write")
    return Role(
        id=new_id("rol"),
        key="admin",
        label={"zh-CN": "管理员", "en": "Administrator"},
        grants=(grant,),
        dashboards=(board.id,),
    )


def _dashboard(label: Text, entity: Entity) -> Dashboard:
    """Number cards, a monthly trend, a split and a ranking: whatever the columns allow."""
    figure = _figure(entity)
    measure: dict[str, Json] = {"id": "m1", "agg": "count"}
    if figure is not None:
        money = figure.type == "currency"
        measure = {"id": "m1", "agg": "sum", "field": figure.id, "format": {"style": "currency" if money else "number"}}
    dataset: dict[str, Json] = {"entity": entity.id}
    count: dict[str, Json] = {"id": "m1", "agg": "count", "format": {"decimals": 0}}
    widgets = [
        _widget("kpi", {"zh-CN": "记录数", "en": "Records"}, dataset, [], count, {"value": "m1"}),
    ]
    if figure is not None:
        total: Text = {
            language: f"{text} · {'合计' if language == 'zh-CN' else 'total'}"
            for language, text in figure.label.items()
        }
        widgets.append(_widget("kpi", total, dataset, [], measure, {"value": "m1"}))
    dated = next((f for f in entity.fields if f.type in ("date", "datetime")), None)
    if dated is not None:
        dim: dict[str, Json] = {"id": "d1", "field": dated.id, "grain": "month"}
        widgets.append(
            _widget("bar", {"zh-CN": "按月趋势", "en": "By month"}, dataset, [dim], measure, {"x": "d1", "y": ["m1"]})
        )
    for i, choice in enumerate([f for f in entity.fields if f.type == "select"][:2]):
        top: dict[str, Json] = {"id": "d1", "field": choice.id, "top": {"n": 8, "by": "m1", "others": True}}
        if i == 0:
            widgets.append(_widget("pie", choice.label, dataset, [top], measure, {"label": "d1", "value": "m1"}))
        else:
            widgets.append(_widget("bar", choice.label, dataset, [top], measure, {"x": "d1", "y": ["m1"]}))
    named = next((f for f in entity.fields if f.type == "text"), None)
    if named is not None:
        best: dict[str, Json] = {
            "id": "d1",
            "field": entity.title or named.id,
            "top": {"n": 10, "by": "m1", "others": False},
        }
        ranking = _widget(
            "leaderboard",
            {"zh-CN": "排行榜", "en": "Ranking"},
            dataset,
            [best],
            measure,
            {"label": "d1", "value": "m1"},
        )
        widgets.append(ranking)
    return Dashboard(
        id=new_id("dsh"),
        key="overview",
        label={"zh-CN": "概览", "en": "Overview"},
        widgets=tuple(widgets),
        grid=_grid(widgets),
    )


def _figure(entity: Entity) -> Field | None:
    money = [f for f in entity.fields if f.type == "currency"]
    numbers = [f for f in entity.fields if f.type == "number" and f.options.get("scale")]
    return next(iter(money + numbers), None)


def _widget(
    kind: str,
    label: Text,
    dataset: dict[str, Json],
    dims: list[dict[str, Json]],
    measure: dict[str, Json],
    encode: dict[str, Json],
) -> Widget:
    descending = kind in ("leaderboard", "pie") or bool(dims and "top" in dims[0])
    return Widget(
        id=new_id("wdg"),
        type=kind,
        label=label,
        dataset=dataset,
        dims=tuple(dims),
        measures=(measure,),
        encode=encode,
        sort=(["m1", "desc"],) if descending else (),
    )


def _grid(widgets: Sequence[Widget]) -> tuple[GridCell, ...]:
    """Cards in the first row, then two charts a row."""
    cards = [w for w in widgets if w.type == "kpi"]
    charts = [w for w in widgets if w.type != "kpi"]
    cells = [
        GridCell(w=w.id, x=i * (12 // len(cards)), y=0, width=12 // len(cards), height=3) for i, w in enumerate(cards)
    ]
    for i, w in enumerate(charts):
        alone = i == len(charts) - 1 and i % 2 == 0
        cells.append(GridCell(w=w.id, x=(i % 2) * 6, y=3 + (i // 2) * 8, width=12 if alone else 6, height=8))
    return tuple(cells)
