"""Roles: known actions, complete ranges, field levels for fields of the granted entity."""

from __future__ import annotations

from collections.abc import Iterator

from metadata.checks.scope import Scope
from metadata.findings import Finding
from metadata.model import Grant

ACTIONS = ("create", "read", "update", "delete", "import", "export", "print", "transfer", "bulk", "history", "share")
"""What a grant can allow."""

_MISSING = {
    "departments": {"zh-CN": "部门", "en": "departments"},
    "expression": {"zh-CN": "条件表达式", "en": "an expression"},
}


def check(scope: Scope) -> Iterator[Finding]:
    """Yield findings about who may do what."""
    for number, role in enumerate(scope.app.roles):
        for index, grant in enumerate(role.grants):
            yield from _grant(scope, grant, f"/roles/{number}/grants/{index}")


def _grant(scope: Scope, grant: Grant, place: str) -> Iterator[Finding]:
    for number, action in enumerate(grant.actions):
        if action not in ACTIONS:
            yield scope.finding("M114", f"{place}/actions/{number}", action=action, known=", ".join(ACTIONS))
    kind = grant.range.kind
    complete = {"departments": grant.range.departments, "expression": grant.range.expr}.get(kind, True)
    if not complete:
        yield scope.finding("M115", f"{place}/range", kind=kind, missing=_MISSING[kind])
    entity = scope.entities.get(grant.entity)
    if entity is None:
        return
    for name in grant.fields:
        yield from scope.path(entity, name, f"{place}/fields/{name}")
    if grant.default_level == "hidden" and set(grant.fields.values()) <= {"hidden"}:
        yield scope.finding("M128", place, "warning")
