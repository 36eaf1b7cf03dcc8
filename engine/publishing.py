"""Publishing with everything the product knows: each package's checks run, whoever starts it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from engine.actor import Actor
from engine.database import Database
from engine.expr.check_app import check_app_expressions
from engine.flows.soundness import check_flows
from engine.forms.print_publish import check_prints
from engine.forms.views.check import check_views
from engine.records import publish as records
from engine.records.backfill import recompute
from engine.records.publish import Companion, PublishResult
from engine.records.pushdown import check_ranges
from engine.records.rule_checks import check_rules
from engine.records.schema import SnapshotSchema
from engine.records.steps import Plan
from metadata.check import Checker
from metadata.findings import Finding
from metadata.model import App
from metadata.snapshot import Snapshot


def _expressions(app: App) -> Iterable[Finding]:
    found = check_app_expressions(app, lambda definition: SnapshotSchema(Snapshot(definition, 0)))
    return found or [*check_ranges(app), *check_rules(app)]


CHECKERS: tuple[Checker, ...] = (_expressions, check_flows, check_views, check_prints)


def check(app: App) -> tuple[Finding, ...]:
    """Return every finding about a definition, whichever package knows it."""
    return tuple(records.check(app, checkers=CHECKERS))


def preview(database: Database, app: App) -> tuple[Plan, dict[str, Any]]:
    """Return the steps publishing would take now, and what changes of type would do.

    The second is ``{field id: {"kept", "lossy", "refused", "restored", "samples", "complete"}}``; without "complete"
    the counts are of the first 100,000 values. Raises :class:`Refused` for changes that cannot keep data.
    """
    made, conversions = records.preview(database, app, samples=True)
    return made, dict(conversions)


def publish(
    database: Database,
    app: App,
    actor: Actor,
    *,
    note: str = "",
    expected: int | None = None,
    companions: Sequence[Companion] = (),
) -> PublishResult:
    """Make a definition live; ``companions`` write what belongs to it in the same transaction.

    Raises :class:`Refused` (findings), :class:`Conflict` when ``expected`` is not the live version any more, and
    :class:`Busy` while somebody else publishes.
    """
    return records.publish(
        database,
        app,
        actor,
        note,
        expected=expected,
        checkers=CHECKERS,
        companions=companions,
        recompute=recompute,
    )


def settle(database: Database) -> int:
    """Finish or roll back what a killed publish left; returns how many were settled."""
    return records.resume(database, recompute=recompute)
