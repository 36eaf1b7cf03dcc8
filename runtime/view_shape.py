"""Saved views in the form the browser gets them: keys instead of ids, nothing about fields that do not show.

Views of the application and those people save have one shape, so a list treats them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from engine.records.filters import filter_with_keys
from engine.records.groups import TOTALS
from engine.records.within import PERIODS
from metadata.model import Entity, View
from metadata.snapshot import Snapshot

SETTINGS: Final = (
    "columns",
    "card",
    "filter",
    "sort",
    "group",
    "totals",
    "colors",
    "quick",
    "freeze",
    "parts",
    "options",
)
"""What makes a view, beside its name and who sees it."""
FREEZE: Final = 1
GRAINS: Final = "grains"
"""Option of a view of the application: the period of each date it groups by, ``{field id: grain}``."""

Readable = Callable[[str], bool]
"""Says whether the first field of a path shows."""
Askable = Callable[[Any], bool]
"""Says whether the person may ask with a condition."""


def stored_settings(snapshot: Snapshot, entity: Entity, view: View) -> dict[str, Any]:
    """Return the settings of a view of the application with keys instead of ids."""

    def key(path: str) -> str:
        try:
            return ".".join(f.key for f in snapshot.path(entity, path))
        except KeyError:
            return ""  # the field is gone, and what is about it with it

    grains = view.options.get(GRAINS)
    grains = grains if isinstance(grains, dict) else {}
    return {
        "columns": [key(path) for path in view.columns],
        "card": [key(path) for path in view.card],
        "filter": _tree(snapshot, entity, view.filter),
        "sort": [{"field": key(one.field), "dir": one.dir} for one in view.sort],
        "group": [_level(key(path), grains.get(path)) for path in view.group],
        "totals": {key(path): total for path, total in view.totals.items()},
        "colors": [
            {
                "filter": _tree(snapshot, entity, one.filter),
                "color": one.color,
                "field": key(one.field) if one.field else "",
            }
            for one in view.colors
        ],
        "quick": [key(path) for path in view.quick],
        "freeze": view.freeze,
        "parts": {part: key(path) for part, path in view.parts.items()},
        "options": {name: value for name, value in view.options.items() if name != GRAINS},
    }


def shown_settings(given: Mapping[str, Any], readable: Readable, askable: Askable) -> dict[str, Any]:
    """Return settings without what the person may not see; a list never fails because of a view."""

    def known(path: Any) -> bool:
        return bool(path) and readable(str(path))

    return {
        "columns": [path for path in given.get("columns", ()) if known(path)],
        "card": [path for path in given.get("card", ()) if known(path)],
        "filter": given.get("filter"),
        "sort": [one for one in given.get("sort", ()) if known(one["field"])],
        "group": [one for one in given.get("group", ()) if known(one["field"])],
        "totals": {path: total for path, total in given.get("totals", {}).items() if known(path) and total in TOTALS},
        "colors": [
            one
            for one in given.get("colors", ())
            if (not one.get("field") or known(one["field"])) and askable(one["filter"])
        ],
        "quick": [path for path in given.get("quick", ()) if known(path)],
        "freeze": given.get("freeze", FREEZE),
        # A part that cannot be played is told, so that the view can say what it lacks.
        "parts": {part: path if known(path) else "" for part, path in given.get("parts", {}).items()},
        "options": given.get("options", {}),
    }


def _tree(snapshot: Snapshot, entity: Entity, tree: Any) -> Any:
    return None if tree is None else filter_with_keys(snapshot, entity, tree)


def _level(key: str, grain: Any) -> dict[str, Any]:
    return {"field": key, "grain": grain} if grain in PERIODS else {"field": key}
