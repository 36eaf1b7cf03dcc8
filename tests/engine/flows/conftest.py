"""Makes ``flow_world`` importable from the tests beside it, and opens a world of flows on both databases."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from engine.database import Database

sys.path.insert(0, str(Path(__file__).parent))

from flow_world import World, crm_app


@pytest.fixture
def crm(db: Database) -> World:
    """The CRM with its people and the contract approval."""
    return World(db, crm_app())
