"""Boolean expressions of people inside filters, bound to secured columns: what may not be read has no name here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, false, func, true

from engine.expr.compile import bind
from engine.expr.residual import divided
from engine.expr.schema import Symbol
from engine.expr.to_sql import NotPushable
from engine.expr.tree import Node
from engine.expr.types import BOOLEAN
from engine.records.access import Access
from engine.records.filters import Bound, ExprCondition
from engine.records.formulas import RANGE_ROOTS, formulas_of
from engine.records.grounds import Ground, GroundResolver, expressible
from engine.records.paths import Paths
from engine.records.schema import SnapshotSchema, scope_of
from engine.records.secured import Secured
from metadata.findings import Finding, Refused
from metadata.model import Expr


class SecuredSchema(SnapshotSchema):
    """The fields an actor may read somewhere; others are unknown, and no suggestion names them."""

    def __init__(self, access: Access):
        super().__init__(access.catalog.snapshot)
        self._access = access
        self._whole = formulas_of(access.catalog).schema
        self._seen: dict[str, Mapping[str, Symbol]] = {}

    def entities(self) -> Mapping[str, str]:
        """Return the ids of the entities the actor may read, by name."""
        every = super().entities()
        return {name: entity_id for name, entity_id in every.items() if self._access.rights(entity_id).rows["read"]}

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        """Return the readable fields of an entity by key. Raises ``KeyError``."""
        found = self._seen.get(entity_id)
        if found is None:
            rights = self._access.rights(entity_id)
            every = self._whole.fields(entity_id)
            shown = {key: symbol for key, symbol in every.items() if symbol.id in rights.readable}
            # a formula that is computed when read is a column of the alias like any other
            found = {key: Symbol(s.id, s.key, s.label, s.type, s.nullable) for key, s in shown.items()}
            self._seen[entity_id] = MappingProxyType(found)
        return found


class AliasGround:
    """A secured alias as a place to find fields."""

    def __init__(self, alias: Secured):
        self.alias, self.entity, self.from_ = alias, alias.model.id, alias.source
        self.id: ColumnElement[str] = alias.id

    def column(self, field_id: str) -> ColumnElement[Any]:
        if field_id == "sys_id":
            return self.id
        expressible(self.alias.model.by_id[field_id])
        return self.alias.columns[field_id][0]

    def belongs_to(self) -> ColumnElement[Any]:
        if self.alias.parent is None:
            raise NotPushable("its rows belong to no record")
        return self.alias.parent

    def live(self) -> Sequence[ColumnElement[bool]]:
        return ()

    def order(self) -> Sequence[ColumnElement[Any]]:
        return (self.id,) if self.alias.pos is None else (self.alias.pos, self.id)


def filter_expression(access: Access) -> ExprCondition:
    """Return the binder of ``expr`` nodes for an actor."""

    def bound(source: str, paths: Paths, place: str) -> Bound:
        scope = scope_of(SecuredSchema(access), paths.base.model.entity, RANGE_ROOTS, access.actor.locale)
        return held(access, paths, bind(Expr(src=source), scope, BOOLEAN, place=f"{place}/1"), place)

    return bound


def held(access: Access, paths: Paths, tree: Node, place: str) -> Bound:
    """Return a condition as one over the base of ``paths``. Raises :class:`Refused` where it cannot be one."""

    def opened(entity_id: str, name: str) -> Ground:
        return AliasGround(access.alias(entity_id, name=name))

    resolver = GroundResolver(access.catalog, AliasGround(paths.base), opened, "e")
    try:
        found, rest = divided(tree, resolver, access.catalog.dialect, access.env)
    except NotPushable as error:
        raise Refused([Finding("R215", place, {"why": error.reason})]) from error
    return Bound(true() if found is None else func.coalesce(found, false()), rest)
