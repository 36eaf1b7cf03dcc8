"""Steps after grouping. Each is one module with a plain-Python and a pandas form that give the same rows."""

from __future__ import annotations

from engine.registry import Registry
from engine.reports.transforms import compare, fill, rank, running, share
from engine.reports.transforms.base import Transform, apply

TRANSFORMS: Registry[Transform] = Registry("transform")

for _module in (fill, share, running, rank, compare):
    TRANSFORMS.register(_module.TRANSFORM)

__all__ = ["TRANSFORMS", "Transform", "apply"]
