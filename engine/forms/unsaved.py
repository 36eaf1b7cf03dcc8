"""Unsaved work of a person on one record, kept so that it outlives the definition it was written under.

Values are kept by field id together with the type, the options and the name the field had. When they are asked for
again, each is judged by the fields and the rights of that moment; what no longer fits is listed with its name, its text
and why, and is never dropped without a word. Values of an unchanged field come back as they were, half typed ones too:
the form and the store judge them as ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.actor import Actor
from engine.fields.base import InvalidValue
from engine.records.catalog import EntityModel, FieldModel
from engine.records.labels import DEPARTMENTS, USERS, department_names
from engine.records.store import RecordStore
from metadata.codec import canonical

Json = dict[str, Any]
Reason = Literal["gone", "retyped", "locked", "unreadable"]
"""``gone``: the field is no longer there (for this person). ``retyped``: its type or options changed and the value does
not fit. ``locked``: it may not be written now. ``unreadable``: it points to records this person may not see."""

_MARK = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A value that was not taken over: the name its field had, the value as it was kept, and why."""

    label: Mapping[str, str]
    value: Any
    reason: Reason

    def to_json(self) -> Json:
        return {"label": dict(self.label), "value": self.value, "reason": self.reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """``values`` and the ``base`` they changed, by field key; ``labels`` names the ids in them."""

    values: Json
    base: Json
    left: tuple[Left, ...]
    labels: Mapping[str, Mapping[str, str]]


def kept(store: RecordStore, entity: str, values: Json, base: Json) -> list[Json]:
    """Return values by key as they are kept; names that are no field are left out."""
    model = store.catalog.entity(store.snapshot.entity(entity).id)
    found = []
    for key, value in values.items():
        f = model.find(key)
        if f is not None and not f.computed:
            found.append({**_described(store, f), "value": value, "base": base.get(f.key)})
    return found


def restored(store: RecordStore, actor: Actor, entity: str, parts: list[Json], levels: Mapping[str, str]) -> Restored:
    """Judge kept values by the fields of now; ``levels`` are the person's levels by key on this very record."""
    model = store.catalog.entity(store.snapshot.entity(entity).id)
    values: Json = {}
    base: Json = {}
    left: list[Left] = []
    links: dict[str, set[str]] = {}
    for part in parts:
        f = model.by_id.get(part["id"])
        reason = _refused(store, actor, part, f, levels.get(f.key, "hidden") if f else "hidden")
        if f is None or reason is not None:
            left.append(Left(label=part["label"], value=part["value"], reason=reason or "gone"))
            continue
        value, lost = _rows(store, actor, f, part) if f.storage == "children" else (part["value"], [])
        left += lost
        values[f.key], base[f.key] = value, part["base"]
        _collect(store, f, value, links)
    return Restored(values=values, base=base, left=tuple(left), labels=_names(store, actor, links))


def _described(store: RecordStore, f: FieldModel) -> Json:
    found: Json = {"id": f.id, "key": f.key, "type": f.field.type, "label": dict(f.field.label), "options": _mark(f)}
    if f.storage == "children" and store.catalog.has(f.target):
        below = store.catalog.entity(f.target)
        found["columns"] = [_described(store, one) for one in below.own if one.storage != "children"]
    return found


def _mark(f: FieldModel) -> str:
    return hashlib.sha256(canonical(dict(f.field.options))).hexdigest()[:_MARK]


def _refused(store: RecordStore, actor: Actor, part: Json, f: FieldModel | None, level: str) -> Reason | None:
    if f is None or level == "hidden":
        return "gone"
    if f.computed or level != "write":
        return "locked"
    if f.storage == "children":
        return None if isinstance(part["value"], list) else "retyped"
    if part["type"] != f.field.type or part["options"] != _mark(f):
        try:
            f.type.accept(f.field, part["value"])
        except InvalidValue:
            return "retyped"
    return None if _readable(store, actor, f, part["value"]) else "unreadable"


def _readable(store: RecordStore, actor: Actor, f: FieldModel, value: Any) -> bool:
    ids = set(_ids(value)) if f.target and not f.people else set()
    return not ids or ids <= set(store.titles(actor, f.target, ids))


def _ids(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, str) and one:
            yield one


def _rows(store: RecordStore, actor: Actor, f: FieldModel, part: Json) -> tuple[list[Json], list[Left]]:
    """Rows of a sub-table with the columns of now; a column that does not fit is listed once, with its texts."""
    below: EntityModel = store.catalog.entity(f.target)
    levels = store.access(actor, below.id).levels
    known = {column["key"]: column for column in part.get("columns", ())}
    rows: list[Json] = []
    lost: dict[str, tuple[Reason, list[Any]]] = {}
    for kept_row in part["value"]:
        if not isinstance(kept_row, dict):
            continue
        row = {"id": kept_row["id"]} if isinstance(kept_row.get("id"), str) else {}
        for key, value in kept_row.items():
            column = known.get(key)
            if column is None:
                continue
            now = below.by_id.get(column["id"])
            reason = _refused(
                store, actor, {**column, "value": value}, now, levels.get(now.key, "hidden") if now else ""
            )
            if now is not None and reason is None:
                row[now.key] = value
            elif value not in (None, "", []) and reason != "locked":  # what was only read there is nobody's work
                lost.setdefault(key, (reason or "gone", []))[1].append(value)
        rows.append(row)
    left = [Left(label=known[key]["label"], value=values, reason=reason) for key, (reason, values) in lost.items()]
    return rows, left


def _collect(store: RecordStore, f: FieldModel, value: Any, links: dict[str, set[str]]) -> None:
    if f.storage == "children":
        below = store.catalog.entity(f.target)
        for row in value:
            for key, inner in row.items():
                if key in below.by_key:
                    _collect(store, below.by_key[key], inner, links)
    elif f.people:
        links.setdefault(USERS, set()).update(_ids(value))
    elif f.holds == "departments":
        links.setdefault(DEPARTMENTS, set()).update(_ids(value))
    elif f.target:
        links.setdefault(f.target, set()).update(_ids(value))


def _names(store: RecordStore, actor: Actor, links: Mapping[str, set[str]]) -> dict[str, dict[str, str]]:
    found = {}
    for target, ids in links.items():
        if target == USERS:
            found[USERS] = store.user_names(ids)
        elif target == DEPARTMENTS:
            found[DEPARTMENTS] = department_names(store.connection, ids, actor.locale)
        else:
            found[store.catalog.entity(target).entity.key] = dict(store.titles(actor, target, ids))
    return found
