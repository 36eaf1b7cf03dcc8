"""Boolean expressions of people inside filters, bound to secured columns."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false

from engine.records.access import Access
from engine.records.filters import ExprCondition
from engine.records.paths import Paths


def filter_expression(access: Access) -> ExprCondition:
    """Return the binder of ``expr`` nodes for an actor."""

    def bind(source: str, paths: Paths, place: str) -> ColumnElement[bool]:
        return false()

    return bind
