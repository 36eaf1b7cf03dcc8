"""Entities and fields: titles, parents and sub-tables, link targets, options, owners, sorting, rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from metadata.checks.scope import PERSON_TYPES, Scope
from metadata.deferred import deferred
from metadata.findings import LANGUAGES, Finding
from metadata.model import Entity, Field, Rule, Sort, Text
from metadata.snapshot import SUBTABLE

nx: Any = deferred("networkx")  # only a check needs it, not a start

LINK_TYPES = frozenset({"link_one", "link_many", SUBTABLE})
_SHOWN = 5
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "show": ("when", "fields"),
    "require": ("fields",),
    "lock": ("fields",),
    "set": ("values",),
    "choose": ("fields",),
}
_PARTS: Mapping[str, Text] = {
    "when": {"zh-CN": "条件", "en": "a condition"},
    "fields": {"zh-CN": "字段", "en": "fields"},
    "values": {"zh-CN": "要写入的值", "en": "the values to write"},
    "check": {"zh-CN": "校验公式", "en": "the formula to check"},
    "message": {"zh-CN": "提示文字", "en": "a message"},
    "filter": {"zh-CN": "可选范围", "en": "what may be chosen"},
}
_NO_TITLE = frozenset({SUBTABLE, "file", "link_many", "users", "switch"})


def check(scope: Scope) -> Iterator[Finding]:
    """Yield findings about entities and their fields."""
    yield from _circles(scope)
    for position, entity in enumerate(scope.app.entities):
        if entity.trashed:
            continue
        place = f"/entities/{position}"
        yield from _title(scope, entity, place)
        yield from _parent(scope, entity, place)
        yield from _owners(scope, entity, place)
        yield from sorting(scope, entity, entity.sort, place)
        for number, rule in enumerate(entity.rules):
            yield from _rule(scope, entity, rule, f"{place}/rules/{number}")
        for number, field in enumerate(entity.fields):
            if not field.trashed:
                yield from _field(scope, entity, field, f"{place}/fields/{number}")


def sorting(scope: Scope, entity: Entity, sort: tuple[Sort, ...], place: str) -> Iterator[Finding]:
    """Yield what is wrong with the sort keys of a definition at ``place``."""
    for number, key in enumerate(sort):
        yield from scope.path(entity, key.field, f"{place}/sort/{number}/field")


def _rule(scope: Scope, entity: Entity, rule: Rule, place: str) -> Iterator[Finding]:
    """Yield what is missing in a rule of its kind, and targets that are neither fields nor parts of a form here."""
    for index, name in enumerate(rule.fields):
        if name not in scope.parts.get(entity.id, ()):
            yield from scope.path(entity, name, f"{place}/fields/{index}")
    for name in rule.values:
        yield from scope.path(entity, name, f"{place}/values/{name}")
    needed = {"fix": ("check", "values")}.get(rule.severity, ("check",)) if rule.kind == "check" else _NEEDS[rule.kind]
    for part in needed:
        if not getattr(rule, part):
            yield scope.finding("M130", place, part=_PARTS[part])
    if rule.kind == "check" and not rule.message:
        yield scope.finding("M130", place, part=_PARTS["message"])
    if rule.kind == "choose" and not rule.options and rule.filter is None:
        yield scope.finding("M130", place, part=_PARTS["filter"])


def _title(scope: Scope, entity: Entity, place: str) -> Iterator[Finding]:
    if not entity.title:
        return
    yield from scope.path(entity, entity.title, f"{place}/title")
    field = scope.field(entity, entity.title)
    if field is not None and field.type in _NO_TITLE:
        yield scope.finding("M126", f"{place}/title", target=scope.name(field.id), type=field.type)


def _parent(scope: Scope, entity: Entity, place: str) -> Iterator[Finding]:
    parent = scope.entities.get(entity.parent)
    if parent is None or parent.trashed:
        return
    shown = [f for f in parent.fields if f.type == SUBTABLE and not f.trashed and f.options.get("entity") == entity.id]
    if len(shown) != 1:
        yield scope.finding("M109", f"{place}/parent", parent=scope.name(parent.id), count=len(shown))


def _circles(scope: Scope) -> Iterator[Finding]:
    graph = nx.DiGraph((e.id, e.parent) for e in scope.entities.values() if e.parent in scope.entities)
    order = {identifier: number for number, identifier in enumerate(scope.entities)}
    for found in nx.simple_cycles(graph):
        first = found.index(min(found, key=order.__getitem__))
        circle = [*found[first:], *found[:first]]
        place = "".join(f"/{step}" for step in scope.ids.get(circle[0], ())) + "/parent"
        shown = [scope.name(identifier) for identifier in (*circle[:_SHOWN], circle[0])]
        link = " → " if len(circle) <= _SHOWN else " → … "
        text = {
            language: " → ".join(name[language] for name in shown[:-1]) + link + shown[-1][language]
            for language in LANGUAGES
        }
        yield scope.finding("M108", place, cycle=text)


def _owners(scope: Scope, entity: Entity, place: str) -> Iterator[Finding]:
    for number, name in enumerate(entity.own):
        at = f"{place}/own/{number}"
        yield from scope.path(entity, name, at)
        field = scope.field(entity, name)
        if field is not None and field.type not in PERSON_TYPES:
            yield scope.finding("M113", at, target=scope.name(name) if name in scope.ids else dict(field.label))


def _field(scope: Scope, entity: Entity, field: Field, place: str) -> Iterator[Finding]:
    if field.type in LINK_TYPES:
        yield from _link(scope, entity, field, place)
    options = field.options.get("options", ())
    for number, option in enumerate(options if isinstance(options, (list, tuple)) else ()):
        if isinstance(option, dict) and not any((option.get("label") or {}).values()):
            yield scope.finding("M112", f"{place}/options/options/{number}/label")
    if field.unique is not None:
        for number, name in enumerate(field.unique.scope):
            yield from scope.path(entity, name, f"{place}/unique/scope/{number}")


def _link(scope: Scope, entity: Entity, field: Field, place: str) -> Iterator[Finding]:
    identifier = field.options.get("entity")
    if not identifier:
        yield scope.finding("M111", f"{place}/options")
        return
    target = scope.entities.get(identifier)
    if field.type == SUBTABLE and target is not None and target.parent != entity.id:
        at = f"{place}/options/entity"
        yield scope.finding("M110", at, target=scope.name(target.id), entity=scope.name(entity.id))
