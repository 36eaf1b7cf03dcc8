"""What the formula editor is told: findings, fields in the text, type, dependencies, a value, names to choose from."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from builder.drafts import draft_revision, open_draft
from engine.actor import Actor
from engine.expr.compile import Checked, check
from engine.expr.describe import type_name
from engine.expr.functions.base import FUNCTIONS, Function
from engine.expr.messages import ERROR_MESSAGES, ExprFinding
from engine.expr.reference import GROUPS
from engine.expr.schema import Scope, Symbol
from engine.expr.suggest import sounds
from engine.expr.texts import to_text
from engine.expr.to_python import closure
from engine.expr.tree import Tree
from engine.expr.types import DEPARTMENT_ENTITY, USER_ENTITY, Choice, ListType, NumberType, RecordType, Type
from engine.expr.values import Env, ErrorValue, record_id
from engine.problems import NotFound
from engine.records.catalog import catalog_for
from engine.records.formulas import formulas_of
from engine.records.present import scalar_json
from engine.records.schema import SnapshotSchema, scope_of
from engine.records.store import RecordStore
from metadata.findings import in_language, message
from metadata.snapshot import Snapshot

Json = dict[str, Any]
PEOPLE: Mapping[str, Mapping[str, str]] = {
    USER_ENTITY: {"zh-CN": "人员", "en": "Person"},
    DEPARTMENT_ENTITY: {"zh-CN": "部门", "en": "Department"},
}
_SHOWN_ITEMS = 20
_KEPT_DRAFTS = 8


@dataclass(frozen=True, slots=True)
class Definition:
    """The names of one version of an application: the live one, or a draft (``live`` False)."""

    schema: SnapshotSchema
    live: bool

    @property
    def snapshot(self) -> Snapshot:
        return self.schema.snapshot


class Definitions:
    """Names by application and revision, worked out once: a check must not read a draft again for every key."""

    def __init__(self) -> None:
        self._drafts: OrderedDict[tuple[str, int], Definition] = OrderedDict()
        self._lock = threading.Lock()

    def live(self, store: RecordStore) -> Definition:
        """The published names; formulas that are never stored stand inside those that use them."""
        return Definition(formulas_of(catalog_for(store.snapshot, store.connection.dialect.name)).schema, live=True)

    def of(self, connection: Connection, store: RecordStore, *, draft: bool) -> Definition:
        """The names of the draft if one is wanted and there is one, else the published ones."""
        revision = draft_revision(connection, store.snapshot.app.id) if draft else 0
        if not revision:
            return self.live(store)
        key = (store.snapshot.app.id, revision)
        with self._lock:
            found = self._drafts.get(key)
        if found is None:
            opened = open_draft(connection, key[0])
            found = Definition(SnapshotSchema(Snapshot(opened.app, 0)), live=False)
            with self._lock:
                self._drafts[key] = found
                while len(self._drafts) > _KEPT_DRAFTS:
                    self._drafts.popitem(last=False)
        return found


# -- one text -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A text to check. ``wanted`` is the type its place needs, None for any; ``making`` is true for a default value,
    where functions that give something new each time may be used."""

    entity: str
    src: str
    wanted: Type | None
    roots: frozenset[str]
    refs: dict[str, str]
    blank_as_zero: bool
    making: bool


def checked(definition: Definition, question: Question, language: str) -> Checked:
    """Check a text where it stands. Raises :class:`NotFound` for an unknown entity."""
    try:
        entity = definition.snapshot.entity(question.entity) if question.entity else None
    except KeyError:
        raise NotFound(what=question.entity[:100]) from None
    scope = scope_of(definition.schema, entity, question.roots, language, making=question.making)
    return check(question.src, scope, question.wanted, refs=question.refs, blank_as_zero=question.blank_as_zero)


def outcome(definition: Definition, found: Checked, language: str) -> Json:
    """Return what a check found, in a language."""
    tree = found.tree
    answer: Json = {
        "ok": tree is not None,
        "findings": [_finding(one, language) for one in found.findings],
        "fields": [_use(definition, start, end, field_id, language) for start, end, field_id in found.uses],
        "refs": dict(found.names),
        "type": None,
        "deps": [],
    }
    if tree is not None:
        answer |= {
            "type": type_json(tree.type, language),
            "deps": [_path(definition, path, language) for path in sorted(tree.deps | tree.facts.old)],
            "volatile": tree.volatile,
            "steps": tree.facts.size,
            "databases": sorted(tree.pushable),
        }
    return answer


def _finding(one: ExprFinding, language: str) -> Json:
    fixes = [{"from": fix.start, "to": fix.end, "text": fix.text} for fix in one.fixes]
    return {
        "code": one.code,
        "kind": one.kind,
        "from": one.start,
        "to": one.end,
        "message": one.text(language),
        "severity": "hint" if one.code == "X701" else one.severity,
        "fixes": fixes,
    }


def _use(definition: Definition, start: int, end: int, field_id: str, language: str) -> Json:
    symbol = _known(definition, field_id)
    label = in_language(symbol.label, language) if symbol else field_id
    return {"from": start, "to": end, "id": field_id, "label": label, "kind": _kind(symbol.type) if symbol else ""}


def _known(definition: Definition, field_id: str) -> Symbol | None:
    for entity in PEOPLE:
        for symbol in Scope(definition.schema).fields(entity).values():
            if symbol.id == field_id and not field_id.startswith("sys_"):
                return symbol
    try:
        return definition.schema.by_id(field_id)
    except KeyError:
        return None


