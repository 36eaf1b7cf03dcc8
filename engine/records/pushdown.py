"""Expressions inside SQL: ranges of grants, filters of people, formulas that are computed when read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, FromClause, false

from engine.actor import Actor
from engine.fields.operands import Asking
from engine.records.catalog import Catalog, EntityModel, FieldModel
from metadata.model import Expr


def range_condition(catalog: Catalog, model: EntityModel, table: FromClause, expr: Expr | None) -> ColumnElement[bool]:
    return false()


def volatile_columns(
    catalog: Catalog, model: EntityModel, table: FromClause, f: FieldModel
) -> Sequence[ColumnElement[Any]] | None:
    return None


def environment_binds(catalog: Catalog, actor: Actor, asking: Asking) -> dict[str, Any]:
    return {}


def range_reads(catalog: Catalog, model: EntityModel, expr: Expr) -> set[str]:
    """Return the fields of the record a range expression reads."""
    return {f.id for f in model}
