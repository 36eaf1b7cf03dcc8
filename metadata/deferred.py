"""Heavy modules that load when first used, so that the web process starts quickly and stays small.

The rest of the product imports at the top of each file; only what costs tens of megabytes or a second of start
(pandas and plotly behind reports, the job engine) is reached through here, by its dotted name.
"""

from __future__ import annotations

import importlib
import threading
from types import ModuleType
from typing import Any


class Deferred:
    """Stands for a module; any attribute loads it. Raises ``ImportError`` where a plain import would."""

    def __init__(self, name: str):
        self._name = name
        self._module: ModuleType | None = None
        self._lock = threading.Lock()

    def load(self) -> ModuleType:
        """Import the module now (idempotent, safe from several threads)."""
        if self._module is None:
            with self._lock:
                self._module = importlib.import_module(self._name)
        return self._module

    @property
    def loaded(self) -> bool:
        return self._module is not None

    def __getattr__(self, attribute: str) -> Any:
        return getattr(self.load(), attribute)

    def __repr__(self) -> str:
        return f"Deferred({self._name!r})"


def deferred(name: str) -> Any:
    """Return a stand-in for module ``name``. Typed as Any: callers annotate what they take from it."""
    return Deferred(name)
