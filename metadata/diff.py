"""What changed between two versions, by stable id: an ordered list of operations that leads from one to the other.

Law: ``apply(diff(old, new), old) == new`` for any two versions whose ids are unique. A definition that was added or
removed stands for everything inside it; inside a definition that stayed, each part has its own operations.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal, TypeVar

from metadata.findings import LANGUAGES
from metadata.model import App, Text
from metadata.tree import attributes, child_lists, kind

_T = TypeVar("_T")

Op = Literal["add", "remove", "change", "move"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One operation on the definition ``id``, a ``kind`` in the list ``into`` of the definition ``owner``.

    ``old`` and ``new`` are whole definitions (None for add and remove respectively); a change concerns only the named
    ``attributes``, the parts inside have operations of their own. An added or moved definition comes right after its
    sibling ``after`` (empty: first).
    """

    op: Op
    kind: str
    id: str
    owner: str = ""
    into: str = ""
    attributes: tuple[str, ...] = ()
    after: str = ""
    old: Any = None
    new: Any = None


def diff(old: App | None, new: App) -> tuple[Change, ...]:
    """Return the operations that turn ``old`` (None: nothing yet) into ``new``."""
    if old is None:
        shell = _with(new, dict.fromkeys(child_lists(new), ()))
        return (Change(op="add", kind="app", id=new.id, new=shell), *_parts(shell, new))
    return tuple(_definition(old, new, owner="", into=""))


def apply(changes: Iterable[Change], old: App | None) -> App:
    """Carry out operations made by :func:`diff`. Raises ``KeyError`` when they were made for another version."""
    root = None if old is None else _Node(old)
    for change in changes:
        if change.kind == "app":
            if change.op == "add":
                root = _Node(change.new)
            elif root is not None:
                root.change(change)
            continue
        if root is None:
            raise KeyError(change.owner)
        root.find(change.owner).carry_out(change)
    if root is None:
        raise KeyError("app")
    result = root.build()
    assert isinstance(result, App)
    return result


def summary(changes: Iterable[Change]) -> tuple[Text, ...]:
    """Say in one line for each kind what happened, such as ``新增字段 2``; moves count once for each kind."""
    counts = Counter((change.op, change.kind) for change in changes if change.kind != "app" or change.op == "change")
    return tuple(_line(op, name, number) for (op, name), number in counts.items())


def same(one: Any, other: Any) -> bool:
    """Say whether two attributes are equal as JSON, where 1, 1.0 and true are three different values."""
    if one != other:
        return False
    return one is other or type(one) is str or repr(one) == repr(other) or _typed(one) == _typed(other)


