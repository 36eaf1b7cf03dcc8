"""The hops of a path: which entity each starts from, where it leads, and whether to one record or to many."""

from __future__ import annotations

from collections.abc import Iterator

from engine.expr.types import DEPARTMENT_ENTITY, USER_ENTITY
from engine.fields.base import FIELD_TYPES
from metadata.snapshot import Snapshot

Path = tuple[str, ...]

_PEOPLE_HOPS = {
    "sys_created_by": USER_ENTITY,
    "sys_updated_by": USER_ENTITY,
    "sys_owner": USER_ENTITY,
    "usr_manager": USER_ENTITY,
    "usr_department": DEPARTMENT_ENTITY,
    "dep_parent": DEPARTMENT_ENTITY,
    "dep_head": USER_ENTITY,
}


_HELD = {"people": USER_ENTITY, "departments": DEPARTMENT_ENTITY}


def led_to(snapshot: Snapshot, entity_id: str, field_id: str) -> str:
    """Return the entity a field leads to, people and departments included; empty when it leads nowhere."""
    people = _PEOPLE_HOPS.get(field_id)
    if people is not None:
        return people
    if not snapshot.has_entity(entity_id) or field_id not in snapshot.fields(entity_id):
        return ""
    f = snapshot.field_of(entity_id, field_id)
    kind = FIELD_TYPES.find(f.type)
    held = _HELD.get(kind.holds) if kind is not None else None
    if held is not None:
        return held
    target = str(f.options.get("entity", ""))
    return target if snapshot.has_entity(target) else ""


def steps(snapshot: Snapshot, entity_id: str, path: Path) -> Iterator[tuple[str, Path, str]]:
    """Yield ``(entity, hops to it, field read there)`` along a path.

    That a record is there at all counts as reading its ``sys_id``: a total changes when a row comes or goes, whatever
    is in it.
    """
    current = entity_id
    for place, field_id in enumerate(path):
        yield current, path[:place], field_id
        current = led_to(snapshot, current, field_id)
        if not current:
            return
        yield current, path[: place + 1], "sys_id"


def entities(snapshot: Snapshot, entity_id: str, via: Path) -> list[str]:
    """Return the entity each hop starts from."""
    found = []
    for hop in via:
        found.append(entity_id)
        entity_id = led_to(snapshot, entity_id, hop)
    return found


def to_many(snapshot: Snapshot, entity_id: str, path: Path) -> bool:
    """Say whether some hop of a path leads to the rows of a sub-table or over a link to many."""
    for field_id in path:
        if not snapshot.has_entity(entity_id) or field_id not in snapshot.fields(entity_id):
            return False
        kind = FIELD_TYPES.find(snapshot.field_of(entity_id, field_id).type)
        if kind is not None and kind.storage in ("links", "children"):
            return True
        entity_id = led_to(snapshot, entity_id, field_id)
    return False
