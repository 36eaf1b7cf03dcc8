"""See :mod:`metadata.deferred`; here so that the engine and what is above it have it at hand."""

from __future__ import annotations

from metadata.deferred import Deferred, deferred

__all__ = ["Deferred", "deferred"]
