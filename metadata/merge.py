"""Three-way merge of an application: the template as it was, the template as it is, and the copy edited here.

Definitions meet by id, attributes by name. What only one side changed is taken; where both changed the same thing
differently the local edit stays and the place is listed. The merge itself never fails; whether the result holds
together (a new view may name a field deleted here) is for ``check``, whose findings come along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import metadata.messages  # noqa: F401  (registers the texts)
from metadata.check import check
from metadata.codec import canonical, from_json, to_json
from metadata.findings import Finding
from metadata.model import App, Json
from metadata.places import pointer, where

_ATOMIC = frozenset({"filter", "if", "where", "sort", "range", "dataset", "set", "format", "requires"})
"""Attributes whose parts mean nothing without each other: taken whole from one side."""

_KEYS = ("id", "w", "field")
"""What tells the items of a list apart, in order of preference."""


_Places = Sequence[tuple[str, str]]


class _Absent:
    """Marks an attribute or item that a side does not have."""


_ABSENT: Any = _Absent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """One place both sides changed. ``kept`` is the local value, ``offered`` the template's; None means deleted."""

    finding: Finding
    base: Json
    kept: Json
    offered: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """``app`` with the local edits and what the template brings; ``findings`` is ``check(app)``."""

    app: App
    conflicts: tuple[Conflict, ...]
    findings: tuple[Finding, ...]


def merge(base: App, ours: App, theirs: App) -> Merge:
    """Merge the changes from ``base`` to ``theirs`` into ``ours``; all three carry the same (local) ids."""
    merger = _Merger(to_json(ours), to_json(theirs))
    merged = merger.values(to_json(base), merger.ours, merger.theirs, ())
    _stay_where_moved(merged, merger.ours, merger.theirs)
    app = from_json(App, merged)
    return Merge(app=app, conflicts=tuple(merger.conflicts), findings=tuple(check(app)))


class _Merger:
    def __init__(self, ours: Json, theirs: Json):
        self.ours, self.theirs = ours, theirs
        self.conflicts: list[Conflict] = []

    def values(self, base: Any, ours: Any, theirs: Any, path: tuple[str | int, ...]) -> Any:
        if _equal(ours, theirs) or _equal(base, theirs):
            return ours
        if _equal(base, ours):
            return theirs
        name = path[-1] if path else ""
        if name not in _ATOMIC:
            if isinstance(ours, dict) and isinstance(theirs, dict) and "src" not in ours and "src" not in theirs:
                return self.mappings(base if isinstance(base, dict) else {}, ours, theirs, path)
            lists = [[] if value is _ABSENT else value for value in (base, ours, theirs)]  # empty is the default
            if all(isinstance(value, list) for value in lists) and (key := _key(lists)):
                return self.lists(lists, key, path) or _ABSENT
        self.conflict(base, ours, theirs, path)
        return ours

    def mappings(self, base: Any, ours: Any, theirs: Any, path: tuple[str | int, ...]) -> dict[str, Any]:
        result = {}
        for name in [*ours, *(key for key in theirs if key not in ours)]:
            value = self.values(
                base.get(name, _ABSENT), ours.get(name, _ABSENT), theirs.get(name, _ABSENT), (*path, name)
            )
            if value is not _ABSENT:
                result[name] = value
        return result

    def lists(self, sides: Sequence[list[Any]], key: str, path: tuple[str | int, ...]) -> list[Any]:
        base, ours, theirs = ({item[key]: item for item in side} for side in sides)
        position = {name: number for number, name in enumerate(ours)}
        merged: dict[str, Any] = {}
        for name in dict.fromkeys([*ours, *theirs]):
            at = (*path, position.get(name, len(ours)))
            value = self.values(base.get(name, _ABSENT), ours.get(name, _ABSENT), theirs.get(name, _ABSENT), at)
            if value is not _ABSENT:
                merged[name] = value
        return [merged[name] for name in _order(list(base), list(ours), list(theirs)) if name in merged]

    def conflict(self, base: Any, ours: Any, theirs: Any, path: tuple[str | int, ...]) -> None:
        place = pointer(path)
        if ours is _ABSENT:
            code, words = "M202", where(self.theirs, _place_of(self.theirs, theirs) or place)
        elif theirs is _ABSENT:
            code, words = "M203", where(self.ours, place)
        else:
            code, words = "M201", where(self.ours, place)
        finding = Finding(code, place, {"where": words}, "warning")
        sides = [None if value is _ABSENT else value for value in (base, ours, theirs)]
        self.conflicts.append(Conflict(finding=finding, base=sides[0], kept=sides[1], offered=sides[2]))


