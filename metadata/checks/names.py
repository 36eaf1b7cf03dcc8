"""Ids, keys and texts: unique, allowed, present; and references to definitions that exist."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from metadata.checks.scope import Scope
from metadata.findings import LANGUAGES, Finding
from metadata.model import PLATFORM, SYSTEM_FIELDS, SYSTEM_PARENT
from metadata.places import KINDS, pointer
from metadata.refs import defined, is_text, references

RESERVED_IDS = frozenset({"rol_system"})
"""Ids the product uses itself; a definition with one would be taken for it."""

_WORDS = frozenset({"and", "or", "not", "in", "true", "false", "null", "old", "user", "app", "param", "it", "let"})
RESERVED_KEYS = {
    "field": frozenset(f.key for f in SYSTEM_FIELDS) | {SYSTEM_PARENT.key} | _WORDS,
    "entity": frozenset({"records", "flows", "dashboards", "dashboard", "imports", "import", "openapi", "design"}),
    "app": frozenset({"tasks", "settings", "gallery", "import", "design", "new", "api", "system"}),
}
"""Keys that stand for something else in addresses or in expressions."""

_PREFIXES = {
    "app": ("app",),
    "entity": ("ent",),
    "field": ("fld", "sys"),
    "flow": ("flw",),
    "dashboard": ("dsh",),
    "role": ("rol",),
}
"""A key must not look like an id of its own kind: every question accepts both."""

_LANGUAGE_NAMES = {"zh-CN": {"zh-CN": "中文", "en": "Chinese"}, "en": {"zh-CN": "英文", "en": "English"}}


def check(scope: Scope) -> Iterator[Finding]:
    """Yield findings about names, texts and references."""
    yield from _platform(scope)
    yield from _ids(scope)
    yield from _keys(scope)
    yield from _texts(scope)
    yield from _references(scope)


def _platform(scope: Scope) -> Iterator[Finding]:
    wanted = scope.app.requires.get("platform", "")
    if _release(str(wanted).removeprefix(">=")) > _release(PLATFORM):
        yield scope.finding("M129", "/requires/platform", wanted=wanted, found=PLATFORM)


def _release(version: str) -> tuple[int, ...]:
    """Numbers of a version with its trailing zeros dropped, so that 1.0 and 1 are the same."""
    numbers = [int(part) if part.isdecimal() else 0 for part in version.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _ids(scope: Scope) -> Iterator[Finding]:
    for identifier, path in defined(scope.data):
        if scope.ids[identifier] != path:
            yield scope.finding("M101", pointer((*path, "id")), id=identifier, other=scope.name(identifier))
        elif identifier in RESERVED_IDS:
            yield scope.finding("M106", pointer((*path, "id")), key=identifier)


def _keys(scope: Scope) -> Iterator[Finding]:
    app = scope.app
    yield from _allowed(scope, app.key, "app", ("key",))
    lists: list[tuple[str, Sequence[Any], tuple[str | int, ...]]] = [
        ("entity", [e for e in app.entities if not e.trashed], ("entities",)),
        ("flow", app.flows, ("flows",)),
        ("dashboard", app.dashboards, ("dashboards",)),
        ("role", app.roles, ("roles",)),
    ]
    for position, entity in enumerate(app.entities):
        lists.append(("field", [f for f in entity.fields if not f.trashed], ("entities", position, "fields")))
    for kind, definitions, base in lists:
        yield from _unique(scope, kind, definitions, base)


def _unique(scope: Scope, kind: str, definitions: Iterable[Any], base: tuple[str | int, ...]) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for definition in definitions:
        path = scope.ids.get(definition.id, base)
        place = (*path, "key") if path[: len(base)] == base else base
        yield from _allowed(scope, definition.key, kind, place)
        if definition.key in owners:
            yield scope.finding("M102", pointer(place), key=definition.key, other=scope.name(owners[definition.key]))
        owners.setdefault(definition.key, definition.id)


def _allowed(scope: Scope, key: str, kind: str, place: tuple[str | int, ...]) -> Iterator[Finding]:
    if key in RESERVED_KEYS.get(kind, ()):
        yield scope.finding("M106", pointer(place), key=key)
    for prefix in _PREFIXES[kind]:
        if key.startswith(f"{prefix}_"):
            yield scope.finding("M107", pointer(place), key=key, prefix=prefix)


def _texts(scope: Scope) -> Iterator[Finding]:
    """Warn about a missing language where a definition is named; other texts may be in one language."""
    pending: list[tuple[Any, tuple[str | int, ...]]] = [(scope.data, ())]
    while pending:
        value, path = pending.pop()
        if isinstance(value, dict):
            for key in ("label", "name"):
                text = value.get(key)
                if isinstance(text, dict) and is_text(text):
                    for language in LANGUAGES:
                        if not text.get(language):
                            place = pointer((*path, key))
                            spoken = _LANGUAGE_NAMES[language]
                            yield scope.finding("M125", place, "warning", language=spoken)
            pending.extend((item, (*path, key)) for key, item in value.items() if key in KINDS)
        elif isinstance(value, list):
            pending.extend((item, (*path, position)) for position, item in enumerate(value))


def _references(scope: Scope) -> Iterator[Finding]:
    for reference in references(scope.data):
        if reference.target not in scope.ids:
            if not reference.loose:
                yield scope.finding("M103", reference.place, target=reference.target)
        elif reference.target in scope.trashed and reference.source not in scope.trashed:
            yield scope.finding("M105", reference.place, target=scope.name(reference.target))
