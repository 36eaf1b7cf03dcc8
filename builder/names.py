"""Names in a draft: expressions follow a renamed field or entity, and who uses a definition is told in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.expr.places import mentions, rewritten, written
from engine.expr.rewrite import rename
from engine.expr.schema import ROOTS, Scope
from engine.expr.types import RecordType
from engine.records.schema import SnapshotSchema, scope_of
from metadata.check import check
from metadata.codec import from_json, to_json
from metadata.model import App, Expr, Text
from metadata.places import where
from metadata.refs import used_by
from metadata.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A place (JSON pointer) that names a definition, and what a person calls it."""

    place: str
    where: Text


def follow(before: App, after: App) -> App:
    """Return a definition whose expressions call fields and entities by the keys they have now.

    ``before`` is the draft as it was; a definition that is not sound yet stays as it is (expressions keep the ids of
    their names, so they still mean the same).
    """
    if _keys(before) == _keys(after) or not (_sound(before) and _sound(after)):
        return after
    old, new = SnapshotSchema(Snapshot(before, 0)), SnapshotSchema(Snapshot(after, 0))

    def change(entity_id: str, candidate: str, expr: Expr) -> Expr:
        if not (old.snapshot.has_entity(entity_id) and new.snapshot.has_entity(entity_id)):
            return expr
        return rename(expr, _scope(old, entity_id, candidate), _scope(new, entity_id, candidate))

    made: App = from_json(App, rewritten(to_json(after), change))
    return made


def uses(app: App, identifier: str) -> tuple[Use, ...]:
    """Return every place that names a definition, in structure and in expressions alike, in document order."""
    data = to_json(app)
    places = {_whole(reference.place): None for reference in used_by(app, identifier)}
    if _sound(app):
        schema = SnapshotSchema(Snapshot(app, 0))
        for one in written(data):
            if not schema.snapshot.has_entity(one.entity):
                continue
            if identifier in mentions(one.expr, _scope(schema, one.entity, one.candidate)):
                places.setdefault(one.place)
    return tuple(Use(place=place, where=where(data, place)) for place in places)


def _whole(place: str) -> str:
    """An expression is one place, whichever of its names was meant."""
    return place.partition("/refs/")[0].removesuffix("/src")


def _scope(schema: SnapshotSchema, entity_id: str, candidate: str = "") -> Scope:
    found = RecordType(candidate) if schema.snapshot.has_entity(candidate) else None
    return scope_of(schema, schema.snapshot.entity(entity_id), ROOTS, making=True, candidate=found)


def _keys(app: App) -> dict[str, str]:
    return dict(_named(app))


def _named(app: App) -> Iterator[tuple[str, str]]:
    for entity in app.entities:
        yield entity.id, entity.key
        yield from ((field.id, field.key) for field in entity.fields)


def _sound(app: App) -> bool:
    return not any(finding.severity == "error" for finding in check(app))