def _typed(value: Any) -> Any:
    """A form of a value in which equal means equal as JSON: mappings without order, scalars with their type."""
    if isinstance(value, Mapping):
        return {key: _typed(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_typed(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return [(item.name, _typed(getattr(value, item.name))) for item in fields(value)]
    return (type(value).__name__, value)


# -- comparing ------------------------------------------------------------------------------------------------------


def _definition(old: Any, new: Any, owner: str, into: str) -> Iterator[Change]:
    changed = tuple(name for name in attributes(new) if not same(getattr(old, name), getattr(new, name)))
    if changed:
        yield Change(
            op="change", kind=kind(new), id=old.id, owner=owner, into=into, attributes=changed, old=old, new=new
        )
    yield from _parts(old, new)


def _parts(old: Any, new: Any) -> Iterator[Change]:
    for into in child_lists(new):
        yield from _list(getattr(old, into), getattr(new, into), new.id, into)


def _list(old: Sequence[Any], new: Sequence[Any], owner: str, into: str) -> Iterator[Change]:
    before = {item.id: item for item in old}
    after = {item.id: item for item in new}
    for item in old:
        if item.id not in after:
            yield Change(op="remove", kind=kind(item), id=item.id, owner=owner, into=into, old=item)
    fixed = _longest_in_order([item.id for item in old if item.id in after], [item.id for item in new])
    previous = ""
    for item in new:
        place = {"kind": kind(item), "id": item.id, "owner": owner, "into": into, "after": previous, "new": item}
        if item.id not in before:
            yield Change(op="add", **place)
        elif item.id not in fixed:
            yield Change(op="move", old=before[item.id], **place)
        previous = item.id
    for item in new:
        if item.id in before:
            yield from _definition(before[item.id], item, owner, into)


def _longest_in_order(old: Sequence[str], new: Sequence[str]) -> frozenset[str]:
    """Return the largest set of ids that keep their order, so that the fewest are moved (patience sorting)."""
    position = {identifier: number for number, identifier in enumerate(old)}
    kept = [identifier for identifier in new if identifier in position]
    tails: list[int] = []
    ends: list[str] = []
    before: dict[str, str] = {}
    for identifier in kept:
        place = bisect_left(tails, position[identifier])
        if place:
            before[identifier] = ends[place - 1]
        if place == len(tails):
            tails.append(position[identifier])
            ends.append(identifier)
        else:
            tails[place], ends[place] = position[identifier], identifier
    chosen = set()
    current = ends[-1] if ends else ""
    while current:
        chosen.add(current)
        current = before.get(current, "")
    return frozenset(chosen)


# -- carrying out ---------------------------------------------------------------------------------------------------


class _Node:
    """A definition that can be edited: its own attributes, and its parts as lists of nodes."""

    def __init__(self, definition: Any):
        self.definition = definition
        self.lists = {into: [_Node(item) for item in getattr(definition, into)] for into in child_lists(definition)}

    @property
    def id(self) -> str:
        return str(self.definition.id)

    def find(self, identifier: str) -> _Node:
        pending = [self]
        while pending:
            node = pending.pop()
            if node.id == identifier:
                return node
            pending.extend(child for nodes in node.lists.values() for child in nodes)
        raise KeyError(identifier)

    def carry_out(self, change: Change) -> None:
        nodes = self.lists[change.into]
        if change.op == "add":
            node = _Node(change.new)
        else:
            node = next((one for one in nodes if one.id == change.id), None) or _unknown(change.id)
            if change.op == "change":
                node.change(change)
                return
            nodes.remove(node)
            if change.op == "remove":
                return
        nodes.insert(_position(nodes, change.after), node)

    def change(self, change: Change) -> None:
        self.definition = _with(self.definition, {name: getattr(change.new, name) for name in change.attributes})

    def build(self) -> Any:
        built = {into: tuple(node.build() for node in nodes) for into, nodes in self.lists.items()}
        return _with(self.definition, built)


def _with(definition: _T, values: Mapping[str, Any]) -> _T:
    changed: _T = replace(definition, **values)  # type: ignore[type-var]
    return changed


def _position(nodes: Sequence[_Node], after: str) -> int:
    if not after:
        return 0
    return next((number for number, node in enumerate(nodes, 1) if node.id == after), None) or _unknown(after)


def _unknown(identifier: str) -> Any:
    raise KeyError(identifier)


# -- saying it ------------------------------------------------------------------------------------------------------

_OPS = {
    "add": {"zh-CN": "新增", "en": "added"},
    "remove": {"zh-CN": "删除", "en": "removed"},
    "change": {"zh-CN": "修改", "en": "changed"},
    "move": {"zh-CN": "移动", "en": "moved"},
}

_KINDS = {
    "app": ("应用设置", "application settings", "application settings"),
    "entity": ("对象", "entity", "entities"),
    "field": ("字段", "field", "fields"),
    "rule": ("规则", "rule", "rules"),
    "form": ("表单", "form", "forms"),
    "item": ("表单组件", "form item", "form items"),
    "view": ("视图", "view", "views"),
    "print": ("打印模板", "print template", "print templates"),
    "flow": ("流程", "flow", "flows"),
    "node": ("流程节点", "flow node", "flow nodes"),
    "edge": ("流程连线", "flow wire", "flow wires"),
    "dashboard": ("仪表盘", "dashboard", "dashboards"),
    "widget": ("图表", "widget", "widgets"),
    "role": ("角色", "role", "roles"),
    "grant": ("授权", "grant", "grants"),
    "menu": ("菜单项", "menu item", "menu items"),
}


def _line(op: str, name: str, number: int) -> Text:
    chinese, one, many = _KINDS[name]
    if name == "app":
        return {"zh-CN": f"{_OPS[op]['zh-CN']}{chinese}", "en": f"{one} {_OPS[op]['en']}"}
    texts = {
        "zh-CN": f"{_OPS[op]['zh-CN']}{chinese} {number}",
        "en": f"{number} {one if number == 1 else many} {_OPS[op]['en']}",
    }
    return {language: texts[language] for language in LANGUAGES}
