"""Instants as the system tables keep them: UTC text of fixed width, so that text order is time order."""

from __future__ import annotations

from datetime import UTC, datetime

_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"


def now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


def instant_text(moment: datetime | None = None) -> str:
    """Write an instant (now, if none is given) as ``2026-11-21T08:00:00.000000Z``."""
    return (moment or now()).astimezone(UTC).strftime(_FORMAT)


def parse_instant(text: str) -> datetime:
    """Read what :func:`instant_text` wrote. Raises ``ValueError`` for anything else."""
    return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)
