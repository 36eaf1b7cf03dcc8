"""The write-ahead log of an SQLite database goes back into the database beside the writers, not in their time.

SQLite has the writer that fills the log copy it back before its commit returns: after 10,000 records that is a third
of the call (https://www.sqlite.org/wal.html, "Checkpointing"). Here a thread does it a moment after a write. SQLite's
own way is left in place for a log this thread cannot keep up with, and for processes that end.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

log = logging.getLogger("dougong.database")

FALLBACK_PAGES = 65_536
"""Pages in the log (256 MB) from which on a writer copies them itself."""
KEPT_BYTES = 64 << 20
"""What is left of the file of the log once it was copied."""
PAUSE = 0.25
"""Seconds between two copies, so that a burst of writes is copied once."""
IDLE = 2.0
"""Seconds without a write after which the thread ends; the next write begins another."""


class Checkpoints:
    """Copies the log of one database file back when it is told of writes; one thread, and only while there are any."""

    def __init__(self, path: Path):
        self._address = f"file:{quote(str(path.absolute()))}?mode=rw"  # never makes a file that was taken away
        self._lock = threading.Lock()
        self._written = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    def wake(self) -> None:
        """Say that something was committed."""
        self._written.set()
        if self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            if self._closed or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop, and wait for a copy that is being made."""
        with self._lock:
            self._closed = True
            thread = self._thread
        self._written.set()
        if thread is not None and thread.is_alive():
            thread.join()

    def _run(self) -> None:
        try:
            with closing(sqlite3.connect(self._address, uri=True, isolation_level=None)) as connection:
                while self._written.wait(IDLE) and not self._closed:
                    self._written.clear()
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
                    self._pause()
        except sqlite3.Error as error:
            log.warning("the log of the database was not copied back; its writers do it", extra={"why": str(error)})

    def _pause(self) -> None:
        until = time.monotonic() + PAUSE
        while not self._closed and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.05))