def _path(definition: Definition, path: tuple[str, ...], language: str) -> Json:
    known = [_known(definition, field_id) for field_id in path]
    return {
        "ids": list(path),
        "keys": [symbol.key if symbol else "" for symbol in known],
        "labels": [in_language(symbol.label, language) if symbol else "" for symbol in known],
    }


def _kind(type_: Type) -> str:
    return str(type_.item if isinstance(type_, ListType) else type_)


def type_json(type_: Type, language: str) -> Json:
    """Return a type as the editor shows it."""
    item = type_.item if isinstance(type_, ListType) else type_
    made: Json = {
        "kind": str(item),
        "list": isinstance(type_, ListType),
        "label": in_language(type_name(type_), language),
    }
    if isinstance(item, RecordType):
        made["entity"] = item.entity
    if isinstance(item, NumberType) and item.currency:
        made["currency"] = item.currency
    return made


# -- its value ------------------------------------------------------------------------------------------------------


def value_json(tree: Tree, env: Env, store: RecordStore, actor: Actor, language: str) -> Json:
    """Evaluate and return ``{"value", "text"}`` (``items`` and ``count`` for a list) or ``{"error", "text"}``."""
    value = closure(tree)(env)
    if isinstance(value, ErrorValue):
        return {"error": str(value), "text": message(ERROR_MESSAGES[value.code], language)}
    show = _shower(tree.type, env, store, actor, language)
    if isinstance(tree.type, ListType):
        many = list(value or ())
        return {"count": len(many), "items": [show(one) for one in many[:_SHOWN_ITEMS]]}
    if isinstance(tree.type, RecordType):
        return {"value": record_id(value), "text": show(value)}
    exact = to_text(env, value) if tree.type.kind in ("number", "duration") else scalar_json(value)
    return {"value": exact, "text": show(value)}


def _shower(type_: Type, env: Env, store: RecordStore, actor: Actor, language: str) -> Callable[[Any], str]:
    item = type_.item if isinstance(type_, ListType) else type_
    if isinstance(item, Choice):
        labels = item.labels(language)
        return lambda value: labels.get(value, value or "")
    if isinstance(item, RecordType):
        return lambda value: _title(item.entity, record_id(value), store, actor)
    if item.kind == "file":
        return lambda value: str(getattr(value, "name", value) or "")
    return lambda value: to_text(env, value) or ""


def _title(entity: str, identifier: str | None, store: RecordStore, actor: Actor) -> str:
    if identifier is None:
        return ""
    if entity == USER_ENTITY:
        return store.user_names([identifier]).get(identifier, identifier)
    if store.catalog.has(entity):
        return store.titles(actor, entity, [identifier]).get(identifier, identifier)
    return identifier


# -- names to choose from -------------------------------------------------------------------------------------------


def names_json(definition: Definition, entity: str) -> Json:
    """Return the fields of an entity (by id or key; people and departments too). Raises :class:`NotFound`."""
    snapshot = definition.snapshot
    if entity in PEOPLE:
        fields = Scope(definition.schema).fields(entity)
        return {"entity": {"id": entity, "key": "", "label": PEOPLE[entity]}, "fields": [*map(_field, fields.values())]}
    try:
        known = snapshot.entity(entity)
    except KeyError:
        raise NotFound(what=entity[:100]) from None
    symbols = definition.schema.fields(known.id).values()
    about = {"id": known.id, "key": known.key, "label": known.label}
    return {"entity": about, "fields": [_field(symbol) for symbol in symbols]}


def _field(symbol: Symbol) -> Json:
    item = symbol.type.item if isinstance(symbol.type, ListType) else symbol.type
    made: Json = {
        "id": symbol.id,
        "key": symbol.key,
        "label": symbol.label,
        "kind": str(item),
        "list": isinstance(symbol.type, ListType),
        "sounds": _sounds(symbol.label),
        "system": symbol.id.startswith("sys_"),
    }
    if isinstance(item, Choice):
        made["options"] = [{"id": option, "label": label, "sounds": _sounds(label)} for option, label in item.options]
    if isinstance(item, RecordType):
        made["entity"] = item.entity
    return made


def _sounds(label: Mapping[str, str]) -> list[str]:
    """Return pinyin and initials of what a label says in Chinese."""
    return [sound for sound in dict.fromkeys(sounds(label.get("zh-CN", ""))) if sound]


def functions_json() -> Json:
    """Return every function by group, with what it does and examples, in both languages."""
    known = [function for function in FUNCTIONS if not function.hidden and function.name[0].isalpha()]
    groups = [
        {"key": group, "label": {"zh-CN": zh, "en": en}}
        for group, (zh, en) in GROUPS.items()
        if any(function.group == group for function in known)
    ]
    return {"groups": groups, "functions": list(map(_function, known))}


def _function(function: Function) -> Json:
    return {
        "name": function.name,
        "group": function.group,
        "signature": function.signature(),
        "params": list(_params(function)),
        "repeat": function.repeat,
        "result": type_json(function.result, "en")["kind"] if isinstance(function.result, Type) else "",
        "docs": dict(function.docs),
        "aliases": [name for name in function.aliases if name[0].isalpha()],
        "examples": [{"src": source, "shown": shown} for source, shown in function.examples],
    }


def _params(function: Function) -> Iterator[Json]:
    for param in function.params:
        yield {"name": param.name, "kind": param.accepts, "optional": param.optional, "words": list(param.words)}