def _equal(one: Any, other: Any) -> bool:
    if one is _ABSENT or other is _ABSENT:
        return one is other
    return one is other or canonical(one) == canonical(other)  # 1 == True in Python, not in JSON


def _key(lists: Sequence[Any]) -> str:
    """Return what identifies the items in all lists, or "" when they are plain values."""
    for key in _KEYS:
        if all(_unique([item.get(key) if isinstance(item, Mapping) else None for item in side]) for side in lists):
            return key
    return ""


def _unique(names: Sequence[Any]) -> bool:
    return all(isinstance(name, str) for name in names) and len(set(names)) == len(names)


def _order(base: Sequence[str], ours: Sequence[str], theirs: Sequence[str]) -> list[str]:
    """Order of the merged items: ours, unless only theirs was re-ordered; news follow their neighbour."""
    ours_set, theirs_set = set(ours), set(theirs)
    common = [name for name in base if name in ours_set and name in theirs_set]
    shared = set(common)
    moved_here = [name for name in ours if name in shared] != common
    leading, other = (ours, theirs) if moved_here else (theirs, ours)
    result = list(leading)
    present = set(result)
    previous = ""
    for name in other:
        if name not in present:
            result.insert(result.index(previous) + 1 if previous else 0, name)
            present.add(name)
        previous = name
    return result


def _stay_where_moved(merged: Json, ours: Json, theirs: Json) -> None:
    """Where both sides moved one menu item or part of a form to different places, keep it at the local place only."""
    _settle(merged, "menu", (merged, ours, theirs))
    here, there = ({form["id"]: form for form in side.get("forms", ())} for side in (ours, theirs))
    for form in merged.get("forms", ()):
        _settle(form, "items", (form, here.get(form["id"], {}), there.get(form["id"], {})))


def _settle(merged: Json, key: str, sides: Sequence[Json]) -> None:
    misplaced = _misplaced(*(_pairs(side.get(key, ()), "") for side in sides))

    def keep(items: list[Any], owner: str) -> list[Any]:
        kept = [item for item in items if (item["id"], owner) not in misplaced]
        return [{**item, "items": keep(item["items"], item["id"])} if "items" in item else item for item in kept]

    if misplaced:
        merged[key] = keep(merged[key], "")


def _misplaced(merged: _Places, ours: _Places, theirs: _Places) -> set[tuple[str, str]]:
    """Return the (name, place) pairs to give up: the merge doubled the name, and here it stands at another place."""
    now, here, there = (Counter(name for name, _ in pairs) for pairs in (merged, ours, theirs))
    home = {name: place for name, place in ours if here[name] == 1 and now[name] > max(1, there[name])}
    kept = {(name, place) for name, place in merged if home.get(name) == place}
    return {(name, place) for name, place in merged if name in home and (name, home[name]) in kept} - kept


def _pairs(items: Sequence[Json], owner: str) -> list[tuple[str, str]]:
    pairs = []
    for item in items:
        pairs += [(item["id"], owner), *_pairs(item.get("items", ()), item["id"])]
    return pairs


def _place_of(data: Json, target: Json) -> str:
    pending: list[tuple[Any, tuple[str | int, ...]]] = [(data, ())]
    while pending:
        value, path = pending.pop()
        if value is target:
            return pointer(path)
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        pending.extend((item, (*path, step)) for step, item in items)
    return ""
