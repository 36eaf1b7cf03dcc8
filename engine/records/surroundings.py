"""What a transaction over records stands in: a database, files, who listens, the clock and the zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from engine import clock as system_clock
from engine.database import Database
from engine.events import Events
from metadata.snapshot import Snapshot
from metadata.store import SnapshotCache

DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")


class Surroundings:
    """The parts every transaction needs. ``clock`` gives the present as an aware instant (tests freeze it).

    With ``ripple_limit`` a worker runs :func:`engine.records.catching_up.catch_up`: formulas of more records than that
    are its.
    """

    def __init__(
        self,
        database: Database,
        *,
        files_dir: Path | None = None,
        events: Events | None = None,
        clock: Callable[[], datetime] = system_clock.now,
        zone: ZoneInfo = DEFAULT_ZONE,
        snapshots: SnapshotCache | None = None,
        ripple_limit: int | None = None,
    ):
        self.database = database
        self.files_dir = files_dir
        self.events = events or Events()
        self.clock = clock
        self.zone = zone
        self.snapshots = snapshots or SnapshotCache()
        self.ripple_limit = ripple_limit

    def snapshot(self, connection: Connection, app: str) -> Snapshot:
        """Return the live snapshot of an application (id or key) as of this transaction."""
        return self.snapshots.get(connection, app)

    def today(self) -> date:
        """Return the present day in the application zone."""
        return self.clock().astimezone(self.zone).date()
