"""What must be true of a view for its kind to show it: the parts it needs, of types that can play them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import engine.forms.views.messages  # noqa: F401 - registers the sentences
from engine.fields.base import FIELD_TYPES
from engine.forms.views.kinds import VIEW_KINDS, ViewKind, ViewPart
from engine.records.chains import chain_fields
from metadata.findings import Finding
from metadata.model import App, Entity
from metadata.snapshot import Snapshot


def check_views(app: App) -> Iterable[Finding]:
    """Yield what is wrong with the views of an application."""
    snapshot = Snapshot(app, 0)
    for number, view in enumerate(app.views):
        entity = snapshot.entity(view.entity)
        yield from check_view(snapshot, entity, view.kind, view.parts, view.options, f"/views/{number}")


def check_view(
    snapshot: Snapshot,
    entity: Entity,
    kind: str,
    parts: Mapping[str, str],
    options: Mapping[str, Any],
    place: str = "",
    *,
    saved: bool = False,
) -> Iterator[Finding]:
    """Yield what is wrong with one view. ``parts`` name fields by id or key.

    ``saved`` views are people's own: they cannot make a link one that may not form circles, so they only use those
    that are.
    """
    known = VIEW_KINDS.find(kind)
    if known is None:
        yield Finding("V101", f"{place}/kind", {"kind": kind[:40], "known": ", ".join(VIEW_KINDS.names())})
        return
    for part in known.parts:
        if part.required and not parts.get(part.name):
            yield Finding("V103", f"{place}/parts/{part.name}", {"kind": known.label, "part": part.label})
    if known.either and not any(parts.get(name) for name in known.either):
        named = [part.label for part in known.parts if part.name in known.either]
        joined = {language: " / ".join(str(label[language]) for label in named) for language in ("zh-CN", "en")}
        yield Finding("V108", f"{place}/parts", {"kind": known.label, "parts": joined})
    for name, path in parts.items():
        yield from _part(snapshot, entity, known, name, path, f"{place}/parts/{name}", saved)
    yield from _options(known, options, place)


def _part(
    snapshot: Snapshot, entity: Entity, kind: ViewKind, name: str, path: str, place: str, saved: bool
) -> Iterator[Finding]:
    part = kind.part(name)
    if part is None:
        listed = ", ".join(one.name for one in kind.parts) or "-"
        yield Finding("V102", place, {"kind": kind.label, "part": name[:40], "known": listed})
        return
    f = snapshot.fields(entity).get(path)
    if f is None:
        yield Finding("V201", place, {"path": path[:100]})
    elif not part.fits(f):
        yield Finding("V104", place, {"kind": kind.label, "part": part.label, "label": f.label, "known": _types(part)})
    elif part.own and str(f.options.get("entity", "")) != entity.id:
        yield Finding("V105", place, {"part": part.label, "label": f.label})
    elif saved and part.chain and f.id not in chain_fields(snapshot):
        yield Finding("V109", place, {"part": part.label, "label": f.label})


def _types(part: ViewPart) -> Mapping[str, str]:
    """Return the names of the field types this install has that can play a part."""
    found = [kind.label for name in sorted(part.types) if (kind := FIELD_TYPES.find(name)) is not None]
    return {language: ", ".join(str(label[language]) for label in found) for language in ("zh-CN", "en")}


def _options(kind: ViewKind, options: Mapping[str, Any], place: str) -> Iterator[Finding]:
    if not kind.options:
        return
    for name, value in options.items():
        option = kind.option(name)
        at = f"{place}/options/{name}"
        if option is None:
            listed = ", ".join(one.name for one in kind.options)
            yield Finding("V106", at, {"kind": kind.label, "option": name[:40], "known": listed})
        elif not option.accepts(value):
            yield Finding("V107", at, {"kind": kind.label, "option": name, "expected": option.expected})
