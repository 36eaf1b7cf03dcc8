"""The fields of a snapshot as the expression language sees them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from types import MappingProxyType

from engine.expr.schema import Scope, Symbol
from engine.expr.tree import Tree
from engine.expr.types import Type
from engine.fields.base import FIELD_TYPES
from metadata.findings import in_language
from metadata.model import Entity, Field
from metadata.snapshot import Snapshot


class SnapshotSchema:
    """Implements :class:`engine.expr.schema.Schema`. ``inline`` holds the trees of formulas that are never stored."""

    def __init__(self, snapshot: Snapshot):
        self.snapshot = snapshot
        self._inline: dict[str, Tree] = {}
        self._fields: dict[str, Mapping[str, Symbol]] = {}
        self._entities: Mapping[str, str] | None = None
        self._trashed = {f.id: f for entity in snapshot.app.entities for f in entity.fields}

    def entities(self) -> Mapping[str, str]:
        """Return the ids of entities by key, and by the labels that mean only one."""
        if self._entities is None:
            labels = Counter(label for entity in self.snapshot.entities for label in set(entity.label.values()))
            found = {entity.key: entity.id for entity in self.snapshot.entities}
            for entity in self.snapshot.entities:
                for label in entity.label.values():
                    if labels[label] == 1:
                        found.setdefault(label, entity.id)
            self._entities = MappingProxyType(found)
        return self._entities

    def fields(self, entity_id: str) -> Mapping[str, Symbol]:
        """Return the fields of an entity by key. Raises ``KeyError``."""
        found = self._fields.get(entity_id)
        if found is None:
            symbols = (self._symbol(f) for f in self.snapshot.all_fields(entity_id) if _expressible(f))
            found = self._fields[entity_id] = MappingProxyType({symbol.key: symbol for symbol in symbols})
        return found

    def by_id(self, field_id: str) -> Symbol:
        """Return a field by id, one in the trash too. Raises ``KeyError``."""
        try:
            return self._symbol(self.snapshot.field(field_id))
        except KeyError:
            return self._symbol(self._trashed[field_id])

    def inline(self, field_id: str, tree: Tree) -> None:
        """Have a formula computed wherever it is used instead of read."""
        self._inline[field_id] = tree
        self._fields.clear()

    def _symbol(self, f: Field) -> Symbol:
        kind = FIELD_TYPES.get(f.type)
        nullable = kind.blank(f) is None and f.id not in ("sys_id", "sys_rev", "sys_created_at", "sys_updated_at")
        inline = self._inline.get(f.id)
        return Symbol(f.id, f.key, f.label, kind.expr_type(f), nullable, inline, numbers=f.type == "serial")


def _expressible(f: Field) -> bool:
    kind = FIELD_TYPES.find(f.type)
    return kind is not None and kind.in_expressions


def scope_of(
    schema: SnapshotSchema,
    entity: Entity | None,
    roots: frozenset[str] = frozenset(),
    language: str = "zh-CN",
    *,
    making: bool = False,
    candidate: Type | None = None,
) -> Scope:
    """Return the scope of an expression about records of an entity; role names mean the roles of the application."""
    roles: dict[str, str] = {}
    for role in schema.snapshot.app.roles:
        for name in (role.id, role.key, *(in_language(role.label, one) for one in ("zh-CN", "en"))):
            roles.setdefault(name, role.id)
    return Scope(
        schema=schema,
        entity_id=entity.id if entity else "",
        roots=roots,
        roles=roles,
        language=language,
        making=making,
        candidate=candidate,
    )
