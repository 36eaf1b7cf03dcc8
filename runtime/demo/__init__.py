"""The demo company: who works there, and an installer for three years of its business."""

from __future__ import annotations

from runtime.demo.loading import install, load_demo
from runtime.demo.people import PEOPLE, DemoPerson

__all__ = ["PEOPLE", "DemoPerson", "install", "load_demo"]
