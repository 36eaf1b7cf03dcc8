"""Forms, views, dashboards and the menu: everything shown belongs to the entity it is shown for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from metadata.checks.entities import LINK_TYPES, sorting
from metadata.checks.scope import Scope
from metadata.findings import Finding
from metadata.model import Dashboard, Entity, Form, FormItem, Json, MenuItem, Print, Text, View, Widget
from metadata.snapshot import SUBTABLE

_COLUMNS = 12
_LOGIC = frozenset({"and", "or", "not"})
_UNARY = frozenset({"blank", "not_blank"})
_DEFAULT = {
    "form": {"zh-CN": "表单", "en": "form"},
    "view": {"zh-CN": "视图", "en": "view"},
    "print": {"zh-CN": "打印模板", "en": "print template"},
}
_HOLDERS = frozenset({"section", "columns", "tabs", "tab", "page"})
ITEM_NAMES: Mapping[str, Text] = {
    "": {"zh-CN": "表单", "en": "the form"},
    "field": {"zh-CN": "字段", "en": "a field"},
    "section": {"zh-CN": "分段", "en": "a section"},
    "columns": {"zh-CN": "栅格", "en": "columns"},
    "tabs": {"zh-CN": "标签页组", "en": "tabs"},
    "tab": {"zh-CN": "标签页", "en": "a tab"},
    "page": {"zh-CN": "分页", "en": "a page"},
    "divider": {"zh-CN": "分割线", "en": "a divider"},
    "note": {"zh-CN": "说明", "en": "a note"},
    "embed": {"zh-CN": "嵌入", "en": "an embedded page"},
    "button": {"zh-CN": "按钮", "en": "a button"},
}
_TARGETS = {"view": {"zh-CN": "视图", "en": "a view"}, "dashboard": {"zh-CN": "仪表盘", "en": "a dashboard"}}


def check(scope: Scope) -> Iterator[Finding]:
    """Yield findings about what people see."""
    app = scope.app
    yield from _defaults(scope, "form", app.forms)
    yield from _defaults(scope, "view", app.views)
    for number, form in enumerate(app.forms):
        entity = scope.entities.get(form.entity)
        if entity is not None:
            yield from _form(scope, entity, form, f"/forms/{number}")
    for number, view in enumerate(app.views):
        entity = scope.entities.get(view.entity)
        if entity is not None:
            yield from _view(scope, entity, view, f"/views/{number}")
    yield from _defaults(scope, "print", app.prints)
    for number, page in enumerate(app.prints):
        entity = scope.entities.get(page.entity)
        if entity is not None:
            yield from _print(scope, entity, page, f"/prints/{number}")
    for number, dashboard in enumerate(app.dashboards):
        yield from _dashboard(scope, dashboard, f"/dashboards/{number}")
    yield from _menu(scope, app.menu, "/menu")


def filters(scope: Scope, entity: Entity, tree: Json, place: str) -> Iterator[Finding]:
    """Yield what is wrong with the shape and the paths of a filter tree; values are judged by the field types."""
    if tree is None:
        return
    head = tree[0] if isinstance(tree, (list, tuple)) and tree and isinstance(tree[0], str) else ""
    if head in _LOGIC:
        if len(tree) < 2 or (head == "not" and len(tree) != 2):
            yield scope.finding("M123", place)
        for number, part in enumerate(tree[1:], 1):
            yield from filters(scope, entity, part, f"{place}/{number}")
    elif head == "expr":
        if len(tree) != 2 or not isinstance(tree[1], (str, dict)):
            yield scope.finding("M123", place)
    elif not head or len(tree) != (2 if head in _UNARY else 3) or not isinstance(tree[1], str):
        yield scope.finding("M123", place)
    else:
        yield from scope.path(entity, tree[1], f"{place}/1")


def _defaults(scope: Scope, what: str, definitions: tuple[Any, ...]) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, definition in enumerate(definitions):
        if definition.default:
            if definition.entity in seen:
                at = f"/{what}s/{number}/default"
                yield scope.finding("M121", at, entity=scope.name(definition.entity), what=_DEFAULT[what])
            seen.add(definition.entity)


def _form(scope: Scope, entity: Entity, form: Form, place: str) -> Iterator[Finding]:
    yield from _items(scope, entity, form.items, place, set(), "")
    for number, name in enumerate(form.related):
        found = scope.fields.get(name)
        if found is None:
            continue
        field = found[0]
        linked = field.type in LINK_TYPES and field.type != SUBTABLE and field.options.get("entity") == entity.id
        if not linked:
            at = f"{place}/related/{number}"
            yield scope.finding("M124", at, target=scope.name(name), entity=scope.name(entity.id))


def _items(
    scope: Scope, entity: Entity, items: tuple[FormItem, ...], place: str, seen: set[str], owner: str
) -> Iterator[Finding]:
    """Yield what is wrong with parts of a form: what may stand where, and no field twice."""
    for number, item in enumerate(items):
        at = f"{place}/items/{number}"
        if item.kind == "field":
            yield from scope.path(entity, item.field, f"{at}/field")
            if item.field in seen:
                yield scope.finding("M120", f"{at}/field", target=scope.name(item.field))
            seen.add(item.field)
        if (item.kind == "tab") != (owner == "tabs") or (item.kind == "page" and owner):
            yield scope.finding("M131", at, kind=ITEM_NAMES[item.kind], owner=ITEM_NAMES[owner])
        if item.items and item.kind not in _HOLDERS:
            yield scope.finding("M132", at, kind=ITEM_NAMES[item.kind])
        yield from _items(scope, entity, item.items, at, seen, item.kind)


def _print(scope: Scope, entity: Entity, page: Print, place: str) -> Iterator[Finding]:
    for name, path in page.refs.items():
        head, _, rest = name.partition(".")
        owner, called = (scope.entities[head], rest) if head in scope.entities else (entity, name)
        if not called.startswith("related."):  # the field of another entity, which points here
            yield from scope.path(owner, path, f"{place}/refs/{name}")


def _view(scope: Scope, entity: Entity, view: View, place: str) -> Iterator[Finding]:
    for part in ("parts", "totals"):
        named = getattr(view, part)
        for key in named:
            yield from scope.path(entity, named[key] if part == "parts" else key, f"{place}/{part}/{key}")
    for number, colour in enumerate(view.colors):
        yield from filters(scope, entity, colour.filter, f"{place}/colors/{number}/filter")
        if colour.field:
            yield from scope.path(entity, colour.field, f"{place}/colors/{number}/field")
    for part in ("columns", "card", "group", "quick"):
        for number, path in enumerate(getattr(view, part)):
            yield from scope.path(entity, path, f"{place}/{part}/{number}")
    yield from filters(scope, entity, view.filter, f"{place}/filter")
    yield from sorting(scope, entity, view.sort, place)


def _dashboard(scope: Scope, dashboard: Dashboard, place: str) -> Iterator[Finding]:
    own = {widget.id for widget in dashboard.widgets}
    for number, cell in enumerate(dashboard.grid):
        if cell.w not in own:
            yield scope.finding("M118", f"{place}/grid/{number}/w", target=cell.w)
        if cell.x + cell.width > _COLUMNS:
            yield scope.finding("M127", f"{place}/grid/{number}", x=cell.x, width=cell.width)
    for number, widget in enumerate(dashboard.widgets):
        yield from _widget(scope, widget, f"{place}/widgets/{number}")


def _widget(scope: Scope, widget: Widget, place: str) -> Iterator[Finding]:
    identifier = widget.dataset.get("entity")
    entity = scope.entities.get(identifier) if isinstance(identifier, str) else None
    if entity is None:
        return
    yield from filters(scope, entity, widget.dataset.get("filter"), f"{place}/dataset/filter")
    for part in ("dims", "measures"):
        for number, shelf in enumerate(getattr(widget, part)):
            path = shelf.get("field")
            if isinstance(path, str) and path:
                yield from scope.path(entity, path, f"{place}/{part}/{number}/field")
            yield from filters(scope, entity, shelf.get("if"), f"{place}/{part}/{number}/if")


def _menu(scope: Scope, items: tuple[MenuItem, ...], place: str) -> Iterator[Finding]:
    targets = {"view": {v.id for v in scope.app.views}, "dashboard": {d.id for d in scope.app.dashboards}}
    for number, item in enumerate(items):
        at = f"{place}/{number}"
        if (
            item.kind != "folder"
            and item.target not in targets[item.kind]
            and (not item.target or item.target in scope.ids)
        ):
            target = scope.name(item.target) if item.target else "?"
            yield scope.finding("M119", f"{at}/target", expected=_TARGETS[item.kind], target=target)
        yield from _menu(scope, item.items, f"{at}/items")
