"""The quick search: the index proposes, the secured columns decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, false

from engine.records.access import Access
from engine.records.catalog import EntityModel
from engine.records.drafts import Draft
from engine.records.paths import Paths


def search_condition(access: Access, paths: Paths, text: str) -> ColumnElement[bool]:
    return false()


def index_drafts(access: Access, connection: Connection, drafts: Sequence[Draft]) -> None:
    return None


def reindex(
    access: Access,
    connection: Connection,
    model: EntityModel,
    record_id: str,
    rid: int,
    old: dict[str, Any],
    new: dict[str, Any],
) -> None:
    return None
