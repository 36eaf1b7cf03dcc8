"""What must be true of an application beyond its shape: unique names, references that hold, parents without circles.

Every finding has a stable code (``metadata.messages``), a place and a way out. What needs more knowledge (field
types, expressions, flow nodes, charts) is checked by the packages that have it, as :data:`Checker` functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import metadata.messages  # noqa: F401  (registers the texts)
from metadata.checks import access, entities, flows, names, screens
from metadata.checks.scope import Scope
from metadata.findings import Finding
from metadata.model import App

Checker = Callable[[App], Iterable[Finding]]

_STRUCTURE = (names.check, entities.check, screens.check, flows.check, access.check)

_registered: dict[str, Checker] = {}


def register_checker(name: str, checker: Checker) -> None:
    """Add a checker that runs in every :func:`check`. Raises ``ValueError`` when the name is taken by another."""
    if _registered.setdefault(name, checker) is not checker:
        raise ValueError(f"checker {name!r} is registered twice")


def check(app: App, extra_checkers: Iterable[Checker] = ()) -> list[Finding]:
    """Return every finding. Registered and extra checkers run only on an application whose structure is sound."""
    scope = Scope(app)
    found = [finding for part in _STRUCTURE for finding in part(scope)]
    if any(finding.severity == "error" for finding in found):
        return found
    for checker in (*_registered.values(), *extra_checkers):
        found.extend(checker(app))
    return found
